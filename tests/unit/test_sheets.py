import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octui.sheets import read as sheets
from octui.sheets.errors import SheetError, SheetErrorCode
from octui.sheets.read import Table, read_table
from octui.sheets.stream import write_xlsx_in_child
from octui.sheets.write import write_csv, write_xlsx
from octui.text.safe import safe

COLUMNS = ["ID", "이름", "CTI NO"]
HOSTILE = [
    "=1+1", "+82-2-123", "-5", "@SUM(A1)", "＝1", "'=1", "''-x", "'plain", "#N/A", "=cmd|' /C calc'!A0", "{=1+1}",
    "_x000D_", "_x005F_x000D_", "[/foo]", "07001", "7001", "TRUE", "2026-11-01", "1e5", " spaces ", 'say "hi"', "a,b;c",
    "두\n줄", "a\tb", "\n=1", "김민수", "<c r='XFD1048576'>&amp;</c>",
]  # fmt: skip
writers = pytest.mark.parametrize(
    ("write", "name"), [(write_xlsx, "t.xlsx"), (write_xlsx_in_child, "t.xlsx"), (write_csv, "t.csv")]
)


def saved(path: Path, *rows: Sequence[object]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def with_sheet(path: Path, sheet: bytes, **others: bytes) -> Path:
    """Return a file as openpyxl writes it, with another worksheet part."""
    saved(path, ["a"])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return packed(path, parts | {"xl/worksheets/sheet1.xml": sheet} | others)


def sheet_of(rows: bytes) -> bytes:
    head = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return head + b"<sheetData>" + rows + b"</sheetData></worksheet>"


def code_of(path: Path, **limits: int) -> SheetErrorCode:
    with pytest.raises(SheetError) as caught:
        read_table(path, **limits)
    assert caught.value.message
    return caught.value.code


@writers
def test_written_sheet_is_read_back(tmp_path: Path, write: object, name: str) -> None:
    path = tmp_path / name
    rows: list[list[str | int | None]] = [[text, "x", 7001] for text in HOSTILE]
    told: list[int] = []
    write(path, COLUMNS, [*rows, ["끝", None, 0]], told.append)  # type: ignore[operator]
    expected = [[text, "x", "7001"] for text in HOSTILE] + [["끝", "", "0"]]
    table = read_table(path)
    assert (table.columns, table.rows) == (COLUMNS, expected)
    assert len(table.lines) == len(expected)
    assert told[-1] == len(HOSTILE) + 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [name]


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=4))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_csv_is_read_back(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "t.csv"
    write_csv(path, ["a", "b"], rows)
    shown = [[safe(cell, multiline=True) for cell in row] for row in rows]
    assert read_table(path).rows == [row for row in shown if any(row)]


def test_xlsx_holds_only_text_cells(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "t.xlsx", ["a"], [[text] for text in [*HOSTILE, "a\x1b\x00\ud800b"]])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert sheet.cell(len(HOSTILE) + 2, 1).value == "a\ufffd\ufffd\ufffdb"


def test_csv_disarms_formulas(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["=a"], [["=1"], ["@x"], ["'=1"], ["x=1"], [-5]])
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbf'=a\r\n'=1\r\n'@x\r\n''=1\r\nx=1\r\n-5\r\n"
    assert read_table(tmp_path / "t.csv").columns == ["=a"]


@writers
def test_failed_export_leaves_the_old_file(tmp_path: Path, write: object, name: str) -> None:
    path = tmp_path / name
    path.write_text("old")

    def rows() -> Iterator[list[str]]:
        yield ["x"]
        raise LookupError("gone")

    with pytest.raises(LookupError):
        write(path, ["a"], rows())  # type: ignore[operator]
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_export_in_a_child_reports_what_failed(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as caught:
        write_xlsx_in_child(tmp_path / "none" / "t.xlsx", ["a"], [["x"]])
    assert caught.value.code is SheetErrorCode.UNREADABLE


def test_progress_is_reported_every_thousand_rows(tmp_path: Path) -> None:
    told: list[int] = []
    write_csv(tmp_path / "t.csv", ["a"], (["x"] for _ in range(2_500)), told.append)
    assert told == [1000, 2000, 2500]


def test_cells_of_every_type_become_text(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "t.xlsx",
        [],
        [" ID ", "b\nc", "d", None],
        [7001.0, 1.5, True],
        [],
        [datetime(2026, 11, 1), datetime(2026, 11, 1, 9, 5), time(9, 5)],
        [date(2026, 11, 1), None, "x\x0by".replace("\x0b", "_x000B_")],
        [1e20, -3, "_x0041_"],
    )
    assert read_table(path) == Table(
        ["ID", "b c", "d"],
        [
            ["7001", "1.5", "TRUE"],
            ["2026-11-01", "2026-11-01 09:05:00", "09:05:00"],
            ["2026-11-01", "", "x\ufffdy"],
            ["1e+20", "-3", "A"],
        ],
        [3, 5, 6, 7],
    )


@pytest.mark.parametrize(
    ("data", "table"),
    [
        (b"a,b\n1,2\n", Table(["a", "b"], [["1", "2"]], [2])),
        ("이름,b\r\n김민수,\r\n".encode("cp949"), Table(["이름", "b"], [["김민수", ""]], [2])),
        ("이름,b\n김,2".encode("utf-16"), Table(["이름", "b"], [["김", "2"]], [2])),
        (b"a\r1\r\r2", Table(["a"], [["1"], ["2"]], [2, 4])),
        (b'\n\na,b,,\n"x\ny",2,,\nz\n', Table(["a", "b"], [["x\ny", "2"], ["z", ""]], [4, 6])),
    ],
)
def test_csv_of_other_programs_is_read(tmp_path: Path, data: bytes, table: Table) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    assert read_table(path) == table


def test_tsv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.TSV"
    path.write_text("a\tb\n1,5\t2\n")
    assert read_table(path).rows == [["1,5", "2"]]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("t.xls", b"", SheetErrorCode.KIND),
        ("t.csv", b"", SheetErrorCode.EMPTY),
        ("t.csv", b"\n,,\n", SheetErrorCode.EMPTY),
        ("t.csv", b"a,A\n", SheetErrorCode.DUPLICATE_COLUMN),
        ("t.csv", b"a,,c\n", SheetErrorCode.UNNAMED_COLUMN),
        ("t.csv", b"a\n1,2\n", SheetErrorCode.UNNAMED_COLUMN),
        ("t.csv", b'a\n"1\n', SheetErrorCode.QUOTES),
        ("t.csv", b"a\n\xff\xff\xff\n", SheetErrorCode.ENCODING),
        ("t.csv", b"a\n" + b"x" * 40_000, SheetErrorCode.CELL),
        ("t.csv", b"a\n" + b"x" * 200_000, SheetErrorCode.CELL),
        ("t.csv", b"a\n" * 6, SheetErrorCode.ROWS),
        ("t.csv", b"a,b,c,d\n", SheetErrorCode.COLUMNS),
        ("t.csv", b" " * (16 * 1024 * 1024 + 1), SheetErrorCode.TOO_BIG),
        ("t.xlsx", b"", SheetErrorCode.NOT_XLSX),
        ("t.xlsx", b"PK\x03\x04 and no more", SheetErrorCode.NOT_XLSX),
        ("t.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, SheetErrorCode.NOT_XLSX),
        ("t.xlsx", b" " * (5 * 1024 * 1024 + 1), SheetErrorCode.TOO_BIG),
    ],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else None,
)
def test_bad_files_are_refused(tmp_path: Path, name: str, data: bytes, code: SheetErrorCode) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert code_of(path, max_rows=4, max_columns=3) is code


def test_missing_file_raises(tmp_path: Path) -> None:
    assert code_of(tmp_path / "t.csv") is SheetErrorCode.UNREADABLE
    assert code_of(tmp_path) is SheetErrorCode.KIND


def test_workbook_beyond_a_limit_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.xlsx", ["a", "b", "c", "d"], *[["x"]] * 5)
    assert code_of(path, max_columns=3) is SheetErrorCode.COLUMNS
    assert code_of(path, max_rows=4) is SheetErrorCode.ROWS
    assert len(read_table(path, max_rows=5, max_columns=4).rows) == 5


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (b'<row r="1"><c r="XFD1048576"/></row>', SheetErrorCode.ROWS),
        (b'<row r="1"><c r="XFD1"/></row>', SheetErrorCode.COLUMNS),
        (b"<row r='1048576'/>", SheetErrorCode.ROWS),
        (b"<row>" + b"<c/>" * 51 + b"</row>", SheetErrorCode.COLUMNS),
        (b"<row/>" * 60_002, SheetErrorCode.ROWS),
        (b'<row r="&#49;0048576"><c><v>1</v></c></row>', SheetErrorCode.ROWS),
        (b"<row><c", SheetErrorCode.NOT_XLSX),
        (b'<row><c t="s"><v>9</v></c></row>', SheetErrorCode.NOT_XLSX),
        (b'<row><c t="e"><v>#REF!</v></c></row>', SheetErrorCode.ERROR_VALUE),
        (b'<row><c t="inlineStr"><is><t>' + b"ab" * 16_384 + b"</t></is></c></row>", SheetErrorCode.CELL),
        (b"<row><c><v>1</v></c></row>" + b" " * (6 * 1024 * 1024), SheetErrorCode.TOO_BIG),
    ],
    ids=lambda value: repr(value[:50]) if isinstance(value, bytes) else None,
)
def test_hostile_worksheets_are_refused(tmp_path: Path, rows: bytes, code: SheetErrorCode) -> None:
    assert code_of(with_sheet(tmp_path / "t.xlsx", sheet_of(rows))) is code


