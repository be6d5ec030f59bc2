"""PBX names on the CTI agents screen, by keyboard: the cell, and the window with the names that match nobody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from octui.client.errors import Unreachable
from octui.ui.dialogs.differences import Differences
from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.screens.cti.unmatched_dialog import UnmatchedNamesDialog
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine
from ui.person import Person, at
from ui.server import HOSTILE, NOW, SERVICE, Center, seed_service

WIDE = "김" * 200


async def seed(center: Center) -> None:
    """Make two agents, one of them with a PBX name."""
    await seed_service(center)
    for account, name in (("kim", "김민수"), ("lee", "이영희")):
        await center.add_agent(account, name)
    await center.set_cti("kim", cti_id="1001", pbx_names="Kim; Minsu")
    await center.set_cti("lee", cti_id="1002")


async def send_names(center: Center, *names: str) -> None:
    """Send a pause of all queues by SIP/1002 and one by each name; of the first in the same second."""

    def pause(number: int, kind: str, agent: str, second: int) -> dict[str, Any]:
        time = datetime.fromtimestamp(NOW // 1000 - 3600 + second, UTC).isoformat()
        head = {"specversion": "1.0", "id": str(number), "source": "pbx", "time": time, "subject": agent}
        return head | {"type": f"octui.queue.{kind}", "data": {"queue": "q1", "args": []}}

    events = [pause(0, "PAUSEALL", "SIP/1002", 0)]
    events += [pause(number + 1, "PAUSE", name, number) for number, name in enumerate(names)]
    await center.operator.take_in_events(SERVICE, events)


@asynccontextmanager
async def open_names(center: Center, *, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Person, Any]]:
    async with at(center, "cti", size=size) as person:
        await person.press("ctrl+n")
        dialog = await person.dialog(UnmatchedNamesDialog)
        await person.settled_dialog()
        yield person, dialog


def said(dialog: Any) -> str:
    text: str = dialog.query_one(StatusLine).text
    return text


async def test_names_are_shown_edited_undone_and_saved(center: Center) -> None:
    async with at(center, "cti") as person:
        assert "Kim; Minsu" in person.text
        assert "PBX names*" in person.text
        table = person.screen.table  # type: ignore[attr-defined]
        assert person.grid.move_to("lee", "pbx_names")
        await person.press(*"b;A; a ;", "enter")
        assert table.drafts.value("lee", "pbx_names") == "A; b"
        await person.press("ctrl+z")
        assert len(table.drafts) == 0
        await person.press("ctrl+y", "ctrl+s")
        await person.dialog(Differences)
        assert "PBX names  (empty) -> A; b" in person.text
        await person.press("enter")
        await person.no_dialog()
        assert (await center.cti_row("lee")).pbx_names == ["A", "b"]
        assert person.grid.move_to("lee", "pbx_names")
        await person.paste("KIM")
        await person.press("ctrl+s")
        await person.dialog(Differences)
        await person.press("enter")
        await person.no_dialog()
        assert person.grid.move_to("lee", "pbx_names")
        await person.pilot.pause()
        assert "is taken by kim" in person.status


async def test_agents_are_found_by_pbx_name(center: Center) -> None:
    async with at(center, "cti") as person:
        await person.search("minsu")
        assert "1 of 2 people" in person.status


@pytest.mark.parametrize(
    ("text", "code"), [("\x07", "control"), ("a; \u202eb", "turns the writing"), ("x" * 201, "too long")]
)
async def test_invalid_names_are_marked_at_once(center: Center, text: str, code: str) -> None:
    async with at(center, "cti") as person:
        table = person.screen.table  # type: ignore[attr-defined]
        table.edit_cells([("lee", "pbx_names", text)])
        error = table.drafts.error("lee", "pbx_names")
        assert error is not None
        assert code in error.text


async def test_enter_takes_the_proposal(center: Center) -> None:
    await send_names(center, "Lee Yuna", "Nobody")
    async with open_names(center) as (person, dialog):
        assert "이영희 (lee)" in person.text
        assert said(dialog) == "이영희 (lee): paused in the same second as in all queues"
        await person.press("enter")
        await person.until(lambda: "Lee Yuna is 이영희 (lee) now; take in the same file again." in person.text)
        await person.settled_dialog()
        assert (await center.cti_row("lee")).pbx_names == ["Lee Yuna"]
        assert "Lee Yuna" not in [row.name for row in dialog._names.rows]
        await person.press("escape")
        await person.no_dialog()
        assert "Lee Yuna" in person.text


async def test_agent_is_chosen_by_hand(center: Center) -> None:
    await send_names(center, "Nobody", "Somebody")
    async with open_names(center) as (person, dialog):
        await person.press("down")
        assert said(dialog) == "Nothing in the log suggests one agent: F2 chooses."
        for key in ("f2", "enter"):
            await person.press(key)
            await person.dialog(SearchableChoice)
            await person.press("escape")
            await person.dialog(UnmatchedNamesDialog)
        await person.press("f2")
        await person.dialog(SearchableChoice)
        await person.press(*"kim")
        await person.pilot.pause()
        await person.press("enter")
        await person.until(lambda: "take in the same file again" in person.text)
        assert (await center.cti_row("kim")).pbx_names == ["Kim", "Minsu", "Somebody"]


async def test_an_unsaved_edit_of_the_cell_is_not_overwritten(center: Center) -> None:
    await send_names(center, "Lee Yuna")
    async with at(center, "cti") as person:
        assert person.grid.move_to("lee", "pbx_names")
        await person.press(*"mine", "enter", "ctrl+n")
        dialog = await person.dialog(UnmatchedNamesDialog)
        await person.settled_dialog()
        await person.press("enter")
        await person.until(lambda: "unsaved edit" in said(dialog))
        assert (await center.cti_row("lee")).pbx_names == []


async def test_refusals_and_failures_are_said(center: Center) -> None:
    await send_names(center, "Lee Yuna")
    async with open_names(center) as (person, dialog):
        await center.set_cti("kim", pbx_names="Lee Yuna")
        await person.press("enter")
        await person.until(lambda: said(dialog) == "is taken by kim")
        center.faults.failure = Unreachable("connect", "no route")
        await person.press("enter")
        await person.until(lambda: "cannot be reached" in said(dialog))
        center.faults.failure = None


async def test_without_unmatched_names_the_window_says_so(center: Center) -> None:
    async with open_names(center) as (person, _):
        assert "Every name in the events matches an agent." in person.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 8)])
async def test_hostile_names_stay_in_their_cells(center: Center, size: tuple[int, int]) -> None:
    printable = [name for name in HOSTILE if len(name) <= 200]
    await send_names(center, *printable, WIDE, "\u05d0\u05d1\u05d2 RTL", "\ufffd31m")
    await center.set_cti("lee", pbx_names=f"{WIDE}1; [/foo]; [@click=app.quit]x; \u05d0\u05d1")
    async with open_names(center, size=size) as (person, dialog):
        assert len(dialog._names.rows) >= 8
        for _ in range(len(dialog._names.rows)):
            for strip in person.app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]
            await person.press("down")
        await person.press("f2")
        await person.dialog(SearchableChoice)
        for strip in person.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
        await person.press("escape", "escape")
        await person.no_dialog()
        assert person.app.screen.query_one(Grid).is_mounted
