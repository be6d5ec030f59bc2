"""Reading queue_log files: complete, broken, growing and rotated."""

from pathlib import Path
from typing import Any

import pytest

from octui.intake.batches import SHOWN
from octui.intake.queue_log import GOES_ON, MOST_ROWS, ONE_SECOND, QueueLog
from octui.intake.reasons import ReasonsError, load_reasons

SAMPLE = Path(__file__).parents[1] / "data" / "queue_log"
LINE = b"1782810246|1782810243.1005|support|PJSIP/7001|CONNECT|3|1782810243.1006|3\n"


def events(path: Path, reasons: dict[str, str] | None = None) -> tuple[list[dict[str, Any]], QueueLog]:
    log = QueueLog(path, reasons=reasons)
    return [event for batch in log.read() for event in batch.events], log


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "queue_log"
    path.write_bytes(content)
    return path


def test_line_becomes_an_event(tmp_path: Path) -> None:
    (event,), log = events(written(tmp_path, LINE))
    assert event == {
        "specversion": "1.0",
        "id": event["id"],
        "source": "asterisk/queue_log",
        "type": "octui.queue.CONNECT",
        "time": "2026-06-30T09:04:06+00:00",
        "sequence": str(ONE_SECOND),
        "subject": "PJSIP/7001",
        "data": {
            "call": "1782810243.1005",
            "queue": "support",
            "agent": "PJSIP/7001",
            "args": ["3", "1782810243.1006", "3"],
        },
    }
    assert event["id"].startswith("001782810246-")
    assert (log.report.lines, log.report.events, log.report.bytes_read) == (1, 1, len(LINE))


def test_recorded_file_is_read(tmp_path: Path) -> None:
    found, log = events(SAMPLE)
    count = len(SAMPLE.read_bytes().splitlines())
    assert len(found) == len({event["id"] for event in found}) == log.report.events == count
    assert log.report.unreadable == log.report.clamped == log.report.blank == 0
    ids = [event["id"] for event in found]
    assert [event["id"] for event in events(SAMPLE)[0]] == ids
    order = [(event["time"], int(event["sequence"])) for event in found]
    assert order == sorted(order)
    assert len(set(order)) == count


def test_windows_line_ends_and_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    windows = written(tmp_path, b"\xef\xbb\xbf" + SAMPLE.read_bytes().replace(b"\n", b"\r\n"))
    assert events(windows)[0] == events(SAMPLE)[0]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"\x00\x01\x02\xff|||||", "binary"),
        (b"1782810246|a|b\x1b[31m|c|CONNECT|", "binary"),
        (b"yesterday|a|b|c|CONNECT|", "time"),
        (b"-5|a|b|c|CONNECT|", "time"),
        (b"|a|b|c|CONNECT|", "time"),
        (b"123|a|b|c|CONNECT|", "2000"),
        (b"999999999999|a|b|c|CONNECT|", "9999"),
        (b"1782810246|a|b", "fields"),
        (b"1782810246", "fields"),
        (b"1782810246|a|b|c||", "event name"),
        (b"1782810246|a|b|c|CONN ECT|", "event name"),
        (b"1782810246|" + b"x" * 500 + b"|b|c|CONNECT|", "call id longer"),
        (b"1782810246|a|b|" + b"x" * 500 + b"|CONNECT|", "agent longer"),
        (b"1782810246|a|b|c|CONNECT|" + b"x" * 70_000, "longer than"),
        (b"x" * 1_000_000, "longer than"),
        ("1782810246｜a｜b｜c｜CONNECT".encode(), "time"),
    ],
)
def test_unreadable_line_is_reported_and_the_next_is_read(tmp_path: Path, bad: bytes, reason: str) -> None:
    found, log = events(written(tmp_path, LINE + bad + b"\n\r\n  \n" + LINE.replace(b"246|", b"247|")))
    assert len(found) == 2
    assert (log.report.unreadable, log.report.blank, log.report.lines) == (1, 2, 5)
    (told,) = log.report.examples
    assert told.line == 2
    assert reason in told.reason
    assert told.text.isprintable()
    assert len(told.text) <= 60


def test_many_bad_lines_are_counted_and_some_are_kept(tmp_path: Path) -> None:
    _, log = events(written(tmp_path, b"junk\n" * 5000))
    assert (log.report.unreadable, len(log.report.examples)) == (5000, SHOWN)


