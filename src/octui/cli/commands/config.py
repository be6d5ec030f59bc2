"""`octui config`: show where the settings file is, print the settings in force, or check them."""

import argparse
import re
from pathlib import Path

from octui.cli import paths
from octui.cli.connection import transport_for
from octui.cli.failures import DONE, say
from octui.cli.mail import mail_settings
from octui.cli.settings import Settings, load_settings
from octui.schema.audit import Via

_USERINFO = re.compile(r"^([^:/?#]+://[^:/?#]*):.*@")
_PASSWORD_PARAMETER = re.compile(r"([?&](?:ssl)?password=)[^&]*", re.IGNORECASE)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui config show\n\nOptions come before OCTUI_* variables, those before the file."
    parser.add_argument("action", choices=tuple(_ACTIONS))
    parser.set_defaults(handler=run_action)


def run_action(arguments: argparse.Namespace) -> int:
    _ACTIONS[arguments.action]()
    return DONE


def print_path() -> None:
    print(paths.config_file())


def print_settings() -> None:
    """Print the settings in force as a settings file; a password in an address is masked."""
    settings = load_settings()
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        print(f"# {field.description}")
        if name == "database" and value is not None and value != _mask_password(value):
            value = _mask_password(value)
            print("# (*** stands for the password, which is not shown)")
        print(f"# {name} =" if value is None else f"{name} = {_toml_value(value)}")


def validate_settings() -> None:
    """Check the settings without connecting anywhere. Raises CommandError, BadAddress or StoreError."""
    settings = load_settings()
    if settings.url is not None:
        transport_for(settings, Via.COMMAND)
    else:
        from octui.server.database.engine import database_location

        database_location(settings.database_url())
        mail_settings(settings)
    say("the settings are right.")


_ACTIONS = {"path": print_path, "show": print_settings, "validate": validate_settings}


def _mask_password(url: str) -> str:
    """Return a database's URL with `***` in place of its password, also of one given as a parameter."""
    userinfo = _USERINFO.sub(r"\1:***@", url)
    return _PASSWORD_PARAMETER.sub(r"\1***", userinfo)


def _toml_value(value: bool | int | str | Path) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    escaped = "".join(f"\\u{ord(c):04x}" if c in '"\\' or not c.isprintable() else c for c in str(value))
    return f'"{escaped}"'
