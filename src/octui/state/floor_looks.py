"""What needs a supervisor's look: causes of alarms, agents over their limit, old figures (rules.md 50, 51)."""

from collections.abc import Iterable
from dataclasses import dataclass

from octui.state.agent_limits import AgentRow, rows_over_limit
from octui.state.alarms import Alarm, Cause
from octui.state.floor import FloorRow


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that needs a look: a service's alarm, an agent over the limit, or a service with old figures.

    `is_bad` is False for one that is only to be watched.
    """

    service: str
    alarm: Alarm | None = None
    cause: Cause | None = None
    agent: AgentRow | None = None
    old: FloorRow | None = None

    @property
    def is_bad(self) -> bool:
        return self.old is None


def looks_of(alarms: Iterable[Alarm], agents: Iterable[AgentRow], service: str, rows: Iterable[FloorRow]) -> list[Look]:
    """Return everything that needs a look, the worst first: alarms, then agents of `service`, then old figures."""
    found = [Look(alarm.service, alarm=alarm, cause=alarm.causes[0]) for alarm in alarms]
    order = list(Cause)
    found.sort(key=lambda look: (order.index(look.cause) if look.cause is not None else 0, look.service))
    found += [Look(service, agent=row) for row in rows_over_limit(agents)]
    found += [Look(row.service, old=row) for row in rows if row.is_old]
    return found
