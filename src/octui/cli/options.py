"""Options that several commands share."""

import argparse
from typing import Any

from octui.cli.settings import Config, load


def add_connection(parser: argparse.ArgumentParser, *, person: bool = True) -> None:
    """`--database`, `--url`, `--token-file`, `--as`."""
    group = parser.add_argument_group("connection")
    group.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://… (OCTUI_DATABASE)")
    group.add_argument("--url", metavar="URL", help="a served octui instead of a database (OCTUI_URL)")
    group.add_argument("--token-file", metavar="FILE", help="file with the token for --url (OCTUI_TOKEN_FILE)")
    if person:
        group.add_argument("--as", dest="acting_as", metavar="ACCOUNT", help="act as this person (own database only)")


def settings(arguments: argparse.Namespace) -> Config:
    """The settings in force for these arguments."""
    names = ("database", "url", "token_file", "service")
    given: dict[str, Any] = {name: getattr(arguments, name, None) for name in names}
    # Some commands have a --language that is a service's or a member's, and no setting.
    return load(given | {"language": getattr(arguments, "screen_language", None)})
