"""Agents of a floor: limits of their states, order, and how seldom rows move; with a clock made for the test."""

import pytest

from octui.schema.agents import Agent, Role
from octui.schema.stats import PhoneState
from octui.state.agent_limits import STATE_LIMITS, CalmOrder, agent_row, agent_rows, rows_over_limit

NOW = 1_795_400_000_000


def agent(account: str, state: str | None, seconds: int, **more: int) -> Agent:
    return Agent(
        account=account,
        name=account,
        email="",
        role=Role.AGENT,
        ticket=True,
        chat=False,
        phone=True,
        version=1,
        state=state,
        since=None if state is None else NOW - seconds * 1000,
        **more,
    )


@pytest.mark.parametrize(
    ("state", "minutes"),
    [
        ("rest", 15),
        ("meal", 60),
        ("ticket_work", 5),
        ("chat_work", 15),
        ("inbound_calls", 10),
        ("outbound_calls", 10),
        ("transfer", 5),
        ("report", 30),
        ("education", 90),
        ("meeting", 60),
        ("coaching", 60),
        ("other", 1),
        ("ready", None),
    ],
)
def test_rule_51_limits_each_state(state: str, minutes: int | None) -> None:
    """rules.md 51."""
    assert STATE_LIMITS.get(PhoneState(state)) == (None if minutes is None else minutes * 60)
    at_limit = agent_row(agent("kim", state, (minutes or 999) * 60), NOW)
    beyond = agent_row(agent("kim", state, (minutes or 999) * 60 + 1), NOW)
    assert at_limit is not None
    assert beyond is not None
    assert (at_limit.is_over, beyond.is_over) == (False, minutes is not None)


def test_agents_are_sorted_by_time_in_state() -> None:
    agents = [agent("a", "rest", 5), agent("b", None, 0), agent("c", "ready", 500), agent("d", "meal", 50)]
    assert list(agent_rows(agents, NOW)) == ["c", "d", "a"]


def test_furthest_over_its_limit_comes_first() -> None:
    agents = [agent("meal", "meal", 3700), agent("ticket", "ticket_work", 900), agent("ready", "ready", 90_000)]
    assert [row.account for row in rows_over_limit(agent_rows(agents, NOW).values())] == ["ticket", "meal"]


def test_assumed_presence_counts_up_to_its_last_event() -> None:
    row = agent_row(agent("kim", "rest", 2000, proved_until=NOW - 1_500_000), NOW)
    assert row is not None
    assert (row.seconds, row.is_over) == (500, False)
    assert agent_row(agent("kim", "rest", 2000, ends=NOW), NOW) is None


def test_state_of_a_newer_server_is_shown_as_other() -> None:
    row = agent_row(agent("kim", "gardening", 3), NOW)
    assert row is not None
    assert row.state is PhoneState.OTHER


@pytest.mark.parametrize(
    ("second", "key", "order", "shown"),
    [
        (4, None, "ba", "ab"),
        (5, None, "ba", "ba"),
        (6, 2, "ba", "ab"),
        (7, 2, "ba", "ba"),
        (1, None, "cab", "abc"),
        (1, None, "b", "b"),
        (9, None, "", ""),
    ],
)
def test_rows_move_seldom(second: int, key: int | None, order: str, shown: str) -> None:
    """Rows move at most once in five seconds and never within five seconds of a key; who is new stands last."""
    calm = CalmOrder()
    assert calm.update(list("ab"), 0) == ["a", "b"]
    if key is not None:
        calm.note_key(key)
    assert calm.update(list(order), second) == list(shown)


def test_another_service_is_sorted_at_once() -> None:
    calm = CalmOrder()
    calm.update(list("ab"), 0)
    calm.note_key(1)
    calm.forget()
    assert calm.update(list("ba"), 1) == ["b", "a"]
