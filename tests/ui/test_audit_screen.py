"""The log's screen, driven by keyboard: query line, scrolling, new entries, export, verification."""

from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.audit import Action, AuditHead, AuditVerification, LegacyText
from octui.sheets.read import read_table
from octui.text.width import cell_width
from octui.ui import exports
from octui.ui.dialogs.report import Report
from octui.ui.widgets.search_line import SearchLine
from ui.fake_floor import NOW, entry
from ui.fakes import FakeApi, me
from ui.person import Person, at


def log_api(entries: int, language: str = "en") -> FakeApi:
    api = FakeApi(me(language=language))
    api.record(*(entry(seq) for seq in range(1, entries + 1)))
    return api


async def deliver_log(person: Person) -> None:
    """Deliver the head of the log through the feed, and wait until the screen has loaded."""
    person.desk.tell_audit()
    await person.settled()


def held_numbers(person: Person) -> list[int]:
    return [int(str(person.grid.source.key_at(i))) for i in range(person.grid.source.row_count())]


def first_line(person: Person) -> str:
    """Return the line of the first row of the table."""
    return person.lines[3]


async def down_to(person: Person, seq: int) -> None:
    """Page down until the entry is loaded."""
    for _ in range(400):
        if seq in held_numbers(person):
            return
        await person.press("ctrl+end")
        await person.settled()
    raise AssertionError(f"{seq} never came\n{person.text}")


async def up_to(person: Person, seq: int) -> None:
    for _ in range(400):
        if seq in held_numbers(person):
            return
        await person.press("ctrl+home")
        await person.settled()
    raise AssertionError(f"{seq} never came\n{person.text}")


async def test_newest_entry_is_first_with_all_columns(tmp_path: Path) -> None:
    async with at(log_api(3), tmp_path, "audit", size=(160, 40)) as person:
        await deliver_log(person)
        assert held_numbers(person) == [3, 2, 1]
        assert person.grid.cursor == (3, "at")
        words = "2026-11-22 11:16 Permissions changed oc u3 사람3 10.0.0.1 - -> Chat 관리자 screen"
        assert " ".join(first_line(person).split()) == words
        assert "3 entries" in person.status


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_change_is_visible_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with at(log_api(3), tmp_path, "audit", size=size) as person:
        assert "- -> Chat" in first_line(person)
        assert "Before/after" in person.lines[2]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("name:Kim", {"name": "Kim"}),
        ("이름:김 서비스:oc ip:10.0", {"name": "김", "service": "oc", "ip": "10.0"}),
        ("id:u7 action:role", {"account": "u7", "action": "role"}),
        ("ㄱㅁㅅ phone", {"words": "ㄱㅁㅅ phone"}),
        ("since:7d", {"from": NOW - 7 * 86_400_000}),
        ("", {}),
    ],
)
async def test_query_line_sets_the_filter(tmp_path: Path, line: str, asked: dict[str, object]) -> None:
    api = log_api(5)
    async with at(api, tmp_path, "audit") as person:
        api.log_asked.clear()
        await person.search("name:nobody")
        assert "Nothing was found." in person.text
        await person.search(line)
        assert api.log_asked[-1] == asked
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
async def test_unparsable_query_keeps_the_rows(tmp_path: Path, line: str, sentence: str) -> None:
    api = log_api(5)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        calls = len(api.log_asked)
        await person.search(line)
        assert sentence in person.status
        assert held_numbers(person) == [5, 4, 3, 2, 1]
        assert len(api.log_asked) == calls
        api.record(entry(6))
        await deliver_log(person)
        assert sentence in person.status
        await person.search("")
        assert "6 entries" in person.status


async def test_search_is_restored_unless_unparsable(tmp_path: Path) -> None:
    async with at(log_api(5), tmp_path, "audit") as person:
        await person.search("id:u3")
        await person.search("nmae:x")
    async with at(log_api(5), tmp_path, "audit") as person:
        assert person.screen.query_one(SearchLine).value == "id:u3"
        assert held_numbers(person) == [3]


async def test_scrolling_loads_pages_both_ways_and_holds_two_thousand(tmp_path: Path) -> None:
    api = log_api(3500)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        assert held_numbers(person) == list(range(3500, 3400, -1))
        await down_to(person, 3300)
        assert person.grid.cursor is not None
        cursor = person.grid.cursor[0]
        assert cursor in held_numbers(person)
        await down_to(person, 1)
        rows = held_numbers(person)
        assert len(rows) == 2000
        assert rows == list(range(2000, 0, -1))
        await person.press("ctrl+end")
        await person.settled()
        assert held_numbers(person)[-1] == 1
        await up_to(person, 3500)
        rows = held_numbers(person)
        assert len(rows) == 2000
        assert rows == list(range(3500, 1500, -1))
        await down_to(person, 1)
        assert held_numbers(person) == list(range(2000, 0, -1))


