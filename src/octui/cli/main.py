"""The command line: which commands there are. A command's module is imported only when it is the one that is run."""

import argparse
import importlib
import io
import os
import sys
import warnings
from collections.abc import Sequence

from octui import __version__
from octui.cli.fast_imports import importing

COMMANDS: dict[str, tuple[str, str]] = {
    "open": ("open", "open the screens (what plain `octui` does)"),
    "demo": ("demo", "a living demo centre with Korean names"),
    "serve": ("serve", "run the service for others"),
    "init": ("setup", "create the organization and its first admin"),
    "service": ("setup", "add services, list them"),
    "member": ("member", "list, add, invite and remove members"),
    "organization": ("organization", "the organization, its key and its admins"),
    "agent": ("agent", "give members roles and permissions in a service"),
    "accept": ("accept", "set your password with the code of an invitation"),
    "login": ("login", "sign in to a served organization"),
    "logout": ("login", "end the session of octui login"),
    "sessions": ("sessions", "where you are signed in"),
    "token": ("token", "a token for a person, to connect to a served organization"),
    "contracts": ("contracts", "contracted services: list, edit, suspend, resume, terminate"),
    "charges": ("charges", "what a month costs, line by line"),
    "rates": ("rates", "rate cards and discounts"),
    "cti": ("cti", "CTI IDs and NOs, CTI settings, the CTI log"),
    "stats": ("stats", "an agent's figures of a day"),
    "audit": ("audit", "search, export and verify the change logs"),
    "ingest": ("ingest", "take in a queue_log or CloudEvents"),
    "db": ("db", "upgrade, back up or check the database"),
    "config": ("config", "where settings are, what they are, whether they are right"),
    "doctor": ("doctor", "look at this terminal and this installation"),
}


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """The parser of octui, with the options of `command` filled in."""
    parser = argparse.ArgumentParser(
        prog="octui",
        description="A terminal dashboard for the people of a contact centre, and the service behind it.",
        epilog="Start with: octui demo. Each command has its own --help with an example.",
    )
    parser.add_argument("--version", action="version", version=f"octui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, (module, summary) in COMMANDS.items():
        sub = commands.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == command:
            importlib.import_module(f"octui.cli.commands.{module}").configure(name, sub)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given = ["open", *given]
    command = given[0] if given[0] in COMMANDS else None
    # Pydantic would look for plugins in every installed package at each start, and load them; none is wanted here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries say to programmers would tear the screens
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    with importing():
        parser = build_parser(command)
    parsed = parser.parse_args(given)
    from octui.cli.failures import reported

    def run() -> int:
        with importing():
            module = importlib.import_module(f"octui.cli.commands.{COMMANDS[parsed.command][0]}")
        code: int = module.run(parsed)
        return code

    return reported(run)
