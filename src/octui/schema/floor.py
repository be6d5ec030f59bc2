"""The floor: the queue and the agents of a service, now or at a past minute (rules.md 33, 47–50)."""

from octui.schema.common import Answer


class CallCounts(Answer):
    """Calls of a queue by rules.md 47 and 48; `answered_in_time` are those answered within the service's threshold."""

    offered: int
    answered: int
    abandoned: int
    answered_in_time: int


class AgentCounts(Answer):
    """Agents of a service by what they do (rules.md 49); `logged_in` is the sum of the other four."""

    logged_in: int
    ready: int
    on_call: int
    outbound: int
    break_work: int


class ServiceFloor(Answer):
    """A service's floor at `at` (epoch ms): the day's calls so far, who waits, what the agents do.

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


class FloorMinutes(Answer):
    """The minutes of a service's day: arrays of equal length, from `day_start` on, null where unknown.

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