async def test_scrolling_up_keeps_the_cursor_row_in_view(tmp_path: Path) -> None:
    async with at(log_api(3000), tmp_path, "audit") as person:
        await deliver_log(person)
        await down_to(person, 1)
        await up_to(person, held_numbers(person)[0] + 1)
        assert person.grid.cursor is not None
        at_line = person.grid._cursor_line()
        assert 0 <= at_line < person.grid.page
        assert str(person.grid.cursor[0]) in person.lines[3 + at_line]


async def test_slow_search_continues_until_a_page_is_full(tmp_path: Path) -> None:
    api = log_api(1000)
    api.most_examined = 300
    async with at(api, tmp_path, "audit") as person:
        api.log_asked.clear()
        await person.search("id:u5")
        assert held_numbers(person)[:3] == [599, 598, 597]
        assert len(api.log_asked) == 2
        assert "searched to 2026-11-22 17:53:20" in person.status
        await down_to(person, 5)
        assert "searched to" not in person.status
        await person.search("id:u9999")
        assert "Nothing was found." in person.text
        assert "searched to" not in person.status


async def test_new_entries_appear_at_the_top(tmp_path: Path) -> None:
    api = log_api(150)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        api.record(entry(151), entry(152))
        await deliver_log(person)
        assert held_numbers(person)[:3] == [152, 151, 150]
        assert person.grid.cursor == (152, "at")
        assert "152 entries" in person.status
        assert "u152" in first_line(person)


async def test_new_entries_are_announced_below_the_top(tmp_path: Path) -> None:
    api = log_api(150)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        await person.press(*["down"] * 5)
        before = person.lines[2:-2]
        api.record(entry(151))
        await deliver_log(person)
        assert person.lines[2:-2] == before
        assert "1 new above: F6" in person.status
        api.record(entry(152))
        await deliver_log(person)
        assert "2 new above: F6" in person.status
        await person.press("f6")
        await person.settled()
        assert held_numbers(person)[0] == 152
        assert person.grid.cursor == (152, "at")
        assert "new above" not in person.status


async def test_only_matching_new_entries_are_announced(tmp_path: Path) -> None:
    api = log_api(150)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        await person.search("id:u1")
        await person.press("down")
        api.record(entry(151, target_account="other"), entry(152, target_account="u1x"))
        await deliver_log(person)
        assert "1 new above: F6" in person.status
        api.record(*(entry(seq, target_account="u1x") for seq in range(153, 400)))
        await deliver_log(person)
        assert "100+ new above: F6" in person.status


async def test_many_new_entries_leave_no_gap(tmp_path: Path) -> None:
    api = log_api(150)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        api.record(*(entry(seq) for seq in range(151, 451)))
        await deliver_log(person)
        assert held_numbers(person) == list(range(450, 350, -1))
        await down_to(person, 1)
        assert held_numbers(person) == list(range(450, 0, -1))


async def test_first_entry_appears_in_an_empty_log(tmp_path: Path) -> None:
    api = log_api(0)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        assert "Nothing was found." in person.text
        api.record(entry(1))
        await deliver_log(person)
        assert held_numbers(person) == [1]
        assert "1 entries" in person.status


async def test_failed_page_is_reported_and_retried(tmp_path: Path) -> None:
    api = log_api(300)
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        api.failure = Unreachable("connect", "no")
        await person.press("ctrl+end")
        await person.settled()
        assert "cannot be reached" in person.status
        api.failure = None
        await person.press("up", "ctrl+end")
        await person.settled()
        assert len(held_numbers(person)) == 200
        assert "300 entries" in person.status


async def test_failed_first_page_is_retried(tmp_path: Path) -> None:
    api = log_api(5)
    async with at(api, tmp_path, "audit", connected=False) as person:
        await person.until(lambda: person.app.session is not None)
        api.failure = Unreachable("connect", "no")
        await person.search("id:u")
        assert "cannot be reached" in person.status
        person.screen._window.clear()  # type: ignore[attr-defined]
        api.failure = None
        await person.passes(6)
        await person.settled()
        assert len(held_numbers(person)) == 5


