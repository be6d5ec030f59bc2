"""Copying: the terminal's clipboard where it takes it, else plain text that the terminal's own selection takes."""

import csv
from pathlib import Path

import pytest

from octui.schema.agents import Role
from octui.schema.sessions import Session
from octui.schema.stats import Channel, Interval
from octui.ui import exports
from octui.ui.app import OctuiApp
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.plain import PlainText, plain_lines
from octui.ui.dialogs.report import TableReport
from octui.ui.dialogs.sessions import SessionsDialog
from octui.ui.terminal import takes_clipboard
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.key_line import KeyLine
from ui.fake_floor import LOGIN, agent, stats
from ui.fake_people import session
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


async def test_the_intervals_behind_a_figure_are_copied_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / f"{stem}{suffix}")
    api = FakeApi(me(role=Role.AGENT))
    one_call = Interval(start=LOGIN, end=LOGIN + 60_000, call="c-1", counted=True, state="inbound_calls")
    api.intervals_known = {(Channel.PHONE, "inbound_calls"): [one_call]}
    async with at(api, tmp_path, "stats") as one:
        one.desk.tell_stats(stats())
        await one.settled()
        await one.press("enter")
        await one.dialog(TableReport)
        await one.press("ctrl+c")
        assert "09:00:00 - 09:01:00  00:01:00  c-1" in one.app.clipboard
        await one.press("f9")
        await one.dialog(Choice)
        await one.press("2")
        await one.until(lambda: (tmp_path / "intervals-2026-11-23-inbound_calls.csv").exists())
        await one.dialog(TableReport)
        assert "1 rows written" in one.app.screen.query_one(KeyLine)._message
    rows = list(csv.reader((tmp_path / "intervals-2026-11-23-inbound_calls.csv").read_text("utf-8-sig").splitlines()))
    assert rows == [["From", "Until", "Duration", "Note"], ["09:00:00", "09:01:00", "00:01:00", "c-1"]]


async def test_the_sessions_are_copied_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / f"{stem}{suffix}")
    api = FakeApi(me())
    api.own_sessions = [session("s1", "=laptop"), session("s2", "desk", current=True)]
    async with at(api, tmp_path, "agents") as one:

        async def fetch() -> list[Session]:
            return api.own_sessions

        async def end(_: str) -> None:
            raise AssertionError

        one.app.push_screen(SessionsDialog(fetch, end, one.app.words, "Asia/Seoul"))
        await one.dialog(SessionsDialog)
        await one.until(lambda: one.app.screen.query_one(Grid).cursor is not None)
        await one.press("ctrl+c")
        assert one.app.clipboard == "=laptop"
        await one.press("f9")
        await one.dialog(Choice)
        await one.press("2")
        await one.until(lambda: (tmp_path / "sessions.csv").exists())
        await one.dialog(SessionsDialog)
    rows = list(csv.reader((tmp_path / "sessions.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Device", "IP", "Last used", "Ends", "Signed in by", "Note"]
    assert [row[0] for row in rows[1:]] == ["'=laptop", "desk"]
    assert rows[2][-1] == "this one"
