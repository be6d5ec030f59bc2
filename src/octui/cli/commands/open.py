"""`octui`: open the screens, on a database of one's own or a served organization."""

import argparse
import sys

from octui.cli import paths
from octui.cli.failures import CommandError, say
from octui.cli.fast_imports import importing
from octui.cli.options import add_connection, settings

_FIRST_START = """octui is not set up for you yet. What would you like?

  1  See it: a living demo centre                octui demo
  2  Create an organization here                 octui init --help
  3  Connect to an octui that others run         octui login --url https://…
"""
_HOW = {
    "2": "octui init --organization 'NAME' --domain DOMAIN --admin ACCOUNT --name NAME --email E-MAIL",
    "3": "octui login --url https://…      (the address comes from your admin), then: octui --url https://…",
}


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui\n  octui --url https://octui.example      (after octui login)"
    parser.add_argument("--service", metavar="ID", help="the service to be connected to")
    parser.add_argument("--menu", choices=("stats", "agents", "cti", "audit"), help="open on this menu")
    parser.add_argument("--language", dest="screen_language", choices=("ko", "en", "ja"))
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    config = settings(arguments)
    if config.url is None and config.database is None and not (paths.data_folder() / "octui.db").exists():
        return _first_start()
    with importing():
        from octui.ui.terminal import prepare_environment, refusal

    prepared = prepare_environment(kitty_keys=config.kitty_keys)
    why = refusal()
    if why is not None:
        raise CommandError(f"{why} Figures as text: octui stats --watch")
    with importing():
        from octui.cli.screens import open_screens

    return open_screens(config, arguments.acting_as, arguments.menu, no_color=prepared.no_color)


def _first_start() -> int:
    """Demo, create or connect: asked where somebody can answer, else named."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say("not set up yet. Try: octui demo, octui init --help, or octui login --url URL")
        return 1
    print(_FIRST_START)
    try:
        answer = input("1, 2 or 3: ").strip()
    except EOFError:
        answer = ""
    if answer == "1":
        from octui.cli.main import main

        return main(["demo"])
    print(_HOW.get(answer, "Nothing done."))
    return 0
