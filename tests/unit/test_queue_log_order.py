"""The order of a queue_log's rows: cut into parts, given together or apart, newest first, continued (rules.md 35)."""

import gzip
import json
import os
import threading
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octui.intake import log_files
from octui.intake.batches import Report
from octui.intake.log_files import open_log
from octui.intake.queue_log import (
    GOES_ON,
    ONE_SECOND,
    Order,
    Parser,
    QueueLog,
    QueueLogError,
    Row,
    detect_order,
    order_logs,
)
from unit.log_readers import follow_queue_log, read_queue_logs

SAMPLE = Path(__file__).parents[1] / "data" / "queue_log"
BASE = 1_782_810_000

# Seconds from BASE with what tells two lines of one second apart; few of each, so that many lines share a second.
LOGS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=14).map(
    lambda pairs: sorted(pairs, key=lambda pair: pair[0])
)


def line_of(second: int, number: int) -> bytes:
    return b"%d|c%d|q|PJSIP/7001|PAUSE|\n" % (BASE + second, number)


def parse(content: bytes) -> list[Row]:
    parser = Parser(Report())
    lines = content.split(b"\n")[:-1]
    return parser.parse_lines(lines, range(1, len(lines) + 1)) + parser.release_rows(ended=True)


def in_order(rows: list[Row]) -> list[str]:
    """The IDs in the order in which the server reads them, each once."""
    return list(dict.fromkeys(row[2] for row in sorted(rows, key=lambda row: (row[0], row[1]))))


def read_all(paths: list[Path]) -> list[Row]:
    return [row for batch in read_queue_logs(paths, report=Report()) for row in batch.rows]


@settings(max_examples=150)
@given(log=LOGS, data=st.data())
def test_rule_35_parts_given_apart_have_the_order_of_the_whole(log: list[tuple[int, int]], data: st.DataObject) -> None:
    lines = [line_of(second, place) for place, (second, _) in enumerate(log)]
    cut = data.draw(st.integers(0, len(lines)))
    first, second = b"".join(lines[:cut]), b"".join(lines[cut:])
    if log[0][0] != log[-1][0]:  # of two parts within one second nothing tells which was first
        whole = in_order(parse(b"".join(lines)))
        assert in_order(parse(first) + parse(second)) == whole
        assert in_order(parse(second) + parse(first)) == whole


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=LOGS, cuts=st.lists(st.integers(0, 14), max_size=3), backwards=st.booleans())
def test_rule_35_parts_given_together_are_the_whole(
    tmp_path: Path, log: list[tuple[int, int]], cuts: list[int], backwards: bool
) -> None:
    lines = [line_of(second, number) for second, number in log]
    places = [0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]
    parts = [lines[start:end] for start, end in pairwise(places) if start < end]
    seconds = [{line.partition(b"|")[0] for line in part} for part in parts]
    if sum(len(part) == 1 for part in seconds) > 1:
        backwards = False  # of files of the same second the order given counts
    paths = [tmp_path / f"part{place}" for place in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(b"".join(part))
    found = read_all(paths[::-1] if backwards else paths)
    assert in_order(found) == in_order(parse(b"".join(lines)))
    assert len({row[2] for row in found}) == len(lines)


@settings(max_examples=100)
@given(log=LOGS, cuts=st.lists(st.integers(0, 14), max_size=3), back=st.integers(0, 14))
def test_parser_continued_from_its_state_gives_the_same_rows(
    log: list[tuple[int, int]], cuts: list[int], back: int
) -> None:
    lines = [line_of(second - (7 if place == back else 0), number)[:-1] for place, (second, number) in enumerate(log)]
    whole = Parser(Report())
    expected = whole.parse_lines(lines, range(1, len(lines) + 1)) + whole.release_rows(ended=False)
    parser = Parser(Report())
    rows: list[Row] = []
    places = [0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]
    for start, end in pairwise(places):
        rows += parser.parse_lines(lines[start:end], range(start + 1, end + 1)) + parser.release_rows(ended=False)
        parser = Parser.from_state(json.loads(json.dumps(parser.state())), Report())
    assert rows == expected


def test_rule_35_base_tells_the_first_second_from_the_last() -> None:
    rows = parse(b"".join((line_of(0, 0), line_of(0, 1), line_of(1, 0), line_of(2, 0), line_of(2, 1))))
    assert [row[1] for row in rows] == [GOES_ON, GOES_ON + 1, 0, 0, 1]
    assert [row[1] for row in parse(line_of(0, 0) + line_of(0, 1))] == [ONE_SECOND, ONE_SECOND + 1]


def test_files_of_one_second_given_together_have_the_order_given(tmp_path: Path) -> None:
    lines = [line_of(0, number) for number in (0, 1, 0, 2, 2, 1)]
    paths = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    for path, part in zip(paths, (lines[:3], lines[3:4], lines[4:]), strict=True):
        path.write_bytes(b"".join(part))
    assert in_order(read_all(paths)) == in_order(parse(b"".join(lines)))


def test_equal_lines_are_told_apart_when_the_clock_was_set_back_between() -> None:
    rows = parse(line_of(5, 0) + line_of(3, 0) + line_of(5, 0) + line_of(3, 0))
    assert [row[2][-2:] for row in rows] == ["-0", "-0", "-1", "-1"]
    assert len({row[2] for row in rows}) == 4


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.text("a\n", max_size=40), chunk=st.integers(1, 12))
def test_lines_are_read_backwards_with_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, chunk: int
) -> None:
    path = tmp_path / "log"
    path.write_text(content)
    lines = content.split("\n")
    if not lines[-1]:
        lines.pop()
    with monkeypatch.context() as patch, open_log(path) as log:
        patch.setattr(log_files, "CHUNK", chunk)
        found = [pair for parts, numbers in log.read_backwards() for pair in zip(parts, numbers, strict=True)]
    assert found == [(line.encode(), number) for number, line in enumerate(lines, 1)][::-1]


