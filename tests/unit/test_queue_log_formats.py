"""The forms of a queue_log: fractions of seconds, and exports of the tables that some PBXs keep."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octui.intake.batches import Report
from octui.intake.queue_log import Parser, QueueLog, Row
from octui.intake.queue_log_formats import EARLIEST_MS, FORMATS, LATEST_MS, LONGEST_FIELD, detect_format
from octui.text.safe import safe

SEOUL = ZoneInfo("Asia/Seoul")
AT = 1_783_060_043_896  # 2026-07-03 15:27:23.896 in Seoul
HEADER = ("id", "time", "callid", "queuename", "agent", "event", "data1", "data2", "data3", "data4", "data5")
QUEUE_METRICS = ("partition", "time_id", "call_id", "queue", "agent", "verb", *HEADER[6:], "serverid")
ROWS = (
    ("1", "2026-07-03 15:27:23.896208", "1782.1", "q1", "PJSIP/1001", "CONNECT", "3", "1782.2", "3", "", ""),
    ("2", "2026-07-03 15:27:24.000001", "NONE", "NONE", "PJSIP/1001", "PAUSEALL", "점심, 늦게", "", "", "", ""),
    ("3", "2026-07-03 15:27:25.5", "1782.1", "q1", 'Kim "M" Su', "COMPLETECALLER", "3", "20", "1", "", ""),
)
EXPECTED = [
    (AT, "CONNECT", "1782.1", "q1", "PJSIP/1001", ["3", "1782.2", "3"]),
    (AT + 104, "PAUSEALL", "NONE", "NONE", "PJSIP/1001", ["점심, 늦게"]),
    (AT + 1604, "COMPLETECALLER", "1782.1", "q1", 'Kim "M" Su', ["3", "20", "1"]),
]


def read(tmp_path: Path, content: str, **options: str) -> tuple[list[Row], QueueLog]:
    path = tmp_path / "export"
    path.write_bytes(content.encode())
    log = QueueLog(path, zone=SEOUL, only=options.get("only"))
    return [row for batch in log.read() for row in batch.rows], log


def meaning(rows: Sequence[Row]) -> list[tuple[int, str, str, str, str, list[str]]]:
    return [(at, event, call, queue, agent, args) for at, _, _, event, call, queue, agent, args, _ in rows]


def as_csv(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def as_tabs(rows: Sequence[Sequence[str]]) -> str:
    return "".join("\t".join(cell or "\\N" for cell in row) + "\n" for row in rows)


def as_aligned(rows: Sequence[Sequence[str]]) -> str:
    """What psql shows."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "+".join("-" * (width + 2) for width in widths))
    return "\n".join([*lines, f"({len(rows) - 1} rows)", "", ""])


