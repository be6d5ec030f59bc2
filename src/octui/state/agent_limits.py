"""Agents of a service by their time in a phone state: limits, who is over one, and an order that seldom changes.

Limits are those of rules.md 51.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from octui.schema import floor
from octui.schema.agents import Agent
from octui.schema.stats import PhoneState
from octui.state.agents import phone_state_at

MINUTE_S = 60
CALM_S = 5.0
"""The least time between two moves of rows, and between a key and the next move."""

STATE_LIMITS: Mapping[PhoneState, int] = {state: minutes * MINUTE_S for state, minutes in floor.STATE_LIMITS.items()}
"""The longest usual time in each state, in seconds; an agent may be ready for any time."""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """A logged-in agent with the seconds in the present state; `limit`: the limit of that state in seconds, if any.

    `since` is when the state began (epoch ms).
    """

    account: str
    name: str
    state: PhoneState
    since: int
    seconds: int
    limit: int | None

    @property
    def is_over(self) -> bool:
        """Whether the agent has been in the state longer than its limit allows."""
        return self.limit is not None and self.seconds > self.limit

    @property
    def excess(self) -> float:
        """The time in the state as a multiple of its limit, 0 without a limit."""
        return self.seconds / self.limit if self.limit else 0.0


def agent_row(agent: Agent, now: int, limits: Mapping[PhoneState, int] = STATE_LIMITS) -> AgentRow | None:
    """Return an agent's row at `now` (epoch ms of the server), or None for one who is not logged in."""
    name, seconds = phone_state_at(agent, now)
    if name is None or agent.since is None:
        return None
    state = PhoneState(name) if name in list(PhoneState) else PhoneState.OTHER
    return AgentRow(agent.account, agent.name, state, agent.since, seconds, limits.get(state))


def agent_rows(
    agents: Iterable[Agent], now: int, limits: Mapping[PhoneState, int] = STATE_LIMITS
) -> dict[str, AgentRow]:
    """Return the rows of all who are logged in, by account, those longest in their state first."""
    rows = (row for agent in agents if (row := agent_row(agent, now, limits)) is not None)
    return {row.account: row for row in sorted(rows, key=lambda row: (row.since, row.account))}


def rows_over_limit(rows: Iterable[AgentRow]) -> list[AgentRow]:
    """Return the agents over their limit, the one furthest over it first."""
    return sorted((row for row in rows if row.is_over), key=lambda row: (-row.excess, row.account))


class CalmOrder:
    """Order of table rows that changes at most once in five seconds, and not within five seconds of a key."""

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._moved: float | None = None
        self._pressed: float | None = None

    def note_key(self, seconds: float) -> None:
        """Record that a key was pressed at this time (seconds of a monotonic clock)."""
        self._pressed = seconds

    def forget(self) -> None:
        """Forget the present order, so that the next one is shown at once."""
        self._moved = self._pressed = None
        self._shown = []

    def update(self, order: Sequence[str], seconds: float) -> list[str]:
        """Update the order and return it; between changes, keys that left are dropped and new ones come last."""
        present = set(order)
        kept = [key for key in self._shown if key in present]
        if kept == list(order):
            self._shown = kept
        elif not self._shown or self._may_move(seconds):
            self._shown, self._moved = list(order), seconds
        else:
            known = set(kept)
            self._shown = kept + [key for key in order if key not in known]
        return self._shown

    def _may_move(self, seconds: float) -> bool:
        latest = [time for time in (self._moved, self._pressed) if time is not None]
        return not latest or seconds - max(latest) >= CALM_S
