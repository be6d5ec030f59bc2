"""The command line and its commands. A command's module is imported only when the command runs."""

import argparse
import importlib
import io
import os
import sys
import warnings
from collections.abc import Sequence

from octui import __version__
from octui.cli.fast_imports import fast_imports

COMMANDS = {
    "open": "open the screens (what plain `octui` does)",
    "demo": "a living demo center with Korean names",
    "serve": "run the server for others",
    "init": "create the organization and its first admin",
    "service": "add services, list them",
    "member": "list, add, invite and remove members",
    "organization": "the organization, its key and its admins",
    "agent": "give members roles and permissions in a service",
    "accept": "set your password with the code of an invitation",
    "login": "sign in to a served organization",
    "logout": "end the session of octui login",
    "sessions": "where you are signed in",
    "token": "tokens for people's programs and for wall terminals",
    "contracts": "contracted services: list, edit, suspend, resume, terminate",
    "charges": "what a month costs, line by line",
    "rates": "rate cards and discounts",
    "cti": "CTI IDs and NOs, CTI settings, the CTI log",
    "stats": "an agent's figures of a day",
    "wall": "the boards of a wall terminal, large",
    "floor": "calls, waiting customers and agents of services",
    "audit": "search, export and verify the change logs",
    "ingest": "take in a queue_log or CloudEvents",
    "db": "upgrade, back up or check the database",
    "config": "where settings are, what they are, whether they are right",
    "doctor": "look at this terminal and this installation",
}
"""Each command's summary. Its module in octui.cli.commands has its name and a function `configure(parser)`, which sets
the default `handler` of the parsed arguments: what runs the command and returns its exit code."""

_DEFAULT_WORDS = {"token": ("person", ("wall", "walls", "revoke"))}
"""For commands whose second word may be left out: that word, and the words that may stand in its place."""


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """Build the parser of octui, with the options of `command` filled in."""
    parser = argparse.ArgumentParser(
        prog="octui",
        description="A terminal dashboard for the people of a contact center, and the server behind it.",
        epilog="Start with: octui demo. Each command has its own --help with an example.",
    )
    parser.add_argument("--version", action="version", version=f"octui {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", required=True)
    for name, summary in COMMANDS.items():
        command_parser = commands.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == command:
            importlib.import_module(f"octui.cli.commands.{name}").configure(command_parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words = ["open", *words]
    if words[0] in _DEFAULT_WORDS:
        default, others = _DEFAULT_WORDS[words[0]]
        if not {default, *others, "-h", "--help"}.intersection(words[1:2]):
            words.insert(1, default)
    # Pydantic would look for plugins in every installed package at each start, and load them; octui needs none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # warnings of libraries to programmers would tear the screens
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    with fast_imports():
        parser = build_parser(words[0])
    parsed = parser.parse_args(words)
    from octui.cli.failures import run_reporting_failures

    return run_reporting_failures(lambda: parsed.handler(parsed))
