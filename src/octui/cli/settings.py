"""Settings: option > environment (`OCTUI_*`) > config file > default."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from octui.cli import paths
from octui.cli.failures import WRONG_USE, CommandError

_OwnPath = Annotated[Path, AfterValidator(Path.expanduser)]


class Config(BaseModel):
    """Every setting. `url` and `database` exclude each other: a served organization, or a database of one's own."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, description="address of a served octui, https://…")
    token_file: _OwnPath | None = Field(default=None, description="file with the token for `url`, yours alone (0600)")
    database: str | None = Field(default=None, description="sqlite:///… or postgresql://…; default: your own")
    service: str | None = Field(default=None, description="the service to be connected to")
    language: Literal["ko", "en", "ja"] | None = Field(default=None, description="until the person's own is known")
    mouse: bool = Field(default=False, description="let the program have the mouse (then hold Shift to select text)")
    clipboard: bool | None = Field(
        default=None, description="copy by the terminal's clipboard (OSC 52); false: show what is copied, to select it"
    )
    kitty_keys: bool = Field(default=False, description="kitty keyboard protocol; garbles some Korean input methods")

    idle_minutes: int = Field(
        default=60, ge=1, le=720, description="serve: a session ends when it is not used for so long"
    )
    url_suffix: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
        description="what follows the domain in the organization's URL; default: oc.toast.com",
    )
    smtp_host: str | None = Field(default=None, description="serve: mail server for invitations; none: no mail is sent")
    smtp_port: int = Field(default=587, ge=1, le=65_535, description="its port")
    smtp_starttls: bool = Field(default=True, description="encrypt the way to it; without, no password is sent")
    smtp_user: str | None = Field(default=None, description="who signs in to it, if anybody")
    smtp_password_file: _OwnPath | None = Field(default=None, description="file with the password, yours alone (0600)")
    smtp_from: str | None = Field(default=None, description="whom mails are from: octui <octui@…>")
    public_url: str | None = Field(default=None, description="address of this service as people reach it, for mails")

    def database_url(self) -> str:
        """The database to open."""
        return self.database or paths.default_database()


def load(overrides: dict[str, Any] | None = None) -> Config:
    """The settings in force. `url` and `database` of a nearer place put aside the other one of a farther place.

    Raises CommandError naming the place and the setting when one is wrong."""
    layers = (
        (str(paths.config_file()), lambda name: name, _from_file()),
        ("the environment", lambda name: f"OCTUI_{name.upper()}", _from_environment()),
        ("the options", lambda name: "--" + name.replace("_", "-"), overrides or {}),
    )
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for place, spelled, layer in layers:
        given = {name: value for name, value in layer.items() if value is not None}
        if "url" in given and "database" in given:
            both = f"{spelled('url')} and {spelled('database')} exclude each other"
            raise CommandError(f"{both} (in {place}): a served octui, or a database of your own.", WRONG_USE)
        for name, other in (("url", "database"), ("database", "url")):
            if name in given:
                values.pop(other, None)
        values |= given
        origins |= {name: f"{spelled(name)} in {place}" for name in given}
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        what = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise CommandError(f"{origins.get(name, name)}: {what}. See: octui config --help", WRONG_USE) from None


def _from_environment() -> dict[str, Any]:
    return {name: os.environ.get(f"OCTUI_{name.upper()}") or None for name in Config.model_fields}


def _from_file() -> dict[str, Any]:
    path = paths.config_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not valid TOML: {error}", WRONG_USE) from None
