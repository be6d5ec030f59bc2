"""The CTI log download of the account menu: days, progress, cancelling, failures, the file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import openpyxl
import pytest

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.text.safe import safe
from octui.ui import cti_log
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.cti_log import CtiLogDialog, day_of
from octui.ui.dialogs.download import Download
from octui.ui.widgets.fields import Fields
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.progress_bar import ProgressBar
from ui.fake_cti_settings import log_entry
from ui.fakes import HOSTILE, FakeApi, me
from ui.person import Person, at

TODAY, YESTERDAY, LONG_AGO = "2026-11-23", "2026-11-22", "2026-10-01"


def fake_server() -> FakeApi:
    """Return a server with 3 events today, 2 yesterday, 1 long ago, and monitoring on."""
    api = FakeApi(me(role=Role.ADMIN))
    api.set_cti_settings(monitoring=True)
    counts = {TODAY: 3, YESTERDAY: 2, LONG_AGO: 1}
    api.log_days = {day: [log_entry(i, day) for i in range(count)] for day, count in counts.items()}
    return api


@asynccontextmanager
async def open_dialog(api: FakeApi, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    """Open the dialog; files go into `folder`/downloads."""
    downloads = folder / "downloads"
    downloads.mkdir()

    def export_path(stem: str) -> Path:
        return downloads / f"octui-{stem}.xlsx"

    monkeypatch.setattr(cti_log, "export_path", export_path)
    async with at(api, folder, "settings", size=(80, 24)) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        await person.press("3")
        await person.dialog(CtiLogDialog)
        await person.settled_dialog()
        yield person


def file_names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "downloads").iterdir())


def sheet_rows(folder: Path) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(folder / "downloads" / "octui-cti-log-oc.xlsx")
    return list(book.worksheets[0].iter_rows(values_only=True))


async def fill_days(person: Person, first: str, last: str) -> None:
    person.app.screen.query_one(Fields).put({"first": first, "last": last})
    await person.pilot.pause()


async def wait_for_download(person: Person) -> None:
    """Wait until the download has succeeded or failed."""
    await person.dialog(Download)
    screen = person.app.screen
    assert isinstance(screen, Download)
    await person.until(lambda: screen.idle)
    await person.pilot.pause()


async def test_today_is_proposed_and_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = fake_server()
    async with open_dialog(api, tmp_path, monkeypatch) as person:
        assert TODAY in person.text
        assert "3 events" in person.text
        assert "Monitoring is off" not in person.text
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "3 rows written to" in person.text
        assert "octui-cti-log-oc.xlsx" in person.text
        await person.press("enter")
        await person.no_dialog()
    head, *found = sheet_rows(tmp_path)
    assert head == ("Date and time", "Event", "ID", "Name", "CTI ID", "Call", "Detail")
    assert found[0] == ("2026-11-23 11:13:20.000", "state", "kim", "김민수", "oc1000", None, "ready")
    assert len(found) == 3


async def test_days_can_be_picked_from_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = fake_server()
    api.log_page = 2
    async with open_dialog(api, tmp_path, monkeypatch) as person:
        await person.press("tab", "tab")
        assert isinstance(person.app.focused, Grid)
        await person.press("down", "shift+down")
        await person.pilot.pause()
        assert person.app.screen.query_one(Fields).values == {"first": LONG_AGO, "last": YESTERDAY}
        await person.until(lambda: "3 events" in person.text)
        await person.press("enter")
        await wait_for_download(person)
        assert "3 rows written to" in person.text
    assert [call for call in api.calls if call.startswith("cti_log ")] == [
        f"cti_log {LONG_AGO} {YESTERDAY}",
        f"cti_log {LONG_AGO} {YESTERDAY} 2",
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
    first: str, last: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_dialog(fake_server(), tmp_path, monkeypatch) as person:
        await fill_days(person, first, last)
        await person.press("ctrl+s")
        await person.until(lambda: said in person.text)
        assert isinstance(person.app.screen, CtiLogDialog)
        await fill_days(person, "２０２６-１１-２２", TODAY)
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "5 rows written" in person.text


@pytest.mark.parametrize("text", ["2026-W47-1", "2026-11-23T00:00", "２０２６‐１１‐２３", "0000-01-01", "x" * 5000])
def test_invalid_dates_are_not_accepted(text: str) -> None:
    assert day_of(text) is None


async def test_earlier_days_can_be_downloaded_while_monitoring_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = fake_server()
    api.set_cti_settings(monitoring=False)
    async with open_dialog(api, tmp_path, monkeypatch) as person:
        assert "Monitoring is off" in person.text
        await fill_days(person, LONG_AGO, LONG_AGO)
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "1 rows written" in person.text


async def test_esc_cancels_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = fake_server()
    api.log_page = 1
    async with open_dialog(api, tmp_path, monkeypatch) as person:
        api.log_gate = asyncio.Semaphore(1)
        await person.press("ctrl+s")
        await person.dialog(Download)
        await person.until(lambda: "1 of 3 rows" in person.text)
        assert "33 %" in person.text
        assert file_names(tmp_path)  # what is written so far, under another name
        assert "octui-cti-log-oc.xlsx" not in file_names(tmp_path)
        await person.press("escape")
        await person.no_dialog()
        assert file_names(tmp_path) == []


async def test_failure_midway_leaves_no_file_and_can_be_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = fake_server()
    api.log_page = 1
    async with open_dialog(api, tmp_path, monkeypatch) as person:
        api.log_gate = asyncio.Semaphore(1)
        await person.press("ctrl+s")
        await person.dialog(Download)
        await person.until(lambda: "1 of 3 rows" in person.text)
        api.failure = Unreachable("connect", "?")
        api.log_gate.release()
        await wait_for_download(person)
        assert "Broken off: The service cannot be reached" in person.text
        assert "Nothing was kept" in person.text
        assert file_names(tmp_path) == []
        api.failure = api.log_gate = None
        await person.press("enter")
        await person.until(lambda: "3 rows written to" in person.text)
    assert len(sheet_rows(tmp_path)) == 4


async def test_unwritable_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_dialog(fake_server(), tmp_path, monkeypatch) as person:
        (tmp_path / "downloads").rmdir()
        await person.press("ctrl+s")
        await wait_for_download(person)
        assert "Broken off: No such file or directory" in person.text


async def test_missing_right_is_explained(tmp_path: Path) -> None:
    for person, why in (
        (me(role=Role.AGENT, admin=False), "Only organization admins and admins of the service"),
        (me(phone_contract=False), "has no phone (CTI)"),
    ):
        async with at(FakeApi(person), tmp_path, "settings", size=(120, 40)) as person:
            await person.press("ctrl+o")
            await person.dialog(Choice)
            assert why in person.text
            await person.press("3")
            assert isinstance(person.app.screen, Choice)


async def test_failed_list_of_days_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = fake_server()
    async with at(api, tmp_path, "settings", size=(80, 24)) as person:
        await person.press("ctrl+o")
        await person.dialog(Choice)
        api.failure = Unreachable("connect", "?")
        await person.press("3")
        await person.dialog(CtiLogDialog)
        await person.settled_dialog()
        assert "cannot be reached" in person.text
        await person.press("ctrl+s")
        assert isinstance(person.app.screen, CtiLogDialog)


async def test_hostile_texts_are_text_in_the_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = fake_server()
    api.log_days = {TODAY: [log_entry(i, TODAY, name=name, detail=name) for i, name in enumerate(HOSTILE)]}
    async with open_dialog(api, tmp_path, monkeypatch) as person:
        await person.press("ctrl+s")
        await wait_for_download(person)
    _, *found = sheet_rows(tmp_path)
    assert [row[3] for row in found] == [safe(name) for name in HOSTILE]


async def test_progress_bar_is_drawn_only_when_it_changes(tmp_path: Path) -> None:
    async with at(FakeApi(me()), tmp_path, "settings") as person:
        bar, drawn = ProgressBar(), []
        await person.screen.mount(bar)
        await person.pilot.pause()
        bar.refresh = lambda *_, **__: drawn.append(bar._looks())  # type: ignore[method-assign]
        for done_now in range(0, 100_001, 10):
            bar.show(done_now, 100_000)
        assert len(drawn) == len(set(drawn)) <= 101 + person.app.size.width
        assert drawn[-1][1] == 100
