"""Formats of a queue_log: Asterisk's file, and exports of database tables that some PBXs use (docs/queue-log.md).

A table's columns may be separated by commas, semicolons, tabs or bars, with or without a header, as psql, `\\copy`,
mysql and spreadsheets write them: `[id,] time, callid, queuename, agent, event` and then `data` (arguments joined by
`|`) or `data1` to `data5`. The first lines tell the form.
"""

import csv
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from octui.intake.batches import LONGEST_LINE
from octui.text.safe import safe

EARLIEST_MS = 946_684_800_000
LATEST_MS = 253_402_214_399_999
"""End of 30 December 9999 in UTC: a day later it is the year 10000 in zones east of it, which no date holds."""
LONGEST_FIELD = 200
MOST_ARGS = 16
MOST_JITTER_MS = 10_000
"""Lines of a table may be this much out of order without the clock having been set."""
MOST_EVENTS = 1000
"""Limit of the names of events that are remembered as names."""
DETECTED_LINES = 50
"""The form is looked for in that many lines."""

QUEUE_LOG, COMMAS, SEMICOLONS, TABS, BARS = "queue_log", "csv", "semicolons", "tab", "columns"
FORMATS = (QUEUE_LOG, COMMAS, SEMICOLONS, TABS, BARS)
"""Names of the forms, as `--format` takes them."""
SEPARATORS = {COMMAS: ",", SEMICOLONS: ";", TABS: "\t", BARS: "|"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
_EVENT_OF_TABLE = re.compile(r"[A-Z][A-Z0-9_]{2,59}", re.ASCII)
_EPOCH = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})? ?(?:Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_RULER = re.compile(r"[-+|= ]*-[-+|= ]*")
_FOOTER = re.compile(r"\(\d+ (?:rows?|행|개 행|行)\)|\\\.")
_NUMBERED = re.compile(r"data(\d{1,2})")
_COLUMNS = {
    "time": ("time", "time_id", "eventtime", "event_time", "timestamp", "datetime"),
    "call": ("callid", "call_id", "uniqueid", "call"),
    "queue": ("queuename", "queue_name", "queue"),
    "agent": ("agent", "agentname"),
    "event": ("event", "verb"),
}
_JOINED = ("data", "info")
_START = datetime(1970, 1, 1)  # noqa: DTZ001 naive times are counted from it before the zone is known
_MS = timedelta(milliseconds=1)
_ESCAPES = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
_ESCAPE = re.compile(r"\\[\\tnr]")


class Unreadable(ValueError):
    """Error for a log line that cannot be read; the message says why."""


Fields = tuple[int, bytes, str, str, str, str, list[str]]
"""What a line says: at (epoch ms), the bytes that the ID is made of, call, queue, agent, event, arguments."""


@dataclass(frozen=True)
class Layout:
    """Column places of a queue_log table. `data`: one place for all arguments as a text, or one for each argument."""

    time: int
    call: int
    queue: int
    agent: int
    event: int
    data: tuple[int, ...]
    joined: bool

    @property
    def width(self) -> int:
        """Return the least number of cells in a row; cells of arguments may be missing."""
        return max(self.time, self.call, self.queue, self.agent, self.event) + 1


def require_text(raw: bytes) -> str:
    """Return a log line as text. Raises Unreadable for binary data and for a line too long."""
    if len(raw) > LONGEST_LINE:
        raise Unreadable(f"longer than {LONGEST_LINE} bytes")
    if _BINARY.search(raw):
        raise Unreadable("binary data, not text")
    return raw.decode("utf-8", "replace")


def first_texts(lines: Sequence[bytes]) -> list[str]:
    """Return the first lines of a file as texts, without lines that cannot be read."""
    texts = []
    for raw in lines[:DETECTED_LINES]:
        with suppress(Unreadable):
            texts.append(require_text(raw.removesuffix(b"\r")))
    return texts


def is_frame(text: str) -> bool:
    """Return whether a line only frames a table's rows: a ruler, or the count of rows."""
    return _RULER.fullmatch(text) is not None or _FOOTER.fullmatch(text.strip()) is not None


def _require_range(at: int) -> int:
    if not EARLIEST_MS <= at <= LATEST_MS:
        raise Unreadable("a time before 2000 or after 9999")
    return at


def parse_epoch(text: str) -> int | None:
    """Return seconds, perhaps with a fraction, as epoch ms; None for another text. Raises Unreadable."""
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    return _require_range(int(match[1]) * 1000 + int((match[2] or "0").ljust(3, "0")[:3]))


def _clean_field(name: str, text: str) -> str:
    if len(text) > LONGEST_FIELD:
        raise Unreadable(f"{name} longer than {LONGEST_FIELD} characters")
    return safe(text)


def _clean_args(args: list[str]) -> list[str]:
    return [safe(arg, limit=LONGEST_FIELD) for arg in args[:MOST_ARGS]]


class FileFormat:
    """Format of Asterisk's own file: `epoch|callid|queue|agent|EVENT|data…`, the epoch perhaps with a fraction."""

    name = QUEUE_LOG
    is_table = False

    def __init__(self) -> None:
        self._epoch: str | None = None
        self._at = 0
        self._events: set[str] = set()

    def split_line(self, raw: bytes) -> Fields | None:
        """Return a line's fields. Raises Unreadable with the reason."""
        if len(raw) <= LONGEST_FIELD:
            text = raw.decode("utf-8", "replace")
            if (text.isascii() and text.isprintable()) or safe(text, limit=LONGEST_FIELD) is text:
                parts = text.split("|")
                if len(parts) > 4 and parts[4] in self._events:
                    if parts[0] != self._epoch:
                        self._at, self._epoch = self._require_epoch(parts[0]), parts[0]
                    args = parts[5:]
                    if args and not args[-1]:
                        args.pop()
                    return self._at, raw, parts[1], parts[2], parts[3], parts[4], args[:MOST_ARGS]
        return self._split_any_line(raw)

    def _require_epoch(self, text: str) -> int:
        if len(text) == 10 and text.isdigit() and text.isascii():
            return _require_range(int(text) * 1000)
        at = parse_epoch(text)
        if at is None:
            raise Unreadable("does not begin with a time in seconds")
        return at

    def _split_any_line(self, raw: bytes) -> Fields:
        """Return the fields of a log line, checked in every respect. Raises Unreadable."""
        text = require_text(raw)
        epoch, *fields = text.split("|")
        at = self._require_epoch(epoch)
        if len(fields) < 4:
            raise Unreadable(f"{len(fields) + 1} fields instead of 5 or more")
        call, queue, agent, event, *args = fields
        if not _NAME.fullmatch(event):
            raise Unreadable("no event name in the fifth field")
        if args and not args[-1]:
            args.pop()
        if len(self._events) < MOST_EVENTS:
            self._events.add(event)
        return (
            at,
            raw,
            _clean_field("call id", call),
            _clean_field("queue", queue),
            _clean_field("agent", agent),
            event,
            _clean_args(args),
        )

    def state(self) -> dict[str, Any]:
        """Return the format as JSON data for `restore_format`."""
        return {"name": self.name}


class TableFormat:
    """Format of an exported table: cells between separators. `zone`: of times without a time zone.

    Headers, rulers and the count of the rows are passed over. The hour that the clocks are set back by comes twice:
    its lines are of the second time from where they go back.
    """

    is_table = True

    def __init__(self, name: str, layout: Layout, zone: tzinfo, last: int = 0) -> None:
        self.name = name
        self.layout = layout
        self._width = layout.width
        first, count = layout.data[0] if layout.data else 0, len(layout.data)
        self._data = slice(first, first + count) if layout.data == tuple(range(first, first + count)) else None
        self._zone = zone
        self._last = last
        self._events: set[str] = set()
        self._minute = ""  # of the line before, as it is written
        self._minute_at = (0, 0)  # its start, epoch ms, by the first and by the second clock

    def forget_clock(self) -> None:
        """Convert the next line's time without regard to earlier lines."""
        self._last = 0

    def split_line(self, raw: bytes) -> Fields | None:
        """Return a row's fields, or None for a heading. Raises Unreadable with the reason."""
        text = require_text(raw)
        cells = split_cells(self.name, text)
        layout = self.layout
        if len(cells) < self._width:
            if is_frame(text):
                return None
            raise Unreadable(f"{len(cells)} columns instead of {self._width} or more")
        at = self._parse_time(cells[layout.time])
        if at is None:
            if cells[layout.time].casefold() in _COLUMNS["time"] or _RULER.fullmatch(text):
                return None
            raise Unreadable("no time in its column")
        event = cells[layout.event]
        if event not in self._events:
            if not _NAME.fullmatch(event):
                raise Unreadable("no event name in its column")
            if len(self._events) < MOST_EVENTS:
                self._events.add(event)
        args = self._arguments(cells)
        call, queue, agent = cells[layout.call], cells[layout.queue], cells[layout.agent]
        written = "|".join((str(at // 1000), call, queue, agent, event, *(args or ("",))))
        as_line = written.encode("utf-8", "replace")
        if len(written) <= LONGEST_FIELD and safe(written, limit=LONGEST_FIELD) is written:
            return at, as_line, call, queue, agent, event, args[:MOST_ARGS]
        return (
            at,
            as_line,
            _clean_field("call id", call),
            _clean_field("queue", queue),
            _clean_field("agent", agent),
            event,
            _clean_args(args),
        )

    def _arguments(self, cells: list[str]) -> list[str]:
        layout = self.layout
        if layout.joined:
            first = layout.data[0]
            # Bars in the last column of columns separated by bars are the data's own.
            joined = "|".join(cells[first:]) if self.name == BARS else "".join(cells[first : first + 1])
            args = joined.split("|")
        elif self._data is not None:
            args = cells[self._data]
        else:
            args = [cells[place] for place in layout.data if place < len(cells)]
        while args and not args[-1]:
            args.pop()
        return args

    def _parse_time(self, text: str) -> int | None:
        seconds, rest = text[17:19], text[19:]
        if (
            text[:17] == self._minute
            and seconds < "60"
            and (not rest or rest[0] == ".")
            and len(rest) <= 10
            and (seconds + rest[1:]).isdigit()
            and text.isascii()
        ):
            ms = int(seconds) * 1000 + int(rest[1:4].ljust(3, "0"))
            return self._place_on_clock(self._minute_at[0] + ms, self._minute_at[1] + ms)
        if not _DATE.fullmatch(text):
            return parse_epoch(text)
        try:
            parsed = datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))
        except ValueError:
            return None
        zone = parsed.tzinfo
        if zone is not None:
            at = (parsed.replace(tzinfo=None) - _START) // _MS - _offset_ms(parsed)
            return _require_range(at)
        plain = (parsed - _START) // _MS
        local = parsed.replace(tzinfo=self._zone)
        early, late = plain - _offset_ms(local), plain - _offset_ms(local.replace(fold=1))
        # No clock is changed within a minute.
        into_minute = plain % 60_000
        self._minute, self._minute_at = text[:17], (early - into_minute, late - into_minute)
        return self._place_on_clock(early, late)

    def _place_on_clock(self, early: int, late: int) -> int:
        """Return the epoch ms of a local time; of two possible ones, the one that keeps lines in order."""
        self._last = late if early < self._last - MOST_JITTER_MS and early < late else early
        return _require_range(self._last)

    def state(self) -> dict[str, Any]:
        """Return the format as JSON data for `restore_format`."""
        layout = self.layout
        places = [layout.time, layout.call, layout.queue, layout.agent, layout.event]
        return {
            "name": self.name,
            "places": places,
            "data": list(layout.data),
            "joined": layout.joined,
            "last": self._last,
        }


Format = FileFormat | TableFormat


def _offset_ms(moment: datetime) -> int:
    offset = moment.utcoffset()
    return 0 if offset is None else offset // _MS


def restore_format(state: dict[str, Any], zone: tzinfo = UTC) -> Format:
    """Return the format object that `data`, the result of an earlier `state()`, describes."""
    if state["name"] == QUEUE_LOG:
        return FileFormat()
    time, call, queue, agent, event = state["places"]
    layout = Layout(time, call, queue, agent, event, tuple(state["data"]), state["joined"])
    return TableFormat(state["name"], layout, zone, state["last"])


def split_cells(name: str, text: str) -> list[str]:
    """Return a row's cells; a NULL in any form is an empty cell. Raises Unreadable."""
    if name == BARS:
        text = text.strip()
        is_boxed = text.startswith("|") and text.endswith("|")
        cells = [cell.strip() for cell in (text[1:-1] if is_boxed else text).split("|")]
    elif name == TABS:
        cells = [_ESCAPE.sub(_unescape, cell) if "\\" in cell and cell != "\\N" else cell for cell in text.split("\t")]
    else:
        cells = _split_quoted(SEPARATORS[name], text) if '"' in text else text.split(SEPARATORS[name])
    if "\\N" not in text and "NULL" not in text:
        return cells
    return ["" if cell in ("\\N", "NULL") else cell for cell in cells]


def _split_quoted(separator: str, text: str) -> list[str]:
    try:
        return next(csv.reader((text,), delimiter=separator, strict=True), [])
    except csv.Error as error:
        raise Unreadable(f"broken quoting: {error}") from None


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def detect_format(lines: Sequence[bytes], zone: tzinfo = UTC, *, only: str | None = None) -> Format | None:
    """Return the format of a log by its first lines, or None. `only`: the only format to consider."""
    texts = first_texts(lines)
    candidates: dict[str, Callable[[], Format | None]] = {
        QUEUE_LOG: lambda: FileFormat() if only or any(map(_is_queue_log_line, texts)) else None,
        **{name: lambda name=name: _detect_table(name, texts, zone) for name in SEPARATORS},  # type: ignore[misc]
    }
    for name, detect in candidates.items():
        found = detect() if only in (None, name) else None
        if found is not None:
            return found
    return None


def _is_queue_log_line(text: str) -> bool:
    parts = text.split("|")
    try:
        return len(parts) > 4 and parse_epoch(parts[0]) is not None and _NAME.fullmatch(parts[4]) is not None
    except Unreadable:
        return False


def _detect_table(name: str, texts: Sequence[str], zone: tzinfo) -> TableFormat | None:
    for text in texts:
        try:
            cells = split_cells(name, text)
        except Unreadable:
            continue
        layout = _layout_of_header(cells) or _layout_of_row(cells, ragged=name == BARS)
        if layout is not None:
            return TableFormat(name, layout, zone)
    return None


def _layout_of_header(cells: list[str]) -> Layout | None:
    names = [cell.strip().casefold() for cell in cells]
    places: dict[str, int] = {}
    for column, known in _COLUMNS.items():
        found = [names.index(name) for name in known if name in names]
        if not found:
            return None
        places[column] = found[0]
    numbered = sorted(
        (int(match[1]), place) for place, name in enumerate(names) if (match := _NUMBERED.fullmatch(name))
    )
    joined = [names.index(name) for name in _JOINED if name in names]
    if numbered:
        return Layout(**places, data=tuple(place for _, place in numbered), joined=False)
    return Layout(**places, data=tuple(joined[:1]), joined=bool(joined))


def _layout_of_row(cells: list[str], *, ragged: bool) -> Layout | None:
    """Return the column places of a row without a header: its time, the four columns after it, the data.

    `ragged`: rows may have any number of arguments, as in Asterisk's file.
    """
    for first in range(min(3, len(cells) - 4)):
        cell = cells[first]
        try:
            is_time = _DATE.fullmatch(cell) is not None or parse_epoch(cell) is not None
        except Unreadable:
            continue
        if is_time and _EVENT_OF_TABLE.fullmatch(cells[first + 4]):
            data = range(first + 5, min(len(cells), first + 10))
            if ragged and len(data) < 5:
                data = range(first + 5, first + 6)
            joined = len(data) == 1 or (len(data) > 0 and "|" in cells[first + 5])
            return Layout(first, first + 1, first + 2, first + 3, first + 4, tuple(data), joined)
    return None