def test_last_line_without_an_end_is_left_for_the_next_run(tmp_path: Path) -> None:
    path = written(tmp_path, LINE + LINE[:30])
    found, log = events(path)
    assert len(found) == 1
    assert "no line end" in log.report.examples[0].reason
    path.write_bytes(LINE * 2)
    assert len(events(path)[0]) == 2


def test_hostile_characters_become_harmless(tmp_path: Path) -> None:
    line = "1782810246|a|큐\u202e|c\u200b|PAUSE|점\u2028심|\n".encode() + b"1782810246|a|\xff\xfe|c|PAUSE|\n"
    found, _ = events(written(tmp_path, line))
    assert found[0]["data"]["queue"] == "큐\ufffd"
    assert found[0]["data"]["args"] == ["점\ufffd심"]
    assert found[1]["data"]["queue"] == "\ufffd\ufffd"


def test_equal_lines_in_one_second_are_different_events(tmp_path: Path) -> None:
    found, _ = events(written(tmp_path, LINE * 3))
    assert len({event["id"] for event in found}) == 3
    assert [int(event["sequence"]) - ONE_SECOND for event in found] == [0, 1, 2]


def test_clock_set_back_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    def line(epoch: int) -> bytes:
        return b"%d|NONE|q|c|PAUSE|\n" % epoch

    base = 1_782_810_000
    found, log = events(written(tmp_path, b"".join(map(line, (base, base - 3600, base - 1, base + 1, base - 4000)))))
    times = [event["time"][11:19] + "/" + str(int(event["sequence"]) % GOES_ON) for event in found]
    assert times == ["09:00:00/0", "09:00:00/1", "09:00:00/2", "09:00:01/0", "07:53:20/0"]
    assert log.report.clamped == 2
    # The same line is the same event, wherever the clock stood before it.
    alone, _ = events(written(tmp_path, line(base - 1)))
    assert alone[0]["id"] == found[2]["id"]


def test_reasons_name_the_state(tmp_path: Path) -> None:
    content = "1782810246|a|q|c|PAUSE|세차 \n1782810246|a|q|c|PAUSE|x\n1782810246|a|q|c|UNPAUSE|세차\n".encode()
    found, _ = events(written(tmp_path, content), {"세차": "meeting"})
    assert [event["data"].get("state") for event in found] == ["meeting", None, None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_reasons_are_loaded_from_a_file(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "reasons.csv"
    path.write_bytes('reason,state\r\n세차,meeting\r\n"Team, Talk", COACHING\r\n\r\n'.encode(encoding))
    assert load_reasons(path) == {"세차": "meeting", "team, talk": "coaching"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a,flying\n", "line 1: 'flying' is not one of"),
        (b"reason,state\na,inbound_calls\n", "line 2: 'inbound_calls' is not one of"),
        (b"a,meal\nb\n", "line 2: 1 columns"),
        (b"a,meal\nA,rest\n", "line 2: 'A' has another state"),
        (b"\xff\xfe\x00\n\x81", "neither UTF-8 nor CP949"),
        (b"x" * (2 << 20), "longer than"),
        (b"a\x1b[31m,b\x1b[31m\n", "line 1: 'b\ufffd[31m'"),
    ],
)
def test_bad_reasons_file_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "reasons.csv"
    path.write_bytes(content)
    with pytest.raises(ReasonsError) as raised:
        load_reasons(path)
    assert any(told.startswith(problem) for told in raised.value.problems)


def numbered(number: int) -> bytes:
    return b"%d|c%d|q|PJSIP/7001|CONNECT|1|2|3\n" % (1_782_810_000 + number, number)


def test_missing_file_raises(tmp_path: Path) -> None:
    log = QueueLog(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        list(log.read())


def test_batches_have_the_lines_they_come_from_and_the_position_reached(tmp_path: Path) -> None:
    content = b"junk\n" + b"".join(map(numbered, range(12_001)))
    batches = list(QueueLog(written(tmp_path, content)).read())
    assert max(len(batch.rows) for batch in batches) <= MOST_ROWS
    assert [line for batch in batches for line in batch.lines] == list(range(2, 12_003))
    for batch in batches:
        assert batch.position is not None
        text = content[: batch.position.position]
        assert not text or text.endswith(b"\n")
        assert text.count(b"\n") == batch.position.line <= batch.lines[-1]
    assert batches[-1].position is not None
    assert batches[-1].position.line == 12_002
