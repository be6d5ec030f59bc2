"""My stats: an agent's ticket, phone and chat figures of one day (rules.md 27–31)."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from octui.schema.common import Answer, EpochMs, RequestBody


class PhoneState(StrEnum):
    """State of a logged-in agent's phone; OTHER gathers default, ringing, dialling and hold (rules.md 30)."""

    INBOUND_CALLS = "inbound_calls"
    OUTBOUND_CALLS = "outbound_calls"
    READY = "ready"
    TRANSFER = "transfer"
    TICKET_WORK = "ticket_work"
    CHAT_WORK = "chat_work"
    REST = "rest"
    MEAL = "meal"
    EDUCATION = "education"
    REPORT = "report"
    MEETING = "meeting"
    COACHING = "coaching"
    OTHER = "other"


SELECTABLE_STATES: tuple[PhoneState, ...] = tuple(state for state in PhoneState if state is not PhoneState.OTHER)
"""The twelve states an agent can take by key, in the order of rules.md's word table."""


class ChatState(StrEnum):
    """State of an agent in chat (rules.md 29): ready (no chat), online (at least one chat), rest (on a break)."""

    READY = "ready"
    ONLINE = "online"
    REST = "rest"


class Channel(StrEnum):
    """Phone or chat: the part of an agent's day that an interval belongs to."""

    PHONE = "phone"
    CHAT = "chat"


class Figure(Answer):
    """Number of times a state was entered, and its ms so far without a state that is still running."""

    count: int = 0
    ms: int = 0


class Open(Answer):
    """The state that is still running; `since` is epoch ms, never before the day's start.

    It is ringing, dialling, hold or default.
    """

    state: str
    since: int
    call: str | None = None
    detail: str | None = None


class Tickets(Answer):
    """Ticket figures (rules.md 29): `unassigned` is the service's, the rest are the agent's own.

    `unassigned` and `open` are of now: None on a day that is over.
    """

    unassigned: int | None
    open: int | None
    solved: int
    closed: int


class Stats(Answer):
    """An agent's figures of one day in one service.

    `phone` and `chat` hold closed time by state; the running one is `phone_open`/`chat_open` and ticks on the client
    from `as_of` (the server's clock) up to `day_end`. `logged_in` counts and times CTI logins, `logged_in_since` is set
    while logged in. None in place of a block: no data is known for that day (rules.md 31).

    `assumed` is the part of `logged_in` whose login is not in the log, `is_login_assumed` says whether the running
    login is such a one. With `proved_until` nothing of the phone ticks beyond that time (rules.md 39).
    """

    service: str
    account: str
    name: str
    date: str
    time_zone: str
    day_start: int
    day_end: int
    as_of: int
    tickets: Tickets | None
    phone: dict[PhoneState, Figure] | None
    phone_open: Open | None
    logged_in: Figure | None
    logged_in_since: int | None
    assumed: Figure | None = None
    is_login_assumed: bool = False
    proved_until: int | None = None
    chat: dict[ChatState, Figure] | None
    chat_open: Open | None


class Interval(Answer):
    """A stretch of time behind a figure; `end` None: still running.

    `counted`: the state was entered in it. The rest of an interval split at midnight, and a call resumed after hold,
    are not counted again. `detail`: the state that is shown as other: ringing, dialling, hold or default, if known.
    """

    start: int
    end: int | None
    state: str
    counted: bool
    call: str | None = None
    detail: str | None = None


class Intervals(Answer):
    """The intervals behind a figure of one day, in order."""

    channel: Channel
    state: str
    date: str
    time_zone: str
    intervals: list[Interval]
    next: int | None = None


DayInterval = tuple[int, int, PhoneState, str | None, bool]
"""Closed interval of the phone: start, end (epoch ms), state, the state shown as other, whether it was counted."""


class PhoneDay(Answer):
    """The closed intervals of an agent's phone on one day, in order; `next` is the `after` of the following page."""

    date: str
    day_start: int
    day_end: int
    intervals: list[DayInterval]
    next: int | None = None


class UsualDays(Answer):
    """The agent's last six days with the same weekday on which the phone was used, newest first."""

    date: str
    days: list[PhoneDay]


class Origin(StrEnum):
    """Where an event came from: a PBX's log, an agent's own key press, or a CTI (or another program)."""

    LOG = "log"
    KEY = "key"
    CTI = "cti"


class SourceEvent(Answer):
    """A stored event that explains a figure.

    `state` is the one it names. `text` is the line of a queue_log as the log has it. `file` and `line` say where it
    was read, None when it came from no file. `everybody`: it concerns all agents.
    """

    at: int
    type: str
    origin: Origin
    source: str
    call: str | None = None
    queue: str | None = None
    args: list[str] = []
    state: str | None = None
    everybody: bool = False
    text: str | None = None
    file: str | None = None
    line: int | None = None


class BoundaryKind(StrEnum):
    """How an interval began or ended.

    EVENT: by the event, at its time. RINGING: the phone began to ring, as the event at the end of the ringing says.
    DAY: at the day's midnight; the event is the real one, None if it is not known yet. LAST_EVENT: the log does not
    say when; the event is the last one before (rules.md 40). PROVED: the login is not in the log; the event is the last
    one that proves the presence (rules.md 39). NOW: it is still running. UNKNOWN: no
    stored event explains it, such as after the log was purged.
    """

    EVENT = "event"
    RINGING = "ringing"
    DAY = "day"
    LAST_EVENT = "last_event"
    PROVED = "proved"
    NOW = "now"
    UNKNOWN = "unknown"


class Boundary(Answer):
    """The beginning or the end of an interval, and the event that caused it."""

    kind: BoundaryKind
    event: SourceEvent | None = None


class Evidence(Answer):
    """An interval with what began and ended it, and a page of the events between, in order.

    `named`: a later event that gave the state its name, such as PAUSEREASON.
    """

    date: str
    time_zone: str
    channel: Channel
    interval: Interval
    began: Boundary
    ended: Boundary
    named: SourceEvent | None
    events: list[SourceEvent]
    next: int | None = None


class StateChange(RequestBody):
    """An agent's own change of state: log in to CTI (then `ready`), log out, or take a state."""

    kind: Literal["login", "logout", "state"]
    state: PhoneState | None = None
    channel: Channel = Channel.PHONE
    at: Annotated[
        EpochMs | None,
        Field(description="only the simulator and tests send it; others get the server's time"),
    ] = None
