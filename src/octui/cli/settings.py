"""Settings: option > environment (`OCTUI_*`) > config file > default. And the options that set them."""

import argparse
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from octui.cli import paths
from octui.cli.failures import WRONG_USE, CommandError

_UserPath = Annotated[Path, AfterValidator(Path.expanduser)]


class Settings(BaseModel):
    """Every setting. `url` and `database` exclude each other: the address of a server, or a database of your own."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, description="address of a served octui, https://…")
    token_file: _UserPath | None = Field(default=None, description="file with the token for `url`, yours alone (0600)")
    database: str | None = Field(default=None, description="sqlite:///… or postgresql://…; default: your own")
    service: str | None = Field(default=None, description="the service to be connected to")
    language: Literal["ko", "en", "ja"] | None = Field(default=None, description="until the person's own is known")
    mouse: bool = Field(default=False, description="let the program have the mouse (then hold Shift to select text)")
    clipboard: bool | None = Field(
        default=None, description="copy by the terminal's clipboard (OSC 52); false: show what is copied, to select it"
    )
    colors: Literal["auto", "dark", "light", "contrast", "terminal", "none"] = Field(
        default="auto", description="of the screens; terminal: its own 16; auto: the person's choice, or NO_COLOR"
    )
    glyphs: Literal["auto", "full", "narrow", "ascii"] = Field(
        default="auto", description="signs: all, those of one width everywhere, ASCII; auto: the terminal is asked"
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
    smtp_password_file: _UserPath | None = Field(default=None, description="file with the password, yours alone (0600)")
    smtp_from: str | None = Field(default=None, description="whom mails are from: octui <octui@…>")
    public_url: str | None = Field(default=None, description="address of this server as people reach it, for mails")

    def database_url(self) -> str:
        """Return the URL of the database to open."""
        return self.database or paths.default_database()


def add_connection_options(parser: argparse.ArgumentParser, *, person: bool = True) -> None:
    """Add `--database`, `--url`, `--token-file` and, for `person`, `--as`."""
    group = parser.add_argument_group("connection")
    add_database_option(group)
    group.add_argument("--url", metavar="URL", help="a served octui instead of a database (OCTUI_URL)")
    group.add_argument("--token-file", metavar="FILE", help="file with the token for --url (OCTUI_TOKEN_FILE)")
    if person:
        group.add_argument("--as", dest="acting_as", metavar="ACCOUNT", help="act as this person (own database only)")


def add_database_option(parser: argparse._ActionsContainer) -> None:
    """Add `--database` alone, for commands that need the database itself."""
    parser.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://… (OCTUI_DATABASE)")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return the settings in force for these arguments. Raises CommandError."""
    options: dict[str, Any] = {
        name: getattr(arguments, name, None) for name in ("database", "url", "token_file", "service")
    }
    # Some commands have a --language that is a service's or a member's, and no setting.
    return load_settings(options | {"language": getattr(arguments, "screen_language", None)})


def load_settings(options: dict[str, Any] | None = None) -> Settings:
    """Return the settings in force; `url` of a source that ranks higher cancels `database` of a lower one.

    Raises CommandError naming the place and the setting when one is wrong."""
    layers = (
        (str(paths.config_file()), "{}".format, _file_values()),
        ("the environment", _variable_name, _environment_values()),
        ("the options", lambda name: "--" + name.replace("_", "-"), options or {}),
    )
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for place, spell, layer in layers:
        present = {name: value for name, value in layer.items() if value is not None}
        if "url" in present and "database" in present:
            both = f"{spell('url')} and {spell('database')} exclude each other"
            raise CommandError(f"{both} (in {place}): a served octui, or a database of your own.", WRONG_USE)
        for name, other in (("url", "database"), ("database", "url")):
            if name in present:
                values.pop(other, None)
        values |= present
        origins |= {name: f"{spell(name)} in {place}" for name in present}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        problem = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise CommandError(f"{origins.get(name, name)}: {problem}. See: octui config --help", WRONG_USE) from None


def _variable_name(setting: str) -> str:
    return f"OCTUI_{setting.upper()}"


def _environment_values() -> dict[str, Any]:
    return {name: os.environ.get(_variable_name(name)) or None for name in Settings.model_fields}


def _file_values() -> dict[str, Any]:
    path = paths.config_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not valid TOML: {error}", WRONG_USE) from None
