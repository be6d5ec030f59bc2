"""The permission-change log, driven by keyboard: the query line, endless scrolling, what comes in, export, verify."""

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


def service(entries: int, language: str = "en") -> FakeApi:
    api = FakeApi(me(language=language))
    api.record(*(entry(seq) for seq in range(1, entries + 1)))
    return api


async def told(one: Person) -> None:
    """The feed tells of the log, and what came has been loaded."""
    one.desk.tell_audit()
    await one.settled()


def held(one: Person) -> list[int]:
    return [int(str(one.grid.source.key_at(i))) for i in range(one.grid.source.row_count())]


def first_line(one: Person) -> str:
    """What the first row of the table says."""
    return one.lines[3]


async def down_to(one: Person, seq: int) -> None:
    """Page down until the entry is held."""
    for _ in range(400):
        if seq in held(one):
            return
        await one.press("ctrl+end")
        await one.settled()
    raise AssertionError(f"{seq} never came\n{one.text}")


async def up_to(one: Person, seq: int) -> None:
    for _ in range(400):
        if seq in held(one):
            return
        await one.press("ctrl+home")
        await one.settled()
    raise AssertionError(f"{seq} never came\n{one.text}")


async def test_the_newest_is_first_with_all_it_says(tmp_path: Path) -> None:
    async with at(service(3), tmp_path, "audit", size=(160, 40)) as one:
        await told(one)
        assert held(one) == [3, 2, 1]
        assert one.grid.cursor == (3, "at")
        words = "2026-11-22 11:16 Permissions changed oc u3 사람3 10.0.0.1 - -> Chat 관리자 screen"
        assert " ".join(first_line(one).split()) == words
        assert "3 entries" in one.status


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_changed_is_seen_on_every_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with at(service(3), tmp_path, "audit", size=size) as one:
        assert "- -> Chat" in first_line(one)
        assert "Before/after" in one.lines[2]


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
async def test_the_query_line(tmp_path: Path, line: str, asked: dict[str, object]) -> None:
    api = service(5)
    async with at(api, tmp_path, "audit") as one:
        api.log_asked.clear()
        await one.search("name:nobody")
        assert "Nothing was found." in one.text
        await one.search(line)
        assert api.log_asked[-1] == asked
        assert one.grid.has_focus


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
async def test_a_query_that_cannot_be_understood_says_where_and_keeps_the_rows(
    tmp_path: Path, line: str, sentence: str
) -> None:
    api = service(5)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        calls = len(api.log_asked)
        await one.search(line)
        assert sentence in one.status
        assert held(one) == [5, 4, 3, 2, 1]
        assert len(api.log_asked) == calls
        api.record(entry(6))
        await told(one)
        assert sentence in one.status
        await one.search("")
        assert "6 entries" in one.status


async def test_the_search_stays_for_the_next_time_but_not_a_mistake(tmp_path: Path) -> None:
    async with at(service(5), tmp_path, "audit") as one:
        await one.search("id:u3")
        await one.search("nmae:x")
    async with at(service(5), tmp_path, "audit") as one:
        assert one.screen.query_one(SearchLine).value == "id:u3"
        assert held(one) == [3]


async def test_scrolling_is_endless_both_ways_and_holds_two_thousand(tmp_path: Path) -> None:
    api = service(3500)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        assert held(one) == list(range(3500, 3400, -1))
        await down_to(one, 3300)
        assert one.grid.cursor is not None
        cursor = one.grid.cursor[0]
        assert cursor in held(one)
        await down_to(one, 1)
        rows = held(one)
        assert len(rows) == 2000
        assert rows == list(range(2000, 0, -1))
        await one.press("ctrl+end")
        await one.settled()
        assert held(one)[-1] == 1
        await up_to(one, 3500)
        rows = held(one)
        assert len(rows) == 2000
        assert rows == list(range(3500, 1500, -1))
        await down_to(one, 1)
        assert held(one) == list(range(2000, 0, -1))


async def test_scrolling_up_keeps_the_row_under_the_eye(tmp_path: Path) -> None:
    async with at(service(3000), tmp_path, "audit") as one:
        await told(one)
        await down_to(one, 1)
        await up_to(one, held(one)[0] + 1)
        assert one.grid.cursor is not None
        at_line = one.grid._cursor_line()
        assert 0 <= at_line < one.grid.page
        assert str(one.grid.cursor[0]) in one.lines[3 + at_line]


