"""Copying: the terminal's clipboard where it takes it, else plain text that the terminal's own selection takes."""

from pathlib import Path

import pytest

from octui.ui.app import OctuiApp
from octui.ui.dialogs.plain import PlainText, plain_lines
from octui.ui.terminal import takes_clipboard
from ui.fake_floor import agent
from ui.fakes import HOSTILE, FakeApi, me
from ui.person import Person, at


def floor() -> FakeApi:
    api = FakeApi(me())
    api.seat(agent("kim", "김민수"), agent("lee", "이영희"))
    return api


async def block(one: Person) -> None:
    one.desk.tell_agents()
    await one.settled()
    assert one.grid.move_to("kim", "account")
    await one.press("shift+right", "shift+down", "ctrl+c")


async def test_the_same_key_again_shows_it_plainly(tmp_path: Path) -> None:
    async with at(floor(), tmp_path, "agents") as one:
        await block(one)
        assert one.app.clipboard == "kim\t김민수\nlee\t이영희"
        assert "Sent to the terminal's clipboard" in one.said
        assert "^C again" in one.said
        await one.press("ctrl+c")
        await one.dialog(PlainText)
        assert one.lines[:2] == ["kim  김민수".ljust(120 - 3), "lee  이영희".ljust(120 - 3)]
        await one.press("escape")
        await one.no_dialog()
        await one.press("ctrl+c")
        assert "Sent to the terminal's clipboard" in one.said


async def test_another_key_between_is_another_copy(tmp_path: Path) -> None:
    async with at(floor(), tmp_path, "agents") as one:
        await block(one)
        await one.press("escape", "up", "ctrl+c")
        assert one.app.screen is one.screen
        assert "Sent to the terminal's clipboard" in one.said


async def test_where_the_terminal_takes_nothing_it_is_shown_at_once(tmp_path: Path) -> None:
    async with at(floor(), tmp_path, "agents") as one:
        one.app._by_clipboard = False
        await block(one)
        await one.dialog(PlainText)
        assert one.app.clipboard == ""
        assert "kim  김민수" in one.text
        await one.press("ctrl+c")
        await one.no_dialog()


async def test_what_no_terminal_takes_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(floor(), tmp_path, "agents") as one:
        sent: list[str] = []
        monkeypatch.setattr(one.app, "copy_to_clipboard", sent.append)
        one.app.copy("가" * 20_000)
        assert sent == []
        assert "F9 writes it to a file" in one.said


async def test_what_is_forgotten_is_not_shown_again(tmp_path: Path) -> None:
    async with at(floor(), tmp_path, "agents") as one:
        one.app.copy("secret")
        one.app.forget("secret")
        assert one.app.clipboard == ""
        one.app.copy("secret")
        assert not isinstance(one.app.screen, PlainText)


async def test_the_mouse_is_the_terminals_while_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(floor(), tmp_path, "agents") as one:
        calls: list[str] = []
        for name in ("_disable_mouse_support", "_enable_mouse_support"):
            monkeypatch.setattr(one.app._driver, name, lambda name=name: calls.append(name), raising=False)
        one.app.copy("x")
        one.app.copy("x")
        await one.dialog(PlainText)
        assert calls == ["_disable_mouse_support"]
        await one.press("enter")
        await one.no_dialog()
        assert calls == ["_disable_mouse_support", "_enable_mouse_support"]


def test_plain_lines_are_aligned_and_long_ones_go_on_below() -> None:
    assert plain_lines("a\t1\n가나\t2", 80) == ["a     1", "가나  2"]
    assert plain_lines("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert plain_lines("", 80) == []
    for name in HOSTILE:
        assert all("\x1b" not in line for line in plain_lines(name + "\x1b]52;c;eA==\x07", 80))


@pytest.mark.parametrize(
    ("environment", "takes"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, True),
        ({"TERM": "screen", "STY": "1.pts"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
    ],
)
def test_terminals_that_are_known_to_take_no_copy(environment: dict[str, str], takes: bool) -> None:
    assert takes_clipboard(environment) is takes


def test_the_app_shows_at_once_where_it_is_told_so() -> None:
    async def nobody() -> None:
        raise AssertionError

    assert OctuiApp(nobody, clipboard=False)._by_clipboard is False  # type: ignore[arg-type]
