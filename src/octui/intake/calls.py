"""Common parts of the CDR and CEL parsers: channels, times and table forms (rules.md 46).

A call becomes the events `octui.call.dialled`, `.answered` and `.ended`, whose subject is the name of the channel that
dialled. `data.call` joins the reports of one call, whatever file they come from.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any

from octui.intake.queue_log_formats import (
    EARLIEST_MS,
    LATEST_MS,
    LONGEST_FIELD,
    SEPARATORS,
    Unreadable,
    first_texts,
    is_frame,
    parse_epoch,
    require_text,
    split_cells,
)
from octui.text.safe import safe

AGREEMENT_MS = 2_000
"""A channel gets its unique ID at most this long before the log says that it began."""
APPS_OF_CALLED = frozenset(("appdial", "appdial2", "appqueue"))
"""What channels execute that were called themselves, in lower case."""
APPS_WITHOUT_DIALLING = APPS_OF_CALLED | frozenset(
    (
        "agentlogin",
        "bridge",
        "bridgewait",
        "chanspy",
        "confbridge",
        "extenspy",
        "meetme",
        "page",
        "park",
        "parkandannounce",
        "parkedcall",
        "pickup",
        "pickupchan",
        "voicemail",
        "voicemailmain",
    )
)
"""Applications in which a channel meets another without having dialled it, in lower case."""
LONGEST_CALL_MS = 8 * 86_400_000
"""Limit of a call, with room for its time zone."""
_QUARTER_MS = 15 * 60_000
_MOST_OFFSET_MS = 14 * 3_600_000
_UNIQUE_ID = re.compile(r"(?:\S{1,100}-)?(\d{9,11})\.\d{1,12}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})? ?(?:Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_START = datetime(1970, 1, 1)  # noqa: DTZ001 naive times are counted from it before the zone is known
_MS = timedelta(milliseconds=1)


class CallKind(StrEnum):
    """Step of an outbound call; the order of the steps is that of events at one instant."""

    DIALLED = "dialled"
    ANSWERED = "answered"
    ENDED = "ended"


_PLACES = {kind: str(place) for place, kind in enumerate(CallKind)}


def call_event(source: str, kind: CallKind, at: int, *, phone: str, call: str, event_id: str) -> dict[str, Any]:
    """Return an event of an outbound call at `at` (epoch ms). `phone`: the dialling channel's phone."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": f"octui.call.{kind}",
        "time": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
        "sequence": _PLACES[kind],
        "subject": phone,
        "data": {"call": call, "direction": "outbound"},
    }


def phone_of(channel: str) -> str | None:
    """Return the phone in a channel's name, or None for a channel that is no phone's.

    That is what stands before the last hyphen: `PJSIP/1001-0000002a` → `PJSIP/1001`. The half of a Local channel that
    executes the dialplan for another channel belongs to no phone; the other half, `;1`, to the one it is named after
    when it dials, which only an originated one does.
    """
    name, hyphen, rest = channel.rpartition("-")
    if not hyphen or "/" not in name or (is_local(channel) and not rest.endswith(";1")):
        return None
    return name


def is_local(channel: str) -> bool:
    """Return whether a channel is one of the two halves of an Asterisk Local channel."""
    return channel[:6].casefold() == "local/"


def epoch_of_unique_id(unique_id: str) -> int | None:
    """Return when a channel was created (epoch ms, whole seconds) by its unique ID, or None for another text."""
    match = _UNIQUE_ID.fullmatch(unique_id)
    return int(match[1]) * 1000 if match else None


def is_unique_id(text: str) -> bool:
    """Return whether a text looks like the unique ID of a channel."""
    return _UNIQUE_ID.fullmatch(text) is not None


def clean_text(name: str, text: str) -> str:
    """Return a log's text made safe for a terminal. Raises Unreadable if it is too long."""
    if len(text) > LONGEST_FIELD:
        raise Unreadable(f"{name} longer than {LONGEST_FIELD} characters")
    return safe(text)


