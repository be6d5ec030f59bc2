"""Validate incoming events one by one, before anything is stored (schema/events.py)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from octui.schema.events import CloudEvent, RefusedEvent
from octui.schema.findings import field_problem
from octui.schema.problems import FieldCode
from octui.server.events import pause_reasons, queue_log_rules
from octui.server.events.ticket_rules import TICKET_TYPES
from octui.server.events.timeline_rules import PHONE_STATES, STATE_HANDLERS
from octui.text.safe import normalize_name, safe

KEYS_SOURCE = "octui:keys"
"""Source of the events that stand for the agents' own key presses; nobody else may send it."""
MOST_AHEAD_MS = 5 * 60_000
_DAY_MS = 86_400_000
EARLIEST_MS = 2 * 86_400_000
LONGEST_TEXT = 200
MOST_ARGS = 16
LONGEST_RING_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_LARGEST = 2**63 - 1
_PREFIX = re.compile(r"(?:Agent|SIP|PJSIP|Local|IAX2|DAHDI|Zap|SCCP)/(.+)", re.IGNORECASE | re.DOTALL)
_OPTIONS = re.compile(r"/[a-z]{1,8}$", re.IGNORECASE)
_CHANNEL_NUMBER = re.compile(r"-[0-9a-f]{8}(?:;[12])?$", re.IGNORECASE)
_CONTEXT = re.compile(r"@.*$", re.DOTALL)
_PAUSES = frozenset(queue_log_rules.PREFIX + name for name in ("PAUSE", "PAUSEALL", "PAUSEREASON"))
_CONNECT = queue_log_rules.PREFIX + "CONNECT"
_RANG = queue_log_rules.PREFIX + "RINGNOANSWER"


class IncomingEvent(NamedTuple):
    """Valid event, with its data in the shape that the timeline rules and the ticket rules use.

    `agent`: the agent's name as the sender gave it, or None. `everybody`: the event concerns all agents of the service.
    `reason`: an unknown pause reason. `line`: its line in the file it was read from.
    """

    id: str
    source: str
    type: str
    at: int
    sequence: int
    agent: str | None
    everybody: bool
    data: dict[str, Any]
    ticket: str | None
    reason: str | None
    line: int | None = None


@dataclass
class JudgedBatch:
    """Batch of events after validation: each event is in exactly one of its lists.

    `places`: the indexes of `events` in the batch. `is_ahead`: an event was refused because a clock is ahead, and
    can be taken in later.
    """

    events: list[IncomingEvent] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedEvent] = field(default_factory=list)
    is_ahead: bool = False


class _RefusedError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _AheadError(_RefusedError):
    """Error for an event time that is ahead of the server's clock by less than a day."""


@lru_cache(maxsize=4096)
def candidate_names(name: str) -> tuple[str, ...]:
    """Return the names by which to look up an agent: the whole name, then a channel's shorter forms.

    `Local/1001@from-queue/n` → `1001@from-queue/n`, `1001@from-queue`, `1001`; `PJSIP/1001-0000001a` → `1001` in the
    end. Only after a channel's prefix is an end like `-0000001a` no part of the name.
    """
    name = normalize_name(name)
    match = _PREFIX.fullmatch(name)
    if not match:
        return (name,)
    names = [name, match[1]]
    for added in (_OPTIONS, _CHANNEL_NUMBER, _CONTEXT):
        names.append(added.sub("", names[-1]))
    return tuple(dict.fromkeys(filter(None, names)))


def is_interface(name: str) -> bool:
    """Return whether a name is a channel or an interface, as in `SIP/1001`, rather than a queue member's name."""
    return _PREFIX.fullmatch(normalize_name(name)) is not None


def parse_time(text: str) -> int:
    """Return an RFC 3339 time as epoch ms. Raises ValueError, also without an offset."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("no offset")
    return (parsed - _EPOCH) // _MS


def judge_events(events: Sequence[object], service: str, now: int) -> JudgedBatch:
    """Validate decoded CloudEvents for the service with this ID. An event without a time gets `now` (epoch ms)."""
    batch = JudgedBatch()
    for index, raw in enumerate(events):
        add_event(batch, index, raw, service, now)
    return batch


def add_event(batch: JudgedBatch, index: int, raw: object, service: str, now: int) -> None:
    """Validate the decoded event with this index, and add it or its refusal to the batch."""
    try:
        event = CloudEvent.model_validate(raw)
        read = _READERS.get(event.type)
        if read is None:
            _require_printable("type", event.type)
            batch.unknown[event.type] = batch.unknown.get(event.type, 0) + 1
        else:
            batch.events.append(_read_event(event, read, service, now))
            batch.places.append(index)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        problem = field_problem(first, first["loc"] or ("event",))
        batch.refused.append(refused_event(index, raw, problem.code, f"{problem.field}: {problem.message}"))
    except _RefusedError as error:
        batch.refused.append(refused_event(index, raw, error.code, str(error)))
        batch.is_ahead = batch.is_ahead or isinstance(error, _AheadError)


def refused_event(index: int, raw: object, code: str, message: str) -> RefusedEvent:
    """Return the refusal of a decoded event, with the event's ID if it has one."""
    event_id = raw.get("id") if isinstance(raw, dict) else None
    shown_id = safe(event_id, limit=LONGEST_TEXT) if isinstance(event_id, str) else None
    return RefusedEvent(index=index, id=shown_id, code=code, message=safe(message, limit=400))