def as_box(rows: Sequence[Sequence[str]]) -> str:
    """What mysql shows."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ruler = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([ruler, lines[0], ruler, *lines[1:], ruler, ""])


def as_unaligned(rows: Sequence[Sequence[str]]) -> str:
    """What `psql -A` shows."""
    return "".join("|".join(row) + "\n" for row in rows) + f"({len(rows) - 1} rows)\n"


def joined(row: Sequence[str]) -> tuple[str, ...]:
    return (*row[:6], "|".join(row[6:]).rstrip("|"))


def wazo(row: Sequence[str]) -> tuple[str, ...]:
    return (*row[1:], row[0])


WITH_HEADER = (HEADER, *ROWS)
JOINED = ((*HEADER[:6], "data"), *map(joined, ROWS))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(as_csv(WITH_HEADER), "csv", id="csv with a header"),
        pytest.param(as_csv(ROWS), "csv", id="csv without"),
        pytest.param("\ufeff" + as_csv(WITH_HEADER, ";"), "semicolons", id="a spreadsheet's csv"),
        pytest.param(as_csv(JOINED), "csv", id="csv, one data column"),
        pytest.param(as_csv(JOINED[1:]), "csv", id="csv, one data column without a header"),
        pytest.param(as_csv([wazo(row) for row in WITH_HEADER]), "csv", id="id last"),
        pytest.param(as_csv([wazo(row) for row in ROWS]).rstrip("\n"), "csv", id="id last, no header, no last end"),
        pytest.param(as_tabs(ROWS), "tab", id="copy"),
        pytest.param(as_tabs(WITH_HEADER), "tab", id="mysql -B"),
        pytest.param(as_tabs(ROWS) + "\\.\n", "tab", id="copy with its end"),
        pytest.param(as_aligned(WITH_HEADER), "columns", id="psql"),
        pytest.param(as_aligned(JOINED), "columns", id="psql, one data column"),
        pytest.param(as_box(WITH_HEADER), "columns", id="mysql"),
        pytest.param(as_box(WITH_HEADER).replace("\n", "\r\n   "), "columns", id="mysql, indented"),
        pytest.param(as_unaligned(WITH_HEADER), "columns", id="psql -A"),
        pytest.param(as_unaligned(ROWS), "columns", id="psql -At"),
        pytest.param("".join("|".join(joined(row)[1:]) + "\n" for row in ROWS), "columns", id="a file with dates"),
    ],
)
def test_export_of_a_table_is_read(tmp_path: Path, content: str, name: str) -> None:
    rows, log = read(tmp_path, content)
    assert meaning(rows) == EXPECTED
    assert (log.report.files[0].format, log.report.unreadable) == (name, 0)
    assert log.report.lines == log.report.events + log.report.blank


@pytest.mark.parametrize("form", [as_csv, as_tabs, as_box, as_aligned])
def test_table_of_queuemetrics_is_read(tmp_path: Path, form: Callable[[Sequence[Sequence[str]]], str]) -> None:
    rows = [("P001", str(1_783_060_043 + number), *row[2:], "s1") for number, row in enumerate(ROWS)]
    found, _ = read(tmp_path, form([QUEUE_METRICS, *rows]))
    assert [row[0] for row in found] == [1_783_060_043_000 + 1000 * number for number in range(3)]
    assert [what[1:] for what in meaning(found)] == [what[1:] for what in EXPECTED]


def test_file_with_dates_has_any_number_of_arguments(tmp_path: Path) -> None:
    lines = ("CONNECT|3|x|3", "ATTENDEDTRANSFER|a|b|c|d|e|f", "PAUSE|", "UNPAUSE")
    rows, _ = read(tmp_path, "".join(f"2026-07-03 15:27:23|c|q|a|{line}\n" for line in lines))
    assert [row[7] for row in rows] == [["3", "x", "3"], ["a", "b", "c", "d", "e", "f"], [], []]


def test_one_event_has_one_id_in_the_file_and_in_the_table(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, as_csv(ROWS))
    again, _ = read(tmp_path, as_aligned(WITH_HEADER))
    lines = [f"{row[0] // 1000}|{'|'.join(row[i] for i in (4, 5, 6, 3))}|{'|'.join(row[7])}\n" for row in rows]  # type: ignore[misc]
    of_file, _ = read(tmp_path, "".join(lines))
    assert [row[2] for row in rows] == [row[2] for row in again] == [row[2] for row in of_file]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1783060043", AT - 896),
        ("1783060043.5", AT - 396),
        ("1783060043.896208", AT),
        ("1783060043.896999999", AT),
    ],
)
def test_file_keeps_the_milliseconds_of_its_times(tmp_path: Path, text: str, at: int) -> None:
    ((found, *_),), _ = read(tmp_path, f"{text}|c|q|a|PAUSE|\n")
    assert found == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-03 15:27:23.896208", AT),
        ("2026-07-03T15:27:23.896", AT),
        ("2026-07-03 06:27:23.896208+00", AT),
        ("2026-07-03 06:27:23.896208 +0000", AT),
        ("2026-07-03T06:27:23.8962Z", AT),
        ("2026-07-03 11:57:23.896208+05:30", AT),
        ("2026-07-03 15:27:23", AT - 896),
        ("1783060043", AT - 896),
        ("1783060043.896208", AT),
    ],
)
def test_times_of_a_table_are_read(tmp_path: Path, text: str, at: int) -> None:
    rows, _ = read(tmp_path, as_csv([HEADER, ("1", text, *ROWS[0][2:])]))
    assert [row[0] for row in rows] == [at]


@pytest.mark.parametrize("newest_first", [False, True])
def test_hour_that_comes_twice_is_told_by_the_order_of_the_lines(tmp_path: Path, newest_first: bool) -> None:
    times = ["01:59:58", "02:10:00", "02:59:59", "02:59:58", "02:00:01", "02:30:00", "02:59:59", "03:00:00"]
    times += [f"03:{minute}:00" for minute in range(10, 30)]
    lines = [f"2026-10-25 {time}.5,c,q,a,PAUSE,{time}\n" for time in times]
    path = tmp_path / "export.csv"
    path.write_text("".join(lines[::-1] if newest_first else lines))
    log = QueueLog(path, zone=ZoneInfo("Europe/Berlin"))
    rows = [row for batch in log.read() for row in batch.rows]
    minutes = [(row[0] - rows[0][0]) // 60_000 for row in rows]
    assert minutes[:8] == [0, 10, 60, 60, 60, 90, 120, 120]
    assert log.report.files[0].newest_first == newest_first


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4,someday,c,q,a,PAUSE,,,,,", "no time in its column"),
        ("4,1999-01-01 00:00:00,c,q,a,PAUSE,,,,,", "2000"),
        ("4,2026-02-30 00:00:00,c,q,a,PAUSE,,,,,", "no time in its column"),
        ("4,2026-07-03 15:27:23,c,q,a,,,,,,", "no event name"),
        ("4,2026-07-03 15:27:23,c", "3 columns instead of 6"),
        ('4,2026-07-03 15:27:23,"c', "broken quoting"),
        ("4,2026-07-03 15:27:23," + "c" * 201 + ",q,a,PAUSE,,,,,", "call id longer"),
    ],
)
def test_unreadable_row_is_reported(tmp_path: Path, line: str, reason: str) -> None:
    rows, log = read(tmp_path, as_csv(WITH_HEADER) + line + "\n")
    assert len(rows) == 3
    (told,) = log.report.examples
    assert told.line == 5
    assert reason in told.reason


def test_format_that_is_named_is_not_looked_for(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, as_csv(WITH_HEADER), only="csv")
    assert len(rows) == 3
    rows, log = read(tmp_path, as_csv(WITH_HEADER), only="queue_log")
    assert (len(rows), log.report.unreadable) == (0, 4)
    rows, log = read(tmp_path, as_csv(WITH_HEADER), only="tab")
    assert (len(rows), log.report.unreadable) == (0, 4)


def test_nothing_is_no_format() -> None:
    assert detect_format([]) is None
    assert detect_format([b"junk", b"a,b,c,d,e,f,g", b"\0"]) is None


CELLS = [
    b"1782810246",
    b"2026-07-03 15:27:23",
    b"2026-11-01 01:30:00.5",
    b"2026-07-03 15:27:23 +09",
    b"9" * 20,
    b"CONNECT",
]
CELLS += [
    b"CONNECT",
    b"0001-01-01 00:00:00",
    b"9999-12-31 23:59:59",
    b"",
    b'"',
    b'"a,b"',
    b"\\N",
    b"\\",
    b"PAUSE",
    b"\r",
    b"\xff",
]
CELLS += [b"\0", "점심".encode(), "\u202e\u0301".encode(), b"x" * 300]
HEADERS = (b"", b"time,callid,queuename,agent,event,data1,data3", b"a\tevent\tagent\tqueue\ttime\tcallid")


@settings(max_examples=300)
@given(
    lines=st.lists(st.lists(st.sampled_from(CELLS) | st.binary(max_size=4), max_size=12), max_size=8),
    separator=st.sampled_from((b"|", b",", b"\t", b";", b" | ")),
    name=st.sampled_from((None, *FORMATS)),
    header=st.sampled_from(HEADERS),
)
def test_any_bytes_are_rows_or_unreadable_lines(
    lines: list[list[bytes]], separator: bytes, name: str | None, header: bytes
) -> None:
    report = Report()
    parser = Parser(report, zone=ZoneInfo("America/New_York"), only=name)
    raw = [header, *(separator.join(cells).replace(b"\n", b"") for cells in lines)]
    rows = parser.parse_lines(raw, range(1, len(raw) + 1)) + parser.release_rows(ended=True)
    assert report.lines == len(raw) == len(rows) + report.blank + report.unreadable
    assert report.events == len(rows)
    assert len({row[2] for row in rows}) == len(rows)
    for row in rows:
        assert EARLIEST_MS <= row[0] <= LATEST_MS
        assert all(safe(text, limit=LONGEST_FIELD) == text for text in (*row[2:7], *row[7]))
