"""Sheets written row by row: memory, canceling, failing, and that every string is text."""

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import psutil
import pytest

from octui.sheets.errors import SheetError, SheetErrorCode
from octui.sheets.read import read_table
from octui.sheets.stream import SheetWriter

COLUMNS = ("time", "name", "number")
ROW = ("2026-07-01 09:00:00.123", "=김민수()", "01012345678")
MOST_EXTRA = 60 * 2**20
BOTH = pytest.mark.parametrize("suffix", [".xlsx", ".csv"])


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return the folder of the sheet and the folder of temporary files."""
    target, temporary = tmp_path / "target", tmp_path / "temporary"
    target.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return target, temporary


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]


@BOTH
def test_file_appears_only_at_finish(folders: tuple[Path, Path], suffix: str) -> None:
    target, temporary = folders
    path = target / f"log{suffix}"
    path.write_bytes(b"older")
    with SheetWriter(path, COLUMNS) as writer:
        for _ in range(3):
            writer.write([ROW, ROW])
        assert path.read_bytes() == b"older"
    table = read_table(path)
    assert (table.columns, table.rows) == (list(COLUMNS), [list(ROW)] * 6)
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(target) == [path.name]
    assert os.listdir(temporary) == []
    writer.cancel()
    assert path.exists()
    with pytest.raises(SheetError):
        writer.write([ROW])


def test_every_string_is_text_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    hostile = ("=1+1", "#N/A", "2026-07-01", "1e5", "TRUE", "+82", "@x", "_x0041_", "0010")
    with SheetWriter(path, [f"c{number}" for number in range(len(hostile))]) as writer:
        writer.write([hostile])
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    for cell, text in zip(list(sheet.iter_rows())[1], hostile, strict=True):
        assert cell.data_type == "s"
        assert str(cell.value).replace("_x005F_", "_") == text


@BOTH
def test_canceled_writer_leaves_nothing(folders: tuple[Path, Path], suffix: str) -> None:
    target, temporary = folders
    path = target / f"log{suffix}"
    path.write_bytes(b"older")
    writer = SheetWriter(path, COLUMNS)
    writer.write([ROW] * 5_000)
    writer.cancel()
    writer.cancel()
    assert path.read_bytes() == b"older"
    assert os.listdir(target) == [path.name]
    assert os.listdir(temporary) == []
    assert children() == []
    for late in (lambda: writer.write([ROW]), writer.finish):
        with pytest.raises(SheetError):
            late()


@BOTH
def test_writer_can_be_canceled_while_another_thread_writes(folders: tuple[Path, Path], suffix: str) -> None:
    target, temporary = folders
    writer = SheetWriter(target / f"log{suffix}", COLUMNS)
    writing, go_on = threading.Event(), threading.Event()
    ended: list[str] = []

    def rows() -> Iterator[tuple[str, ...]]:
        for number in range(20_000):
            if number == 1_000:
                writing.set()
                assert go_on.wait(30)
            yield ROW

    def write() -> None:
        try:
            writer.write(rows())
        except SheetError as error:
            ended.append(error.code)

    thread = threading.Thread(target=write)
    thread.start()
    assert writing.wait(30)
    stopping = threading.Thread(target=writer.cancel)
    stopping.start()
    go_on.set()
    for one in (thread, stopping):
        one.join(30)
        assert not one.is_alive()
    assert os.listdir(target) == []
    assert os.listdir(temporary) == []
    assert children() == []
    assert ended in ([], [SheetErrorCode.TOO_HEAVY.value])


@BOTH
def test_exception_in_the_context_leaves_nothing(folders: tuple[Path, Path], suffix: str) -> None:
    target, temporary = folders

    def rows() -> Iterator[tuple[str, ...]]:
        yield ROW
        raise KeyError

    with pytest.raises(KeyError), SheetWriter(target / f"log{suffix}", COLUMNS) as writer:
        writer.write(rows())
    assert (os.listdir(target), os.listdir(temporary), children()) == ([], [], [])


@pytest.mark.parametrize(
    ("name", "code"),
    [("log.txt", "kind"), ("log", "kind"), ("no/log.xlsx", "unreadable"), ("no/log.csv", "unreadable")],
)
def test_unwritable_folder_raises(folders: tuple[Path, Path], name: str, code: str) -> None:
    target, temporary = folders
    with pytest.raises(SheetError) as refused:
        SheetWriter(target / name, COLUMNS)
    assert refused.value.code == code
    assert (os.listdir(target), os.listdir(temporary), children()) == ([], [], [])


def test_killed_child_is_reported(folders: tuple[Path, Path]) -> None:
    target, temporary = folders
    writer = SheetWriter(target / "log.xlsx", COLUMNS)
    for child in children():
        child.kill()
    with pytest.raises(SheetError) as refused:
        writer.write([ROW] * 20_000)  # more than a pipe holds
    assert refused.value.code == SheetErrorCode.TOO_HEAVY
    writer.cancel()
    assert (os.listdir(target), os.listdir(temporary), children()) == ([], [], [])


def test_a_hundred_thousand_rows_in_sixty_megabytes(tmp_path: Path) -> None:
    """The memory of both processes is measured after every thousand rows and before the end."""
    own = psutil.Process()
    row = (*ROW, "octui.queue.CONNECT", "agent00001", "7001", "1782864000.1", "support 7|1782864000.1|3")
    before, most = own.memory_info().rss, 0
    with SheetWriter(tmp_path / "log.xlsx", row) as writer:
        for _ in range(100):
            writer.write([row] * 1_000)
            extra = own.memory_info().rss - before + sum(child.memory_info().rss for child in children())
            most = max(most, extra)
    assert 5 * 2**20 < most < MOST_EXTRA  # less than 5: the child was not looked at
    assert (tmp_path / "log.xlsx").stat().st_size > 100_000
