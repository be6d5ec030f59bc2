"""How `octui accept` comes by a new password."""

import getpass
import io
import sys
from collections.abc import Callable

import pytest

from octui.cli.commands import accept
from octui.cli.failures import CommandError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(*lines: str) -> Callable[[str], str]:
    left = list(lines)
    return lambda prompt: left.pop(0)


def test_it_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", typed("seven blue chairs sing", "seven blue chairs sing"))
    assert accept._new_password(True) == "seven blue chairs sing"


@pytest.mark.parametrize(("lines", "said"), [(("a", "b"), "not the same"), (("",), "no password"), (("a", ""), "same")])
def test_a_slip_of_the_finger_does_nothing(monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...], said: str) -> None:
    monkeypatch.setattr(getpass, "getpass", typed(*lines))
    with pytest.raises(CommandError, match=said):
        accept._new_password(True)


def test_from_standard_input_it_is_the_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("seven blue chairs sing\r\nmore\n"))
    assert accept._new_password(False) == "seven blue chairs sing"
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="no password"):
        accept._new_password(False)
