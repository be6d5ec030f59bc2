"""What the screens look like, kept as pictures: a change of a picture is meant, or it is a defect.

After a change that is meant: pytest tests/ui/test_pictures.py --snapshot-update, and look at the pictures.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from octui.schema.agents import Role
from octui.schema.stats import PhoneState
from ui.fake_floor import NOW, agent, entry, member, stats
from ui.fakes import Desk, FakeApi, cti_agent, me
from ui.person import Person

SMALL, HOME, WALL = (80, 24), (120, 40), (300, 80)
NAMES = ("김민수", "이영희", "박철수", "최지우", "남궁민", "한서연", "정하윤", "강도윤")
Snap = Callable[..., bool]
Do = Callable[[Person], Awaitable[None]]


def service() -> FakeApi:
    accounts = {f"user{i:02}": NAMES[i % len(NAMES)] for i in range(60)}
    people = [
        cti_agent(account, name, f"oc{1000 + i}" if i % 9 else None, f"{7000 + i}" if i % 9 else None)
        for i, (account, name) in enumerate(accounts.items())
    ]
    api = FakeApi(me(language="ko", role=Role.ADMIN), people)
    states = [*PhoneState, None]
    api.seat(
        *(
            agent(account, name, states[i % 14], NOW - i * 61_000, chat=i % 5 == 0, role=Role.AGENT)
            for i, (account, name) in enumerate(accounts.items())
        )
    )
    api.members_known = [member(account, name) for account, name in accounts.items()]
    api.record(*(entry(i, target_name=NAMES[i % 8], target_account=f"user{i % 60:02}") for i in range(1, 200)))
    return api


async def everything(one: Person) -> None:
    """Connected, and the data of the screen are there."""
    await one.until(lambda: one.app.session is not None)
    await one.settled()
    one.desk.tell_stats(stats(name="관리자"))
    one.desk.tell_agents()
    one.desk.tell_cti()
    one.desk.tell_audit()
    await one.settled()


async def no_more(one: Person) -> None:
    """Nothing but the screen."""


async def stale(one: Person) -> None:
    one.desk.feed.lose(60)
    await one.passes(3)


async def state_picker(one: Person) -> None:
    await one.press("f6")


async def rights(one: Person) -> None:
    await one.press("down", "enter", "down")


async def found(one: Person) -> None:
    await one.search("ㄱㅁㅅ")


async def entry_shown(one: Person) -> None:
    await one.press("enter")


async def mistake(one: Person) -> None:
    await one.search("nmae:kim")


async def edited(one: Person) -> None:
    assert one.grid.move_to("user00", "cti_id")
    await one.press(*"oc2000", "enter", *"oc1002", "enter")
    assert one.grid.move_to("user01", "cti_id")
    await one.pilot.pause()


async def help_shown(one: Person) -> None:
    await one.press("f1")


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
    ids=lambda one: one if isinstance(one, str) else getattr(one, "__name__", "") or f"{one[0]}x{one[1]}",
)
def test_picture(snap_compare: Snap, tmp_path: Path, menu: str, size: tuple[int, int], do: Do) -> None:
    desk = Desk(service(), tmp_path, menu)

    async def before(pilot: Pilot[Any]) -> None:
        one = Person(desk, pilot)
        await everything(one)
        await do(one)
        await pilot.pause()

    assert snap_compare(desk.app, terminal_size=size, run_before=before)
