"""The agents screen, driven by keyboard: the floor live, search, order, rights, adding, removing, export."""

import asyncio
from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.agents import Agent, Role
from octui.sheets.read import read_table
from octui.ui import exports
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.look_up import LookUp
from octui.ui.dialogs.rights import Rights, RightsDialog
from octui.ui.screens.agents import AgentsScreen
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine
from ui.fake_floor import NOW, agent, member
from ui.fakes import FakeApi, me
from ui.person import Person, at

FLOOR = (
    agent("kim", "김민수", "ready", NOW - 45_000),
    agent("lee", "이영희", "inbound_calls", NOW - 130_000, chat=True),
    agent("park", "박철수", email="cs.park@acme.example", role=Role.ADMIN, phone=False),
    agent("choi", "최지우", "meal", NOW - 7_200_000),
)


def service(*floor: Agent, language: str = "en") -> FakeApi:
    api = FakeApi(me(language=language))
    api.seat(*(floor or FLOOR))
    return api


async def told(one: Person) -> None:
    """The feed tells of the floor, and it has been loaded."""
    one.desk.tell_agents()
    await one.settled()


def shown(one: Person) -> list[str]:
    return [str(one.grid.source.key_at(i)) for i in range(one.grid.source.count())]


def row(one: Person, account: str) -> list[str]:
    """The words of the line of an agent."""
    return next(line for line in one.lines if line.split()[:1] == [account]).split()


