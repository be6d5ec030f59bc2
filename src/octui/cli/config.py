"""Settings: option > environment (`OCTUI_*`) > config file > default. And the `octui config` command."""

import argparse
import os
import sys
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from octui.cli import places
from octui.cli.failures import CommandError


class Config(BaseModel):
    """Every setting. `url` and `database` exclude each other: a served organization, or a file of one's own."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, description="address of a served octui, https://…")
    token_file: Path | None = Field(default=None, description="file with the token for `url`, yours alone (0600)")
    database: str | None = Field(default=None, description="sqlite:///… or postgresql://…; default: your own")
    service: str | None = Field(default=None, description="the service to be connected to")
    language: Literal["ko", "en", "ja"] | None = Field(default=None, description="until the person's own is known")
    mouse: bool = Field(default=False, description="let the program have the mouse (then hold Shift to select text)")
    kitty_keys: bool = Field(default=False, description="kitty keyboard protocol; garbles some Korean input methods")

    def database_url(self) -> str:
        """The database to open."""
        return self.database or places.default_database()


def load(overrides: dict[str, Any] | None = None) -> Config:
    """The settings in force.

    Raises CommandError naming file or variable and field when one is wrong."""
    values: dict[str, Any] = _from_file()
    for name in Config.model_fields:
        given = os.environ.get(f"OCTUI_{name.upper()}")
        if given:
            values[name] = given
    values |= {name: value for name, value in (overrides or {}).items() if value is not None}
    if overrides and overrides.get("database"):
        values.pop("url", None)
    if overrides and overrides.get("url"):
        values.pop("database", None)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        where = f"OCTUI_{name.upper()}" if os.environ.get(f"OCTUI_{name.upper()}") else str(places.config_file())
        raise CommandError(f"setting {name} in {where}: {first['msg']}. See: octui config show", 2) from None


def _from_file() -> dict[str, Any]:
    path = places.config_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not valid TOML: {error}", 2) from None


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui config show"
    parser.add_argument("what", choices=("path", "show", "validate"))


def run(arguments: argparse.Namespace) -> int:
    if arguments.what == "path":
        print(places.config_file())
        return 0
    config = load()
    if arguments.what == "validate":
        print("ok", file=sys.stderr)
        return 0
    for name, field in Config.model_fields.items():
        value = getattr(config, name)
        shown = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        print(f"{name} = {shown!r}" if shown else f"# {name} =", f"  # {field.description}")
    return 0