async def test_details_show_the_whole_entry(tmp_path: Path) -> None:
    api = log_api(3)
    api.record(entry(4, before=LegacyText(text="x" * 200), actor_name="한서연", actor_account="han"))
    async with at(api, tmp_path, "audit", size=(80, 24)) as person:
        await deliver_log(person)
        await person.press("enter")
        await person.dialog(Report)
        text = person.text
        assert "Permission log #4" in text
        assert "한서연 (han)" in text
        assert "(Asia/Seoul)" in text
        assert text.count("x") >= 200
        assert f"{4:064x}" in text.replace("\n", "").replace(" ", "")
        report = person.app.screen
        assert isinstance(report, Report)
        assert all(cell_width(line) <= report.lines.size.width for line in report.lines._lines)
        await person.press("enter")
        await person.no_dialog()


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ({"ok": True, "checkpoints": 2}, "3 entries and 2 checkpoints agree: nobody touched the log."),
        ({"ok": False, "first_bad_seq": 2, "finding": "hash"}, "THE LOG WAS TOUCHED at entry 2."),
    ],
)
async def test_verification_result_is_reported(tmp_path: Path, outcome: dict[str, object], sentence: str) -> None:
    api = log_api(3)
    head = AuditHead(seq=3, hash="0", at=NOW)
    api.verification = AuditVerification.model_validate({"entries": 3, "head": head.model_dump(), **outcome})
    async with at(api, tmp_path, "audit") as person:
        await person.press("f8")
        await person.settled()
        assert sentence in person.said


async def test_only_organization_admins_verify(tmp_path: Path) -> None:
    api = FakeApi(me(admin=False, role=Role.ADMIN))
    async with at(api, tmp_path, "audit") as person:
        await person.settled()
        assert "F8" in person.keys_off
        await person.press("f8")
        assert "Only organization admins" in person.said
        assert "verify_audit" not in api.calls


async def test_export_contains_all_matches_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path)
    api = log_api(1500)
    api.record(entry(1501, target_name="=1+1"), entry(1502, target_account="other"))
    async with at(api, tmp_path, "audit") as person:
        await person.search("id:u")
        await person.press("f9", "enter")
        await person.settled()
        assert f"1,501 rows written to {path}" in person.said
    table = read_table(path)
    assert table.columns == ["No", "Time", "Action", "Service", "ID", "Name", "IP", "Before/after", "By", "Via"]
    assert [line[0] for line in table.rows] == [str(seq) for seq in range(1501, 0, -1)]
    assert table.rows[0][5] == "=1+1"
    assert table.rows[0][7] == "Agent Ticket -> Agent Ticket Chat"


async def test_keys_that_need_a_row_are_disabled_without_one(tmp_path: Path) -> None:
    async with at(log_api(0), tmp_path, "audit") as person:
        for key in ("enter", "f9", "ctrl+c"):
            await person.press(key)
            assert "There are no rows." in person.said, key


def both_logs() -> FakeApi:
    api = log_api(3)
    api.record(entry(4, action=Action.ORGANIZATION_KEY_SHOWN, service="", target_account="", target_name="Acme"))
    api.record(entry(5))
    return api


async def test_f7_switches_between_the_logs(tmp_path: Path) -> None:
    api = both_logs()
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        assert held_numbers(person) == [5, 3, 2, 1]
        assert person.status == "Permission log: 4 entries"
        assert "F7 Administration log" in person.lines[-1]
        await person.press("f7")
        await person.settled()
        assert held_numbers(person) == [4]
        assert person.status == "Administration log: 1 entries"
        assert "F7 Permission log" in person.lines[-1]
        await person.press("enter")
        await person.dialog(Report)
        assert "Administration log #4" in person.text
        await person.press("escape")
        await person.no_dialog()
        api.record(entry(6), entry(7, action=Action.SERVICE_ADDED))
        await deliver_log(person)
        assert held_numbers(person) == [7, 4]
        await person.search("name:nobody")
        assert person.status == "Administration log: Nothing was found."
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        assert person.status == "Administration log: Nothing was found."
        await person.search("")
        assert held_numbers(person) == [7, 4]
        await person.press("f7")
        await person.settled()
        assert held_numbers(person) == [6, 5, 3, 2, 1]


async def test_unparsable_query_searches_neither_log(tmp_path: Path) -> None:
    api = both_logs()
    async with at(api, tmp_path, "audit") as person:
        await deliver_log(person)
        await person.search("moon:full")
        asked = len(api.log_asked)
        await person.press("f7")
        await person.settled()
        assert len(api.log_asked) == asked
        assert held_numbers(person) == []
        assert person.status.startswith("No such field")


async def test_export_is_of_the_shown_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / f"{stem}{suffix}")
    async with at(both_logs(), tmp_path, "audit") as person:
        await deliver_log(person)
        await person.press("f7")
        await person.settled()
        await person.press("f9", "enter")
        await person.settled()
    assert [line[0] for line in read_table(tmp_path / "administration.xlsx").rows] == ["4"]
