"""The floor of a service: its queue and what its agents do, now or at a past minute (rules.md 33, 47–50)."""

from typing import Annotated

from pydantic import Field

from octui.schema.common import Answer, RequestBody
from octui.schema.stats import PhoneState

LONGEST_WAIT_LIMIT_S = 14_400
LONGEST_STATE_LIMIT_MIN = 1_440
LEVEL_CALLS_LIMIT = 1_000_000


class CallCounts(Answer):
    """Numbers of calls in a service's queues on a day (rules.md 47, 48); `answered_in_time`: within its threshold."""

    offered: int
    answered: int
    abandoned: int
    answered_in_time: int


class AgentCounts(Answer):
    """Numbers of agents by what they do (rules.md 49); `logged_in` is the sum of the other four."""

    logged_in: int
    ready: int
    on_call: int
    outbound: int
    break_work: int


class QueueLimits(Answer):
    """Limits of a service's queue: which wait is in time, and beyond which there is an alarm (rules.md 48, 51)."""

    threshold_seconds: int = 20
    longest_wait_seconds: int = 60
    level_percent: int = 70
    level_calls: int = 20


STATE_LIMITS: dict[PhoneState, int] = {
    PhoneState.INBOUND_CALLS: 10,
    PhoneState.OUTBOUND_CALLS: 10,
    PhoneState.TRANSFER: 5,
    PhoneState.TICKET_WORK: 5,
    PhoneState.CHAT_WORK: 15,
    PhoneState.REST: 15,
    PhoneState.MEAL: 60,
    PhoneState.EDUCATION: 90,
    PhoneState.REPORT: 30,
    PhoneState.MEETING: 60,
    PhoneState.COACHING: 60,
    PhoneState.OTHER: 1,
}
"""Minutes that an agent may be in a state before it needs a look, unless the service sets others (rules.md 51)."""
BREAKS_LIMIT = 35
"""Minutes of breaks in sum before they need a look."""


class FloorLimits(Answer):
    """All limits of a service: of its queue, of each agent state and of breaks in sum (minutes; rules.md 51)."""

    queue: QueueLimits = QueueLimits()
    states: dict[PhoneState, int] = STATE_LIMITS
    breaks: int = BREAKS_LIMIT
    version: int


_Minutes = Annotated[int, Field(ge=1, le=LONGEST_STATE_LIMIT_MIN)]


class FloorLimitsChange(RequestBody):
    """Request to change limits of a service's queue or of its agents' states; the others stay."""

    threshold_seconds: Annotated[int | None, Field(ge=0, le=LONGEST_WAIT_LIMIT_S)] = None
    longest_wait_seconds: Annotated[int | None, Field(ge=1, le=LONGEST_WAIT_LIMIT_S)] = None
    level_percent: Annotated[int | None, Field(ge=0, le=100)] = None
    level_calls: Annotated[int | None, Field(ge=1, le=LEVEL_CALLS_LIMIT)] = None
    states: dict[PhoneState, _Minutes] = {}
    breaks: _Minutes | None = None


class ServiceFloor(Answer):
    """Queue and agents of a service at `at` (epoch ms): the day's calls so far, who waits, what agents do.

    `known_until`: time up to which the figures are known (rules.md 50), None before the first event. `calls`, `waiting`
    and `agents` are None where nothing is known of the day. `waiting_since` is when the call that has waited longest
    began to wait; the client counts on from there.
    """

    service: str
    name: str
    time_zone: str
    date: str
    day_start: int
    day_end: int
    at: int
    known_until: int | None
    waiting: int | None
    waiting_since: int | None
    calls: CallCounts | None
    agents: AgentCounts | None
    limits: QueueLimits = QueueLimits()


class FloorMinutes(Answer):
    """Queue and agents of a service minute by minute: arrays from `day_start` on, null where unknown.

    Calls count in the minute, the others are those of its end (rules.md 48). `longest_ms`: longest wait. There is no
    minute that has not ended.
    """

    service: str
    date: str
    time_zone: str
    day_start: int
    day_end: int
    at: int
    known_until: int | None
    offered: list[int | None]
    answered: list[int | None]
    abandoned: list[int | None]
    answered_in_time: list[int | None]
    waiting: list[int | None]
    longest_ms: list[int | None]
    ready: list[int | None]
    on_call: list[int | None]
    outbound: list[int | None]
    break_work: list[int | None]
