"""Figures that tick, and that always add up to the logged-in time (rules.md 30)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.schema.agents import Agent, Role
from octui.schema.stats import Channel, ChatState, Figure, Open, PhoneState, Stats, Tickets
from octui.state.agents import phone_state_at
from octui.state.stats import LiveStats, add_up

DAY = 86_400_000
START = 1_795_359_600_000


def stats(**changes: Any) -> Stats:
    fields: dict[str, Any] = {
        "service": "oc",
        "account": "kim",
        "name": "김민수",
        "date": "2026-11-23",
        "time_zone": "Asia/Seoul",
        "day_start": START,
        "day_end": START + DAY,
        "as_of": START,
        "tickets": Tickets(unassigned=12, open=3, solved=14, closed=9),
        "phone": {PhoneState.INBOUND_CALLS: Figure(count=2, ms=10_600), PhoneState.READY: Figure(count=1, ms=600)},
        "phone_open": Open(state="ready", since=START + 20_000),
        "logged_in": Figure(count=1, ms=0),
        "logged_in_since": START + 8_800,
        "chat": {ChatState.ONLINE: Figure(count=4, ms=1_999)},
        "chat_open": Open(state="rest", since=START + 20_000),
    }
    return Stats(**(fields | changes))


def test_open_state_ticks_and_closed_states_stand_still() -> None:
    live = LiveStats(stats())
    shown = [live.phone_figures(START + 20_000 + passed) for passed in range(0, 5_000, 100)]
    assert {figures[PhoneState.INBOUND_CALLS] for figures in shown if figures} == {(2, 11)}
    ready = [figures[PhoneState.READY][1] for figures in shown if figures]
    assert ready == sorted(ready)
    assert ready[-1] - ready[0] == 5
    assert live.running_phone is PhoneState.READY


def test_figure_of_each_channel_is_returned() -> None:
    live = LiveStats(stats())
    now = START + 50_000
    assert live.figure(Channel.PHONE, "inbound_calls", now) == (2, 11)
    assert live.figure(Channel.PHONE, "meal", now) == (0, 0)
    assert live.figure(Channel.CHAT, "online", now) == (4, 1)
    assert live.figure(Channel.CHAT, "rest", now) == (0, 30)
    assert live.logged_in(now) == (1, 41)
    with pytest.raises(ValueError, match="meal"):
        live.figure(Channel.CHAT, "meal", now)
    with pytest.raises(ValueError, match="lunch"):
        LiveStats(stats(phone=None)).figure(Channel.PHONE, "lunch", now)


def test_nothing_ticks_before_its_start_or_after_the_day() -> None:
    live = LiveStats(stats())
    assert live.figure(Channel.PHONE, "ready", START) == (1, 0)
    assert live.logged_in(START) == (1, 0)
    end = live.as_dict(START + DAY)
    assert live.as_dict(START + 3 * DAY) == end
    assert live.is_over(START + DAY)
    assert not live.is_over(START + DAY - 1)
    assert live.logged_in(START + 3 * DAY) == (1, (DAY - 8_800) // 1000)


@pytest.mark.parametrize("state", ["ringing", "dialling", "hold", "default", "something new"])
def test_states_without_a_figure_count_as_other(state: str) -> None:
    live = LiveStats(stats(phone_open=Open(state=state, since=START + 20_000)))
    assert live.figure(Channel.PHONE, "other", START + 25_000) == (0, 5)


def test_assumed_presence_stands_still_at_its_last_event() -> None:
    live = LiveStats(stats(assumed=Figure(count=1, ms=0), is_login_assumed=True, proved_until=START + 25_000))
    for now in (START + 25_000, START + 50_000, START + 2 * DAY):
        assert live.figure(Channel.PHONE, "ready", now) == (1, 5)
        assert (live.logged_in(now), live.assumed(now)) == ((1, 16), (1, 16))
    assert live.figure(Channel.PHONE, "ready", START + 22_000) == (1, 2)
    logged = LiveStats(stats(assumed=Figure(count=2, ms=7_000)))
    assert (logged.logged_in(START + 50_000), logged.assumed(START + 50_000)) == ((1, 41), (2, 7))


def test_assumed_presence_in_a_list_ends_with_its_day() -> None:
    agent = Agent(
        account="kim",
        name="Kim",
        email="kim@example.com",
        role=Role.AGENT,
        ticket=True,
        chat=False,
        phone=True,
        version=1,
        state="ready",
        since=START,
    )
    assert phone_state_at(agent, START + DAY) == ("ready", DAY // 1000)
    assumed = agent.model_copy(update={"proved_until": START + 5_000, "ends": START + DAY})
    assert [phone_state_at(assumed, START + ms) for ms in (4_000, 9_000, DAY - 1, DAY)] == [
        ("ready", 4),
        ("ready", 5),
        ("ready", 5),
        (None, 0),
    ]
    assert phone_state_at(agent.model_copy(update={"state": None, "since": None}), START) == (None, 0)


def test_json_has_every_figure_and_unknown_is_null() -> None:
    shown = LiveStats(stats()).as_dict(START + 50_000)
    assert list(shown) == ["date", "time_zone", "service", "agent", "tickets", "phone", "chat"]
    assert shown["tickets"] == {"unassigned": 12, "open": 3, "solved": 14, "closed": 9}
    assert list(shown["phone"]) == [*(state.value for state in PhoneState), "logged_in", "assumed"]
    assert list(shown["chat"]) == ["ready", "online", "rest"]
    assert shown["phone"]["inbound_calls"] == {"count": 2, "seconds": 11}
    unknown = LiveStats(
        stats(
            tickets=None, phone=None, phone_open=None, logged_in=None, logged_in_since=None, chat=None, chat_open=None
        )
    )
    told = unknown.as_dict(START)
    assert told["tickets"] == dict.fromkeys(("unassigned", "open", "solved", "closed"))
    assert all(
        figure == {"count": None, "seconds": None} for figure in (*told["phone"].values(), *told["chat"].values())
    )
    assert unknown.figure(Channel.PHONE, "ready", START) is None
    assert unknown.logged_in(START) is None
    assert json.loads(json.dumps(told)) == told


TIMES = st.dictionaries(st.sampled_from(list(PhoneState)), st.integers(0, 20_000_000))


@given(TIMES)
def test_rounded_parts_add_up_and_none_is_off_by_a_second(parts: dict[PhoneState, int]) -> None:
    seconds = add_up(parts)
    assert sum(seconds.values()) == sum(parts.values()) // 1000
    assert all(abs(seconds[state] * 1000 - ms) < 1000 for state, ms in parts.items())


@given(
    TIMES,
    st.sampled_from([*PhoneState, "hold"]),
    st.integers(0, DAY),
    st.lists(st.integers(0, 2 * DAY), min_size=1, max_size=20),
    st.booleans(),
)
def test_phone_figures_always_add_up_to_the_logged_in_time(
    closed: dict[PhoneState, int], running: str, since: int, moments: list[int], logged_in: bool
) -> None:
    total = sum(closed.values())
    live = LiveStats(
        stats(
            phone={state: Figure(count=1, ms=ms) for state, ms in closed.items()},
            phone_open=Open(state=running, since=START + since) if logged_in else None,
            # What was logged in before is closed; the present login began `since` minus what it has closed already.
            logged_in=Figure(count=1, ms=total),
            logged_in_since=START + since if logged_in else None,
        )
    )
    before: dict[PhoneState, tuple[int, int]] = {}
    for moment in sorted(moments):
        now = START + moment
        phone, logged = live.phone_figures(now), live.logged_in(now)
        assert phone is not None
        assert logged is not None
        assert sum(seconds for _, seconds in phone.values()) == logged[1]
        for state, (_, seconds) in phone.items():
            true = closed.get(state, 0)
            if live.running_phone is state:
                true += max(0, min(moment, DAY) - since)
            else:
                assert before.get(state, phone[state]) == phone[state]
            assert abs(seconds * 1000 - true) < 2000
            assert seconds >= before.get(state, (0, 0))[1]
        before = phone