def _read_event(event: CloudEvent, read: "_Reader", service: str, now: int) -> IncomingEvent:
    for name, text in (("id", event.id), ("source", event.source)):
        if not (text.isascii() and text.isprintable()):
            _require_printable(name, text)
    if event.source == KEYS_SOURCE:
        raise _RefusedError(FieldCode.UNKNOWN_VALUE, "source: this one is the program's own, for the agents' keys")
    data = event.data or {}
    service_id = data.get("service")
    if service_id is not None and service_id != service:
        raise _RefusedError(FieldCode.UNKNOWN_VALUE, "data.service: the event is of another service")
    # Time and sequence are checked first: of several faults the first is reported.
    at, sequence = _event_time(event.time, now), _sequence_number(event.sequence)
    return IncomingEvent(event.id, event.source, event.type, at, sequence, *read(event, data))


def _event_time(time: str | None, now: int) -> int:
    if time is None:
        return now
    try:
        at = parse_time(time)
    except (ValueError, OverflowError):
        raise _RefusedError(FieldCode.PATTERN, "time: not an RFC 3339 time with an offset") from None
    if at > now + MOST_AHEAD_MS:
        refused = _AheadError if at < now + _DAY_MS else _RefusedError
        raise refused(FieldCode.RANGE, "time: more than five minutes ahead of this service's clock")
    if at < EARLIEST_MS:
        raise _RefusedError(FieldCode.RANGE, "time: before 1970-01-03")
    return at


def _sequence_number(sequence: str | int | None) -> int:
    if sequence is None:
        return 0
    try:
        number = int(sequence)
    except ValueError:
        number = -1
    if not 0 <= number <= _LARGEST:
        raise _RefusedError(FieldCode.PATTERN, "sequence: not a number from 0 to 2^63-1")
    return number


def _require_printable(name: str, text: str) -> str:
    if safe(text, limit=LONGEST_TEXT) != text:
        raise _RefusedError(FieldCode.CONTROL_CHARACTER, f"{name}: holds a character that cannot be shown")
    return text


def _data_text(data: dict[str, Any], name: str) -> str | None:
    """Return a text in an event's data (numbers become text), or None if it is missing, null or empty."""
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _RefusedError(FieldCode.TYPE, f"data.{name}: not a text")
    if len(value) > LONGEST_TEXT:
        raise _RefusedError(FieldCode.TOO_LONG, f"data.{name}: more than {LONGEST_TEXT} characters")
    return _require_printable(f"data.{name}", value)


def _require_text(data: dict[str, Any], name: str) -> str:
    text = _data_text(data, name)
    if text is None:
        raise _RefusedError(FieldCode.MISSING, f"data.{name}: missing")
    return text


def _require_subject(event: CloudEvent) -> str:
    if not event.subject:
        raise _RefusedError(FieldCode.MISSING, "subject: names no agent")
    return _require_printable("subject", event.subject)


def _phone_state(data: dict[str, Any], name: str = "state") -> str | None:
    state = data.get(name)
    if state is not None and (not isinstance(state, str) or state not in PHONE_STATES):
        raise _RefusedError(FieldCode.UNKNOWN_VALUE, f"data.{name}: not a phone state")
    return state


class _Content(NamedTuple):
    """Fields of an IncomingEvent that depend on the event's type, in the same order."""

    agent: str | None
    everybody: bool = False
    data: dict[str, Any] = {}
    ticket: str | None = None
    reason: str | None = None


_Reader = Callable[[CloudEvent, dict[str, Any]], _Content]


def _read_plain(event: CloudEvent, data: dict[str, Any]) -> _Content:
    return _Content(_require_subject(event))


def _read_phone(event: CloudEvent, data: dict[str, Any]) -> _Content:
    state = _phone_state(data)
    if state is None and event.type == "octui.phone.state":
        raise _RefusedError(FieldCode.MISSING, "data.state: missing")
    values = (("state", state), ("call", _data_text(data, "call")))
    content = {name: value for name, value in values if value is not None}
    return _Content(_require_subject(event), data=content)


