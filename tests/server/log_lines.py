"""Lines of a queue_log, and what keys, a CTI or a CDR tell, as events of the timeline rules and the reckoner."""

from typing import Any

from octui.server.events.pause_reasons import DEFAULT, state_of
from server.reckoner_facts import Event

EPOCH_S = 1_782_864_000  # Wednesday 2026-07-01 00:00 UTC, 09:00 in Seoul


def read_line(line: str) -> Event:
    """Return a line's event; its time is in seconds after EPOCH_S, or an epoch second."""
    seconds, call, queue, _, name, *args = line.split("|")
    if args and not args[-1]:
        args.pop()
    data: dict[str, Any] = {
        "call": None if call == "NONE" else call,
        "queue": "" if queue == "NONE" else queue,
        "args": args,
    }
    if name == "CONNECT":
        data["ring_ms"] = int(args[2]) * 1000 if len(args) > 2 else 0
    elif name == "RINGNOANSWER":
        data["ring_ms"] = int(args[0]) if args else 0
    elif name in ("PAUSE", "PAUSEALL", "PAUSEREASON"):
        data["state"] = (state_of(args[0] if args else "") or DEFAULT).value
    at = int(seconds)
    return (at if at > EPOCH_S // 2 else at + EPOCH_S) * 1000, "octui.queue." + name, data


def read_lines(text: str) -> list[Event]:
    """Return the events of lines; `SECONDS phone.state meal c1` tells what a key or a CTI does."""
    events = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if "|" in line:
            events.append(read_line(line))
        else:
            seconds, name, *more = line.split()
            data: dict[str, Any] = {}
            if name.startswith("call."):
                data = {"call": more[0], "direction": "outbound"}
            elif more:
                data = {"state": more[0]} | ({"call": more[1]} if len(more) > 1 else {})
            events.append(((EPOCH_S + int(seconds)) * 1000, "octui." + name, data))
    return events
