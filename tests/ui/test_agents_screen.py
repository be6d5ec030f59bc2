"""The agents screen, by keyboard: live states, search, order, rights, adding, removing, export."""

import asyncio
from collections.abc import Callable

import pytest

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.members import NewMember
from octui.sheets.read import read_table
from octui.ui.dialogs import exports
from octui.ui.dialogs.agent_rights import AgentRights, AgentRightsDialog
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.member_lookup import MemberLookup
from octui.ui.screens.agents import AgentsScreen
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import NOW, Center, Seed, seed_service


async def seed(center: Center) -> None:
    """Make four agents: one ready, one on a call, one at a meal, and an admin who is not logged in."""
    await seed_service(center)
    await center.add_agent("kim", "김민수")
    await center.add_agent("lee", "이영희", chat=True)
    await center.operator.add_member(NewMember(account="park", name="박철수", email="cs.park@acme.example"))
    await center.add_agent("park", role=Role.ADMIN, phone=False)
    await center.add_agent("choi", "최지우")
    await center.set_state("kim", "ready", NOW - 45_000)
    await center.set_state("lee", "inbound_calls", NOW - 130_000)
    await center.set_state("choi", "meal", NOW - 7_200_000)


def shown_accounts(person: Person) -> list[str]:
    return [str(person.grid.source.key_at(i)) for i in range(person.grid.source.row_count())]


def row_words(person: Person, account: str) -> list[str]:
    """Return the words of an agent's row."""
    return next(line for line in person.lines if line.split()[:1] == [account]).split()


async def test_rows_show_every_agents_state(center: Center) -> None:
    async with at(center, "agents") as person:
        assert shown_accounts(person) == ["choi", "kim", "lee", "park"]
        assert row_words(person, "kim") == [
            "kim",
            "김민수",
            "Ready",
            "45",
            "s",
            "Agent",
            "O",
            "-",
            "O",
            "kim@acme.example",
        ]
        assert row_words(person, "lee")[2:5] == ["Inbound", "2", "min"]
        assert row_words(person, "choi")[3:5] == ["2", "h"]
        assert row_words(person, "park")[2:4] == ["-", "Admin"]
        assert "4 of 4 people   logged in 3   ready 1   on call 1   other 1" in person.status
        await person.passes(20)
        assert row_words(person, "kim")[3:5] == ["1", "min"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("민수", ["kim"]),
        ("ㄱㅁㅅ", ["kim"]),
        ("ㅊㅈ", ["choi"]),
        ("cs.", ["park"]),
        ("LEE", ["lee"]),
        ("nobody", []),
        ("", ["choi", "kim", "lee", "park"]),
    ],
)
async def test_search_finds_agents(center: Center, query: str, found: list[str]) -> None:
    async with at(center, "agents") as person:
        await person.search(query)
        assert shown_accounts(person) == found
        assert f"{len(found)} of 4 people" in person.status
        assert person.grid.has_focus
        assert ("Nobody matches" in person.text) == (not found)


async def test_search_starts_shortly_after_the_last_key(center: Center) -> None:
    async with at(center, "agents") as person:
        await person.press("f4", "l", "e", "e")
        line = person.screen.query_one(SearchLine)
        assert line.has_focus
        assert shown_accounts(person) == ["choi", "kim", "lee", "park"]
        line.search_now()  # as its timer does
        await person.settled()
        assert shown_accounts(person) == ["lee"]
        await person.press("escape")
        line.search_now()
        await person.settled()
        assert len(shown_accounts(person)) == 4
        await person.press("escape")
        assert person.grid.has_focus


@pytest.mark.parametrize(
    ("column", "order"),
    [
        ("name", ["kim", "park", "lee", "choi"]),
        ("state", ["lee", "choi", "kim", "park"]),
        ("since", ["choi", "lee", "kim", "park"]),
        ("role", ["park", "choi", "kim", "lee"]),
        ("email", ["choi", "park", "kim", "lee"]),
    ],
)
async def test_sort_key_orders_by_cursor_column_and_reverses(center: Center, column: str, order: list[str]) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("kim", column)
        await person.press("f5")
        assert shown_accounts(person) == order
        assert person.grid.cursor == ("kim", column)
        assert "▴" in person.lines[2]
        await person.press("f5")
        assert shown_accounts(person)[0] != order[0]
        assert sorted(shown_accounts(person)) == sorted(order)
        assert "▾" in person.lines[2]


async def test_search_and_order_are_remembered(center: Center) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("kim", "name")
        await person.press("f5", "f5")
        await person.search("ㅁ")
    async with at(center, "agents") as person:
        assert person.screen.query_one(SearchLine).value == "ㅁ"
        assert shown_accounts(person) == ["kim"]
        await person.search("")
        assert shown_accounts(person) == ["choi", "lee", "park", "kim"]