def test_file_that_grows_keeps_its_order(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    lines = [line_of(0, number) for number in range(3)] + [line_of(1, 0)]
    rows: list[Row] = []
    for count in range(1, 5):
        path.write_bytes(b"".join(lines[:count]))
        known = {row[2] for row in rows}
        rows += [row for row in read_all([path]) if row[2] not in known]
    assert in_order(rows) == in_order(parse(b"".join(lines)))


def test_state_keeps_the_form_and_the_clock_of_a_table() -> None:
    zone = ZoneInfo("Europe/Berlin")
    lines = [
        b"time,callid,queuename,agent,event,data",
        b"2026-10-25 02:59:59.5,c1,q,a,PAUSE,",
        b"2026-10-25 02:00:30.25,c2,q,a,UNPAUSE,",
        b"2026-10-25 02:59:59.75,c3,q,a,PAUSE,",
    ]
    parser = Parser(Report(), zone=zone)
    rows = parser.parse_lines(lines[:3], range(1, 4))
    parser = Parser.from_state(json.loads(json.dumps(parser.state())), Report(), zone=zone)
    rows += parser.parse_lines(lines[3:], range(4, 5))
    later = parser.release_rows(ended=True)
    assert [row[0] - rows[0][0] for row in rows + later] == [0, 30_750, 3_600_250]


@pytest.mark.parametrize("last_end", [b"\n", b""])
def test_log_that_is_newest_first_is_read_in_order(tmp_path: Path, last_end: bytes) -> None:
    path = tmp_path / "queue_log"
    lines = SAMPLE.read_bytes().splitlines()
    path.write_bytes(b"\n".join(reversed(lines)) + last_end)
    log = QueueLog(path)
    found = [row for batch in log.read() for row in batch.rows]
    expected = parse(SAMPLE.read_bytes())
    assert [row[:8] for row in found] == [row[:8] for row in expected]
    assert [row[8] for row in found] == list(range(len(lines), 0, -1))
    assert (log.report.files[0].newest_first, log.report.clamped, log.report.lines) == (True, 0, len(lines))


def test_long_log_that_is_newest_first_is_read_in_order(tmp_path: Path) -> None:
    numbers = range(30_000)
    path = tmp_path / "queue_log"
    path.write_bytes(b"".join(line_of(number, number) for number in reversed(numbers)) + b"x" * 300_000 + b"\n")
    log = QueueLog(path)
    found = [row for batch in log.read() for row in batch.rows]
    assert [row[4] for row in found] == [f"c{number}" for number in numbers]
    assert log.report.examples[0].line == 30_001
    packed = tmp_path / "queue_log.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert [row for batch in QueueLog(packed).read() for row in batch.rows] == found


def test_pipe_that_is_newest_first_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = b"".join(line_of(number, 0) for number in reversed(range(9)))
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    with pytest.raises(QueueLogError, match=r"newest line.*not as a pipe"):
        list(QueueLog(pipe).read())
    writer.join()


def test_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(SAMPLE.read_bytes(),))
    writer.start()
    assert read_all([pipe]) == parse(SAMPLE.read_bytes())
    writer.join()


