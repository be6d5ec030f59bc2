"""Outbound calls in Asterisk's CDR: `cdr-csv/Master.csv`, cdr_custom, and exports of the table (rules.md 46).

A record is written when a call has ended. Several records may tell of one channel that dialled: one for each phone
that rang, and more after transfers. They make one call, from the first beginning to the last end.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from octui.intake.calls import (
    AGREEMENT_MS,
    APPS_WITHOUT_DIALLING,
    CallKind,
    CallTable,
    Clock,
    Moment,
    Places,
    call_event,
    clean_text,
    detect_table,
    epoch_of_unique_id,
    is_unique_id,
    parse_moment,
    phone_of,
)
from octui.intake.queue_log_formats import Unreadable

SOURCE = "asterisk/cdr"
MOST_OPEN_LINES = 100
"""The records of one channel are at most so many lines apart."""
LONGEST_CALL_S = 7 * 86_400
_NAMES = {
    "channel": ("channel",),
    "dialled": ("dstchannel", "destination_channel", "dst_channel"),
    "app": ("lastapp", "last_app"),
    "start": ("start", "calldate", "starttime", "start_time"),
    "answer": ("answer", "answerdate", "answertime", "answer_time"),
    "end": ("end", "hangupdate", "enddate", "endtime", "end_time"),
    "duration": ("duration",),
    "billsec": ("billsec",),
    "disposition": ("disposition",),
    "unique_id": ("uniqueid", "unique_id"),
    "linked_id": ("linkedid", "linked_id"),
}
_ANSWERED = ("ANSWERED", "8")
"""The disposition as text, and as the number that drivers write with `dispositionstring=no`."""
_DISPOSITIONS = frozenset(
    ("ANSWERED", "NO ANSWER", "NOANSWER", "BUSY", "FAILED", "CONGESTION", "UNKNOWN", "", *map(str, range(64)))
)
_REQUIRED = ("channel", "dialled", "start", "disposition")


class Record(NamedTuple):
    """CDR row of a channel that dialled; times are epoch ms, `answer` None if the call was not answered."""

    phone: str
    key: str
    call: str
    start: int
    answer: int | None
    end: int
    line: int


def _is_complete(places: Places) -> bool:
    has_end = "end" in places or "duration" in places
    return all(column in places for column in _REQUIRED) and has_end


def _places_of_row(cells: Sequence[str]) -> Places | None:
    """Return the column places of a row without a header, found by its three times and the cells around them.

    cdr-csv begins with the account code, cdr_custom with the caller's ID, and both may have more columns at the end.
    """
    for start in (9, 8):
        if len(cells) < start + 6 or not _is_time(cells[start]):
            continue
        if not (cells[start + 1] == "" or _is_time(cells[start + 1])) or not _is_time(cells[start + 2]):
            continue
        if cells[start + 5].upper() not in _DISPOSITIONS:
            continue
        places = {"channel": start - 4, "dialled": start - 3, "app": start - 2, "start": start, "answer": start + 1}
        places |= {"end": start + 2, "duration": start + 3, "billsec": start + 4, "disposition": start + 5}
        ids = [place for place in range(start + 6, len(cells)) if is_unique_id(cells[place])]
        return {**places, **dict(zip(("unique_id", "linked_id"), ids, strict=False))}
    return None


def _is_time(text: str) -> bool:
    try:
        return parse_moment(text) is not None
    except Unreadable:
        return False


class CdrParser:
    """Parser of CDR lines into events. `zone`: time zone of the times, a guess unless `is_zone_named`."""

    unknown_form = (
        "no CDR of Asterisk in it: neither cdr-csv/Master.csv nor the cdr table with a header "
        "(channel, dstchannel, calldate or start, duration or end, disposition, uniqueid)."
    )

    def __init__(self, *, zone: tzinfo = UTC, is_zone_named: bool = False) -> None:
        self.table: CallTable | None = None
        self.clock = Clock(zone, is_named=is_zone_named)
        self._open: OrderedDict[str, list[Record]] = OrderedDict()
        self._last = 0  # latest end of a record, epoch ms

    @property
    def holds_calls(self) -> bool:
        """Return whether some calls wait for more records before their events are returned."""
        return bool(self._open)

    def state(self) -> dict[str, Any]:
        """Return the parser's state as JSON data, without calls that wait for more records."""
        table = self.table.state() if self.table is not None else None
        return {"table": table, "foreign": self.clock.foreign, "last": self._last}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Continue where the parser stopped whose `state` returned `data`. Raises KeyError, TypeError, ValueError."""
        self.table = CallTable.from_state(state["table"], _NAMES) if state["table"] is not None else None
        self.clock.restore_zone(state["foreign"])
        self._last = int(state["last"])

    def read_form(self, lines: Sequence[bytes]) -> bool:
        """Detect the form of a file and the time zone of its times, by its first lines."""
        self.table = detect_table(lines, _NAMES, _is_complete, _places_of_row)
        if self.table is not None:
            self.clock.learn_zone(self._sample_times(self.table, lines))
        return self.table is not None

    def is_in_order(self, lines: Iterable[bytes]) -> bool:
        """Return whether each of the first lines is a complete call, so that their order can be used."""
        return True

    def _sample_times(self, table: CallTable, lines: Iterable[bytes]) -> Iterator[tuple[Moment, int | None]]:
        for raw in lines:
            try:
                cells = table.split_row(raw.removesuffix(b"\r"), _REQUIRED)
                moment = parse_moment(table.cell(cells, "start")) if cells is not None else None
            except Unreadable:
                continue
            if cells is not None and moment is not None:
                yield moment, epoch_of_unique_id(table.cell(cells, "unique_id"))

    def parse_line(self, raw: bytes, line: int) -> list[tuple[dict[str, Any], int]] | None:
        """Return the events of calls that a line completes, by line; None for a heading. Raises Unreadable."""
        table = self.table
        if table is None:
            raise Unreadable("not a CDR: no channel, dstchannel, times and disposition in it")
        cells = table.split_row(raw, _REQUIRED)
        if cells is None:
            return None
        record = self._read_record(table, cells, line)
        done: list[tuple[dict[str, Any], int]] = []
        while self._open and next(iter(self._open.values()))[-1].line < line - MOST_OPEN_LINES:
            done += _events_of(self._open.popitem(last=False)[1])
        if record is not None:
            self._open.setdefault(record.key, []).append(record)
            self._open.move_to_end(record.key)
        return done

    def release_calls(self) -> list[tuple[dict[str, Any], int]]:
        """Return the events of all calls that wait for more records."""
        done = [event for records in self._open.values() for event in _events_of(records)]
        self._open.clear()
        return done

    def _read_record(self, table: CallTable, cells: Sequence[str], line: int) -> Record | None:
        """Return a row's record if it is of an outbound call, else None. Raises Unreadable."""
        moment = parse_moment(table.cell(cells, "start"))
        if moment is None:
            raise Unreadable("no time in the column start")
        disposition = table.cell(cells, "disposition").upper()
        if disposition not in _DISPOSITIONS:
            raise Unreadable("no disposition in its column")
        unique_id = clean_text("uniqueid", table.cell(cells, "unique_id"))
        epoch = epoch_of_unique_id(unique_id)
        begin = self.clock.place_begin(moment, epoch)
        duration, billsec = (_seconds(table, cells, column) for column in ("duration", "billsec"))
        until_answer = duration - billsec if duration is not None and billsec is not None else None
        answer = _shift(table, cells, "answer", moment, until_answer)
        end = _shift(table, cells, "end", moment, duration)
        channel = clean_text("channel", table.cell(cells, "channel"))
        phone = phone_of(channel)
        self._last = max(self._last, begin + (end or 0))
        if end is None or not 0 <= end <= LONGEST_CALL_S * 1000:
            raise Unreadable("ends before it began, or a week later")
        app = table.cell(cells, "app").casefold()
        if phone is None or not table.cell(cells, "dialled") or app in APPS_WITHOUT_DIALLING:
            return None
        if disposition not in _ANSWERED:
            answer = None
        elif answer is None or not 0 <= answer <= end:
            raise Unreadable("answered before it began, or after its end")
        start = epoch if epoch is not None and 0 <= begin - epoch <= AGREEMENT_MS and begin % 1000 == 0 else begin
        key = unique_id or f"{channel}@{start // 1000}"
        call = clean_text("linkedid", table.cell(cells, "linked_id")) or key
        return Record(phone, key, call, start, None if answer is None else begin + answer, begin + end, line)


