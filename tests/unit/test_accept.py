"""How `octui accept` asks for a new password."""

import getpass
import io
import sys
from collections.abc import Callable

import pytest

from octui.cli.commands.accept import read_new_password
from octui.cli.failures import CommandError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed_lines(*lines: str) -> Callable[[str], str]:
    remaining = list(lines)
    return lambda prompt: remaining.pop(0)


def test_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", typed_lines("seven blue chairs sing", "seven blue chairs sing"))
    assert read_new_password() == "seven blue chairs sing"


@pytest.mark.parametrize(
    ("lines", "message"), [(("a", "b"), "not the same"), (("",), "no password"), (("a", ""), "same")]
)
def test_mistyped_password_is_refused(monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...], message: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", typed_lines(*lines))
    with pytest.raises(CommandError, match=message):
        read_new_password()


def test_password_is_the_first_line_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("seven blue chairs sing\r\nmore\n"))
    assert read_new_password() == "seven blue chairs sing"
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="no password"):
        read_new_password()