def test_log_that_is_newest_first_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"".join(line_of(number, 0) for number in reversed(range(9))))
    with pytest.raises(QueueLogError, match="cannot be followed"):
        list(follow_queue_log(path).read(lambda: False))


def test_lines_in_no_order_of_time_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"".join(line_of(number * 7433 % 1000 * 60, 0) for number in range(200)))
    with pytest.raises(QueueLogError, match="no order of time"):
        list(QueueLog(path).read())


@pytest.mark.parametrize(
    ("times", "order"),
    [
        ([], Order.OLDEST_FIRST),
        ([5, 3], Order.OLDEST_FIRST),
        ([5, 4, 4, 3], Order.NEWEST_FIRST),
        ([5, 4, 6, 3], Order.OLDEST_FIRST),
        ([5, 5, 4, 4, 3, 2], Order.NEWEST_FIRST),
        ([9, 8, 7, 3, 4, 2], Order.OLDEST_FIRST),
        ([100_000, *range(40_000, 60_000, 1000)], Order.OLDEST_FIRST),  # the clock was set back once
        ([*range(200_000, 100_000, -1000), 130_000, *range(129_000, 1, -1000)], Order.NEWEST_FIRST),
        ([number * 7433 % 1000 * 60_000 for number in range(200)], Order.NONE),
    ],
)
def test_order_is_told_by_the_times(times: list[int], order: Order) -> None:
    assert detect_order(times) is order


def test_files_are_put_in_the_order_of_their_times(tmp_path: Path) -> None:
    lines = SAMPLE.read_bytes().splitlines(keepends=True)
    parts = {"queue_log": lines[300:], "queue_log.1": lines[120:300], "queue_log.2.gz": lines[:120]}
    for name, part in parts.items():
        content = b"".join(part)
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    (tmp_path / "link").symlink_to(tmp_path / "queue_log.1")
    paths = [tmp_path / name for name in ("queue_log", "queue_log.1", "link", "queue_log.2.gz")]
    assert [path.name for path in order_logs(paths)] == ["queue_log.2.gz", "queue_log.1", "queue_log"]
    report = Report()
    found = [row for batch in read_queue_logs(paths, report=report) for row in batch.rows]
    assert [row[2] for row in found] == [row[2] for row in parse(SAMPLE.read_bytes())]
    assert [file.lines for file in report.files] == [120, 180, len(lines) - 300]
    assert report.bytes_read == report.size == sum(path.stat().st_size for path in paths if not path.is_symlink())


def test_unreadable_line_of_several_files_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "b").write_bytes(line_of(999_999, 0) + b"junk\n")
    report = Report()
    files = {batch.file for batch in read_queue_logs([tmp_path / "b", tmp_path / "a"], report=report)}
    assert files == {str(tmp_path / "a"), str(tmp_path / "b")}
    assert [(told.file, told.line) for told in report.examples] == [(str(tmp_path / "b"), 2)]


def cut_off(content: bytes) -> Iterator[bytes]:
    packed = gzip.compress(content)
    yield packed[: len(packed) // 2]
    yield packed[:-4] + b"\0\0\0\0"


def test_damaged_compressed_file_is_read_as_far_as_possible(tmp_path: Path) -> None:
    path = tmp_path / "queue_log.gz"
    content = b"".join(line_of(number, number) for number in range(20_000))
    for damaged in cut_off(content):
        path.write_bytes(damaged)
        log = QueueLog(path)
        rows = [row for batch in log.read() for row in batch.rows]
        assert rows == parse(content)[: len(rows)]
        assert rows
        assert "damaged or cut off" in log.report.examples[-1].reason


def test_no_line_before_the_damage_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "queue_log.gz"
    content = b"".join(line_of(number, number) for number in range(200))
    packed = gzip.compress(content)
    path.write_bytes(packed[:-20])
    readable = zlib.decompressobj(wbits=31).decompress(packed[:-20])
    log = QueueLog(path)
    rows = [row for batch in log.read() for row in batch.rows]
    assert len(rows) == readable.count(b"\n") > 150
    assert rows == parse(content)[: len(rows)]
