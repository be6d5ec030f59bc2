"""`octui db`: upgrade, back up or check the database."""

import argparse
from pathlib import Path

from octui.cli.failures import DONE, FAILED, say
from octui.cli.settings import add_database_option, settings_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui db check\n  octui db backup octui-backup.db\n  octui db upgrade --database postgresql://…"
    )
    subcommands = parser.add_subparsers(required=True, metavar="WHAT")
    upgrade = subcommands.add_parser("upgrade", help="bring the tables to this version")
    backup = subcommands.add_parser("backup", help="copy the database while it is in use")
    backup.add_argument("file", type=Path)
    check = subcommands.add_parser("check", help="look for damage")
    for subparser, handler in ((upgrade, upgrade_database), (backup, back_up_database), (check, check_database)):
        add_database_option(subparser)
        subparser.set_defaults(handler=handler)


def upgrade_database(arguments: argparse.Namespace) -> int:
    from octui.server.database import engine

    engine.upgrade_database(settings_of(arguments).database_url())
    say("the database is at this version.")
    return DONE


def back_up_database(arguments: argparse.Namespace) -> int:
    from octui.server.database.backup import back_up

    back_up(settings_of(arguments).database_url(), arguments.file)
    say(f"backed up to {arguments.file}.")
    return DONE


def check_database(arguments: argparse.Namespace) -> int:
    from octui.server.database import backup

    findings = backup.check_database(settings_of(arguments).database_url())
    for finding in findings or ["the database is sound."]:
        say(finding)
    return FAILED if findings else DONE