def test_reference_across_two_chunks_is_found(tmp_path: Path) -> None:
    for pad in range(65_536 - 140, 65_536 - 100):
        path = with_sheet(tmp_path / "t.xlsx", sheet_of(b" " * pad + b'<row r="1"><c r="XFD1"/></row>'))
        assert code_of(path) is SheetErrorCode.COLUMNS


def test_worksheet_in_another_encoding_is_refused(tmp_path: Path) -> None:
    text = sheet_of(b'<row r="1"><c r="A1"/></row>').decode().replace('"1.0"', '"1.0" encoding="utf-16"')
    assert code_of(with_sheet(tmp_path / "t.xlsx", text.encode("utf-16"))) is SheetErrorCode.NOT_XLSX


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = sheet_of(b'<row><c t="inlineStr"><is><t>&x;</t></is></c></row>').replace(
        b'"1.0"?>', b'"1.0"?><!DOCTYPE worksheet [<!ENTITY x "boom">]>'
    )
    assert code_of(with_sheet(tmp_path / "t.xlsx", bomb)) is SheetErrorCode.NOT_XLSX


def test_one_shared_text_in_many_cells_is_too_big(tmp_path: Path) -> None:
    text = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>'
    path = with_sheet(tmp_path / "t.xlsx", sheet_of(b'<row><c t="s"><v>0</v></c></row>' * 2_000))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", part)
    packed(path, parts | {"xl/sharedStrings.xml": text % (b"k" * 30_000)})
    assert code_of(path) is SheetErrorCode.TOO_BIG


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/vbaProject.bin", SheetErrorCode.MACROS),
        ("xl/externalLinks/externalLink1.xml", SheetErrorCode.EXTERNAL_LINKS),
        ("XL/Worksheets/Sheet1.xml", SheetErrorCode.NOT_XLSX),
    ],
)
def test_macros_and_external_links_are_refused(tmp_path: Path, part: str, code: SheetErrorCode) -> None:
    path = saved(tmp_path / "t.xlsx", ["a"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(part, b"x")
    assert code_of(path) is code


def test_unpacked_size_is_limited(tmp_path: Path) -> None:
    with_sheet(tmp_path / "t.xlsx", sheet_of(b""), **{"docProps/pad.xml": bytes(51 * 1024 * 1024)})
    assert code_of(tmp_path / "t.xlsx") is SheetErrorCode.TOO_BIG


def test_killed_child_is_too_heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "t.xlsx", ["a"], ["b"])
    killed = [sys.executable, "-c", "import os, sys; print('[1, [\"a\"]]', flush=True); os.kill(os.getpid(), 9)"]
    monkeypatch.setattr(sheets, "child_command", lambda *arguments: killed)
    assert code_of(path) is SheetErrorCode.TOO_HEAVY


def test_child_has_resource_limits() -> None:
    code = (
        "import resource\nfrom octui.sheets import child as c\nc._limit_resources()\n"
        "assert resource.getrlimit(resource.RLIMIT_CPU) == (30, 30)\n"
        "try:\n    bytearray(600 * 1024 * 1024)\nexcept MemoryError:\n    print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


def test_openpyxl_is_loaded_only_when_needed() -> None:
    loaded = "print('openpyxl' in sys.modules, 'rich' in sys.modules)"
    code = f"import sys, octui.sheets.read, octui.text.query, octui.text.tsv; {loaded}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
