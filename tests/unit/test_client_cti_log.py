"""Download of the CTI log into a file."""

import asyncio
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from octui.client import cti_log
from octui.client.api import Api
from octui.client.cti_log import PAGE, download_cti_log
from octui.client.errors import ClientError, Unreachable
from octui.schema.cti import CtiLogEntry, CtiLogPage
from octui.sheets.errors import SheetError
from octui.sheets.read import read_table
from octui.sheets.stream import SheetWriter

COLUMNS = ("at", "account")


def texts(entry: CtiLogEntry, zone: str) -> tuple[str, str]:
    assert zone == "Asia/Seoul"
    return str(entry.at), entry.account


class Log(Api):
    """Log of entries in pages; blocks before the page `stuck`, fails at the page `broken`."""

    def __init__(self, entries: int, *, stuck: int = -1, broken: int = -1) -> None:
        self.entries = entries
        self.stuck = stuck
        self.broken = broken
        self.waiting = asyncio.Event()
        self.asked: list[tuple[str, str, str]] = []

    async def cti_log(
        self, service: str, first: str, last: str, after: str | None = None, limit: int = 1
    ) -> CtiLogPage:
        self.asked.append((service, first, last))
        start = int(after or 0)
        if start // limit == self.broken:
            raise Unreachable("connect", "gone")
        if start // limit == self.stuck:
            self.waiting.set()
            await asyncio.Event().wait()
        end = min(start + limit, self.entries)
        blank = {"day": "2026-07-01", "type": "octui.phone.login", "name": "", "cti_id": "", "call": "", "detail": ""}
        found = [CtiLogEntry(id=number, at=number, account=f"a{number}", **blank) for number in range(start, end)]
        return CtiLogPage(
            entries=found,
            count=self.entries if after is None else None,
            time_zone="Asia/Seoul",
            next=str(end) if end < self.entries else None,
        )


async def download(log: Log, path: Path, told: list[tuple[int, int]] | None = None) -> int:
    def progress(done: int, total: int) -> None:
        if told is not None:
            told.append((done, total))

    return await download_cti_log(log, "cs", "2026-07-01", "2026-07-02", path, progress, columns=COLUMNS, texts=texts)


@pytest.mark.parametrize("name", ["log.xlsx", "log.csv"])
@pytest.mark.parametrize("count", [0, 1, PAGE, 5 * PAGE // 2])
async def test_every_page_is_in_the_file(tmp_path: Path, name: str, count: int) -> None:
    told: list[tuple[int, int]] = []
    log = Log(count)
    assert await download(log, tmp_path / name, told) == count
    assert read_table(tmp_path / name).rows == [[str(number), f"a{number}"] for number in range(count)]
    assert told == [(min(page * PAGE, count), count) for page in range(1, max(1, -(-count // PAGE)) + 1)]
    assert set(log.asked) == {("cs", "2026-07-01", "2026-07-02")}
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("name", ["log.xlsx", "log.csv"])
async def test_canceled_download_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"older")
    log = Log(5_000, stuck=3)
    running = asyncio.create_task(download(log, tmp_path / name))
    await log.waiting.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"older"


async def test_failed_download_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ClientError):
        await download(Log(5_000, broken=2), tmp_path / "log.xlsx")
    assert os.listdir(tmp_path) == []
    with pytest.raises(SheetError):
        await download(Log(1), tmp_path / "no" / "log.xlsx")


async def test_download_canceled_while_the_writer_opens_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, thrown_away = threading.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow(SheetWriter):
        def __init__(self, path: Path, columns: Sequence[str]) -> None:
            begun.set()
            go_on.wait()
            super().__init__(path, columns)

        def cancel(self) -> None:
            super().cancel()
            loop.call_soon_threadsafe(thrown_away.set)

    monkeypatch.setattr(cti_log, "SheetWriter", Slow)
    running = asyncio.create_task(download(Log(1), tmp_path / "log.csv"))
    await asyncio.to_thread(begun.wait)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    go_on.set()
    await asyncio.wait_for(thrown_away.wait(), 30)
    assert list(tmp_path.iterdir()) == []
