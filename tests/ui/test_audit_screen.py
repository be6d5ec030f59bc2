"""The log's screen, driven by keyboard: query line, scrolling, new entries, export, verification."""

from collections.abc import Callable, Iterator
from functools import partial
from unittest.mock import patch

import pytest
from sqlalchemy import select, text, update

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.audit import Action, LegacyText
from octui.server.audit import search
from octui.server.audit.checkpoints import Checkpointer
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.sheets.read import read_table
from octui.text.width import cell_width
from octui.ui.dialogs import exports
from octui.ui.dialogs.report import Report
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import NOW, Center, Seed, seed_service


async def seed(center: Center) -> None:
    """Make a center whose log is empty."""
    with patch.object(Change, "record", lambda *_, **__: None):
        await seed_service(center)


async def seed_thousands(center: Center) -> None:
    """Make a log of 3,500 entries."""
    await seed(center)
    center.record(*range(1, 3501))


def held_entries(person: Person) -> list[int]:
    return [int(str(person.grid.source.key_at(i))) for i in range(person.grid.source.row_count())]


def first_line(person: Person) -> str:
    """Return the first row of the table."""
    return person.lines[3]


async def down_to(person: Person, seq: int) -> None:
    """Page down until the entry is held."""
    for _ in range(400):
        if seq in held_entries(person):
            return
        await person.press("ctrl+end")
        await person.settled()
    raise AssertionError(f"{seq} never came\n{person.text}")


async def up_to(person: Person, seq: int) -> None:
    for _ in range(400):
        if seq in held_entries(person):
            return
        await person.press("ctrl+home")
        await person.settled()
    raise AssertionError(f"{seq} never came\n{person.text}")


async def test_newest_entry_is_first_with_all_columns(center: Center) -> None:
    center.record(*range(1, 4))
    async with at(center, "audit", size=(160, 40)) as person:
        assert held_entries(person) == [3, 2, 1]
        assert person.grid.cursor == (3, "at")
        words = "2026-11-23 11:13 Permissions changed oc u3 사람3 10.0.0.1 - -> Chat 관리자 screen"
        assert " ".join(first_line(person).split()) == words
        assert "3 entries" in person.status


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_change_is_visible_at_every_size(center: Center, size: tuple[int, int]) -> None:
    center.record(*range(1, 4))
    async with at(center, "audit", size=size) as person:
        assert "- -> Chat" in first_line(person)
        assert "Before/after" in person.lines[2]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("name:Kim", {"name": "Kim"}),
        ("이름:김 서비스:oc ip:10.0", {"name": "김", "service": "oc", "ip": "10.0"}),
        ("id:u7 action:role", {"account": "u7", "action": "role"}),
        ("ㄱㅁㅅ phone", {"words": "ㄱㅁㅅ phone"}),
        ("since:7d", {"from": str(NOW - 7 * 86_400_000)}),
        ("", {}),
    ],
)
async def test_query_line_sets_the_filter(center: Center, line: str, asked: dict[str, object]) -> None:
    center.record(*range(1, 6))
    async with at(center, "audit") as person:
        await person.search("name:nobody")
        assert "Nothing was found." in person.text
        await person.search(line)
        params = center.sent("audit")[-1].params
        assert {key: params[key] for key in params if key not in ("limit", "log")} == asked
        assert person.grid.has_focus


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nmae:kim", "No such field"),
        ("name:", "Nothing stands after the colon. (place"),
        ("name:a name:b", "asked for twice"),
        ("since:soon", "not a time"),
        ("since:1d until:2d", "ends before it begins"),
        ("ip:10.0.0.0/99", "not an address"),
        ('name:"kim', "quote is not closed"),
        ("x" * 1001, "too long"),
    ],
)
async def test_unparsable_query_keeps_the_rows(center: Center, line: str, sentence: str) -> None:
    center.record(*range(1, 6))
    async with at(center, "audit") as person:
        count = center.operations.count("audit")
        await person.search(line)
        assert sentence in person.status
        assert held_entries(person) == [5, 4, 3, 2, 1]
        assert center.operations.count("audit") == count
        center.record(6)
        await person.update()
        assert sentence in person.status
        await person.search("")
        assert "6 entries" in person.status


async def test_search_is_restored_unless_unparsable(center: Center) -> None:
    center.record(*range(1, 6))
    async with at(center, "audit") as person:
        await person.search("id:u3")
        await person.search("nmae:x")
    async with at(center, "audit") as person:
        assert person.screen.query_one(SearchLine).value == "id:u3"
        assert held_entries(person) == [3]


async def test_scrolling_loads_pages_both_ways_and_holds_two_thousand(
    make_center: Callable[[Seed], Center],
) -> None:
    async with at(make_center(seed_thousands), "audit") as person:
        assert held_entries(person) == list(range(3500, 3400, -1))
        await down_to(person, 3300)
        assert person.grid.cursor is not None
        cursor = person.grid.cursor[0]
        assert cursor in held_entries(person)
        await down_to(person, 1)
        rows = held_entries(person)
        assert len(rows) == 2000
        assert rows == list(range(2000, 0, -1))
        await person.press("ctrl+end")
        await person.settled()
        assert held_entries(person)[-1] == 1
        await up_to(person, 3500)
        rows = held_entries(person)
        assert len(rows) == 2000
        assert rows == list(range(3500, 1500, -1))
        await down_to(person, 1)
        assert held_entries(person) == list(range(2000, 0, -1))


