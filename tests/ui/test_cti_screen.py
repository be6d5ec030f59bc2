"""The CTI agents screen, by keyboard: search, edit, paste, save, conflicts, drafts, export."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select, update

from octui.client.errors import Unreachable
from octui.schema.contracts import ItemTerms
from octui.schema.items import Item
from octui.server.database import tables
from octui.sheets.read import read_table
from octui.ui.dialogs import exports
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.differences import Differences
from octui.ui.screens.cti import screen as cti
from octui.ui.screens.cti.screen import CtiScreen
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import HOSTILE, Center, Seed, seed_service


async def seed(center: Center) -> None:
    """Make three agents, two of them with CTI ID and NO, the third in two services."""
    await seed_service(center)
    await center.add_service("chat", "채팅", ItemTerms(item=Item.TICKET))
    for account, name in (("kim", "김민수"), ("lee", "이영희"), ("park", "박철수")):
        await center.add_agent(account, name)
    await center.add_agent("park", service="chat", phone=False)
    await center.set_cti("kim", cti_id="1001", cti_no="71")
    await center.set_cti("lee", cti_id="1002", cti_no="72")


class Admin(Person):
    """An admin at the screen: presses keys and reads what is shown."""

    @property
    def screen(self) -> CtiScreen:
        screen = super().screen
        assert isinstance(screen, CtiScreen)
        return screen

    async def at(self, account: str, column: str) -> None:
        assert self.screen.grid.move_to(account, column)
        await self.pilot.pause()

    async def type(self, account: str, column: str, text: str) -> None:
        """Move to a cell, type a new value, press Enter."""
        await self.at(account, column)
        await self.press(*text, "enter")

    async def save(self) -> None:
        await self.press("ctrl+s")
        await self.until(lambda: isinstance(self.app.screen, Differences))
        await self.press("enter")
        await self.until(lambda: self.app.screen is self.screen and not self.screen._saving)
        await self.pilot.pause()

    async def choose(self, at: int) -> None:
        await self.until(lambda: isinstance(self.app.screen, Choice))
        await self.press(*["home", *["down"] * at, "enter"])
        await self.until(lambda: self.app.screen is self.screen)
        await self.pilot.pause()

    async def load_changes(self) -> None:
        """Let the feed report the change and wait until it is loaded."""
        count = self.center.operations.count("cti_agents")
        await self.feed.poll_once()
        await self.until(lambda: self.center.operations.count("cti_agents") > count and not self.screen._loading)
        await self.pilot.pause()

    @property
    def shown_accounts(self) -> list[str]:
        return [str(key) for key in self.screen.table.view.keys]

    def cell(self, account: str, column: str) -> str | None:
        return self.screen.table.drafts.value(account, column)

    def mark(self, account: str, column: str) -> str:
        return self.screen.table.drafts.mark(account, column)


@asynccontextmanager
async def open_screen(center: Center, *, size: tuple[int, int] = (120, 40), load: bool = True) -> AsyncIterator[Admin]:
    async with at(center, "cti", size=size, is_updated=False, kind=Admin) as person:
        if load:
            await person.load_changes()
        yield person


async def test_all_agents_are_shown_and_editable_columns_are_marked(center: Center) -> None:
    async with open_screen(center) as person:
        text = person.text
        for part in ("김민수", "kim@acme.example", "1002", "CTI ID*", "CTI NO*", "chat, oc", "3 of 3 people"):
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
async def test_search_finds_agents(center: Center, query: str, found: list[str]) -> None:
    async with open_screen(center) as person:
        await person.press("f4")
        person.screen.query_one(SearchLine).value = query
        await person.press("enter")
        assert person.shown_accounts == found
        assert f"{len(found)} of 3 people" in person.status
        assert person.screen.grid.has_focus
        assert ("Nobody matches" in person.text) == (not found)


async def test_search_finds_unsaved_values(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("park", "cti_id", "5555")
        person.screen.query_one(SearchLine).value = "5555"
        person.screen.query_one(SearchLine).search_now()
        await person.pilot.pause()
        assert person.shown_accounts == ["park"]


async def test_empty_table_says_what_to_do(make_center: Callable[[Seed], Center]) -> None:
    async with open_screen(make_center(seed_service)) as person:
        assert "No agents yet" in person.text


async def test_search_and_order_are_remembered(center: Center) -> None:
    async with open_screen(center) as person:
        await person.at("kim", "name")
        await person.press("f5", "f5")
        assert person.shown_accounts == ["lee", "park", "kim"]
        person.screen.query_one(SearchLine).value = "수"
        person.screen.query_one(SearchLine).search_now()
        await person.pilot.pause()
    async with open_screen(center) as person:
        assert person.shown_accounts == ["park", "kim"]
        assert person.screen.query_one(SearchLine).value == "수"


async def test_edit_is_marked_and_can_be_undone_and_redone(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        assert (person.cell("kim", "cti_id"), person.mark("kim", "cti_id")) == ("2001", "dirty")
        assert "changed 1 · refused 0 · conflicts 0" in person.status
        assert "*2001" in person.text
        await person.press("ctrl+z")
        assert person.cell("kim", "cti_id") is None
        assert person.screen.grid.cursor == ("kim", "cti_id")
        await person.press("ctrl+y")
        assert person.cell("kim", "cti_id") == "2001"
        await person.type("kim", "cti_id", "1001")
        assert person.cell("kim", "cti_id") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1002", "is held by 이영희 (lee) too"),
        ("x" * 51, "is too long"),
        ("a\u200bb", "invisible"),
        ("a\u202eb", "turns the writing round"),
    ],
)
async def test_invalid_value_is_explained_at_the_cell(center: Center, text: str, reason: str) -> None:
    async with open_screen(center) as person:
        await person.at("kim", "cti_id")
        person.screen._edits_changed(person.screen.table.edit_cells([("kim", "cti_id", text)]))
        assert person.mark("kim", "cti_id") == "error"
        assert reason in person.status
        await person.press("ctrl+s")
        assert "No edit can be saved" in person.said
        assert "save_cti" not in center.operations


async def test_swapped_values_are_no_duplicate_and_saved_in_one_request(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "1002")
        assert person.mark("kim", "cti_id") == "error"
        await person.type("lee", "cti_id", "1001")
        assert [person.mark(who, "cti_id") for who in ("kim", "lee")] == ["dirty", "dirty"]
        await person.save()
        assert center.operations.count("save_cti") == 1
        assert ((await center.cti_row("kim")).cti_id, (await center.cti_row("lee")).cti_id) == ("1002", "1001")
        assert len(person.screen.table.drafts) == 0
        assert "2 cells saved" in person.said


async def test_escape_at_the_differences_saves_nothing(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("park", "cti_id", "1003")
        await person.at("kim", "cti_no")
        await person.press("delete")
        await person.press("ctrl+s")
        await person.until(lambda: isinstance(person.app.screen, Differences))
        text = person.text
        assert "Save 2 changed cells?" in text
        assert "(empty) -> 1003" in text
        assert "71      -> (empty)" in text
        await person.press("escape")
        assert "save_cti" not in center.operations
        assert len(person.screen.table.drafts) == 2


async def test_saving_includes_the_cell_being_edited(center: Center) -> None:
    async with open_screen(center) as person:
        await person.at("park", "cti_id")
        await person.press("9", "9")
        await person.save()
        assert (await center.cti_row("park")).cti_id == "99"
        assert person.screen.grid.editing is None


async def test_refused_cells_keep_the_edit_and_give_the_reason(center: Center) -> None:
    async with open_screen(center) as person:
        await center.add_agent("new", "새사람")
        await center.set_cti("new", cti_id="3001")  # the feed has not asked yet
        await person.type("kim", "cti_id", "3001")
        await person.type("lee", "cti_no", "82")
        await person.save()
        assert person.mark("kim", "cti_id") == "refused"
        assert person.cell("kim", "cti_id") == "3001"
        assert (await center.cti_row("lee")).cti_no == "82"
        assert "saved 1 · refused 1" in person.said
        await person.at("lee", "name")
        assert "changed 1 · refused 1" in person.status
        await person.press("f6")
        assert person.screen.grid.cursor == ("kim", "cti_id")
        assert "is taken by new" in person.status


async def test_conflict_shows_both_values_and_one_is_chosen(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        await center.set_cti("kim", cti_id="4001")
        await person.load_changes()
        assert person.mark("kim", "cti_id") == "conflict"
        await person.at("kim", "cti_id")
        assert "somebody else wrote 4001" in person.status
        await person.press("f7")
        await person.until(lambda: isinstance(person.app.screen, Choice))
        text = person.text
        assert "yours:  2001" in text
        assert "theirs: 4001" in text
        await person.choose(0)
        assert person.mark("kim", "cti_id") == "dirty"
        await person.save()
        assert (await center.cti_row("kim")).cti_id == "2001"


async def test_conflict_found_while_saving_can_take_theirs(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        await center.set_cti("kim", cti_id="4001")
        await person.save()
        assert person.mark("kim", "cti_id") == "conflict"
        await person.press("f7")
        await person.choose(1)
        assert person.cell("kim", "cti_id") is None
        assert person.screen.table.value("kim", "cti_id") == "4001"


async def test_change_of_another_cell_of_the_row_is_no_conflict(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        await center.set_cti("kim", cti_no="99")
        await person.save()
        assert ((await center.cti_row("kim")).cti_id, (await center.cti_row("kim")).cti_no) == ("2001", "99")


async def test_edit_of_a_removed_agent_can_be_found_and_dropped(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("park", "cti_id", "2001")
        await center.operator.remove_member("park")
        await person.load_changes()
        assert person.shown_accounts == ["kim", "lee"]
        assert "conflicts 1" in person.status
        await person.press("f6")
        await person.choose(1)
        assert len(person.screen.table.drafts) == 0


async def test_next_problem_leaves_the_search_that_hides_it(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "1002")
        person.screen.query_one(SearchLine).value = "박철수"
        person.screen.query_one(SearchLine).search_now()
        await person.pilot.pause()
        assert person.shown_accounts == ["park"]
        await person.press("f6")
        await person.until(lambda: person.screen.grid.cursor == ("kim", "cti_id"))


async def test_pasted_block_fills_right_and_down_as_one_undo_step(center: Center) -> None:
    async with open_screen(center) as person:
        await person.at("kim", "cti_id")
        await person.paste("2001\t81\r\n 2002 \t82\r\n2003\t83\r\n")
        assert [person.cell(who, "cti_id") for who in ("kim", "lee", "park")] == ["2001", "2002", "2003"]
        assert [person.cell(who, "cti_no") for who in ("kim", "lee", "park")] == ["81", "82", "83"]
        assert "6 cells changed" in person.said
        await person.press("ctrl+z")
        assert len(person.screen.table.drafts) == 0


@pytest.mark.parametrize(
    ("at", "block", "sentence"),
    [
        (("kim", "cti_id"), "1\t2\tx\t3\n4\t5\ty\t6", "reaches over Services"),
        (("kim", "cti_id"), "1\t2\tx\toc\t3", "1 rows and 5 columns; from here there are 3 rows and 4 columns"),
        (("lee", "cti_id"), "1\n2\n3", "3 rows and 1 columns; from here there are 2 rows"),
        (("kim", "name"), "누구\tx@y", "reaches over Name"),
        (("kim", "cti_id"), "1\n" * 5001, "too large"),
    ],
)
async def test_block_that_does_not_fit_changes_nothing(
    center: Center, at: tuple[str, str], block: str, sentence: str
) -> None:
    async with open_screen(center) as person:
        await person.at(*at)
        await person.paste(block)
        assert len(person.screen.table.drafts) == 0
        assert sentence in person.said
        assert "Nothing was pasted" in person.said


async def test_whole_rows_of_an_export_can_be_pasted_back(center: Center) -> None:
    async with open_screen(center) as person:
        await person.at("kim", "account")
        rows = "kim\t김민수\tkim@acme.example\t9001\t71\t\toc", "lee\t이영희\tlee@acme.example\t1002\t72\t\toc"
        await person.paste("\n".join(rows))
        assert list(person.screen.table.drafts) == [("kim", "cti_id")]


async def test_discarding_needs_confirmation(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        await person.type("lee", "cti_id", "2002")
        await person.press("f8")
        await person.choose(0)
        assert len(person.screen.table.drafts) == 2
        await person.at("lee", "cti_id")
        await person.press("f8")
        await person.choose(2)
        assert list(person.screen.table.drafts) == [("kim", "cti_id")]
        await person.press("f8")
        await person.choose(1)
        assert len(person.screen.table.drafts) == 0
        await person.press("ctrl+z")
        assert list(person.screen.table.drafts) == [("kim", "cti_id")]


async def test_edits_go_on_without_connection_and_saving_gives_the_reason(center: Center) -> None:
    async with open_screen(center) as person:
        person.feed.report_failure()
        await person.type("kim", "cti_id", "2001")
        assert person.cell("kim", "cti_id") == "2001"
        source = person.screen.grid.source
        assert {cell.tone for cell in source.row_cells("lee") or ()} == {"stale"}
        await person.press("ctrl+s")
        assert "no connection" in person.said
        person.feed.report_success()
        await person.save()
        assert (await center.cti_row("kim")).cti_id == "2001"


async def test_failed_save_keeps_the_edits(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        center.faults.failure = Unreachable("connect", "no")
        await person.save()
        assert "cannot be reached" in person.said
        assert "Your edits stay here" in person.said
        assert person.cell("kim", "cti_id") == "2001"
        center.faults.failure = None
        await person.save()
        assert (await center.cti_row("kim")).cti_id == "2001"


async def test_table_is_usable_while_pages_are_loading(make_center: Callable[[Seed], Center]) -> None:
    center = make_center(seed_service)
    for number in range(30):
        await center.add_agent(f"u{number:03}", f"사람{number}")
    center.faults.largest_page = 10
    center.faults.only, center.faults.gate = "cti_agents", asyncio.Semaphore(0)
    async with open_screen(center, load=False) as person:
        assert "Loading" in person.text
        await person.feed.poll_once()
        await person.until(lambda: "cti_agents" in center.operations)
        center.faults.gate.release()
        await person.until(lambda: len(person.shown_accounts) == 10)
        assert person.status == "10 of 10 people   loading, 30 in all"
        await person.type("u003", "cti_id", "7")
        assert person.cell("u003", "cti_id") == "7"
        center.faults.gate.release()
        center.faults.gate.release()
        await person.until(lambda: len(person.shown_accounts) == 30 and not person.screen._loading)
        assert person.screen.grid.cursor == ("u004", "cti_id")
        assert "30 of 30 people" in person.status


async def test_edits_are_kept_on_quit_and_offered_again(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        await person.at("lee", "cti_no")
        await person.press("8", "8")  # still under the editor
        person.app.save_all()
    path = center.folder / "cti-drafts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(path.read_text())["cells"]) == 2
    async with open_screen(center) as person:
        await person.until(lambda: isinstance(person.app.screen, Choice))
        assert "2 edits of last time" in person.text
        await person.press("escape")
        person.app.save_all()
        assert len(json.loads(path.read_text())["cells"]) == 2
    await center.set_cti("kim", cti_id="4001")
    async with open_screen(center) as person:
        await person.choose(0)
        assert person.mark("kim", "cti_id") == "conflict"
        assert person.cell("lee", "cti_no") == "88"
        await person.press("f8")
        await person.choose(1)
        person.app.save_all()
    assert not path.exists()


async def test_edits_of_an_earlier_session_can_be_dropped(center: Center) -> None:
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        person.app.save_all()
    async with open_screen(center) as person:
        await person.choose(1)
        assert len(person.screen.table.drafts) == 0
    assert not (center.folder / "cti-drafts.json").exists()


async def test_damaged_drafts_file_is_set_aside_and_reported(center: Center) -> None:
    (center.folder / "cti-drafts.json").write_text("{")
    async with open_screen(center) as person:
        assert "cannot be read" in person.said
    assert (center.folder / "cti-drafts.unreadable").read_text() == "{"


async def test_export_contains_exactly_the_shown_rows(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    path = center.folder / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path)
    async with open_screen(center) as person:
        await person.at("kim", "name")
        await person.press("f5", "f5")
        person.screen.query_one(SearchLine).value = "수"
        person.screen.query_one(SearchLine).search_now()
        await person.pilot.pause()
        await person.type("park", "cti_id", "=1+1")
        await person.press("f9", "enter")
        await person.settled()
        assert str(path) in person.said
        assert "1 unsaved" in person.said
    table = read_table(path)
    assert table.columns == ["ID", "이름", "이메일", "CTI ID", "CTI NO", "PBX 이름", "서비스"]
    assert [row[0] for row in table.rows] == ["park", "kim"]
    assert table.rows[0][3] == "=1+1"
    assert path.stat().st_mode & 0o777 == 0o600


async def test_copy_writes_to_the_terminal_clipboard(center: Center) -> None:
    async with open_screen(center) as person:
        await person.at("kim", "cti_id")
        await person.press("shift+right", "shift+down", "ctrl+c")
        await person.pilot.pause()
        assert person.app.clipboard == "1001\t71\n1002\t72"
        assert "Sent to the terminal's clipboard" in person.said


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 8)])
async def test_hostile_names_stay_in_their_cells(center: Center, size: tuple[int, int]) -> None:
    member, row = tables.member.c, tables.cti_agent.c
    for number, name in enumerate(HOSTILE):
        await center.add_agent(f"u{number}", "x")
        center.overwrite(update(tables.member).where(member.account == f"u{number}").values(name=name))
        ids = select(member.id).where(member.account == f"u{number}").scalar_subquery()
        cells = {"cti_id": f"{number}{name[:10]}", "cti_no": name[:20]}
        center.overwrite(update(tables.cti_agent).where(row.member_id == ids).values(**cells))
    async with open_screen(center, size=size) as person:
        for strip in person.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
        await person.type("u0", "cti_id", "[/x]")
        assert person.cell("u0", "cti_id") == "[/x]"
        await person.press("ctrl+s")
        await person.until(lambda: isinstance(person.app.screen, Differences))
        for strip in person.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
        await person.press("enter")
        await person.until(lambda: person.app.screen is person.screen and not person.screen._saving)
        assert (await center.cti_row("u0")).cti_id == "[/x]"


async def test_live_changes_of_others_appear(center: Center) -> None:
    async with open_screen(center) as person:
        await center.set_cti("park", cti_id="5001")
        await center.add_agent("choi", "최지우")
        await person.load_changes()
        assert person.shown_accounts == ["choi", "kim", "lee", "park"]
        assert "5001" in person.text
        assert person.screen.grid.cursor == ("kim", "account")


async def test_batch_contains_versions_and_only_changed_cells(center: Center) -> None:
    version = (await center.cti_row("kim")).version
    async with open_screen(center) as person:
        await person.type("kim", "cti_no", "99")
        await person.save()
        (edit,) = center.sent("save_cti")[0].body["edits"]
        assert edit == {"account": "kim", "version": version, "set": {"cti_no": "99"}}


async def test_quitting_with_unwritable_edits_needs_a_second_key(center: Center) -> None:
    center.folder /= "no folder"
    center.folder.write_text("a file where the folder should be")
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        await person.press("ctrl+q")
        assert "Unsaved edits cannot be kept" in person.said
        assert person.app.return_code is None
        await person.press("ctrl+q")
        assert person.app.return_code == 0


async def test_edits_are_written_shortly_after_the_last_one(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cti, "KEEP_AFTER_S", 0.001)
    path = center.folder / "cti-drafts.json"
    async with open_screen(center) as person:
        await person.type("kim", "cti_id", "2001")
        await person.until(path.exists)
        assert len(json.loads(path.read_text())["cells"]) == 1
        await person.press("ctrl+z")
        await person.until(lambda: not path.exists())
