"""Outbound calls in Asterisk's CEL: `cel_custom` and exports of the table (rules.md 46).

A line is written as each thing happens to a channel. A call is outbound when its first channel is a phone's that dials:
it starts an application that dials, or another channel is created for its call. It is answered when it enters a bridge
or a channel that it called answers, and ends when the first channel hangs up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, tzinfo
from typing import Any

from octui.intake.calls import (
    APPS_OF_CALLED,
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
    is_local,
    is_unique_id,
    parse_moment,
    phone_of,
)
from octui.intake.queue_log import Order, detect_order
from octui.intake.queue_log_formats import Unreadable

SOURCE = "asterisk/cel"
MOST_OPEN_CALLS = 5_000
"""Limit of the calls that are remembered: their ends may be missing, after a crash of Asterisk."""
LARGEST_STATE = 100_000
"""Limit of the bytes of those that another run is told of, the newest ones."""
_NAMES = {
    "event": ("eventtype", "eventname", "event_type"),
    "time": ("eventtime", "event_time", "time"),
    "channel": ("channame", "channel", "channel_name"),
    "app": ("appname", "app_name", "application"),
    "unique_id": ("uniqueid", "unique_id"),
    "linked_id": ("linkedid", "linked_id"),
}
_REQUIRED = ("event", "time", "channel", "unique_id")
_EVENTS = frozenset(
    (
        *("CHAN_START", "CHAN_END", "ANSWER", "HANGUP", "APP_START", "APP_END", "PARK_START", "PARK_END"),
        *("BRIDGE_START", "BRIDGE_END", "BRIDGE_ENTER", "BRIDGE_EXIT", "BRIDGE_UPDATE", "CONF_START", "CONF_END"),
        *("CONF_ENTER", "CONF_EXIT", "BLINDTRANSFER", "ATTENDEDTRANSFER", "PICKUP", "FORWARD", "LINKEDID_END"),
        *("3WAY_START", "3WAY_END", "HOOKFLASH", "LOCAL_OPTIMIZE", "LOCAL_OPTIMIZE_BEGIN", "USER_DEFINED", "DTMF"),
        *("STREAM_BEGIN", "STREAM_END"),
    )
)
_DIALLING_APPS = frozenset(("dial", "retrydial", "followme", "queue"))
_BARRING_APPS = APPS_WITHOUT_DIALLING - APPS_OF_CALLED
_BRIDGED = ("BRIDGE_ENTER", "BRIDGE_START")
_HUNG_UP = ("HANGUP", "CHAN_END")
_NO_PHONES = frozenset(
    (
        *("announcer", "bridge", "cbann", "cbrec", "confbridgerecorder", "message", "multicastrtp", "recorder"),
        *("snoop", "surrogate", "unicastrtp"),
    )
)
"""Technologies of channels that nobody is called through, in lower case."""


@dataclass(slots=True)
class OpenCall:
    """Call begun by a phone's channel and still running. `is_barred`: the channel does something that is no call."""

    phone: str
    start: int
    is_local: bool
    is_barred: bool = False
    is_dialled: bool = False
    is_answered: bool = False


def _is_complete(places: Places) -> bool:
    return all(column in places for column in _REQUIRED)


def _places_of_row(cells: Sequence[str]) -> Places | None:
    """Return the column places of a row without a header; administrators may choose their order.

    The application stands behind the channel, and the unique ID of the channel before that of the call.
    """
    event = next((place for place, cell in enumerate(cells) if cell in _EVENTS), None)
    if event is None:
        return None
    time = next((place for place in range(event + 1, len(cells)) if _is_time(cells[place])), None)
    if time is None:
        return None
    for channel in range(time + 1, len(cells)):
        name, slash, rest = cells[channel].partition("/")
        if slash and name.isalnum() and "-" in rest:
            ids = [place for place in range(channel + 1, len(cells)) if is_unique_id(cells[place])]
            if not ids:
                return None
            places = {"event": event, "time": time, "channel": channel, "app": channel + 1}
            return {**places, **dict(zip(("unique_id", "linked_id"), ids, strict=False))}
    return None


def _is_time(text: str) -> bool:
    try:
        moment = parse_moment(text)
    except Unreadable:
        return False
    return moment is not None