async def test_scrolling_up_keeps_the_cursor_row_in_view(make_center: Callable[[Seed], Center]) -> None:
    async with at(make_center(seed_thousands), "audit") as person:
        await down_to(person, 1)
        await up_to(person, held_entries(person)[0] + 1)
        assert person.grid.cursor is not None
        at_line = person.grid._cursor_line()
        assert 0 <= at_line < person.grid.page
        assert str(person.grid.cursor[0]) in person.lines[3 + at_line]


def examine_300_entries_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server answer after 300 entries, as when its time is spent."""

    def windows(low: int, high: int, *_: int) -> Iterator[tuple[int, int]]:
        return ((max(low, end - 299), end) for end in range(high, low - 1, -300))

    monkeypatch.setattr("octui.server.audit.planning.number_windows", windows)
    monkeypatch.setattr(search, "search_log", partial(search.search_log, budget=0.0))


async def test_slow_search_continues_until_a_page_is_full(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    center.record(*range(1, 1001))
    examine_300_entries_at_once(monkeypatch)
    async with at(center, "audit") as person:
        count = center.operations.count("audit")
        await person.search("id:u5")
        assert held_entries(person)[:3] == [599, 598, 597]
        assert center.operations.count("audit") == count + 2
        assert "searched to 2026-11-23 11:13:20" in person.status
        await down_to(person, 5)
        assert "searched to" not in person.status
        await person.search("id:u9999")
        assert "Nothing was found." in person.text
        assert "searched to" not in person.status


async def test_new_entries_appear_at_the_top(center: Center) -> None:
    center.record(*range(1, 151))
    async with at(center, "audit") as person:
        center.record(151, 152)
        await person.update()
        assert held_entries(person)[:3] == [152, 151, 150]
        assert person.grid.cursor == (152, "at")
        assert "152 entries" in person.status
        assert "u152" in first_line(person)


async def test_new_entries_are_announced_below_the_top(center: Center) -> None:
    center.record(*range(1, 151))
    async with at(center, "audit") as person:
        await person.press(*["down"] * 5)
        before = person.lines[2:-2]
        center.record(151)
        await person.update()
        assert person.lines[2:-2] == before
        assert "1 new above: F6" in person.status
        center.record(152)
        await person.update()
        assert "2 new above: F6" in person.status
        await person.press("f6")
        await person.settled()
        assert held_entries(person)[0] == 152
        assert person.grid.cursor == (152, "at")
        assert "new above" not in person.status


async def test_only_matching_new_entries_are_announced(center: Center) -> None:
    center.record(*range(1, 151))
    async with at(center, "audit") as person:
        await person.search("id:u1")
        await person.press("down")
        center.record(151, account="other")
        center.record(152, account="u1x")
        await person.update()
        assert "1 new above: F6" in person.status
        center.record(*range(153, 400), account="u1x")
        await person.update()
        assert "100+ new above: F6" in person.status


async def test_many_new_entries_leave_no_gap(center: Center) -> None:
    center.record(*range(1, 151))
    async with at(center, "audit") as person:
        center.record(*range(151, 451))
        await person.update()
        assert held_entries(person) == list(range(450, 350, -1))
        await down_to(person, 1)
        assert held_entries(person) == list(range(450, 0, -1))


async def test_first_entry_appears_in_an_empty_log(center: Center) -> None:
    async with at(center, "audit") as person:
        assert "Nothing was found." in person.text
        center.record(1)
        await person.update()
        assert held_entries(person) == [1]
        assert "1 entries" in person.status


async def test_failed_page_is_reported_and_retried(center: Center) -> None:
    center.record(*range(1, 301))
    async with at(center, "audit") as person:
        center.faults.failure = Unreachable("connect", "no")
        await person.press("ctrl+end")
        await person.settled()
        assert "cannot be reached" in person.status
        center.faults.failure = None
        await person.press("up", "ctrl+end")
        await person.settled()
        assert len(held_entries(person)) == 200
        assert "300 entries" in person.status


async def test_failed_first_page_is_retried(center: Center) -> None:
    center.record(*range(1, 6))
    async with at(center, "audit", is_connected=False) as person:
        await person.until(lambda: person.app.connection is not None)
        center.faults.failure = Unreachable("connect", "no")
        await person.search("id:u")
        assert "cannot be reached" in person.status
        person.screen._window.clear()  # type: ignore[attr-defined]
        center.faults.failure = None
        await person.passes(6)
        await person.settled()
        assert len(held_entries(person)) == 5


async def test_details_show_the_whole_entry(center: Center) -> None:
    center.record(*range(1, 4))
    center.record(4, before=LegacyText(text="x" * 200), actor=Principal(None, "han", "한서연"))
    digest = center.store.read(lambda connection: connection.scalar(select(tables.audit.c.hash).filter_by(seq=4)))
    async with at(center, "audit", size=(80, 24)) as person:
        await person.press("enter")
        await person.dialog(Report)
        text = person.text
        assert "Permission log #4" in text
        assert "한서연 (han)" in text
        assert "(Asia/Seoul)" in text
        assert text.count("x") >= 200
        assert digest.hex() in text.replace("\n", "").replace(" ", "")
        report = person.app.screen
        assert isinstance(report, Report)
        assert all(cell_width(line) <= report.lines.size.width for line in report.lines._lines)
        await person.press("enter")
        await person.no_dialog()


async def test_verification_reports_an_intact_log(center: Center) -> None:
    center.record(1, 2, 3)
    checkpointer = Checkpointer(center.store, center.folder / "checkpoints")
    checkpointer.write()
    center.app.state.checkpointer = checkpointer
    async with at(center, "audit") as person:
        await person.press("f8")
        await person.settled()
        assert "3 entries and 1 checkpoints agree: nobody touched the log." in person.said


async def test_verification_reports_a_touched_log(center: Center) -> None:
    center.record(1, 2, 3)
    center.overwrite(text("DROP TRIGGER audit_no_update"))
    center.overwrite(update(tables.audit).where(tables.audit.c.seq == 2).values(after=""))
    async with at(center, "audit") as person:
        await person.press("f8")
        await person.settled()
        assert "THE LOG WAS TOUCHED at entry 2." in person.said


async def test_only_organization_admins_verify(center: Center) -> None:
    await center.add_agent("kim", "김민수", role=Role.ADMIN)
    await center.set_language("en", "kim")
    async with at(center, "audit", account="kim") as person:
        await person.settled()
        assert "F8" in person.keys_off
        await person.press("f8")
        assert "Only organization admins" in person.said
        assert "verify_audit" not in center.operations


async def test_export_contains_all_matches_in_order(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    path = center.folder / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path)
    center.record(*range(1, 1501))
    center.record(1501, name="=1+1")
    center.record(1502, account="other")
    async with at(center, "audit") as person:
        await person.search("id:u")
        await person.press("f9", "enter")
        await person.settled()
        assert f"1,501 rows written to {path}" in person.said
    table = read_table(path)
    assert table.columns == ["No", "Time", "Action", "Service", "ID", "Name", "IP", "Before/after", "By", "Via"]
    assert [line[0] for line in table.rows] == [str(seq) for seq in range(1501, 0, -1)]
    assert table.rows[0][5] == "=1+1"
    assert table.rows[0][7] == "Agent Ticket -> Agent Ticket Chat"


async def test_keys_that_need_a_row_are_disabled_without_one(center: Center) -> None:
    async with at(center, "audit") as person:
        for key in ("enter", "f9", "ctrl+c"):
            await person.press(key)
            assert "There are no rows." in person.said, key


@pytest.fixture
def both_logs(center: Center) -> Center:
    """A center with four entries in the permission log and one in the administration log."""
    center.record(1, 2, 3)
    center.record(4, action=Action.ORGANIZATION_KEY_SHOWN, service="", account="", name="Acme")
    center.record(5)
    return center


async def test_f7_switches_between_the_logs(both_logs: Center) -> None:
    async with at(both_logs, "audit") as person:
        assert held_entries(person) == [5, 3, 2, 1]
        assert person.status == "Permission log: 4 entries"
        assert "F7 Administration log" in person.lines[-1]
        await person.press("f7")
        await person.settled()
        assert held_entries(person) == [4]
        assert person.status == "Administration log: 1 entries"
        assert "F7 Permission log" in person.lines[-1]
        await person.press("enter")
        await person.dialog(Report)
        assert "Administration log #4" in person.text
        await person.press("escape")
        await person.no_dialog()
        both_logs.record(6)
        both_logs.record(7, action=Action.SERVICE_ADDED)
        await person.update()
        assert held_entries(person) == [7, 4]
        await person.search("name:nobody")
        assert person.status == "Administration log: Nothing was found."
    async with at(both_logs, "audit") as person:
        assert person.status == "Administration log: Nothing was found."
        await person.search("")
        assert held_entries(person) == [7, 4]
        await person.press("f7")
        await person.settled()
        assert held_entries(person) == [6, 5, 3, 2, 1]


async def test_unparsable_query_searches_neither_log(both_logs: Center) -> None:
    async with at(both_logs, "audit") as person:
        await person.search("moon:full")
        count = both_logs.operations.count("audit")
        await person.press("f7")
        await person.settled()
        assert both_logs.operations.count("audit") == count
        assert held_entries(person) == []
        assert person.status.startswith("No such field")


async def test_export_is_of_the_shown_log(both_logs: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: both_logs.folder / f"{stem}{suffix}")
    async with at(both_logs, "audit") as person:
        await person.press("f7")
        await person.settled()
        await person.press("f9", "enter")
        await person.settled()
    assert [line[0] for line in read_table(both_logs.folder / "administration.xlsx").rows] == ["4"]