async def test_a_search_that_takes_long_goes_on_by_itself_until_there_is_a_page(tmp_path: Path) -> None:
    api = service(1000)
    api.most_examined = 300
    async with at(api, tmp_path, "audit") as one:
        api.log_asked.clear()
        await one.search("id:u5")
        assert held(one)[:3] == [599, 598, 597]
        assert len(api.log_asked) == 2
        assert "searched to 2026-11-22 17:53:20" in one.status
        await down_to(one, 5)
        assert "searched to" not in one.status
        await one.search("id:u9999")
        assert "Nothing was found." in one.text
        assert "searched to" not in one.status


async def test_at_the_top_new_entries_appear(tmp_path: Path) -> None:
    api = service(150)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        api.record(entry(151), entry(152))
        await told(one)
        assert held(one)[:3] == [152, 151, 150]
        assert one.grid.cursor == (152, "at")
        assert "152 entries" in one.status
        assert "u152" in first_line(one)


async def test_scrolled_down_they_are_announced_and_nothing_moves(tmp_path: Path) -> None:
    api = service(150)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        await one.press(*["down"] * 5)
        before = one.lines[2:-2]
        api.record(entry(151))
        await told(one)
        assert one.lines[2:-2] == before
        assert "1 new above: F6" in one.status
        api.record(entry(152))
        await told(one)
        assert "2 new above: F6" in one.status
        await one.press("f6")
        await one.settled()
        assert held(one)[0] == 152
        assert one.grid.cursor == (152, "at")
        assert "new above" not in one.status


async def test_only_new_entries_that_match_are_announced(tmp_path: Path) -> None:
    api = service(150)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        await one.search("id:u1")
        await one.press("down")
        api.record(entry(151, target_account="other"), entry(152, target_account="u1x"))
        await told(one)
        assert "1 new above: F6" in one.status
        api.record(*(entry(seq, target_account="u1x") for seq in range(153, 400)))
        await told(one)
        assert "100+ new above: F6" in one.status


async def test_more_new_entries_than_a_page_leave_no_gap(tmp_path: Path) -> None:
    api = service(150)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        api.record(*(entry(seq) for seq in range(151, 451)))
        await told(one)
        assert held(one) == list(range(450, 350, -1))
        await down_to(one, 1)
        assert held(one) == list(range(450, 0, -1))


async def test_an_empty_log_and_its_first_entry(tmp_path: Path) -> None:
    api = service(0)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        assert "Nothing was found." in one.text
        api.record(entry(1))
        await told(one)
        assert held(one) == [1]
        assert "1 entries" in one.status


async def test_a_failed_page_is_said_and_asked_for_again(tmp_path: Path) -> None:
    api = service(300)
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        api.failure = Unreachable("connect", "no")
        await one.press("ctrl+end")
        await one.settled()
        assert "cannot be reached" in one.status
        api.failure = None
        await one.press("up", "ctrl+end")
        await one.settled()
        assert len(held(one)) == 200
        assert "300 entries" in one.status


async def test_the_first_page_is_tried_again(tmp_path: Path) -> None:
    api = service(5)
    async with at(api, tmp_path, "audit", connected=False) as one:
        await one.until(lambda: one.app.session is not None)
        api.failure = Unreachable("connect", "no")
        await one.search("id:u")
        assert "cannot be reached" in one.status
        one.screen._window.clear()  # type: ignore[attr-defined]
        api.failure = None
        await one.passes(6)
        await one.settled()
        assert len(held(one)) == 5