def _seconds(table: CallTable, cells: Sequence[str], column: str) -> float | None:
    """Return a cell's number of seconds, or None for an empty cell. Raises Unreadable."""
    text = table.cell(cells, column)
    if not text:
        return None
    try:
        seconds = float(text) if text[0].isdigit() else -1.0
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_CALL_S:
        raise Unreadable(f"{column} is no number of seconds up to a week")
    return seconds


def _shift(table: CallTable, cells: Sequence[str], column: str, begin: Moment, elapsed: float | None) -> int | None:
    """Return the time (ms) from a call's start to one of its steps, or None if the record does not have it.

    The times say it, unless the clocks were changed in between: then the seconds that elapsed.
    """
    moment = parse_moment(table.cell(cells, column)) if table.cell(cells, column) else None
    by_seconds = None if elapsed is None else round(elapsed * 1000)
    if moment is None or moment.is_plain != begin.is_plain:
        return by_seconds
    by_times = moment.ms - begin.ms
    return by_times if by_seconds is None or abs(by_times - by_seconds) <= AGREEMENT_MS else by_seconds


def _events_of(records: Sequence[Record]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the events of a call, from all records of the channel that dialled."""
    first, last = records[0], records[-1]
    call = first.key if any(record.call == first.key for record in records) else first.call
    answers = [record.answer for record in records if record.answer is not None]
    happened = [(CallKind.DIALLED, min(record.start for record in records))]
    if answers:
        happened.append((CallKind.ANSWERED, min(answers)))
    ends = [record.end for record in records if record.answer is not None or not answers]
    happened.append((CallKind.ENDED, max(ends)))
    for kind, at in happened:
        event_id = f"{first.key[:150]}:{kind}:{at // 1000}"
        yield call_event(SOURCE, kind, at, phone=first.phone, call=call, event_id=event_id), last.line