async def test_unwritable_preferences_are_reported_and_still_apply(center: Center) -> None:
    center.folder /= "state"
    center.folder.write_text("a file in the way")
    async with at(center, "agents") as person:
        await person.search("lee")
        assert "not kept for next time" in person.said
        assert shown_accounts(person) == ["lee"]


async def test_live_change_repaints_only_its_cells(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("lee", "state")
        painted: list[tuple[object, str]] = []
        reloads: list[int] = []
        grid = person.grid
        real = grid.refresh_cells
        monkeypatch.setattr(grid, "refresh_cells", lambda cells: (painted.extend(cells := list(cells)), real(cells)))
        monkeypatch.setattr(grid, "reload", lambda: reloads.append(1))
        await center.set_state("kim", "rest")
        await person.update()
        assert set(painted) == {("kim", "state"), ("kim", "since")}
        assert reloads == []
        assert row_words(person, "kim")[2:5] == ["Rest", "0", "s"]
        assert "ready 0   on call 1   other 2" in person.status
        assert grid.cursor == ("lee", "state")


async def test_added_and_removed_agents_appear_and_disappear(center: Center) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("lee", "name")
        await center.add_agent("ahn", "안호")
        await center.remove_agent("choi")
        await person.update()
        assert shown_accounts(person) == ["ahn", "kim", "lee", "park"]
        assert person.grid.cursor == ("lee", "name")


async def test_first_page_is_shown_before_all_pages_are_loaded(center: Center) -> None:
    for number in range(21):
        await center.add_agent(f"u{number:03}", f"사람{number}")
    center.faults.largest_page = 10
    center.faults.only, center.faults.gate = "agents", asyncio.Semaphore(1)
    async with at(center, "agents", is_updated=False) as person:
        await person.feed.poll_once()
        await person.until(lambda: len(shown_accounts(person)) == 10)
        center.faults.gate.release()
        center.faults.gate.release()
        await person.settled()
        assert len(shown_accounts(person)) == 25


def test_phone_right_requires_ticket_right() -> None:
    none = AgentRights(Role.AGENT, ticket=False, chat=False, phone=False)
    phone = none.with_toggled("phone")
    assert (phone.ticket, phone.phone) == (True, True)
    assert phone.with_toggled("phone") == AgentRights(Role.AGENT, ticket=True, chat=False, phone=False)
    assert phone.with_toggled("ticket") == none
    assert none.with_toggled("role").role is Role.ADMIN
    assert none.with_toggled("chat").with_toggled("chat") == none


async def test_changed_rights_are_saved(center: Center) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("park", "name")
        await person.press("enter")
        await person.dialog(AgentRightsDialog)
        assert "박철수 (park)" in person.text
        assert "Role: Admin" in person.text
        assert "[ ] Phone (brings ticket)" in person.text
        assert "^S Save" in person.lines[-1]
        await person.press("space", "down", "space", "down", "down", "space")
        assert "Role: Agent" in person.text
        assert "[x] Ticket" in person.text
        assert "[x] Phone" in person.text
        await person.press("down", "enter")
        await person.no_dialog()
        park = await center.agent("park")
        assert park is not None
        assert (park.role, park.ticket, park.chat, park.phone) == (Role.AGENT, True, False, True)
        assert "recorded in the change log" in person.said
        assert row_words(person, "park")[3] == "Agent"


async def test_unchanged_or_closed_dialog_sends_nothing(center: Center) -> None:
    async with at(center, "agents") as person:
        for keys in (("enter", "ctrl+s"), ("f2", "space", "escape"), ("enter", "space", "ctrl+g")):
            await person.press(keys[0])
            await person.dialog(AgentRightsDialog)
            await person.press(*keys[1:])
            await person.no_dialog()
        assert "change_agent" not in center.operations


async def test_version_conflict_is_reported(center: Center) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("kim", "name")
        await person.press("enter")
        await person.dialog(AgentRightsDialog)
        await center.change_agent("kim", chat=True)
        await person.press("down", "down", "space", "ctrl+s")
        await person.no_dialog()
        assert "Somebody else changed it meanwhile" in person.said
        assert row_words(person, "kim")[6:9] == ["O", "O", "O"]
        await person.press("enter")
        await person.dialog(AgentRightsDialog)
        await person.press("space", "ctrl+s")
        await person.no_dialog()
        kim = await center.agent("kim")
        assert kim is not None
        assert kim.role is Role.ADMIN


async def test_looked_up_member_is_added(center: Center) -> None:
    await center.add_members(hong="홍길동", han="한서연")
    async with at(center, "agents") as person:
        await person.press("insert")
        await person.dialog(MemberLookup)
        await person.press("h", "a", "n", "enter")
        await person.settled_dialog()
        assert "한서연" in person.text
        assert "홍길동" not in person.text
        await person.press("enter")
        await person.dialog(AgentRightsDialog)
        await person.press("down", "down", "down", "space", "ctrl+s")
        await person.no_dialog()
        han = await center.agent("han")
        assert han is not None
        assert han.phone
        assert shown_accounts(person) == ["choi", "han", "kim", "lee", "park"]


async def test_look_up_reports_no_match_and_lost_connection(center: Center) -> None:
    async with at(center, "agents") as person:
        await person.press("f7")
        await person.dialog(MemberLookup)
        await person.press("q", "enter")
        await person.settled_dialog()
        assert "Nobody was found." in person.text
        center.faults.failure = Unreachable("connect", "no")
        await person.press("shift+tab", "y", "enter")
        await person.settled_dialog()
        assert "cannot be reached" in person.text
        assert "Nobody was found." not in person.text
        await person.press("escape")
        await person.no_dialog()
        assert "add_agent" not in center.operations


async def test_adding_an_existing_agent_is_refused(center: Center) -> None:
    async with at(center, "agents") as person:
        await person.press("insert")
        await person.dialog(MemberLookup)
        await person.press("k", "i", "m", "enter")
        await person.settled_dialog()
        await person.press("enter")
        await person.dialog(AgentRightsDialog)
        await person.press("ctrl+s")
        await person.no_dialog()
        assert "There is one already." in person.said


async def test_removing_needs_confirmation(center: Center) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("lee", "name")
        await person.press("delete")
        await person.dialog(Choice)
        assert "Take the role in this service away from 이영희 (lee)?" in person.text
        await person.press("enter")
        await person.no_dialog()
        assert await center.agent("lee") is not None
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert await center.agent("lee") is None
        assert shown_accounts(person) == ["choi", "kim", "park"]
        assert person.grid.cursor == ("park", "name")


async def test_disabled_keys_give_the_reason(make_center: Callable[[Seed], Center]) -> None:
    center = make_center(seed_service)
    async with at(center, "agents") as person:
        assert "Ins adds somebody" in person.text
        assert {"Enter", "Del", "F5", "F9"} <= person.keys_off
        for key in ("enter", "delete", "f5", "f9", "ctrl+c"):
            await person.press(key)
            assert "There is no row to choose." in person.said, key


async def test_failed_load_is_retried(center: Center) -> None:
    center.faults.only, center.faults.failure = "agents", Unreachable("connect", "no")
    async with at(center, "agents") as person:
        assert "cannot be reached" in person.status
        center.faults.failure = None
        await person.passes(6)
        await person.settled()
        assert shown_accounts(person) == ["choi", "kim", "lee", "park"]
        assert "4 of 4 people" in person.status


async def test_stale_states_are_dimmed(center: Center) -> None:
    async with at(center, "agents") as person:
        person.feed.report_failure()
        await person.passes(3)
        cells = person.grid.source.row_cells("kim")
        assert cells is not None
        assert {cells[2].tone, cells[3].tone} == {"stale"}
        person.feed.report_success()
        await person.pilot.pause()
        cells = person.grid.source.row_cells("kim")
        assert cells is not None
        assert cells[2].tone == "ready"


async def test_lost_read_right_is_reported(center: Center) -> None:
    async with at(center, "agents") as person:
        topic = next(topic for topic in person.feed.topics if topic.endswith("agents/head"))
        person.feed.tell(topic, None)
        assert "may not be read any more" in person.said


async def test_export_contains_exactly_the_shown_rows(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    path = center.folder / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path)
    await center.add_agent("evil", "=1+1")
    async with at(center, "agents") as person:
        assert person.grid.move_to("kim", "name")
        await person.press("f5", "f5")
        await person.search("i")
        await person.press("f9", "enter")
        await person.settled()
        assert f"{len(shown_accounts(person))} rows written to {path}" in person.said
        keys = shown_accounts(person)
    table = read_table(path)
    assert table.columns == ["ID", "Name", "State", "For", "Role", "Ticket", "Chat", "Phone", "E-mail"]
    assert [line[0] for line in table.rows] == keys
    assert "=1+1" in [line[1] for line in table.rows]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_copy_writes_to_the_terminal_clipboard(center: Center) -> None:
    async with at(center, "agents") as person:
        assert person.grid.move_to("kim", "account")
        await person.press("shift+right", "shift+down", "ctrl+c")
        assert person.app.clipboard == "kim\t김민수\nlee\t이영희"
        assert "clipboard" in person.said


async def test_click_on_title_sorts(center: Center) -> None:
    async with at(center, "agents") as person:
        person.grid.post_message(Grid.HeaderChosen("name"))
        await person.pilot.pause()
        assert shown_accounts(person) == ["kim", "park", "lee", "choi"]


def test_tick_before_mount_is_ignored() -> None:
    screen = AgentsScreen()
    screen.on_tick()
    assert not screen.query(Grid)
