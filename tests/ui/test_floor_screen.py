"""The floor, by keyboard: who has it, live rows, limits, parts, an agent's day, a past minute, a right that ends."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.floor import FloorLimitsChange
from octui.schema.live import agents_topic, floor_topic
from octui.schema.stats import PhoneState
from octui.server.database import tables
from octui.ui.screens.floor.agent_day import AgentDayScreen
from octui.ui.screens.floor.screen import FloorScreen
from ui.person import Person, at
from ui.server import HOSTILE, NOW, SERVICE, Center, Seed, seed_service

MINUTE = 60_000


async def send_calls(center: Center, *calls: tuple[str, int, str]) -> None:
    """Send what happened to calls: event, time (epoch ms), name of the call."""
    events: list[dict[str, Any]] = []
    for type, moment, call in calls:
        args = {"ENTERQUEUE": ["", "010"], "CONNECT": ["5", "x", "1"], "ABANDON": ["1", "1", "5"]}[type]
        data = {"service": SERVICE, "call": call, "queue": "q", "args": args}
        if type == "CONNECT":
            data["agent"] = "kim"
        time = datetime.fromtimestamp(moment / 1000, UTC).isoformat()
        events.append({"type": f"octui.queue.{type}", "subject": None, "time": time, "data": data})
    await center.send_events(*events)


async def seed(center: Center) -> None:
    """Make a supervisor and three agents: one too long at rest, one in a call; calls, one waiting."""
    await seed_service(center)
    await center.add_agent("boss", "최지우", role=Role.ADMIN)
    await center.set_language("en", "boss")
    for account, name in (("kim", "김민수"), ("lee", "이영희"), ("park", "박철수")):
        await center.add_agent(account, name)
    await center.set_state("kim", "ready", NOW - 45_000)
    await center.set_state("lee", "rest", NOW - 20 * MINUTE)
    await center.set_state("park", "inbound_calls", NOW - 130_000)
    await send_calls(
        center,
        ("ENTERQUEUE", NOW - 70 * MINUTE, "a"),
        ("CONNECT", NOW - 70 * MINUTE + 5_000, "a"),
        ("ENTERQUEUE", NOW - 10 * MINUTE, "b"),
        ("ABANDON", NOW - 10 * MINUTE + 5_000, "b"),
        ("ENTERQUEUE", NOW - 90_000, "c"),
        ("ENTERQUEUE", NOW - 3_000, "d"),
        ("ABANDON", NOW - 1_000, "d"),
    )


@pytest.fixture
def center(make_center: Callable[[Seed], Center]) -> Center:
    return make_center(seed)


def row_of(person: Person, name: str) -> str:
    return next(line for line in person.lines[1:] if f" {name} " in line)


async def test_home_of_a_supervisor_is_the_floor(center: Center) -> None:
    async with at(center, None, account="boss") as person:
        assert isinstance(person.screen, FloorScreen)
        service = row_of(person, "상담")
        assert "01:30" in service  # the longest wait
        assert "25 ×" in service  # one of four calls answered
        assert "상담 1 waiting, longest" in person.text
        assert "이영희 Rest 20 min" in person.text


async def test_floor_is_refused_for_an_agent(center: Center) -> None:
    await center.set_language("en", "kim")
    async with at(center, "floor", account="kim") as person:
        assert person.app.current_mode == "stats"
        assert "Floor" not in person.lines[0]
        assert not {"agents", "floor"} & set(center.operations)
        assert "이영희" not in person.text


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40), (300, 80)])
async def test_only_who_is_over_the_limit_ticks(center: Center, size: tuple[int, int]) -> None:
    async with at(center, "floor", account="boss", size=size) as person:
        before = person.lines
        await person.passes(1)
        assert [line for line in person.lines if "김민수" in line] == [line for line in before if "김민수" in line]
        if size[0] >= 80:
            assert "20:01" in row_of(person, "이영희")
            assert row_of(person, "이영희").startswith("!")
            assert "01:31" in row_of(person, "상담")


async def test_rows_move_only_after_five_calm_seconds(center: Center) -> None:
    def order(person: Person) -> list[str]:
        lines = "\n".join(line[:30] for line in person.lines[6:])
        return sorted(("김민수", "이영희", "박철수"), key=lines.index)

    async with at(center, "floor", account="boss") as person:
        assert order(person) == ["이영희", "박철수", "김민수"]
        await person.passes(6)
        await person.press("down")
        await center.set_state("lee", "ready", center.clock.now_ms())
        await person.update()
        assert order(person) == ["이영희", "박철수", "김민수"]
        await person.passes(5)
        assert order(person) == ["박철수", "김민수", "이영희"]


async def test_f6_shows_each_part_on_a_small_screen(center: Center) -> None:
    async with at(center, "floor", account="boss", size=(80, 24)) as person:
        assert "To the limit" in person.text
        await person.press("f6")
        assert "By hour" in person.text
        await person.press("tab")
        assert "Needs a look" in person.text
        await person.press("down", "enter")
        assert "To the limit" in person.text
        assert person.screen._agent == "lee"


async def test_f5_sorts_by_name(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        await person.press("f5", "f5", "f5")
        assert "by name" in person.text
        names = [
            line[:30] for line in person.lines[6:] if any(name in line[:30] for name in ("김민수", "박철수", "이영희"))
        ]
        assert [name.strip("! ")[:3] for name in names] == ["김민수", "박철수", "이영희"]


async def test_enter_shows_the_agents_own_day_and_esc_leaves_it(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, AgentDayScreen))
        await person.update()
        assert "이영희 (lee): the day as the agent sees it" in person.lines[1]
        assert "00:20:00" in person.text
        await person.passes(1)
        assert "00:20:01" in person.text
        assert {request.names["account"] for request in center.sent("phone_day")} == {"lee"}
        await person.press("escape")
        await person.until(lambda: person.app.screen is person.screen)
        await person.update()
        assert "To the limit" in person.text


async def test_past_minute_has_the_numbers_of_that_minute(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        assert {"F8", "End"} <= person.keys_off
        await person.press("f7")
        await person.settled()
        await person.press("f7")
        await person.settled()
        assert "As it was at 11:05. This is not now." in person.lines[1]
        assert "50 ×" in row_of(person, "상담")  # one of two calls
        shown = person.text
        await person.passes(90)
        assert person.lines[1:-1] == shown.split("\n")[1:-1]
        await person.press("f8")
        await person.settled()
        assert "As it was at 11:10." in person.lines[1]
        await person.press("end")
        await person.update()
        assert "This is not now" not in person.text
        assert row_of(person, "상담").startswith("~")  # nothing has been heard of since


async def test_f8_beyond_now_is_off_and_says_why(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        await person.press("f8")
        assert person.said == "This is now."


async def test_home_shows_the_morning(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        await person.press("home")
        await person.settled()
        assert "As it was at 11:00." in person.lines[1]


async def test_failed_load_of_a_past_minute_is_reported(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        center.faults.only, center.faults.failure = "floor", Unreachable("connect", "no")
        await person.press("f7")
        await person.settled()
        assert "cannot be reached" in person.said
        assert "This is not now" not in person.text


async def test_clocks_stand_still_while_the_server_does_not_answer(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        person.feed.report_failure(60)
        await person.passes(1)
        shown = person.lines[1:-1]
        await person.passes(5)
        assert person.lines[1:-1] == shown


async def test_lost_right_leaves_dashes(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        person.feed.tell(floor_topic(SERVICE), None)
        person.feed.tell(agents_topic(SERVICE), None)
        await person.pilot.pause()
        assert "may not be read any more" in person.said
        assert "이영희" not in person.text
        assert not any(digit in row_of(person, "상담")[10:] for digit in "0123456789")


async def test_unknown_floor_has_no_zero(make_center: Callable[[Seed], Center]) -> None:
    """What nobody knows is a dash, never a zero (rules.md 50)."""
    async with at(make_center(seed_service), "floor") as person:
        assert "Nobody is logged in." in person.text
        row = row_of(person, "상담")
        assert "–" in row
        assert "0" not in row


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_hostile_names_keep_every_row_in_its_width(center: Center, size: tuple[int, int]) -> None:
    for number, name in enumerate(HOSTILE):
        await center.add_agent(f"h{number}", "x")
        center.overwrite(update(tables.member).where(tables.member.c.account == f"h{number}").values(name=name))
        await center.set_state(f"h{number}", "rest", NOW - 3_600_000)
    async with at(center, "floor", account="boss", size=size) as person:
        assert "[/foo]" in person.text
        assert {strip.cell_length for strip in person.app.screen._compositor.render_strips()} == {size[0]}
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, AgentDayScreen))
        await person.update()
        assert {strip.cell_length for strip in person.app.screen._compositor.render_strips()} == {size[0]}


async def test_floor_asks_for_nothing_while_nothing_changes(center: Center) -> None:
    async with at(center, "floor", account="boss") as person:
        before = len(center.operations)
        await person.passes(120)
        assert len(center.operations) == before


async def test_limits_are_those_of_the_service(center: Center) -> None:
    version = (await center.operator.floor_limits(SERVICE)).version
    change = FloorLimitsChange(states={PhoneState.REST: 30, PhoneState.INBOUND_CALLS: 1})
    await center.operator.change_floor_limits(SERVICE, change, version)
    async with at(center, "floor", account="boss") as person:
        assert not row_of(person, "이영희").startswith("!")
        assert row_of(person, "박철수").startswith("!")
        assert "limit 1 min" in person.text
