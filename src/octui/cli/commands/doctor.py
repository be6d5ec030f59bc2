"""`octui doctor`: look at this terminal and this installation, and say what to change."""

import argparse
import os
import platform
import sqlite3
import sys
from importlib.metadata import version

from octui.cli import paths
from octui.cli.failures import DONE, FAILED
from octui.cli.output import write_table


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui doctor"
    parser.add_argument("--reset", action="store_true", help="bring a terminal back that was left in mouse mode")
    parser.set_defaults(handler=examine_terminal)


def examine_terminal(arguments: argparse.Namespace) -> int:
    from octui.ui.terminal import refusal_reason

    if arguments.reset:
        sys.stdout.write("\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m\r\n")
        return DONE
    reason = refusal_reason()
    findings = [
        ("python", platform.python_version(), ""),
        ("textual", version("textual"), ""),
        ("sqlite", sqlite3.sqlite_version, ""),
        ("TERM", os.environ.get("TERM", ""), reason or ""),
        (
            "COLORTERM",
            os.environ.get("COLORTERM", ""),
            "" if os.environ.get("COLORTERM") else "256 colors; for all: SendEnv COLORTERM in ssh_config",
        ),
        ("encoding", sys.stdout.encoding, "" if sys.stdout.encoding.lower() == "utf-8" else "needs a UTF-8 locale"),
        ("data", str(paths.data_folder()), ""),
        ("settings", str(paths.config_file()), ""),
    ]
    if os.environ.get("TMUX"):
        findings.append(("tmux", "yes", "set -sg escape-time 10; set -g set-clipboard on (for copying)"))
    if os.environ.get("LC_TERMINAL") == "iTerm2" or os.environ.get("TERM_PROGRAM") == "iTerm.app":
        findings.append(("iTerm2", "yes", "leave kitty_keys off: it loses composed Korean"))
    write_table(("what", "found", "advice"), findings)
    return FAILED if reason else DONE
