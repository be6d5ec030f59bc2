"""Validate the rows of a queue_log in one pass, with the same outcome as the CloudEvents they stand for.

Nearly every row is plain; anything else becomes a CloudEvent and is judged as one (rules.py).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from octui.schema.events import QUEUE_EVENT, QUEUE_LOG_SOURCE
from octui.schema.problems import FieldCode
from octui.server.events.pause_reasons import PAUSE_STATES
from octui.server.events.queue_log_rules import RESTART
from octui.server.events.rules import (
    AGENT_KINDS,
    EARLIEST_MS,
    LONGEST_TEXT,
    MOST_AHEAD_MS,
    MOST_ARGS,
    QUEUE_KINDS,
    IncomingEvent,
    JudgedBatch,
    add_event,
    queue_content,
    refused_event,
)
from octui.text.safe import safe

_TYPES = (int, int, str, str, str, str, str, list, int)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**63 - 1
_KINDS = {kind.removeprefix(QUEUE_EVENT): kind for kind in QUEUE_KINDS}


def judge_rows(rows: Sequence[object], reasons: Mapping[str, str], service: str, now: int) -> JudgedBatch:
    """Validate queue_log rows (schema/events.py) for the service with this ID. `now`: epoch ms."""
    batch = JudgedBatch()
    events, places = batch.events, batch.places
    reasons = {reason: state for reason, state in reasons.items() if state in PAUSE_STATES}
    latest = now + MOST_AHEAD_MS
    for index, row in enumerate(rows):
        if type(row) is not list or tuple(map(type, row)) != _TYPES or not 0 < row[8] <= _LARGEST:
            message = "not an array of at, sequence, id, event, call, queue, agent, args and line"
            batch.refused.append(refused_event(index, _event_of(row, None), FieldCode.TYPE, message))
            continue
        at, sequence, event_id, name, call, queue, agent, args, line = row
        state = reasons.get(args[0] if args else "") if reasons else None
        kind = _KINDS.get(name)
        names_agent = kind in AGENT_KINDS
        if (
            kind is None
            or not EARLIEST_MS <= at <= latest
            or not 0 <= sequence <= _LARGEST
            or not event_id
            or (names_agent and (not agent or agent == "NONE"))
            or not _are_plain(event_id, call, queue, agent, args)
        ):
            add_event(batch, index, _event_of(row, state), service, now)
            if places and places[-1] == index:
                events[-1] = events[-1]._replace(line=line)
            continue
        who = agent if names_agent else None
        data, reason = queue_content(kind, call, queue, who, args, state)
        everybody = kind == RESTART
        places.append(index)
        events.append(
            IncomingEvent(event_id, QUEUE_LOG_SOURCE, kind, at, sequence, who, everybody, data, None, reason, line)
        )
    return batch


def _are_plain(event_id: str, call: str, queue: str, agent: str, args: list[Any]) -> bool:
    """Return whether a row's texts together are short and free of anything that `safe` would change."""
    try:
        text = "".join((event_id, call, queue, agent, *args))
    except TypeError:  # an argument is no text
        return False
    if len(text) > LONGEST_TEXT or len(args) > MOST_ARGS:
        return False
    # `safe` returns the very same text where nothing in it needs work, which is then true of its parts.
    return (text.isascii() and text.isprintable()) or safe(text, limit=LONGEST_TEXT) is text


def _event_of(row: object, state: str | None) -> dict[str, Any] | None:
    """Return the CloudEvent for a row, valid or broken; None if the value is no row at all."""
    if not isinstance(row, list) or len(row) != len(_TYPES):
        return None
    at, sequence, event_id, name, call, queue, agent, args, _ = row
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": QUEUE_LOG_SOURCE,
        "type": f"{QUEUE_EVENT}{name}",
        "time": _rfc3339(at),
        "sequence": sequence,
        "data": {"call": call, "queue": queue, "agent": agent, "args": args},
    }
    if agent and agent != "NONE":
        event["subject"] = agent
    if state is not None:
        event["data"]["state"] = state
    return event


def _rfc3339(at: object) -> str:
    try:
        return (_EPOCH + timedelta(milliseconds=at)).isoformat() if isinstance(at, int) else ""
    except OverflowError:
        return ""
