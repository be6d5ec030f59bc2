"""The CTI agents screen, driven by keyboard as an admin would: search, edit, paste, save, conflicts, drafts, export."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from octui.client.errors import Unreachable
from octui.schema.cti import Column, CtiAgent
from octui.sheets.read import read_table
from octui.ui import exports
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.differences import Differences
from octui.ui.screens.cti import screen as cti
from octui.ui.screens.cti.screen import CtiScreen
from octui.ui.widgets.key_line import KeyLine
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine
from ui.fakes import HOSTILE, Desk, FakeApi, cti_agent, me

KIM, LEE, PARK = (
    cti_agent("kim", "김민수", "1001", "71"),
    cti_agent("lee", "이영희", "1002", "72"),
    cti_agent("park", "박철수", services=["oc", "chat"]),
)
PEOPLE = (KIM, LEE, PARK)


class Admin:
    """The screen, the keyboard, and what can be read on it."""

    def __init__(self, desk: Desk, pilot: Pilot[int]) -> None:
        self.desk, self.pilot, self.api = desk, pilot, desk.api

    @property
    def screen(self) -> CtiScreen:
        found = self.desk.app.screen_stack[0]
        assert isinstance(found, CtiScreen)
        return found

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, true: Callable[[], bool]) -> None:
        for _ in range(200):
            if true():
                return
            await self.pilot.pause()
        raise AssertionError(f"never came true\n{self.desk.screen_text()}")

    async def at(self, account: str, column: str) -> None:
        assert self.screen.grid.move_to(account, column)
        await self.pilot.pause()

    async def type(self, account: str, column: str, text: str) -> None:
        """Go to a cell, type over it, Enter."""
        await self.at(account, column)
        await self.press(*text, "enter")

    async def paste(self, text: str) -> None:
        self.screen.grid.post_message(Paste(text))
        await self.pilot.pause()
        await self.pilot.pause()

    async def save(self) -> None:
        await self.press("ctrl+s")
        await self.until(lambda: isinstance(self.desk.app.screen, Differences))
        await self.press("enter")
        await self.until(lambda: self.desk.app.screen is self.screen and not self.screen._saving)
        await self.pilot.pause()

    async def choose(self, at: int) -> None:
        await self.until(lambda: isinstance(self.desk.app.screen, Choice))
        await self.press(*["home", *["down"] * at, "enter"])
        await self.until(lambda: self.desk.app.screen is self.screen)
        await self.pilot.pause()

    async def told(self) -> None:
        """The feed tells of what changed, and it has been loaded."""
        calls = len(self.api.calls)
        self.desk.tell_cti()
        await self.until(lambda: len(self.api.calls) > calls and not self.screen._loading)
        await self.pilot.pause()

    @property
    def status(self) -> str:
        return self.screen.query_one(StatusLine).text

    @property
    def said(self) -> str:
        return self.screen.query_one(KeyLine)._message

    @property
    def shown(self) -> list[str]:
        return [str(key) for key in self.screen.table.view.keys]

    def cell(self, account: str, column: str) -> str | None:
        return self.screen.table.drafts.value(account, column)

    def mark(self, account: str, column: str) -> str:
        return self.screen.table.drafts.mark(account, column)


@asynccontextmanager
async def admin(
    folder: Path,
    people: Sequence[CtiAgent] = PEOPLE,
    *,
    language: str = "en",
    size: tuple[int, int] = (120, 40),
    load: bool = True,
) -> AsyncIterator[Admin]:
    desk = Desk(FakeApi(me(language=language), people), folder, "cti")
    async with desk.app.run_test(size=size) as pilot:
        one = Admin(desk, pilot)
        await one.until(lambda: desk.app.session is not None and bool(desk.feed.topics))
        if load:
            await one.told()
        yield one


async def test_all_agents_are_shown_and_editable_columns_are_marked(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        text = one.desk.screen_text()
        for part in ("김민수", "kim@acme.example", "1002", "CTI ID*", "CTI NO*", "oc, chat", "3 of 3 people"):
            assert part in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("민수", ["kim"]),
        ("ㄱㅁㅅ", ["kim"]),
        ("LEE@acme", ["lee"]),
        ("1002", ["lee"]),
        ("71", ["kim"]),
        ("chat", ["park"]),
        ("nobody", []),
        ("", ["kim", "lee", "park"]),
    ],
)
async def test_search(tmp_path: Path, query: str, found: list[str]) -> None:
    async with admin(tmp_path) as one:
        await one.press("f4")
        one.screen.query_one(SearchLine).value = query
        await one.press("enter")
        assert one.shown == found
        assert f"{len(found)} of 3 people" in one.status
        assert one.screen.grid.has_focus
        assert ("Nobody matches" in one.desk.screen_text()) == (not found)


async def test_a_value_not_saved_yet_is_found(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("park", "cti_id", "5555")
        one.screen.query_one(SearchLine).value = "5555"
        one.screen.query_one(SearchLine).ask()
        await one.pilot.pause()
        assert one.shown == ["park"]


async def test_an_empty_table_says_what_to_do(tmp_path: Path) -> None:
    async with admin(tmp_path, ()) as one:
        assert "No agents yet" in one.desk.screen_text()


async def test_search_and_order_stay_for_the_next_time(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.at("kim", "name")
        await one.press("f5", "f5")
        assert one.shown == ["lee", "park", "kim"]
        one.screen.query_one(SearchLine).value = "수"
        one.screen.query_one(SearchLine).ask()
        await one.pilot.pause()
    async with admin(tmp_path) as one:
        assert one.shown == ["park", "kim"]
        assert one.screen.query_one(SearchLine).value == "수"


async def test_edit_mark_undo_redo(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        assert (one.cell("kim", "cti_id"), one.mark("kim", "cti_id")) == ("2001", "dirty")
        assert "changed 1 · refused 0 · conflicts 0" in one.status
        assert "*2001" in one.desk.screen_text()
        await one.press("ctrl+z")
        assert one.cell("kim", "cti_id") is None
        assert one.screen.grid.cursor == ("kim", "cti_id")
        await one.press("ctrl+y")
        assert one.cell("kim", "cti_id") == "2001"
        await one.type("kim", "cti_id", "1001")
        assert one.cell("kim", "cti_id") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1002", "is held by 이영희 (lee) too"),
        ("x" * 51, "is too long"),
        ("a\u200bb", "invisible"),
        ("a\u202eb", "turns the writing round"),
    ],
)
async def test_what_cannot_be_saved_is_said_at_the_cell(tmp_path: Path, text: str, reason: str) -> None:
    async with admin(tmp_path) as one:
        await one.at("kim", "cti_id")
        one.screen._edits_changed(one.screen.table.edit([("kim", "cti_id", text)]))
        assert one.mark("kim", "cti_id") == "error"
        assert reason in one.status
        await one.press("ctrl+s")
        assert "No edit can be saved" in one.said
        assert one.api.batches == []


async def test_a_swap_in_the_table_is_no_duplicate_and_is_saved_in_one_request(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "1002")
        assert one.mark("kim", "cti_id") == "error"
        await one.type("lee", "cti_id", "1001")
        assert [one.mark(who, "cti_id") for who in ("kim", "lee")] == ["dirty", "dirty"]
        await one.save()
        assert len(one.api.batches) == 1
        assert (one.api.cti["kim"].cti_id, one.api.cti["lee"].cti_id) == ("1002", "1001")
        assert len(one.screen.table.drafts) == 0
        assert "2 cells saved" in one.said


async def test_the_difference_is_shown_and_escape_saves_nothing(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("park", "cti_id", "1003")
        await one.at("kim", "cti_no")
        await one.press("delete")
        await one.press("ctrl+s")
        await one.until(lambda: isinstance(one.desk.app.screen, Differences))
        text = one.desk.screen_text()
        assert "Save 2 changed cells?" in text
        assert "(empty) -> 1003" in text
        assert "71      -> (empty)" in text
        await one.press("escape")
        assert one.api.batches == []
        assert len(one.screen.table.drafts) == 2


async def test_saving_takes_the_edit_under_way_along(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.at("park", "cti_id")
        await one.press("9", "9")
        await one.save()
        assert one.api.cti["park"].cti_id == "99"
        assert one.screen.grid.editing is None


async def test_refused_cells_keep_the_edit_and_say_why(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        one.api.put_cti(cti_agent("new", "새사람", "3001"))  # not told by the feed yet
        await one.type("kim", "cti_id", "3001")
        await one.type("lee", "cti_no", "82")
        await one.save()
        assert one.mark("kim", "cti_id") == "refused"
        assert one.cell("kim", "cti_id") == "3001"
        assert one.api.cti["lee"].cti_no == "82"
        assert "saved 1 · refused 1" in one.said
        await one.at("lee", "name")
        assert "changed 1 · refused 1" in one.status
        await one.press("f6")
        assert one.screen.grid.cursor == ("kim", "cti_id")
        assert "is taken by new" in one.status


async def test_somebody_elses_change_is_shown_beside_mine_and_i_choose(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        one.api.set_cti("kim", cti_id="4001")
        await one.told()
        assert one.mark("kim", "cti_id") == "conflict"
        await one.at("kim", "cti_id")
        assert "somebody else wrote 4001" in one.status
        await one.press("f7")
        await one.until(lambda: isinstance(one.desk.app.screen, Choice))
        text = one.desk.screen_text()
        assert "yours:  2001" in text
        assert "theirs: 4001" in text
        await one.choose(0)
        assert one.mark("kim", "cti_id") == "dirty"
        await one.save()
        assert one.api.cti["kim"].cti_id == "2001"


async def test_a_conflict_found_while_saving_and_theirs_taken(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        one.api.set_cti("kim", cti_id="4001")
        await one.save()
        assert one.mark("kim", "cti_id") == "conflict"
        await one.press("f7")
        await one.choose(1)
        assert one.cell("kim", "cti_id") is None
        assert one.screen.table.value("kim", "cti_id") == "4001"


async def test_another_cell_of_the_row_changed_by_somebody_is_no_conflict(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        one.api.set_cti("kim", cti_no="99")
        await one.save()
        assert (one.api.cti["kim"].cti_id, one.api.cti["kim"].cti_no) == ("2001", "99")


async def test_the_edit_of_an_agent_who_is_gone_can_be_found_and_dropped(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("park", "cti_id", "2001")
        one.api.remove_cti("park")
        await one.told()
        assert one.shown == ["kim", "lee"]
        assert "conflicts 1" in one.status
        await one.press("f6")
        await one.choose(1)
        assert len(one.screen.table.drafts) == 0


async def test_a_problem_hidden_by_the_search_is_found(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "1002")
        one.screen.query_one(SearchLine).value = "박철수"
        one.screen.query_one(SearchLine).ask()
        await one.pilot.pause()
        assert one.shown == ["park"]
        await one.press("f6")
        await one.until(lambda: one.screen.grid.cursor == ("kim", "cti_id"))


async def test_a_block_from_excel_fills_right_and_down_as_one_step(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.at("kim", "cti_id")
        await one.paste("2001\t81\r\n 2002 \t82\r\n2003\t83\r\n")
        assert [one.cell(who, "cti_id") for who in ("kim", "lee", "park")] == ["2001", "2002", "2003"]
        assert [one.cell(who, "cti_no") for who in ("kim", "lee", "park")] == ["81", "82", "83"]
        assert "6 cells changed" in one.said
        await one.press("ctrl+z")
        assert len(one.screen.table.drafts) == 0


@pytest.mark.parametrize(
    ("at", "block", "sentence"),
    [
        (("kim", "cti_id"), "1\t2\t3\n4\t5\t6", "reaches over Services"),
        (("kim", "cti_id"), "1\t2\toc\t3", "1 rows and 4 columns; from here there are 3 rows and 3 columns"),
        (("lee", "cti_id"), "1\n2\n3", "3 rows and 1 columns; from here there are 2 rows"),
        (("kim", "name"), "누구\tx@y", "reaches over Name"),
        (("kim", "cti_id"), "1\n" * 5001, "too large"),
    ],
)
async def test_a_block_that_does_not_fit_changes_nothing(
    tmp_path: Path, at: tuple[str, str], block: str, sentence: str
) -> None:
    async with admin(tmp_path) as one:
        await one.at(*at)
        await one.paste(block)
        assert len(one.screen.table.drafts) == 0
        assert sentence in one.said
        assert "Nothing was pasted" in one.said


async def test_whole_rows_of_an_export_can_be_pasted_back(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.at("kim", "account")
        await one.paste("kim\t김민수\tkim@acme.example\t9001\t71\toc\nlee\t이영희\tlee@acme.example\t1002\t72\toc")
        assert list(one.screen.table.drafts) == [("kim", "cti_id")]


async def test_discard_asks(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        await one.type("lee", "cti_id", "2002")
        await one.press("f8")
        await one.choose(0)
        assert len(one.screen.table.drafts) == 2
        await one.at("lee", "cti_id")
        await one.press("f8")
        await one.choose(2)
        assert list(one.screen.table.drafts) == [("kim", "cti_id")]
        await one.press("f8")
        await one.choose(1)
        assert len(one.screen.table.drafts) == 0
        await one.press("ctrl+z")
        assert list(one.screen.table.drafts) == [("kim", "cti_id")]


async def test_without_a_connection_editing_goes_on_and_saving_says_why(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        one.desk.feed.lose()
        await one.type("kim", "cti_id", "2001")
        assert one.cell("kim", "cti_id") == "2001"
        source = one.screen.grid.source
        assert {cell.tone for cell in source.cells("lee") or ()} == {"stale"}
        await one.press("ctrl+s")
        assert "no connection" in one.said
        one.desk.feed.well()
        await one.save()
        assert one.api.cti["kim"].cti_id == "2001"


async def test_a_save_that_fails_keeps_the_edits(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        one.api.failure = Unreachable("connect", "no")
        await one.save()
        assert "cannot be reached" in one.said
        assert "Your edits stay here" in one.said
        assert one.cell("kim", "cti_id") == "2001"
        one.api.failure = None
        await one.save()
        assert one.api.cti["kim"].cti_id == "2001"


async def test_the_table_can_be_used_while_pages_are_still_coming(tmp_path: Path) -> None:
    people = [cti_agent(f"u{n:03}", f"사람{n}") for n in range(30)]
    async with admin(tmp_path, people, load=False) as one:
        one.api.page_size = 10
        one.api.gate = asyncio.Semaphore(0)
        assert "Loading" in one.desk.screen_text()
        one.desk.tell_cti()
        await one.until(lambda: one.api.calls[-1] == "cti_agents")
        one.api.gate.release()
        await one.until(lambda: len(one.shown) == 10)
        assert one.status == "10 of 10 people   loading, 30 in all"
        await one.type("u003", "cti_id", "7")
        assert one.cell("u003", "cti_id") == "7"
        one.api.gate.release()
        one.api.gate.release()
        await one.until(lambda: len(one.shown) == 30 and not one.screen._loading)
        assert one.screen.grid.cursor == ("u004", "cti_id")
        assert "30 of 30 people" in one.status


async def test_edits_are_kept_on_quit_and_offered_again(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        await one.at("lee", "cti_no")
        await one.press("8", "8")  # still under the editor
        one.desk.app.save_all()
    path = tmp_path / "cti-drafts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(path.read_text())["cells"]) == 2
    async with admin(tmp_path) as one:
        await one.until(lambda: isinstance(one.desk.app.screen, Choice))
        assert "2 edits of last time" in one.desk.screen_text()
        await one.press("escape")
        one.desk.app.save_all()
        assert len(json.loads(path.read_text())["cells"]) == 2
    changed = (KIM.model_copy(update={"cti_id": "4001", "version": 5}), LEE, PARK)
    async with admin(tmp_path, changed) as one:
        await one.choose(0)
        assert one.mark("kim", "cti_id") == "conflict"
        assert one.cell("lee", "cti_no") == "88"
        await one.press("f8")
        await one.choose(1)
        one.desk.app.save_all()
    assert not path.exists()


async def test_edits_of_last_time_can_be_thrown_away(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        one.desk.app.save_all()
    async with admin(tmp_path) as one:
        await one.choose(1)
        assert len(one.screen.table.drafts) == 0
    assert not (tmp_path / "cti-drafts.json").exists()


async def test_a_damaged_drafts_file_is_set_aside_and_said(tmp_path: Path) -> None:
    (tmp_path / "cti-drafts.json").write_text("{")
    async with admin(tmp_path) as one:
        assert "cannot be read" in one.said
    assert (tmp_path / "cti-drafts.unreadable").read_text() == "{"


async def test_export_is_exactly_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path)
    async with admin(tmp_path) as one:
        await one.at("kim", "name")
        await one.press("f5", "f5")
        one.screen.query_one(SearchLine).value = "수"
        one.screen.query_one(SearchLine).ask()
        await one.pilot.pause()
        await one.type("park", "cti_id", "=1+1")
        await one.press("f9", "enter")
        await one.desk.app.workers.wait_for_complete(
            [worker for worker in one.desk.app.workers if worker.group == "export"]
        )
        await one.pilot.pause()
        assert str(path) in one.said
        assert "1 unsaved" in one.said
    table = read_table(path)
    assert table.columns == ["ID", "이름", "이메일", "CTI ID", "CTI NO", "서비스"]
    assert [row[0] for row in table.rows] == ["park", "kim"]
    assert table.rows[0][3] == "=1+1"
    assert path.stat().st_mode & 0o777 == 0o600


async def test_copy_goes_to_the_terminals_clipboard(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.at("kim", "cti_id")
        await one.press("shift+right", "shift+down", "ctrl+c")
        await one.pilot.pause()
        assert one.desk.app.clipboard == "1001\t71\n1002\t72"
        assert "Sent to the terminal's clipboard" in one.said


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 8)])
async def test_hostile_names_stay_in_their_cells(tmp_path: Path, size: tuple[int, int]) -> None:
    people = [cti_agent(f"u{n}", name, f"{n}{name[:10]}", name[:20]) for n, name in enumerate(HOSTILE)]
    async with admin(tmp_path, people, size=size) as one:
        for strip in one.desk.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
        await one.type("u0", "cti_id", "[/x]")
        assert one.cell("u0", "cti_id") == "[/x]"
        await one.press("ctrl+s")
        await one.until(lambda: isinstance(one.desk.app.screen, Differences))
        for strip in one.desk.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
        await one.press("enter")
        await one.until(lambda: one.desk.app.screen is one.screen and not one.screen._saving)
        assert one.api.cti["u0"].cti_id == "[/x]"


async def test_live_changes_of_others_appear(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        one.api.set_cti("park", cti_id="5001")
        one.api.put_cti(cti_agent("choi", "최지우"))
        await one.told()
        assert one.shown == ["choi", "kim", "lee", "park"]
        assert "5001" in one.desk.screen_text()
        assert one.screen.grid.cursor == ("kim", "account")


async def test_the_batch_names_versions_and_only_changed_cells(tmp_path: Path) -> None:
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_no", "99")
        await one.save()
        (edit,) = one.api.batches[0].edits
        assert (edit.account, edit.version, edit.set) == ("kim", 1, {Column.CTI_NO: "99"})


async def test_quitting_where_edits_cannot_be_kept_asks_for_a_second_time(tmp_path: Path) -> None:
    folder = tmp_path / "no folder"
    folder.write_text("a file where the folder should be")
    async with admin(folder) as one:
        await one.type("kim", "cti_id", "2001")
        await one.press("ctrl+q")
        assert "Unsaved edits cannot be kept" in one.said
        assert one.desk.app.return_code is None
        await one.press("ctrl+q")
        assert one.desk.app.return_code == 0


async def test_edits_are_on_disk_a_moment_after_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cti, "KEEP_AFTER_S", 0.001)
    path = tmp_path / "cti-drafts.json"
    async with admin(tmp_path) as one:
        await one.type("kim", "cti_id", "2001")
        await one.until(path.exists)
        assert len(json.loads(path.read_text())["cells"]) == 1
        await one.press("ctrl+z")
        await one.until(lambda: not path.exists())