async def test_the_whole_entry(tmp_path: Path) -> None:
    api = service(3)
    api.record(entry(4, before=LegacyText(text="x" * 200), actor_name="한서연", actor_account="han"))
    async with at(api, tmp_path, "audit", size=(80, 24)) as one:
        await told(one)
        await one.press("enter")
        await one.dialog(Report)
        text = one.text
        assert "Permission log #4" in text
        assert "한서연 (han)" in text
        assert "(Asia/Seoul)" in text
        assert text.count("x") >= 200
        assert f"{4:064x}" in text.replace("\n", "").replace(" ", "")
        report = one.app.screen
        assert isinstance(report, Report)
        assert all(cell_width(line) <= report.lines.size.width for line in report.lines._lines)
        await one.press("enter")
        await one.no_dialog()


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ({"ok": True, "checkpoints": 2}, "3 entries and 2 checkpoints agree: nobody touched the log."),
        ({"ok": False, "first_bad_seq": 2, "finding": "hash"}, "THE LOG WAS TOUCHED at entry 2."),
    ],
)
async def test_verify(tmp_path: Path, outcome: dict[str, object], sentence: str) -> None:
    api = service(3)
    head = AuditHead(seq=3, hash="0", at=NOW)
    api.verification = AuditVerification.model_validate({"entries": 3, "head": head.model_dump(), **outcome})
    async with at(api, tmp_path, "audit") as one:
        await one.press("f8")
        await one.settled()
        assert sentence in one.said


async def test_verify_is_for_organization_admins(tmp_path: Path) -> None:
    api = FakeApi(me(admin=False, role=Role.ADMIN))
    async with at(api, tmp_path, "audit") as one:
        await one.settled()
        assert "F8" in one.keys_off
        await one.press("f8")
        assert "Only organization admins" in one.said
        assert "verify_audit" not in api.calls


async def test_export_is_all_that_was_searched_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path)
    api = service(1500)
    api.record(entry(1501, target_name="=1+1"), entry(1502, target_account="other"))
    async with at(api, tmp_path, "audit") as one:
        await one.search("id:u")
        await one.press("f9", "enter")
        await one.settled()
        assert f"1,501 rows written to {path}" in one.said
    table = read_table(path)
    assert table.columns == ["No", "Time", "Action", "Service", "ID", "Name", "IP", "Before/after", "By", "Via"]
    assert [line[0] for line in table.rows] == [str(seq) for seq in range(1501, 0, -1)]
    assert table.rows[0][5] == "=1+1"
    assert table.rows[0][7] == "Agent Ticket -> Agent Ticket Chat"


async def test_keys_that_need_a_row_say_so(tmp_path: Path) -> None:
    async with at(service(0), tmp_path, "audit") as one:
        for key in ("enter", "f9", "ctrl+c"):
            await one.press(key)
            assert "There are no rows." in one.said, key


def both_logs() -> FakeApi:
    api = service(3)
    api.record(entry(4, action=Action.ORGANIZATION_KEY_SHOWN, service="", target_account="", target_name="Acme"))
    api.record(entry(5))
    return api


async def test_the_other_log_is_one_key_away(tmp_path: Path) -> None:
    api = both_logs()
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        assert held(one) == [5, 3, 2, 1]
        assert one.status == "Permission log: 4 entries"
        assert "F7 Administration log" in one.lines[-1]
        await one.press("f7")
        await one.settled()
        assert held(one) == [4]
        assert one.status == "Administration log: 1 entries"
        assert "F7 Permission log" in one.lines[-1]
        await one.press("enter")
        await one.dialog(Report)
        assert "Administration log #4" in one.text
        await one.press("escape")
        await one.no_dialog()
        api.record(entry(6), entry(7, action=Action.SERVICE_ADDED))
        await told(one)
        assert held(one) == [7, 4]
        await one.search("name:nobody")
        assert one.status == "Administration log: Nothing was found."
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        assert one.status == "Administration log: Nothing was found."
        await one.search("")
        assert held(one) == [7, 4]
        await one.press("f7")
        await one.settled()
        assert held(one) == [6, 5, 3, 2, 1]


async def test_a_line_that_is_not_understood_searches_neither_log(tmp_path: Path) -> None:
    api = both_logs()
    async with at(api, tmp_path, "audit") as one:
        await told(one)
        await one.search("moon:full")
        asked = len(api.log_asked)
        await one.press("f7")
        await one.settled()
        assert len(api.log_asked) == asked
        assert held(one) == []
        assert one.status.startswith("No such field")


async def test_the_export_is_of_the_log_that_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / f"{stem}{suffix}")
    async with at(both_logs(), tmp_path, "audit") as one:
        await told(one)
        await one.press("f7")
        await one.settled()
        await one.press("f9", "enter")
        await one.settled()
    assert [line[0] for line in read_table(tmp_path / "administration.xlsx").rows] == ["4"]
