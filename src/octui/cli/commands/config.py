"""`octui config`: where settings are, what they are, whether they are right."""

import argparse
from pathlib import Path

from octui.cli import paths
from octui.cli.connection import transport_for
from octui.cli.failures import say
from octui.cli.mail import mail_settings
from octui.cli.settings import Config, load
from octui.schema.audit import Via


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui config show\n\nOptions come before OCTUI_* variables, those before the file."
    parser.add_argument("what", choices=("path", "show", "validate"))


def run(arguments: argparse.Namespace) -> int:
    if arguments.what == "path":
        print(paths.config_file())
        return 0
    config = load()
    if arguments.what == "validate":
        _validate(config)
        say("the settings are right.")
        return 0
    for name, field in Config.model_fields.items():
        value = getattr(config, name)
        print(f"# {field.description}")
        print(f"# {name} =" if value is None else f"{name} = {_toml(value)}")
    return 0


def _validate(config: Config) -> None:
    """What can be known without asking anybody. Raises CommandError, BadAddress or StoreError."""
    if config.url is not None:
        transport_for(config, Via.COMMAND)
    else:
        from octui.server.database.engine import database_location

        database_location(config.database_url())
        if config.smtp_host is not None:
            mail_settings(config)


def _toml(value: bool | int | str | Path) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    escaped = "".join(f"\\u{ord(c):04x}" if c in '"\\' or not c.isprintable() else c for c in str(value))
    return f'"{escaped}"'