async def test_the_floor_is_shown_with_what_everybody_does(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        assert shown(one) == ["choi", "kim", "lee", "park"]
        assert row(one, "kim") == ["kim", "김민수", "Ready", "45", "s", "Agent", "O", "-", "O", "kim@acme.example"]
        assert row(one, "lee")[2:5] == ["Inbound", "2", "min"]
        assert row(one, "choi")[3:5] == ["2", "h"]
        assert row(one, "park")[2:4] == ["-", "Admin"]
        assert "4 of 4 people   logged in 3   ready 1   on call 1   other 1" in one.status
        await one.passes(20)
        assert row(one, "kim")[3:5] == ["1", "min"]


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
async def test_search(tmp_path: Path, query: str, found: list[str]) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        await one.search(query)
        assert shown(one) == found
        assert f"{len(found)} of 4 people" in one.status
        assert one.grid.has_focus
        assert ("Nobody matches" in one.text) == (not found)


async def test_the_search_asks_a_moment_after_the_last_key(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        await one.press("f4", "l", "e", "e")
        line = one.screen.query_one(SearchLine)
        assert line.has_focus
        assert shown(one) == ["choi", "kim", "lee", "park"]
        line.ask()  # as its timer does
        await one.settled()
        assert shown(one) == ["lee"]
        await one.press("escape")
        line.ask()
        await one.settled()
        assert len(shown(one)) == 4
        await one.press("escape")
        assert one.grid.has_focus


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
async def test_sort_by_the_column_of_the_cursor_and_turned_round(tmp_path: Path, column: str, order: list[str]) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("kim", column)
        await one.press("f5")
        assert shown(one) == order
        assert one.grid.cursor == ("kim", column)
        assert "▲" in one.lines[2]
        await one.press("f5")
        assert shown(one)[0] != order[0]
        assert sorted(shown(one)) == sorted(order)
        assert "▼" in one.lines[2]


async def test_search_and_order_stay_for_the_next_time(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("kim", "name")
        await one.press("f5", "f5")
        await one.search("ㅁ")
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        assert one.screen.query_one(SearchLine).value == "ㅁ"
        assert shown(one) == ["kim"]
        await one.search("")
        assert shown(one) == ["choi", "lee", "park", "kim"]


async def test_preferences_that_cannot_be_kept_are_said_and_hold_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("a file in the way")
    async with at(service(), folder, "agents") as one:
        await told(one)
        await one.search("lee")
        assert "not kept for next time" in one.said
        assert shown(one) == ["lee"]


async def test_a_live_change_repaints_only_its_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("lee", "state")
        painted: list[tuple[object, str]] = []
        reloads: list[int] = []
        grid = one.grid
        real = grid.refresh_cells
        monkeypatch.setattr(grid, "refresh_cells", lambda cells: (painted.extend(cells := list(cells)), real(cells)))
        monkeypatch.setattr(grid, "reload", lambda: reloads.append(1))
        api.seat(agent("kim", "김민수", "rest", NOW))
        await told(one)
        assert set(painted) == {("kim", "state"), ("kim", "since")}
        assert reloads == []
        assert row(one, "kim")[2:5] == ["Rest", "0", "s"]
        assert "ready 0   on call 1   other 2" in one.status
        assert grid.cursor == ("lee", "state")


async def test_people_who_come_and_go(tmp_path: Path) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("lee", "name")
        api.seat(agent("ahn", "안호"))
        api.unseat("choi")
        await told(one)
        assert shown(one) == ["ahn", "kim", "lee", "park"]
        assert one.grid.cursor == ("lee", "name")


async def test_pages_are_all_loaded_and_the_first_is_there_at_once(tmp_path: Path) -> None:
    api = service(*(agent(f"u{n:03}", f"사람{n}") for n in range(25)))
    api.page_size = 10
    async with at(api, tmp_path, "agents") as one:
        api.gate = asyncio.Semaphore(1)
        one.desk.tell_agents()
        await one.until(lambda: len(shown(one)) == 10)
        api.gate.release()
        api.gate.release()
        await one.settled()
        assert len(shown(one)) == 25


def test_phone_brings_ticket_and_without_ticket_there_is_no_phone() -> None:
    none = Rights(Role.AGENT, ticket=False, chat=False, phone=False)
    phone = none.toggled("phone")
    assert (phone.ticket, phone.phone) == (True, True)
    assert phone.toggled("phone") == Rights(Role.AGENT, ticket=True, chat=False, phone=False)
    assert phone.toggled("ticket") == none
    assert none.toggled("role").role is Role.ADMIN
    assert none.toggled("chat").toggled("chat") == none


async def test_rights_are_changed_and_saved(tmp_path: Path) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("park", "name")
        await one.press("enter")
        await one.dialog(RightsDialog)
        assert "박철수 (park)" in one.text
        assert "Role: Admin" in one.text
        assert "[ ] Phone (brings ticket)" in one.text
        assert "^S Save" in one.lines[-1]
        await one.press("space", "down", "space", "down", "down", "space")
        assert "Role: Agent" in one.text
        assert "[x] Ticket" in one.text
        assert "[x] Phone" in one.text
        await one.press("down", "enter")
        await one.no_dialog()
        park = api.floor["park"]
        assert (park.role, park.ticket, park.chat, park.phone) == (Role.AGENT, True, False, True)
        assert "recorded in the change log" in one.said
        assert row(one, "park")[3] == "Agent"


async def test_nothing_changed_and_closed_send_nothing(tmp_path: Path) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        for keys in (("enter", "ctrl+s"), ("f2", "space", "escape"), ("enter", "space", "ctrl+g")):
            await one.press(keys[0])
            await one.dialog(RightsDialog)
            await one.press(*keys[1:])
            await one.no_dialog()
        assert "change_agent" not in api.calls


async def test_somebody_else_was_faster(tmp_path: Path) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("kim", "name")
        await one.press("enter")
        await one.dialog(RightsDialog)
        api.seat(api.floor["kim"].model_copy(update={"chat": True, "version": 2}))
        await one.press("down", "down", "space", "ctrl+s")
        await one.no_dialog()
        assert "Somebody else changed it meanwhile" in one.said
        assert row(one, "kim")[6:9] == ["O", "O", "O"]
        await one.press("enter")
        await one.dialog(RightsDialog)
        await one.press("space", "ctrl+s")
        await one.no_dialog()
        assert api.floor["kim"].role is Role.ADMIN


async def test_a_member_is_looked_up_and_added(tmp_path: Path) -> None:
    api = service()
    api.members_known = [member("hong", "홍길동"), member("han", "한서연"), member("kim", "김민수")]
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        await one.press("insert")
        await one.dialog(LookUp)
        await one.press("h", "a", "n", "enter")
        await one.settled_dialog()
        assert "한서연" in one.text
        assert "홍길동" not in one.text
        await one.press("enter")
        await one.dialog(RightsDialog)
        await one.press("down", "down", "down", "space", "ctrl+s")
        await one.no_dialog()
        assert api.floor["han"].phone
        assert shown(one) == ["choi", "han", "kim", "lee", "park"]


async def test_looking_up_says_when_nobody_is_found_and_when_the_service_is_away(tmp_path: Path) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        await one.press("f7")
        await one.dialog(LookUp)
        await one.press("x", "enter")
        await one.settled_dialog()
        assert "Nobody was found." in one.text
        api.failure = Unreachable("connect", "no")
        await one.press("shift+tab", "y", "enter")
        await one.settled_dialog()
        assert "cannot be reached" in one.text
        assert "Nobody was found." not in one.text
        await one.press("escape")
        await one.no_dialog()
        assert "add_agent" not in api.calls


async def test_who_is_an_agent_already_is_said(tmp_path: Path) -> None:
    api = service()
    api.members_known = [member("kim", "김민수")]
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        await one.press("insert")
        await one.dialog(LookUp)
        await one.press("k", "enter")
        await one.settled_dialog()
        await one.press("enter")
        await one.dialog(RightsDialog)
        await one.press("ctrl+s")
        await one.no_dialog()
        assert "There is one already." in one.said


async def test_removing_asks_first(tmp_path: Path) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("lee", "name")
        await one.press("delete")
        await one.dialog(Choice)
        assert "Take the role in this service away from 이영희 (lee)?" in one.text
        await one.press("enter")
        await one.no_dialog()
        assert "lee" in api.floor
        await one.press("f8")
        await one.dialog(Choice)
        await one.press("2")
        await one.no_dialog()
        assert "lee" not in api.floor
        assert shown(one) == ["choi", "kim", "park"]
        assert one.grid.cursor == ("park", "name")


async def test_keys_say_why_they_are_off(tmp_path: Path) -> None:
    api = FakeApi(me())
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        assert "Ins adds somebody" in one.text
        assert {"Enter", "Del", "F5", "F9"} <= one.keys_off
        for key in ("enter", "delete", "f5", "f9", "ctrl+c"):
            await one.press(key)
            assert "There is no row to choose." in one.said, key


async def test_loading_is_tried_again(tmp_path: Path) -> None:
    api = service()
    async with at(api, tmp_path, "agents") as one:
        api.failure = Unreachable("connect", "no")
        await told(one)
        assert "cannot be reached" in one.status
        api.failure = None
        await one.passes(6)
        await one.settled()
        assert shown(one) == ["choi", "kim", "lee", "park"]
        assert "4 of 4 people" in one.status


async def test_old_states_are_dim(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        one.desk.feed.lose()
        await one.passes(3)
        cells = one.grid.source.cells("kim")
        assert cells is not None
        assert {cells[2].tone, cells[3].tone} == {"stale"}
        one.desk.feed.well()
        await one.pilot.pause()
        cells = one.grid.source.cells("kim")
        assert cells is not None
        assert cells[2].tone == "good"


async def test_a_table_that_may_not_be_read_any_more_says_so(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        topic = next(topic for topic in one.desk.feed.topics if topic.endswith("agents/head"))
        one.desk.feed.tell(topic, None)
        assert "may not be read any more" in one.said


async def test_export_is_exactly_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path)
    api = service(*FLOOR, agent("evil", "=1+1"))
    async with at(api, tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("kim", "name")
        await one.press("f5", "f5")
        await one.search("i")
        await one.press("f9", "enter")
        await one.settled()
        assert f"{len(shown(one))} rows written to {path}" in one.said
        keys = shown(one)
    table = read_table(path)
    assert table.columns == ["ID", "Name", "State", "For", "Role", "Ticket", "Chat", "Phone", "E-mail"]
    assert [line[0] for line in table.rows] == keys
    assert "=1+1" in [line[1] for line in table.rows]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_copy_goes_to_the_terminals_clipboard(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        assert one.grid.move_to("kim", "account")
        await one.press("shift+right", "shift+down", "ctrl+c")
        assert one.app.clipboard == "kim\t김민수\nlee\t이영희"
        assert "clipboard" in one.said


async def test_a_click_on_a_title_sorts(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await told(one)
        one.grid.post_message(Grid.HeaderChosen("name"))
        await one.pilot.pause()
        assert shown(one) == ["kim", "park", "lee", "choi"]


def test_a_second_that_passes_before_the_table_is_there_harms_nothing() -> None:
    screen = AgentsScreen()
    screen.tick()
    assert not screen.query(Grid)
