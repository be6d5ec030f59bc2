"""`octui db`: upgrade, back up or check the database."""

import argparse
from pathlib import Path

from octui.cli.failures import say
from octui.cli.options import settings


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui db check\n  octui db backup octui-backup.db\n  octui db upgrade --database postgresql://…"
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    commands = {
        "upgrade": what.add_parser("upgrade", help="bring the tables to this version"),
        "backup": what.add_parser("backup", help="copy the database while it is in use"),
        "check": what.add_parser("check", help="look for damage"),
    }
    commands["backup"].add_argument("file", type=Path)
    for sub in commands.values():
        sub.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://… (OCTUI_DATABASE)")


def run(arguments: argparse.Namespace) -> int:
    url = settings(arguments).database_url()
    if arguments.what == "upgrade":
        from octui.server.database.engine import upgrade_database

        upgrade_database(url)
        say("the database is at this version.")
        return 0
    from octui.server.database.backup import back_up, check_database

    if arguments.what == "backup":
        back_up(url, arguments.file)
        say(f"backed up to {arguments.file}.")
        return 0
    findings = check_database(url)
    for finding in findings:
        say(finding)
    if not findings:
        say("the database is sound.")
    return 1 if findings else 0
