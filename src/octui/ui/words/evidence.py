"""Texts of events, and of why an interval began and ended (rules.md 35–45)."""

from octui.schema.stats import Boundary, BoundaryKind, Evidence, Origin, PhoneState, SourceEvent
from octui.text.width import cell_width, fit_text
from octui.ui.locale import N_, Words
from octui.ui.words.stats import PHONE_LABELS
from octui.ui.words.times import date_and_time, time_of_day

_QUEUE = "octui.queue."
_EVENTS = {
    _QUEUE + "ADDMEMBER": N_("joined the queue"),
    _QUEUE + "REMOVEMEMBER": N_("left the queue"),
    _QUEUE + "AGENTLOGIN": N_("logged in"),
    _QUEUE + "AGENTCALLBACKLOGIN": N_("logged in"),
    _QUEUE + "AGENTLOGOFF": N_("logged out"),
    _QUEUE + "AGENTCALLBACKLOGOFF": N_("logged out"),
    _QUEUE + "PAUSE": N_("paused"),
    _QUEUE + "PAUSEALL": N_("paused, all queues"),
    _QUEUE + "PAUSEREASON": N_("reason of the pause"),
    _QUEUE + "UNPAUSE": N_("unpaused"),
    _QUEUE + "UNPAUSEALL": N_("unpaused, all queues"),
    _QUEUE + "CONNECT": N_("answered"),
    _QUEUE + "COMPLETEAGENT": N_("agent hung up"),
    _QUEUE + "COMPLETECALLER": N_("caller hung up"),
    _QUEUE + "TRANSFER": N_("transferred"),
    _QUEUE + "BLINDTRANSFER": N_("transferred"),
    _QUEUE + "ATTENDEDTRANSFER": N_("transferred"),
    _QUEUE + "RINGNOANSWER": N_("rang, not answered"),
    _QUEUE + "QUEUESTART": N_("PBX restarted"),
    "octui.phone.login": N_("logged in to CTI"),
    "octui.phone.logout": N_("logged out of CTI"),
    "octui.phone.state": N_("state changed"),
    "octui.call.dialled": N_("dialled"),
    "octui.call.answered": N_("call answered"),
    "octui.call.ended": N_("hung up"),
    "octui.chat.login": N_("signed on to chat"),
    "octui.chat.logout": N_("signed off from chat"),
    "octui.chat.rest": N_("break from chat"),
    "octui.chat.resume": N_("back to chat"),
    "octui.chat.opened": N_("chat opened"),
    "octui.chat.closed": N_("chat closed"),
}
_STATES = {
    "ringing": N_("Ringing"),
    "dialling": N_("Dialling"),
    "hold": N_("Hold"),
    "default": N_("Default"),
    **{state.value: PHONE_LABELS[state] for state in PhoneState},
}
_REASONS = frozenset(_QUEUE + name for name in ("PAUSE", "PAUSEALL", "PAUSEREASON"))


def event_words(event: SourceEvent, t: Words) -> str:
    """Return an event's meaning in words: `paused: lunch`."""
    words = t(_EVENTS.get(event.type, event_name(event)))
    detail = ""
    if event.type in _REASONS:
        detail = event.args[0] if event.args else ""
    elif event.state is not None:
        detail = t(_STATES.get(event.state, event.state))
    return f"{words}: {detail}" if detail else words


def event_name(event: SourceEvent) -> str:
    """Return the name of an event as the PBX log has it."""
    return event.type.removeprefix(_QUEUE).removeprefix("octui.")


def event_place(event: SourceEvent, t: Words) -> str:
    """Return where in a log an event was read, in short: `queue_log:17`."""
    if event.file is not None:
        name = event.file.replace("\\", "/").rpartition("/")[2] or event.file
        return name if event.line is None else f"{name}:{event.line}"
    if event.origin is Origin.KEY:
        return t("by key")
    return t("from CTI") if event.origin is Origin.CTI else event.source


def event_origin(event: SourceEvent, t: Words) -> str:
    """Return where an event came from, in full."""
    if event.file is not None:
        return event.file if event.line is None else t("{file}, line {line}", file=event.file, line=event.line)
    if event.origin is Origin.KEY:
        return t("by key")
    if event.origin is Origin.CTI:
        return t("from CTI, source {source}", source=event.source)
    return t("file not known, source {source}", source=event.source)


def event_sentence(event: SourceEvent, t: Words) -> str:
    """Return a sentence about an event, its subject and where it was read."""
    name, call, queue = event_name(event), event.call, event.queue
    if event.type.startswith("octui.chat.") and call:
        about = t("{event} of chat {chat}", event=name, chat=call)
    elif call and queue:
        about = t("{event} of call {call} in queue {queue}", event=name, call=call, queue=queue)
    elif call:
        about = t("{event} of call {call}", event=name, call=call)
    elif queue:
        about = t("{event} in queue {queue}", event=name, queue=queue)
    else:
        about = name
    return f"{event_words(event, t)} - {about} ({event_place(event, t)})"


def reason_lines(evidence: Evidence, t: Words) -> list[str]:
    """Return why an interval began, got its state and ended, one line each with the time of day."""
    interval, zone = evidence.interval, evidence.time_zone
    rows = [(t("Began"), time_of_day(interval.start, zone), _boundary_words(evidence.began, zone, t))]
    if evidence.named is not None:
        rows.append((t("Named"), time_of_day(evidence.named.at, zone), event_sentence(evidence.named, t)))
    if interval.end is None:
        rows.append((t("Ended"), fit_text(t("not yet"), 8), t("still running")))
    else:
        rows.append((t("Ended"), time_of_day(interval.end, zone), _boundary_words(evidence.ended, zone, t)))
    cells = max(cell_width(what) for what, _, _ in rows)
    return [f"{fit_text(what, cells)} {time}  {why}" for what, time, why in rows]


def _boundary_words(boundary: Boundary, zone: str, t: Words) -> str:
    """Return a phrase for why an interval begins or ends."""
    event = boundary.event
    if event is None:
        if boundary.kind is BoundaryKind.DAY:
            return t("cut at midnight; it runs in the other day")
        return t("the events of this time are not kept")
    sentence, time = event_sentence(event, t), time_of_day(event.at, zone)
    match boundary.kind:
        case BoundaryKind.RINGING:
            return t("the phone rings until {time}: {event}", time=time, event=sentence)
        case BoundaryKind.DAY:
            return t("cut at midnight; really {time}: {event}", time=date_and_time(event.at, zone), event=sentence)
        case BoundaryKind.LAST_EVENT:
            return t("not in the log; the last event before is {event}", event=sentence)
        case BoundaryKind.PROVED:
            return t("login not in the log; proved up to the last event, {event}", event=sentence)
    return sentence
