"""The CTI log download of the account menu: days, progress, cancelling, failures, the file."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import delete, func, update

from octui.client.errors import Unreachable
from octui.schema.contracts import ItemTerms
from octui.schema.items import Item
from octui.server.database import tables
from octui.text.safe import safe
from octui.ui import cti_log_download
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.cti_log_days import CtiLogDaysDialog, parse_day
from octui.ui.dialogs.download import Download
from octui.ui.widgets.fields import Fields
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.progress_bar import ProgressBar
from ui.person import Person, at
from ui.server import HOSTILE, NOW, SERVICE, Center, Seed, event, seed_organization, seed_service

TODAY, YESTERDAY, LONG_AGO = "2026-11-23", "2026-11-22", "2026-10-01"


async def seed(center: Center) -> None:
    """Make a log with 3 events today, 2 yesterday and 1 long ago; monitoring is on."""
    await seed_service(center)
    await center.set_cti_settings(monitoring=True)
    await center.add_agent("kim", "김민수")
    await center.set_cti("kim", cti_id="oc1000")
    for day, count in ((0, 3), (1, 2), (53, 1)):
        times = (NOW - day * 86_400_000 + second * 1000 for second in range(count))
        await center.send_events(*(event("phone.state", "kim", at, state="ready") for at in times))


@asynccontextmanager
async def open_dialog(center: Center, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    """Open the dialog; files go into `downloads`."""
    downloads = center.folder / "downloads"
    downloads.mkdir()

    def export_path(stem: str) -> Path:
        return downloads / f"octui-{stem}.xlsx"

    monkeypatch.setattr(cti_log_download, "export_path", export_path)
    async with at(center, "settings", size=(80, 24)) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        await person.press("3")
        await person.dialog(CtiLogDaysDialog)
        await person.settled_dialog()
        yield person


def file_names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "downloads").iterdir())


def sheet_rows(folder: Path) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(folder / "downloads" / "octui-cti-log-oc.xlsx")
    return list(book.worksheets[0].iter_rows(values_only=True))


async def fill_days(person: Person, first: str, last: str) -> None:
    person.app.screen.query_one(Fields).set_values({"first": first, "last": last})
    await person.pilot.pause()


async def wait_for_download(person: Person) -> None:
    """Wait until the download has succeeded or failed."""
    await person.dialog(Download)
    screen = person.app.screen
    assert isinstance(screen, Download)
    await person.until(lambda: screen.is_idle)
    await person.pilot.pause()


async def test_today_is_proposed_and_downloaded(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_dialog(center, monkeypatch) as person:
        assert TODAY in person.text
        assert "3 events" in person.text
        assert "Monitoring is off" not in person.text
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "3 rows written to" in person.text
        assert "octui-cti-log-oc.xlsx" in person.text
        await person.press("enter")
        await person.no_dialog()
    head, *found = sheet_rows(center.folder)
    assert head == ("Date and time", "Event", "ID", "Name", "CTI ID", "Call", "Detail")
    assert found[0] == ("2026-11-23 11:13:20.000", "octui.phone.state", "kim", "김민수", "oc1000", None, "ready")
    assert len(found) == 3


async def test_days_can_be_picked_from_the_list(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    center.faults.largest_page = 2
    async with open_dialog(center, monkeypatch) as person:
        await person.press("tab", "tab")
        assert isinstance(person.app.focused, Grid)
        await person.press("down", "shift+down")
        await person.pilot.pause()
        assert person.app.screen.query_one(Fields).values == {"first": LONG_AGO, "last": YESTERDAY}
        await person.until(lambda: "3 events" in person.text)
        await person.press("enter")
        await wait_for_download(person)
        assert "3 rows written to" in person.text
    params = [request.params for request in center.sent("cti_log")]
    assert [(param["from"], param["to"], "after" in param) for param in params] == [
        (LONG_AGO, YESTERDAY, False),
        (LONG_AGO, YESTERDAY, True),
    ]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-11-3", TODAY, "a day is written YYYY-MM-DD"),
        ("20261123", TODAY, "a day is written YYYY-MM-DD"),
        ("2026-02-30", TODAY, "a day is written YYYY-MM-DD"),
        ("", TODAY, "a day is written YYYY-MM-DD"),
        (TODAY, YESTERDAY, "is before the first day"),
        ("2026-11-01", "2026-11-02", "There are no events on these days."),
        ("[/foo]", TODAY, "a day is written YYYY-MM-DD"),
    ],
)
async def test_invalid_days_are_reported_at_the_field(
    first: str, last: str, said: str, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_dialog(center, monkeypatch) as person:
        await fill_days(person, first, last)
        await person.press("ctrl+s")
        await person.until(lambda: said in person.text)
        assert isinstance(person.app.screen, CtiLogDaysDialog)
        await fill_days(person, "２０２６-１１-２２", TODAY)
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "5 rows written" in person.text


@pytest.mark.parametrize("text", ["2026-W47-1", "2026-11-23T00:00", "２０２６‐１１‐２３", "0000-01-01", "x" * 5000])
def test_invalid_dates_are_not_accepted(text: str) -> None:
    assert parse_day(text) is None


async def test_earlier_days_can_be_downloaded_while_monitoring_is_off(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    await center.set_cti_settings(monitoring=False)
    async with open_dialog(center, monkeypatch) as person:
        assert "Monitoring is off" in person.text
        await fill_days(person, LONG_AGO, LONG_AGO)
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "1 rows written" in person.text


async def test_esc_cancels_and_leaves_no_file(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    center.faults.largest_page = 1
    async with open_dialog(center, monkeypatch) as person:
        center.faults.only, center.faults.gate = "cti_log", asyncio.Semaphore(1)
        await person.press("ctrl+s")
        await person.dialog(Download)
        await person.until(lambda: "1 of 3 rows" in person.text)
        assert "33 %" in person.text
        assert file_names(center.folder)  # what is written so far, under another name
        assert "octui-cti-log-oc.xlsx" not in file_names(center.folder)
        await person.press("escape")
        await person.no_dialog()
        assert file_names(center.folder) == []


async def test_failure_midway_leaves_no_file_and_can_be_retried(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    center.faults.largest_page = 1
    async with open_dialog(center, monkeypatch) as person:
        center.faults.only, center.faults.gate = "cti_log", asyncio.Semaphore(1)
        await person.press("ctrl+s")
        await person.dialog(Download)
        await person.until(lambda: "1 of 3 rows" in person.text)
        center.faults.failure = Unreachable("connect", "?")
        gate, center.faults.gate = center.faults.gate, None
        gate.release()
        await wait_for_download(person)
        assert "Broken off: The service cannot be reached" in person.text
        assert "Nothing was kept" in person.text
        assert file_names(center.folder) == []
        center.faults.failure = None
        await person.press("enter")
        await person.until(lambda: "3 rows written to" in person.text)
    assert len(sheet_rows(center.folder)) == 4


async def test_unwritable_folder_is_reported(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_dialog(center, monkeypatch) as person:
        (center.folder / "downloads").rmdir()
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "Broken off: No such file or directory" in person.text


@pytest.mark.parametrize(
    ("account", "item", "why"),
    [
        ("kim", Item.TELTICKET, "Only organization admins and admins of the service"),
        ("admin", Item.CHAT, "has no phone (CTI)"),
    ],
)
async def test_missing_right_is_explained(
    account: str, item: Item, why: str, make_center: Callable[[Seed], Center]
) -> None:
    center = make_center(seed_organization)
    await center.add_service(SERVICE, "상담", ItemTerms(item=Item.TICKET), ItemTerms(item=item))
    await center.add_agent("kim", "김민수")
    await center.set_language("en", "kim")
    async with at(center, "settings", account=account) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        assert why in person.text
        await person.press("3")
        assert isinstance(person.app.screen, Choice)


async def test_failed_list_of_days_is_reported(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(center, "settings", size=(80, 24)) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        center.faults.failure = Unreachable("connect", "?")
        await person.press("3")
        await person.dialog(CtiLogDaysDialog)
        await person.settled_dialog()
        assert "cannot be reached" in person.text
        await person.press("ctrl+s")
        assert isinstance(person.app.screen, CtiLogDaysDialog)


async def test_hostile_texts_are_text_in_the_sheet(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    center.overwrite(delete(tables.event))
    for account, name in zip("abcdefghij", HOSTILE, strict=True):
        await center.add_agent(account, account)
        center.overwrite(update(tables.member).where(tables.member.c.account == account).values(name=name))
        await center.send_events(event("queue.ADDMEMBER", account, NOW, queue=f"queue {account}", agent=account))
        data = func.replace(tables.event.c.data, f"queue {account}", json.dumps(name)[1:-1])
        center.overwrite(update(tables.event).values(data=data))
    async with open_dialog(center, monkeypatch) as person:
        await person.press("ctrl+s")
        await wait_for_download(person)
    _, *found = sheet_rows(center.folder)
    assert [row[3] for row in found] == [safe(name) for name in HOSTILE]


async def test_progress_bar_is_drawn_only_when_it_changes(center: Center) -> None:
    async with at(center, "settings") as person:
        bar, drawn = ProgressBar(), []
        await person.screen.mount(bar)
        await person.pilot.pause()
        bar.refresh = lambda *_, **__: drawn.append(bar._shown_values())  # type: ignore[method-assign]
        for done_now in range(0, 100_001, 10):
            bar.show_progress(done_now, 100_000)
        assert len(drawn) == len(set(drawn)) <= 101 + person.app.size.width
        assert drawn[-1][1] == 100
