"""`octui`: open the screens, on a database of your own or a served organization."""

import argparse
import sys

from octui.cli import paths
from octui.cli.failures import DONE, FAILED, CommandError, say
from octui.cli.fast_imports import fast_imports
from octui.cli.settings import add_connection_options, settings_of

_FIRST_START = """octui is not set up for you yet. What would you like?

  1  See it: a living demo center                octui demo
  2  Create an organization here                 octui init --help
  3  Connect to an octui that others run         octui login --url https://…
"""
_COMMANDS = {
    "2": "octui init --organization 'NAME' --domain DOMAIN --admin ACCOUNT --name NAME --email E-MAIL",
    "3": "octui login --url https://…      (the address comes from your admin), then: octui --url https://…",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui\n  octui --url https://octui.example      (after octui login)"
    parser.add_argument("--service", metavar="ID", help="the service to be connected to")
    parser.add_argument("--menu", choices=("stats", "agents", "cti", "audit"), help="open on this menu")
    parser.add_argument("--language", dest="screen_language", choices=("ko", "en", "ja"))
    add_connection_options(parser)
    parser.set_defaults(handler=run_screens)


def run_screens(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if settings.url is None and settings.database is None and not (paths.data_folder() / "octui.db").exists():
        return offer_first_steps()
    with fast_imports():
        from octui.ui.measuring import WidthQuestion
        from octui.ui.terminal import prepare_environment, refusal_reason

    prepared = prepare_environment(kitty_keys=settings.kitty_keys)
    reason = refusal_reason()
    if reason is not None:
        raise CommandError(f"{reason} Figures as text: octui stats --watch")
    with WidthQuestion(settings.glyphs == "auto") as question:
        with fast_imports():
            from octui.cli.screens import open_screens, screens_transport

        transport = screens_transport(settings, arguments.acting_as)
        return open_screens(settings, transport, menu=arguments.menu, no_color=prepared.no_color, question=question)


def offer_first_steps() -> int:
    """Offer the demo, a new organization or a connection: as a question on a terminal, else in one line."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say("not set up yet. Try: octui demo, octui init --help, or octui login --url URL")
        return FAILED
    print(_FIRST_START)
    try:
        answer = input("1, 2 or 3: ").strip()
    except EOFError:
        answer = ""
    if answer == "1":
        from octui.cli.commands import demo

        parser = argparse.ArgumentParser()
        demo.configure(parser)
        return demo.run_demo(parser.parse_args([]))
    print(_COMMANDS.get(answer, "Nothing done."))
    return DONE