class CelParser:
    """Parser of CEL lines into events. `zone`: time zone of the times, a guess unless `is_zone_named`."""

    unknown_form = (
        "no CEL of Asterisk in it: neither cel-custom/Master.csv nor the cel table with a header "
        "(eventtype, eventtime, channame, appname, uniqueid, linkedid)."
    )

    holds_calls = False

    def __init__(self, *, zone: tzinfo = UTC, is_zone_named: bool = False) -> None:
        self.table: CallTable | None = None
        self.clock = Clock(zone, is_named=is_zone_named)
        self._last = 0  # time of the line before, ms
        self._open: dict[str, OpenCall] = {}

    def state(self) -> dict[str, Any]:
        """Return the parser's state as JSON data, which `load_state` reads back."""
        calls: list[list[Any]] = []
        size = 0
        for unique_id, call in reversed(self._open.items()):
            size += len(f"{unique_id}{call.phone}".encode()) + 60
            if size > LARGEST_STATE:
                break
            calls.append([unique_id, *astuple(call)])
        return {
            "table": self.table.state() if self.table is not None else None,
            "foreign": self.clock.foreign,
            "last": self._last,
            "open": calls[::-1],
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Continue where the parser stopped whose `state` returned `data`. Raises KeyError, TypeError, ValueError."""
        self.table = CallTable.from_state(state["table"], _NAMES) if state["table"] is not None else None
        self.clock.restore_zone(state["foreign"])
        self._last = int(state["last"])
        self._open = {unique_id: OpenCall(*values) for unique_id, *values in state["open"]}

    def read_form(self, lines: Sequence[bytes]) -> bool:
        """Detect the form of a file and the time zone of its times, by its first lines."""
        self.table = detect_table(lines, _NAMES, _is_complete, _places_of_row)
        if self.table is not None:
            begins = ((moment, epoch) for event, moment, epoch in self._sample_rows(lines) if event == "CHAN_START")
            self.clock.learn_zone(begins)
        return self.table is not None

    def is_in_order(self, lines: Iterable[bytes]) -> bool:
        """Return whether the first lines are in order of time, without which no call can be followed."""
        clock = Clock(UTC)
        times = [clock.place(moment) for _, moment, _ in self._sample_rows(lines)]
        return detect_order(times) is Order.OLDEST_FIRST

    def _sample_rows(self, lines: Iterable[bytes]) -> Iterator[tuple[str, Moment, int | None]]:
        """Yield event, time and unique ID's epoch of each of the first rows that has a time."""
        table = self.table
        if table is None:
            return
        for raw in lines:
            try:
                cells = table.split_row(raw.removesuffix(b"\r"), _REQUIRED)
                moment = parse_moment(table.cell(cells, "time")) if cells is not None else None
            except Unreadable:
                continue
            if cells is not None and moment is not None:
                yield table.cell(cells, "event").upper(), moment, epoch_of_unique_id(table.cell(cells, "unique_id"))

    def parse_line(self, raw: bytes, line: int) -> list[tuple[dict[str, Any], int]] | None:
        """Return a line's events with their line numbers; None for a heading. Raises Unreadable."""
        table = self.table
        if table is None:
            raise Unreadable("not a CEL: no event, time, channel and unique ID in it")
        cells = table.split_row(raw, _REQUIRED)
        if cells is None:
            return None
        moment = parse_moment(table.cell(cells, "time"))
        if moment is None:
            raise Unreadable("no time in its column")
        event = table.cell(cells, "event").upper()
        unique_id = clean_text("uniqueid", table.cell(cells, "unique_id"))
        if not event or not unique_id:
            raise Unreadable("no event or no unique ID in its column")
        if event.isdigit():
            raise Unreadable("the number of an event instead of its name: let the column eventtype be a text")
        channel = clean_text("channel", table.cell(cells, "channel"))
        linked_id = clean_text("linkedid", table.cell(cells, "linked_id")) or unique_id
        epoch = epoch_of_unique_id(unique_id)
        if event == "CHAN_START":
            at = self.clock.place_begin(moment, epoch)
        else:
            at = self.clock.place(moment, near=self._last or epoch)
        self._last = at
        app = table.cell(cells, "app").casefold()
        return [(found, line) for found in self._interpret(event, at, channel, unique_id, linked_id, app)]

    def release_calls(self) -> list[tuple[dict[str, Any], int]]:
        """Return no events, since a CEL parser delays none."""
        return []

    def _interpret(
        self, event: str, at: int, channel: str, unique_id: str, linked_id: str, app: str
    ) -> Iterator[dict[str, Any]]:
        if event == "CHAN_START":
            phone = phone_of(channel)
            if linked_id != unique_id:
                yield from self._create_leg(channel, linked_id)
            elif phone is not None and not _is_of_no_phone(channel):
                self._remember(unique_id, OpenCall(phone, at, is_local(channel)))
            return
        call = self._open.get(unique_id)
        if call is None:
            if event == "ANSWER" and not is_local(channel) and not _is_of_no_phone(channel):
                yield from self._answer(linked_id, at)
            elif event == "LINKEDID_END":
                yield from self._end(linked_id, at)
            return
        if app:
            call.is_barred = app in _BARRING_APPS
        if event == "APP_START" and app in _DIALLING_APPS:
            yield from self._dial(unique_id, call)
        elif event in _BRIDGED and not call.is_barred:
            yield from self._answer(unique_id, at)
        elif event in _HUNG_UP or event == "LINKEDID_END":
            yield from self._end(unique_id, at)

    def _create_leg(self, channel: str, linked_id: str) -> Iterator[dict[str, Any]]:
        """Record a channel that a call created, by which the call's first channel is known to dial."""
        call = self._open.get(linked_id)
        if call is not None and not call.is_barred and not call.is_local and not _is_of_no_phone(channel):
            yield from self._dial(linked_id, call)

    def _dial(self, unique_id: str, call: OpenCall) -> Iterator[dict[str, Any]]:
        if not call.is_dialled:
            call.is_dialled = True
            yield _event_of(CallKind.DIALLED, call.start, unique_id, call)

    def _answer(self, unique_id: str, at: int) -> Iterator[dict[str, Any]]:
        call = self._open.get(unique_id)
        if call is not None and call.is_dialled and not call.is_answered and not call.is_barred:
            call.is_answered = True
            yield _event_of(CallKind.ANSWERED, at, unique_id, call)

    def _end(self, unique_id: str, at: int) -> Iterator[dict[str, Any]]:
        call = self._open.pop(unique_id, None)
        if call is not None and call.is_dialled:
            yield _event_of(CallKind.ENDED, at, unique_id, call)

    def _remember(self, unique_id: str, call: OpenCall) -> None:
        self._open[unique_id] = call
        while len(self._open) > MOST_OPEN_CALLS:
            del self._open[next(iter(self._open))]


def _is_of_no_phone(channel: str) -> bool:
    return channel.partition("/")[0].casefold() in _NO_PHONES


def _event_of(kind: CallKind, at: int, unique_id: str, call: OpenCall) -> dict[str, Any]:
    event_id = f"{unique_id[:150]}:{kind}:{call.start // 1000}"
    return call_event(SOURCE, kind, at, phone=call.phone, call=unique_id, event_id=event_id)
