"""Downloading the CTI log out of the account menu: which days, how far it is, giving up, failing, where it is."""

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


def centre() -> FakeApi:
    """3 events today, 2 yesterday, 1 long ago; monitoring is on."""
    api = FakeApi(me(role=Role.ADMIN))
    api.set_cti_settings(monitoring=True)
    counts = {TODAY: 3, YESTERDAY: 2, LONG_AGO: 1}
    api.log_days = {day: [log_entry(i, day) for i in range(count)] for day, count in counts.items()}
    return api


@asynccontextmanager
async def dialog(api: FakeApi, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    """The dialog is open; files go into `folder`/downloads."""
    downloads = folder / "downloads"
    downloads.mkdir()

    def export_path(stem: str) -> Path:
        return downloads / f"octui-{stem}.xlsx"

    monkeypatch.setattr(cti_log, "export_path", export_path)
    async with at(api, folder, "settings", size=(80, 24)) as one:
        await one.press("ctrl+o")
        await one.dialog(Choice)
        await one.press("3")
        await one.dialog(CtiLogDialog)
        await one.settled_dialog()
        yield one


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "downloads").iterdir())


def rows(folder: Path) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(folder / "downloads" / "octui-cti-log-oc.xlsx")
    return list(book.worksheets[0].iter_rows(values_only=True))


async def put(one: Person, first: str, last: str) -> None:
    one.app.screen.query_one(Fields).put({"first": first, "last": last})
    await one.pilot.pause()


async def done(one: Person) -> None:
    """The download has come to its end, one way or the other."""
    await one.dialog(Download)
    screen = one.app.screen
    assert isinstance(screen, Download)
    await one.until(lambda: screen.idle)
    await one.pilot.pause()


async def test_today_is_proposed_and_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = centre()
    async with dialog(api, tmp_path, monkeypatch) as one:
        assert TODAY in one.text
        assert "3 events" in one.text
        assert "Monitoring is off" not in one.text
        await one.press("ctrl+s")
        await done(one)
        assert "3 rows written to" in one.text
        assert "octui-cti-log-oc.xlsx" in one.text
        await one.press("enter")
        await one.no_dialog()
    head, *found = rows(tmp_path)
    assert head == ("Date and time", "Event", "ID", "Name", "CTI ID", "Call", "Detail")
    assert found[0] == ("2026-11-23 11:13:20.000", "state", "kim", "김민수", "oc1000", None, "ready")
    assert len(found) == 3


async def test_days_are_chosen_in_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = centre()
    api.log_page = 2
    async with dialog(api, tmp_path, monkeypatch) as one:
        await one.press("tab", "tab")
        assert isinstance(one.app.focused, Grid)
        await one.press("down", "shift+down")
        await one.pilot.pause()
        assert one.app.screen.query_one(Fields).values == {"first": LONG_AGO, "last": YESTERDAY}
        await one.until(lambda: "3 events" in one.text)
        await one.press("enter")
        await done(one)
        assert "3 rows written to" in one.text
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
async def test_what_is_typed_wrong_is_said_at_the_field(
    first: str, last: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dialog(centre(), tmp_path, monkeypatch) as one:
        await put(one, first, last)
        await one.press("ctrl+s")
        await one.until(lambda: said in one.text)
        assert isinstance(one.app.screen, CtiLogDialog)
        await put(one, "２０２６-１１-２２", TODAY)
        await one.press("ctrl+s")
        await done(one)
        assert "5 rows written" in one.text


@pytest.mark.parametrize("text", ["2026-W47-1", "2026-11-23T00:00", "２０２６‐１１‐２３", "0000-01-01", "x" * 5000])
def test_only_days_are_days(text: str) -> None:
    assert day_of(text) is None


async def test_with_monitoring_off_old_days_can_still_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = centre()
    api.set_cti_settings(monitoring=False)
    async with dialog(api, tmp_path, monkeypatch) as one:
        assert "Monitoring is off" in one.text
        await put(one, LONG_AGO, LONG_AGO)
        await one.press("ctrl+s")
        await done(one)
        assert "1 rows written" in one.text


async def test_esc_gives_up_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = centre()
    api.log_page = 1
    async with dialog(api, tmp_path, monkeypatch) as one:
        api.log_gate = asyncio.Semaphore(1)
        await one.press("ctrl+s")
        await one.dialog(Download)
        await one.until(lambda: "1 of 3 rows" in one.text)
        assert "33 %" in one.text
        assert files(tmp_path)  # what is written so far, under another name
        assert "octui-cti-log-oc.xlsx" not in files(tmp_path)
        await one.press("escape")
        await one.no_dialog()
        assert files(tmp_path) == []


async def test_a_service_that_fails_mid_way_leaves_nothing_and_can_be_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = centre()
    api.log_page = 1
    async with dialog(api, tmp_path, monkeypatch) as one:
        api.log_gate = asyncio.Semaphore(1)
        await one.press("ctrl+s")
        await one.dialog(Download)
        await one.until(lambda: "1 of 3 rows" in one.text)
        api.failure = Unreachable("connect", "?")
        api.log_gate.release()
        await done(one)
        assert "Broken off: The service cannot be reached" in one.text
        assert "Nothing was kept" in one.text
        assert files(tmp_path) == []
        api.failure = api.log_gate = None
        await one.press("enter")
        await one.until(lambda: "3 rows written to" in one.text)
    assert len(rows(tmp_path)) == 4


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with dialog(centre(), tmp_path, monkeypatch) as one:
        (tmp_path / "downloads").rmdir()
        await one.press("ctrl+s")
        await done(one)
        assert "Broken off: No such file or directory" in one.text


async def test_who_may_not_is_told_why(tmp_path: Path) -> None:
    for person, why in (
        (me(role=Role.AGENT, admin=False), "Only organization admins and admins of the service"),
        (me(phone_contract=False), "has no phone (CTI)"),
    ):
        async with at(FakeApi(person), tmp_path, "settings", size=(120, 40)) as one:
            await one.press("ctrl+o")
            await one.dialog(Choice)
            assert why in one.text
            await one.press("3")
            assert isinstance(one.app.screen, Choice)


async def test_the_days_cannot_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = centre()
    async with at(api, tmp_path, "settings", size=(80, 24)) as one:
        await one.press("ctrl+o")
        await one.dialog(Choice)
        api.failure = Unreachable("connect", "?")
        await one.press("3")
        await one.dialog(CtiLogDialog)
        await one.settled_dialog()
        assert "cannot be reached" in one.text
        await one.press("ctrl+s")
        assert isinstance(one.app.screen, CtiLogDialog)


async def test_hostile_texts_are_text_in_the_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = centre()
    api.log_days = {TODAY: [log_entry(i, TODAY, name=name, detail=name) for i, name in enumerate(HOSTILE)]}
    async with dialog(api, tmp_path, monkeypatch) as one:
        await one.press("ctrl+s")
        await done(one)
    _, *found = rows(tmp_path)
    assert [row[3] for row in found] == [safe(name) for name in HOSTILE]


async def test_the_bar_is_drawn_only_when_it_looks_different(tmp_path: Path) -> None:
    async with at(FakeApi(me()), tmp_path, "settings") as one:
        bar, drawn = ProgressBar(), []
        await one.screen.mount(bar)
        await one.pilot.pause()
        bar.refresh = lambda *_, **__: drawn.append(bar._looks())  # type: ignore[method-assign]
        for done_now in range(0, 100_001, 10):
            bar.show(done_now, 100_000)
        assert len(drawn) == len(set(drawn)) <= 101 + one.app.size.width
        assert drawn[-1][1] == 100