@dataclass(frozen=True)
class Moment:
    """Time in a log: epoch ms, or without a time zone (`plain`, as if it were UTC)."""

    ms: int
    is_plain: bool


def parse_moment(text: str) -> Moment | None:
    """Return a time in seconds or as a date; None for a text that is no time. Raises Unreadable if out of range."""
    moment = _parse_date(text) if _DATE.fullmatch(text) else _parse_seconds(text)
    if moment is not None and not EARLIEST_MS <= moment.ms <= LATEST_MS - LONGEST_CALL_MS:
        raise Unreadable("a time before 2000 or after 9999")
    return moment


def _parse_seconds(text: str) -> Moment | None:
    at = parse_epoch(text)
    return None if at is None else Moment(at, is_plain=False)


def _parse_date(text: str) -> Moment | None:
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))
    except ValueError:
        return None
    plain = (parsed.replace(tzinfo=None) - _START) // _MS
    offset = parsed.utcoffset()
    return Moment(plain if offset is None else plain - offset // _MS, offset is None)


class Clock:
    """Clock of a PBX whose log has times without a time zone.

    A unique ID begins with the epoch second of its channel, so it tells which zone the times are in, also in the hour
    that comes twice. `zone` is the likely one, or the right one if `is_named`.
    """

    def __init__(self, zone: tzinfo, *, is_named: bool = False) -> None:
        self._zone = zone
        self._is_named = is_named
        self.foreign: int | None = None
        """The offset (ms) that the unique IDs tell, where it is not that of the zone."""
        self._quarter = -1
        self._offsets = (0, 0)  # in that quarter of an hour, before and after a change

    @property
    def foreign_zone(self) -> str:
        """Return the name of the time zone that the channels' unique IDs show, "" if they show none."""
        return "" if self.foreign is None else str(timezone(timedelta(milliseconds=self.foreign)))

    def restore_zone(self, foreign: object) -> None:
        """Restore the offset that unique IDs showed in an earlier run, unless a zone is named. Raises TypeError."""
        if foreign is not None and not isinstance(foreign, int):
            raise TypeError("no offset")
        self.foreign = None if self._is_named else foreign

    def learn_zone(self, pairs: Iterable[tuple[Moment, int | None]]) -> None:
        """Find the log's time zone by comparing channels' written start times with the epochs in their unique IDs."""
        if self._is_named:
            return
        agreeing, offsets = 0, Counter[int]()
        for moment, epoch in pairs:
            if epoch is None or not moment.is_plain:
                continue
            if self._nearest(moment.ms, epoch) is not None:
                agreeing += 1
            elif (offset := _offset_between(moment.ms, epoch)) is not None:
                offsets[offset] += 1
        if offsets and offsets.most_common(1)[0][1] > agreeing:
            self.foreign = offsets.most_common(1)[0][0]

    def _candidates(self, plain: int) -> list[int]:
        quarter = plain // _QUARTER_MS
        if quarter != self._quarter:  # clocks are changed at a quarter of an hour
            local = (_START + timedelta(milliseconds=quarter * _QUARTER_MS)).replace(tzinfo=self._zone)
            self._offsets = _offset_ms(local), _offset_ms(local.replace(fold=1))
            self._quarter = quarter
        times = [plain - offset for offset in self._offsets]
        return times if self.foreign is None else [plain - self.foreign, *times]

    def _nearest(self, plain: int, epoch: int) -> int | None:
        best = min(self._candidates(plain), key=lambda at: abs(at - epoch))
        return best if abs(best - epoch) <= AGREEMENT_MS else None

    def place_begin(self, moment: Moment, epoch: int | None) -> int:
        """Return when a channel began (epoch ms), in agreement with the epoch in its unique ID where possible."""
        if epoch is None or not moment.is_plain:
            return self.place(moment)
        found = self._nearest(moment.ms, epoch)
        if found is not None:
            return found
        offset = _offset_between(moment.ms, epoch)
        if self.foreign is not None and offset is not None:
            return moment.ms - offset  # the clocks of that zone are changed, too
        return self.place(moment, near=epoch)

    def place(self, moment: Moment, *, near: int | None = None) -> int:
        """Return a written time as epoch ms; of two possible instants, the one nearest to `near`."""
        if not moment.is_plain:
            return moment.ms
        candidates = self._candidates(moment.ms)
        if self.foreign is not None:
            candidates = candidates[:1]
        return candidates[0] if near is None else min(candidates, key=lambda at: abs(at - near))


def _offset_ms(moment: datetime) -> int:
    offset = moment.utcoffset()
    return 0 if offset is None else offset // _MS


def _offset_between(plain: int, epoch: int) -> int | None:
    """Return the UTC offset between a written time and its epoch, or None if no time zone has such an offset."""
    offset = round((plain - epoch) / _QUARTER_MS) * _QUARTER_MS
    agrees = -AGREEMENT_MS <= plain - epoch - offset <= AGREEMENT_MS
    return offset if agrees and abs(offset) <= _MOST_OFFSET_MS else None


Places = Mapping[str, int]
"""Places of the known columns in a row."""


@dataclass(frozen=True)
class CallTable:
    """Form of a file with one table row a line. `names`: column names of its header, in lower case."""

    separator: str
    places: Places
    names: Mapping[str, Sequence[str]]
    has_header: bool

    def state(self) -> list[Any]:
        """Return the table form as JSON data, which `from_state` reads back."""
        return [self.separator, dict(self.places), self.has_header]

    @classmethod
    def from_state(cls, state: list[Any], names: Mapping[str, Sequence[str]]) -> "CallTable":
        """Return the table form that `data`, the result of an earlier `state`, describes."""
        separator, places, has_header = state
        if separator not in SEPARATORS or not all(isinstance(place, int) for place in places.values()):
            raise ValueError("no form of a table")
        return cls(separator, places, names, has_header)

    def split_row(self, raw: bytes, required: Iterable[str]) -> list[str] | None:
        """Return a row's cells, or None for a heading. Raises Unreadable if required columns are missing."""
        text = require_text(raw)
        cells = split_cells(self.separator, text)
        width = max(self.places[column] for column in required) + 1
        if len(cells) < width:
            if is_frame(text):
                return None
            raise Unreadable(f"{len(cells)} columns instead of {width} or more")
        if is_frame(text) or self._is_header(cells):
            return None
        return cells

    def _is_header(self, cells: Sequence[str]) -> bool:
        return cells[self.places["channel"]].strip().casefold() in self.names["channel"]

    def cell(self, cells: Sequence[str], column: str) -> str:
        """Return a row's text in a column, "" if the row or the table does not have the column."""
        place = self.places.get(column)
        return cells[place].strip() if place is not None and place < len(cells) else ""


def detect_table(
    lines: Sequence[bytes],
    names: Mapping[str, Sequence[str]],
    is_complete: Callable[[Places], bool],
    places_of_row: Callable[[Sequence[str]], Places | None],
) -> CallTable | None:
    """Return the table form of a file by its first lines (header or cells), or None if they show none."""
    for text in first_texts(lines):
        for separator in SEPARATORS:
            try:
                cells = split_cells(separator, text)
            except Unreadable:
                continue
            places = _places_of_header(cells, names)
            has_header = is_complete(places)
            found = places if has_header else places_of_row(cells)
            if found is not None:
                return CallTable(separator, found, names, has_header)
    return None


def _places_of_header(cells: Sequence[str], names: Mapping[str, Sequence[str]]) -> Places:
    header = [cell.strip().casefold() for cell in cells]
    found = {
        column: next((header.index(name) for name in known if name in header), None) for column, known in names.items()
    }
    return {column: place for column, place in found.items() if place is not None}
