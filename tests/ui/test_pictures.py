"""What the screens look like, kept as pictures: a change of a picture is meant, or it is a defect.

After a change that is meant: pytest tests/ui/test_pictures.py --snapshot-update, and look at the pictures.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from octui.schema.agents import Role
from octui.schema.cti import CtiBatch, CtiEdit
from octui.schema.stats import PhoneState
from octui.ui.dialogs.report import Report
from ui.person import Person
from ui.server import NOW, SERVICE, STARTED, Center, Seed, add_shift, seed_service

SMALL, HOME, WALL = (80, 24), (120, 40), (300, 80)
NAMES = ("김민수", "이영희", "박철수", "최지우", "남궁민", "한서연", "정하윤", "강도윤")
Snap = Callable[..., bool]
Do = Callable[[Person], Awaitable[None]]


async def seed(center: Center) -> None:
    """Make 60 agents in every state, most of them with CTI ID and NO, and a shift of the admin, who has a role too."""
    await seed_service(center)
    center.clock.set_time("2026-11-20 09:00")
    await center.set_language("ko")
    await center.add_agent("admin", role=Role.ADMIN)
    states = [*PhoneState, None]
    for number in range(60):
        account = f"user{number:02}"
        await center.add_agent(account, NAMES[number % len(NAMES)], chat=number % 5 == 0)
        center.clock.seconds += 61
    center.clock.seconds = STARTED
    rows = {row.account: row.version for row in (await center.operator.cti_agents(SERVICE)).agents}
    numbers = [number for number in range(60) if number % 9]
    edits = [
        CtiEdit(
            account=f"user{number:02}",
            version=rows[f"user{number:02}"],
            set={"cti_id": f"oc{1000 + number}", "cti_no": f"{7000 + number}"},
        )
        for number in numbers
    ]
    await center.operator.save_cti(SERVICE, CtiBatch(edits=edits))
    for number in range(60):
        if (state := states[number % 14]) is not None:
            await center.set_state(f"user{number:02}", state.value, NOW - number * 61_000)
    await add_shift(center, "admin")


async def connect(person: Person) -> None:
    """Wait until the person is connected and the screen has its data."""
    await person.until(lambda: person.app.connection is not None)
    await person.settled()
    await person.update()


async def no_more(person: Person) -> None:
    """Leave the screen as it is."""


async def stale(person: Person) -> None:
    person.feed.report_failure(60)
    await person.passes(3)


async def state_picker(person: Person) -> None:
    await person.press("f6")


async def rights(person: Person) -> None:
    await person.press("down", "enter", "down")


async def found(person: Person) -> None:
    await person.search("ㄱㅁㅅ")


async def entry_shown(person: Person) -> None:
    await person.press("enter")
    await person.dialog(Report)


async def mistake(person: Person) -> None:
    await person.search("nmae:kim")


async def edited(person: Person) -> None:
    assert person.grid.move_to("user00", "cti_id")
    await person.press(*"oc2000", "enter", *"oc1002", "enter")
    assert person.grid.move_to("user01", "cti_id")
    await person.pilot.pause()


async def help_shown(person: Person) -> None:
    await person.press("f1")


@pytest.mark.parametrize(
    ("menu", "size", "do"),
    [
        ("stats", SMALL, no_more),
        ("stats", HOME, no_more),
        ("stats", WALL, no_more),
        ("stats", SMALL, stale),
        ("stats", SMALL, state_picker),
        ("agents", SMALL, found),
        ("agents", HOME, no_more),
        ("agents", SMALL, rights),
        ("cti", SMALL, edited),
        ("cti", HOME, help_shown),
        ("audit", SMALL, mistake),
        ("audit", HOME, no_more),
        ("audit", SMALL, entry_shown),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", "") or f"{value[0]}x{value[1]}",
)
def test_picture(
    snap_compare: Snap, make_center: Callable[[Seed], Center], menu: str, size: tuple[int, int], do: Do
) -> None:
    person = Person(make_center(seed), menu)

    async def before(pilot: Pilot[Any]) -> None:
        person.pilot = pilot
        await connect(person)
        await do(person)
        await pilot.pause()

    assert snap_compare(person.app, terminal_size=size, run_before=before)
