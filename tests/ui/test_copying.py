"""Copying: the terminal's clipboard where it takes it, else plain text that the terminal's own selection takes."""

import csv

import pytest

from octui.schema.sessions import Kind, Session
from octui.ui.app import OctuiApp
from octui.ui.dialogs import exports
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.intervals import IntervalsDialog
from octui.ui.dialogs.plain_text import PlainText, plain_lines
from octui.ui.dialogs.sessions import SessionsDialog
from octui.ui.terminal import takes_clipboard
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.key_line import KeyLine
from ui.person import Person, at
from ui.server import HOSTILE, MIDNIGHT, NOW, Center, event


@pytest.fixture
async def center(center: Center) -> Center:
    """A center with two agents."""
    await center.add_agent("kim", "김민수")
    await center.add_agent("lee", "이영희")
    return center


async def copy_block(person: Person) -> None:
    assert person.grid.move_to("kim", "account")
    await person.press("shift+right", "shift+down", "ctrl+c")


async def test_same_key_again_shows_plain_text(center: Center) -> None:
    async with at(center, "agents") as person:
        await copy_block(person)
        assert person.app.clipboard == "kim\t김민수\nlee\t이영희"
        assert "Sent to the terminal's clipboard" in person.said
        assert "^C again" in person.said
        await person.press("ctrl+c")
        await person.dialog(PlainText)
        assert person.lines[:2] == ["kim  김민수".ljust(120 - 3), "lee  이영희".ljust(120 - 3)]
        await person.press("escape")
        await person.no_dialog()
        await person.press("ctrl+c")
        assert "Sent to the terminal's clipboard" in person.said


async def test_another_key_between_starts_a_new_copy(center: Center) -> None:
    async with at(center, "agents") as person:
        await copy_block(person)
        await person.press("escape", "up", "ctrl+c")
        assert person.app.screen is person.screen
        assert "Sent to the terminal's clipboard" in person.said


async def test_plain_text_is_shown_at_once_without_a_clipboard(center: Center) -> None:
    async with at(center, "agents") as person:
        person.app._by_clipboard = False
        await copy_block(person)
        await person.dialog(PlainText)
        assert person.app.clipboard == ""
        assert "kim  김민수" in person.text
        await person.press("ctrl+c")
        await person.no_dialog()


async def test_text_too_large_for_terminals_is_not_sent(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(center, "agents") as person:
        sent: list[str] = []
        monkeypatch.setattr(person.app, "copy_to_clipboard", sent.append)
        person.app.copy_text("가" * 20_000)
        assert sent == []
        assert "F9 writes it to a file" in person.said


async def test_forgotten_text_is_not_shown_again(center: Center) -> None:
    async with at(center, "agents") as person:
        person.app.copy_text("secret")
        person.app.forget_copied("secret")
        assert person.app.clipboard == ""
        person.app.copy_text("secret")
        assert not isinstance(person.app.screen, PlainText)


async def test_mouse_is_released_while_plain_text_is_shown(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(center, "agents") as person:
        calls: list[str] = []
        for name in ("_disable_mouse_support", "_enable_mouse_support"):
            monkeypatch.setattr(person.app._driver, name, lambda name=name: calls.append(name), raising=False)
        person.app.copy_text("x")
        person.app.copy_text("x")
        await person.dialog(PlainText)
        assert calls == ["_disable_mouse_support"]
        await person.press("enter")
        await person.no_dialog()
        assert calls == ["_disable_mouse_support", "_enable_mouse_support"]


def test_plain_lines_are_aligned_and_wrapped() -> None:
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
def test_terminals_without_a_clipboard_are_recognized(environment: dict[str, str], takes: bool) -> None:
    assert takes_clipboard(environment) is takes


def test_app_can_be_told_that_there_is_no_clipboard() -> None:
    async def nobody() -> None:
        raise AssertionError

    assert OctuiApp(nobody, clipboard=False)._by_clipboard is False  # type: ignore[arg-type]


async def test_intervals_behind_a_figure_are_copied_and_exported(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: center.folder / f"{stem}{suffix}")
    login = MIDNIGHT - 15 * 3_600_000
    await center.set_language("en", "kim")
    await center.send_events(
        event("phone.login", "kim", login, state="inbound_calls", call="c-1"),
        event("phone.state", "kim", login + 60_000, state="rest"),
    )
    async with at(center, "stats", account="kim") as person:
        await person.press("enter")
        await person.dialog(IntervalsDialog)
        await person.press("ctrl+c")
        assert "09:00:00\t09:01:00\t00:01:00\tc-1" in person.app.clipboard
        await person.press("f9")
        await person.dialog(Choice)
        await person.press("2")
        await person.until(lambda: (center.folder / "intervals-2026-11-23-inbound_calls.csv").exists())
        await person.dialog(IntervalsDialog)
        assert "1 rows written" in person.app.screen.query_one(KeyLine)._message
    rows = list(
        csv.reader((center.folder / "intervals-2026-11-23-inbound_calls.csv").read_text("utf-8-sig").splitlines())
    )
    assert rows == [["From", "Until", "Duration", "Note"], ["09:00:00", "09:01:00", "00:01:00", "c-1"]]


async def test_sessions_are_copied_and_exported(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: center.folder / f"{stem}{suffix}")
    times = {"ip": "10.0.3.7", "created": NOW, "last_used": NOW, "idle": None, "expires": NOW + 36_000_000}
    sessions = [
        Session(id="s1", device="=laptop", kind=Kind.SESSION, current=False, **times),
        Session(id="s2", device="desk", kind=Kind.SESSION, current=True, **times),
    ]
    async with at(center, "agents") as person:

        async def fetch() -> list[Session]:
            return sessions

        async def end(_: str) -> None:
            raise AssertionError

        person.app.push_screen(SessionsDialog(fetch, end, person.app.words, "Asia/Seoul"))
        await person.dialog(SessionsDialog)
        await person.until(lambda: person.app.screen.query_one(Grid).cursor is not None)
        await person.press("ctrl+c")
        assert person.app.clipboard == "=laptop"
        await person.press("f9")
        await person.dialog(Choice)
        await person.press("2")
        await person.until(lambda: (center.folder / "sessions.csv").exists())
        await person.dialog(SessionsDialog)
    rows = list(csv.reader((center.folder / "sessions.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Device", "IP", "Last used", "Ends", "Signed in by", "Note"]
    assert [row[0] for row in rows[1:]] == ["'=laptop", "desk"]
    assert rows[2][-1] == "this one"
