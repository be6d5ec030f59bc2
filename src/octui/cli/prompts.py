"""Passwords from a terminal or from standard input: never from an option or a variable, which others can see."""

import getpass
import sys

from octui.cli.failures import WRONG_USE, CommandError

_LONGEST_LINE = 4096


def read_password(prompt: str, *, repeat: bool = False) -> str:
    """Ask for a password without showing it; without a terminal, read the first line of standard input.

    `repeat`: it has to be typed twice. Raises CommandError."""
    try:
        if not sys.stdin.isatty():
            password = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
        else:
            password = getpass.getpass(prompt)
            if repeat and password and getpass.getpass("once more: ") != password:
                raise CommandError("the two are not the same; nothing was done.")
    except EOFError:
        password = ""
    if not password:
        raise CommandError("no password given.", WRONG_USE)
    return password