def _read_chat(event: CloudEvent, data: dict[str, Any]) -> _Content:
    chat = _require_text(data, "chat")
    return _Content(_require_subject(event), data={"chat": chat})


def _read_call(event: CloudEvent, data: dict[str, Any]) -> _Content:
    call, direction = _require_text(data, "call"), data.get("direction", "outbound")
    if direction != "outbound":
        raise _RefusedError(FieldCode.UNKNOWN_VALUE, "data.direction: only outbound calls are taken in")
    return _Content(_require_subject(event), data={"call": call})


def _read_ticket(event: CloudEvent, data: dict[str, Any]) -> _Content:
    ticket = _require_text(data, "ticket")
    return _Content(_data_text(data, "agent"), ticket=ticket)


def _duration_ms(args: list[str], place: int, unit: int) -> int:
    text = args[place] if place < len(args) else ""
    return min(int(text[:12]) * unit, LONGEST_RING_MS) if text.isascii() and text.isdigit() else 0


def _queue_arguments(data: dict[str, Any]) -> list[str]:
    args = data.get("args", [])
    if not isinstance(args, list) or len(args) > MOST_ARGS or not all(isinstance(arg, str) for arg in args):
        raise _RefusedError(FieldCode.TYPE, f"data.args: not a list of at most {MOST_ARGS} texts")
    return [safe(arg, limit=LONGEST_TEXT) for arg in args]


def _read_queue(event: CloudEvent, data: dict[str, Any]) -> _Content:
    args = _queue_arguments(data)
    call, queue = _data_text(data, "call"), _data_text(data, "queue")
    kind, agent = event.type, None
    if kind in AGENT_KINDS:
        agent = _data_text(data, "agent") or event.subject
        if not agent or agent == "NONE":
            raise _RefusedError(FieldCode.MISSING, "data.agent: names no agent")
        _require_printable("subject", agent)
    content, reason = queue_content(kind, call, queue, agent, args, data.get("state"))
    return _Content(agent, kind == queue_log_rules.RESTART, content, None, reason)


def queue_content(
    kind: str, call: str | None, queue: str | None, agent: str | None, args: list[str], state: object
) -> tuple[dict[str, Any], str | None]:
    """Return a queue_log event's data as the timeline uses it, and its pause reason if that is unknown.

    `agent`: its name in the log. `state`: what the sender says the reason means. Raises _RefusedError.
    """
    content: dict[str, Any] = {
        "call": None if call == "NONE" else call or None,
        "queue": "" if queue is None or queue == "NONE" else queue,
        "args": args,
    }
    if agent is not None:
        content["agent"] = agent  # The evidence for a figure shows the line with the name that is in the log.
    reason = None
    if kind == _CONNECT:
        content["ring_ms"] = _duration_ms(args, 2, 1000)
    elif kind == _RANG:
        content["ring_ms"] = _duration_ms(args, 0, 1)
    elif kind in _PAUSES:
        content["state"], reason = _pause_state(state, args)
    return content, reason


def _pause_state(state: object, args: list[str]) -> tuple[str, str | None]:
    """Return the phone state that a pause means, and its reason if that is unknown.

    The sender's state comes first, then the state of a known reason, then rest.
    """
    if state is not None:
        if not isinstance(state, str) or state not in pause_reasons.PAUSE_STATES:
            raise _RefusedError(FieldCode.UNKNOWN_VALUE, "data.state: not a state a pause can mean")
        return state, None
    reason = args[0] if args else ""
    known_state = pause_reasons.state_of(reason)
    return (known_state.value, None) if known_state is not None else (pause_reasons.DEFAULT.value, reason)


_READERS: dict[str, _Reader] = {
    **dict.fromkeys((kind for kind in STATE_HANDLERS if kind.startswith(("octui.phone.", "octui.chat."))), _read_plain),
    "octui.phone.login": _read_phone,
    "octui.phone.state": _read_phone,
    "octui.chat.opened": _read_chat,
    "octui.chat.closed": _read_chat,
    **dict.fromkeys(TICKET_TYPES, _read_ticket),
    **dict.fromkeys((kind for kind in queue_log_rules.EVENT_HANDLERS if kind not in STATE_HANDLERS), _read_queue),
    **dict.fromkeys(queue_log_rules.CALL_HANDLERS, _read_call),
    **dict.fromkeys(queue_log_rules.QUEUE_ONLY, _read_queue),
}
"""Reader of each known event type; other types are ignored and counted."""

QUEUE_KINDS = frozenset(
    kind for kind, read in _READERS.items() if read is _read_queue and kind.startswith(queue_log_rules.PREFIX)
)
AGENT_KINDS = QUEUE_KINDS - queue_log_rules.QUEUE_ONLY - {queue_log_rules.RESTART}
"""Types of a queue_log's events, and those that name an agent."""
