"""An agent's phone state as a list shows it at any moment (rules.md 39)."""

from octui.schema.agents import Agent


def phone_state_at(agent: Agent, now_ms: int) -> tuple[str | None, int]:
    """Return an agent's phone state at `now_ms` (server time) and its seconds so far; None when logged out.

    An assumed presence counts up to its last event, and is over with its day.
    """
    if agent.state is None or agent.since is None or (agent.ends is not None and now_ms >= agent.ends):
        return None, 0
    until = now_ms if agent.proved_until is None else min(now_ms, agent.proved_until)
    return agent.state, max(0, until - agent.since) // 1000
