"""CloudEvents from files and standard input."""

import io
import json
from typing import Any

import pytest

from octui.intake import cloud_events
from octui.intake.cloud_events import CloudEvents

ONE: dict[str, Any] = {"id": "1", "data": {"name": "김민수"}}
TWO: dict[str, Any] = {"id": "2"}


def read(content: bytes) -> tuple[list[dict[str, Any]], list[int], CloudEvents]:
    reader = CloudEvents(io.BytesIO(content), size=len(content))
    batches = list(reader.read())
    return [e for b in batches for e in b.events], [n for b in batches for n in b.lines], reader


def said(*events: Any, indent: int | None = None) -> bytes:
    return b"\n".join(json.dumps(event, ensure_ascii=False, indent=indent).encode() for event in events)


@pytest.mark.parametrize(
    ("content", "found", "lines", "unreadable"),
    [
        (said(ONE), [ONE], [1], 0),
        (said(ONE, indent=2), [ONE], [1], 0),
        (said([ONE, TWO]), [ONE, TWO], [1, 2], 0),
        (said([ONE, 7, TWO], indent=2), [ONE, TWO], [1, 3], 1),
        (said(ONE, TWO), [ONE, TWO], [1, 2], 0),
        (said(ONE, TWO) + b"\n", [ONE, TWO], [1, 2], 0),
        (b"\n\n" + said(ONE) + b"\r\n\r\n" + said(TWO), [ONE, TWO], [3, 5], 0),
        (b"\xef\xbb\xbf" + said(ONE, TWO), [ONE, TWO], [1, 2], 0),
        (said(ONE) + b'\n{"id": \n' + said(TWO), [ONE, TWO], [1, 3], 1),
        (b'{"id": \n' + said(ONE, TWO), [ONE, TWO], [2, 3], 1),
        (said(ONE) + b"\n\xff\xfe\n[]\nnull\n", [ONE], [1], 3),
        (b"\x00\x01", [], [], 1),
        (b"[" * 100_000, [], [], 1),
        (b"", [], [], 0),
        (b"[]", [], [], 0),
    ],
)
def test_document_and_lines_are_read(
    content: bytes, found: list[dict[str, Any]], lines: list[int], unreadable: int
) -> None:
    events, numbers, reader = read(content)
    assert events == found
    assert numbers == lines
    report = reader.report
    assert report.unreadable == unreadable
    assert report.lines == report.events + report.blank + report.unreadable
    assert report.bytes_read == len(content)


def test_too_long_line_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud_events, "LONGEST_LINE", 100)
    monkeypatch.setattr(cloud_events, "LARGEST_DOCUMENT", 1000)
    events, lines, reader = read(said(ONE, {"id": "x" * 350}, TWO))
    assert (events, lines, reader.report.unreadable) == ([ONE, TWO], [1, 3], 1)
    events, _, reader = read(said([ONE] * 100))
    assert (events, reader.report.unreadable) == ([], 1)


def test_batches_of_500() -> None:
    content = said(*({"id": str(number)} for number in range(1100)))
    assert [len(batch.events) for batch in CloudEvents(io.BytesIO(content)).read()] == [500, 500, 100]
