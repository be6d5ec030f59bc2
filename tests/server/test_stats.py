"""My stats over HTTP: closed and running time, days, intervals, tickets, keys."""

from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from octui.schema.stats import SELECTABLE_STATES
from octui.server.agents import store as agents_store
from octui.server.core.calendar import day_bounds
from octui.server.database import tables
from server.clients import local_client
from server.conftest import NOW, OPERATOR, Center, Clock, Store
from server.test_events import app, event, send_events, set_cti

HOUR = 3_600_000
MINUTE = 60_000
TODAY, TOMORROW = day_bounds(20260701, "Asia/Seoul")
STATS = "/services/oc/stats/kim"


async def get(store: Store, path: str, account: str = "kim", **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with local_client(app(store), account) as client:
        return await client.get(path, headers=sent)


async def press_key(store: Store, account: str = "kim", **body: Any) -> httpx.Response:
    async with local_client(app(store), account) as client:
        return await client.post(f"/services/oc/stats/{account}/state", json=body)


def figure_sums(stats: dict[str, Any]) -> tuple[int, int]:
    """Return the sums of phone figures and of logged-in time, including what is running, at `as_of`."""
    until = min(stats["as_of"], stats["day_end"])
    phone = sum(figure["ms"] for figure in stats["phone"].values())
    phone += until - stats["phone_open"]["since"] if stats["phone_open"] else 0
    login = stats["logged_in"]["ms"]
    login += until - stats["logged_in_since"] if stats["logged_in_since"] is not None else 0
    return phone, login


async def test_unknown_figures_are_not_zero(store: Store, center: Center) -> None:
    stats = (await get(store, STATS)).json()
    assert stats["date"] == "2026-07-01"
    assert (stats["day_start"], stats["day_end"], stats["as_of"]) == (TODAY, TOMORROW, NOW)
    for block in ("tickets", "phone", "phone_open", "logged_in", "logged_in_since", "chat", "chat_open"):
        assert stats[block] is None


async def test_figures_of_a_morning(store: Store, center: Center) -> None:
    batch = [
        event(1, "octui.phone.login", at=NOW - HOUR),
        event(2, "octui.phone.state", at=NOW - 50 * MINUTE, state="inbound_calls", call="A"),
        event(3, "octui.phone.state", at=NOW - 45 * MINUTE, state="hold"),
        event(4, "octui.phone.state", at=NOW - 44 * MINUTE, state="inbound_calls", call="A"),
        event(5, "octui.phone.state", at=NOW - 40 * MINUTE, state="ticket_work"),
        event(6, "octui.phone.state", at=NOW - 30 * MINUTE, state="inbound_calls", call="B"),
        event(7, "octui.chat.login", at=NOW - 20 * MINUTE),
        event(8, "octui.chat.opened", at=NOW - 15 * MINUTE, chat="X"),
    ]
    assert (await send_events(store, batch)).json()["taken"] == 8
    stats = (await get(store, STATS)).json()
    assert stats["phone"]["inbound_calls"] == {"count": 2, "ms": 9 * MINUTE}
    assert stats["phone"]["other"] == {"count": 1, "ms": MINUTE}
    assert stats["phone"]["ticket_work"] == {"count": 1, "ms": 10 * MINUTE}
    assert stats["phone"]["ready"] == {"count": 1, "ms": 10 * MINUTE}
    assert stats["phone"]["meal"] == {"count": 0, "ms": 0}
    assert stats["phone_open"] == {"state": "inbound_calls", "since": NOW - 30 * MINUTE, "call": "B", "detail": None}
    assert stats["logged_in"] == {"count": 1, "ms": 0}
    assert stats["logged_in_since"] == NOW - HOUR
    assert stats["chat"]["ready"] == {"count": 1, "ms": 5 * MINUTE}
    assert stats["chat_open"] == {"state": "online", "since": NOW - 15 * MINUTE, "call": None, "detail": None}
    assert figure_sums(stats) == (HOUR, HOUR)

    path = STATS + "/intervals?channel=phone&state="
    talk = (await get(store, path + "inbound_calls")).json()
    assert talk["intervals"] == [
        {
            "start": NOW - 50 * MINUTE,
            "end": NOW - 45 * MINUTE,
            "state": "inbound_calls",
            "counted": True,
            "call": "A",
            "detail": None,
        },
        {
            "start": NOW - 44 * MINUTE,
            "end": NOW - 40 * MINUTE,
            "state": "inbound_calls",
            "counted": False,
            "call": "A",
            "detail": None,
        },
        {
            "start": NOW - 30 * MINUTE,
            "end": None,
            "state": "inbound_calls",
            "counted": True,
            "call": "B",
            "detail": None,
        },
    ]
    session = (await get(store, path + "logged_in")).json()
    assert [(each["start"], each["end"]) for each in session["intervals"]] == [(NOW - HOUR, None)]
    chat = (await get(store, STATS + "/intervals?channel=chat&state=ready")).json()
    assert [(each["start"], each["end"]) for each in chat["intervals"]] == [(NOW - 20 * MINUTE, NOW - 15 * MINUTE)]


async def test_figures_are_split_at_midnight(store: Store, center: Center, clock: Clock) -> None:
    clock.now = TOMORROW + HOUR
    batch = [
        event(1, "octui.phone.login", at=TOMORROW - 2 * HOUR),
        event(2, "octui.phone.state", at=TOMORROW - HOUR, state="inbound_calls", call="A"),
    ]
    await send_events(store, batch)
    today = (await get(store, STATS)).json()
    assert today["date"] == "2026-07-02"
    assert today["phone_open"] == {"state": "inbound_calls", "since": TOMORROW, "call": "A", "detail": None}
    assert today["phone"]["inbound_calls"] == {"count": 0, "ms": 0}
    assert (today["logged_in"]["count"], today["logged_in_since"]) == (0, TOMORROW)
    assert figure_sums(today) == (HOUR, HOUR)
    # The day before is over: what still runs has its share in it.
    before = (await get(store, STATS + "?date=2026-07-01")).json()
    assert before["phone_open"] is None
    assert before["phone"]["inbound_calls"] == {"count": 1, "ms": HOUR}
    assert before["logged_in"] == {"count": 1, "ms": 2 * HOUR}
    assert figure_sums(before) == (2 * HOUR, 2 * HOUR)
    shown = (await get(store, STATS + "/intervals?channel=phone&state=inbound_calls&date=2026-07-01")).json()
    assert [(each["start"], each["end"], each["counted"]) for each in shown["intervals"]] == [
        (TOMORROW - HOUR, TOMORROW, True)
    ]
    await send_events(store, [event(3, "octui.phone.logout", at=TOMORROW + HOUR)])
    assert (await get(store, STATS + "?date=2026-07-01")).json() == before
    after = (await get(store, STATS)).json()
    assert after["phone"]["inbound_calls"] == {"count": 0, "ms": HOUR}
    assert figure_sums(after) == (HOUR, HOUR)
    # Of days before the first event nothing is known, of the days after the last one that nothing was.
    assert (await get(store, STATS + "?date=2026-06-30")).json()["phone"] is None
    clock.now += 5 * 24 * HOUR
    assert figure_sums((await get(store, STATS)).json()) == (0, 0)
    assert (await get(store, STATS + "?date=2026-07-31")).json()["phone"] is None


def queue_event(number: int, name: str, at: int, *args: str, queue: str = "q1") -> dict[str, Any]:
    return event(number, f"octui.queue.{name}", "7001", at, call="c1", queue=queue, args=list(args))


def list_states(store: Store, now: int) -> list[tuple[Any, ...]]:
    page = store.read(
        lambda connection: agents_store.list_agents(
            connection, "oc", now, query="", after=None, limit=9, changed_since=None
        )
    )
    return [(agent.state, agent.since, agent.proved_until, agent.ends) for agent in page.agents]


async def test_assumed_login_counts_up_to_its_last_event(store: Store, center: Center, clock: Clock) -> None:
    set_cti(store, center, "kim", "7001")
    start, end = TODAY + 9 * HOUR, TODAY + 9 * HOUR + 10 * MINUTE
    clock.now = end
    await send_events(store, [queue_event(1, "CONNECT", start, "1", "x", "0"), queue_event(2, "COMPLETEAGENT", end)])
    for now in (end + HOUR, TOMORROW - 1):
        clock.now = now
        stats = (await get(store, STATS)).json()
        assert stats["phone_open"] == {"state": "ready", "since": end, "call": None, "detail": None}
        assert (stats["logged_in_since"], stats["is_login_assumed"], stats["proved_until"]) == (start, True, end)
        assert stats["logged_in"] == stats["assumed"] == {"count": 1, "ms": 0}
        assert ("ready", end, end, TOMORROW) in list_states(store, now)
    # The day is over, without any event.
    for now, at_date in ((TOMORROW, "?date=2026-07-01"), (TOMORROW + 3 * HOUR, "?date=2026-07-01")):
        clock.now = now
        stats = (await get(store, STATS + at_date)).json()
        assert (stats["phone_open"], stats["logged_in_since"], stats["proved_until"]) == (None, None, None)
        assert stats["logged_in"] == stats["assumed"] == {"count": 1, "ms": 10 * MINUTE}
        assert figure_sums(stats) == (10 * MINUTE, 10 * MINUTE)
        assert {state[0] for state in list_states(store, now)} == {None}
        today = (await get(store, STATS)).json()
        assert figure_sums(today) == (0, 0)
    assert (await press_key(store, kind="state", state="rest")).status_code == 409
    parts = [
        (part["state"], part["start"], part["end"])
        for state in ("logged_in", "assumed", "ready", "inbound_calls")
        for part in (await get(store, f"{STATS}/intervals?channel=phone&state={state}&date=2026-07-01")).json()[
            "intervals"
        ]
    ]
    assert parts == [
        ("assumed", start, end),
        ("assumed", start, end),
        ("ready", end, end),
        ("inbound_calls", start, end),
    ]
    # The first event of a later day stores the same.
    clock.now = TOMORROW + 5 * HOUR
    await send_events(store, [queue_event(3, "ADDMEMBER", TOMORROW + 5 * HOUR)])
    after = (await get(store, STATS + "?date=2026-07-01")).json()
    assert {name: after[name] for name in ("phone", "logged_in", "assumed")} == {
        name: stats[name] for name in ("phone", "logged_in", "assumed")
    }
    assert (await get(store, STATS)).json()["is_login_assumed"] is False


async def test_call_without_an_end_is_over_after_twelve_hours(store: Store, center: Center, clock: Clock) -> None:
    set_cti(store, center, "kim", "7001")
    start = TODAY + HOUR
    clock.now = start + HOUR
    lines = [queue_event(1, "ADDMEMBER", start), queue_event(2, "CONNECT", start, "1", "x", "0")]
    await send_events(store, [*lines, queue_event(3, "ADDMEMBER", start + HOUR, queue="q2")])
    clock.now = start + 13 * HOUR - 1
    assert (await get(store, STATS)).json()["phone_open"]["state"] == "inbound_calls"
    clock.now = start + 13 * HOUR
    stats = (await get(store, STATS)).json()
    assert stats["phone_open"] == {"state": "ready", "since": start + HOUR, "call": None, "detail": None}
    assert stats["phone"]["inbound_calls"] == {"count": 1, "ms": HOUR}
    assert figure_sums(stats) == (13 * HOUR, 13 * HOUR)


async def test_the_etag_depends_on_the_day_and_the_topics(store: Store, center: Center, clock: Clock) -> None:
    first = await get(store, STATS)
    assert first.headers["etag"].startswith('"20260701-')
    assert (await get(store, STATS, if_none_match=first.headers["etag"])).status_code == 304
    await send_events(store, [event(1, "octui.phone.login", "lee")])
    assert (await get(store, STATS, if_none_match=first.headers["etag"])).status_code == 304
    await send_events(store, [event(2, "octui.phone.login")])
    second = await get(store, STATS, if_none_match=first.headers["etag"])
    assert second.status_code == 200
    await send_events(store, [event(3, "octui.ticket.created", None, ticket="T")])
    third = await get(store, STATS, if_none_match=second.headers["etag"])
    assert third.json()["tickets"] == {"unassigned": 1, "open": 0, "solved": 0, "closed": 0}
    clock.now = TOMORROW
    fourth = await get(store, STATS, if_none_match=third.headers["etag"])
    assert fourth.json()["date"] == "2026-07-02"


async def test_live_gives_the_same_stats(store: Store, center: Center) -> None:
    await send_events(store, [event(1, "octui.phone.login")])
    plain = await get(store, STATS)
    topic = "services/oc/stats/kim"
    live = (await get(store, f"/live?have={topic};")).json()
    assert live["changed"][topic] == {"etag": plain.headers["etag"], "body": plain.json(), "gone": False}
    async with local_client(app(store), "kim") as client:
        nothing = await client.get("/live", params={"have": f"{topic};{plain.headers['etag']}"})
    assert nothing.status_code == 304


@pytest.mark.parametrize("date", ["2026-02-30", "20260701", "x", "0000-00-00", "9999-12-31", "２０２６-07-01", ""])
async def test_an_impossible_date_is_refused(store: Store, center: Center, date: str) -> None:
    for path in (f"{STATS}?date={date}", f"{STATS}/intervals?channel=phone&state=ready&date={date}"):
        answer = await get(store, path)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "date"


async def test_intervals_are_paged_and_unknown_states_refused(store: Store, center: Center) -> None:
    batch = [
        event(number, "octui.phone.state", at=NOW - (600 - number) * 1000, state=("ready", "rest")[number % 2])
        for number in range(450)
    ]
    await send_events(store, batch)
    path = STATS + "/intervals?channel=phone&state=ready"
    first = (await get(store, path)).json()
    assert (len(first["intervals"]), first["next"]) == (200, 200)
    second = (await get(store, f"{path}&after={first['next']}")).json()
    assert (len(second["intervals"]), second["next"]) == (25, None)
    starts = [each["start"] for each in first["intervals"] + second["intervals"]]
    assert starts == [NOW - (600 - number) * 1000 for number in range(0, 450, 2)]
    for wrong in ("phone&state=online", "chat&state=meal", "chat&state=logged_in"):
        assert (await get(store, f"{STATS}/intervals?channel={wrong}")).status_code == 422


async def test_stats_are_open_to_the_agent_and_managers(store: Store, center: Center) -> None:
    assert (await get(store, STATS, "lee")).status_code == 403
    assert (await get(store, STATS, "choi")).status_code == 200
    assert (await get(store, STATS, "park")).status_code == 404
    assert (await get(store, "/services/oc/stats/park", "choi")).status_code == 404
    assert (await get(store, "/services/oc/stats/nobody", "admin")).status_code == 404


async def test_key_presses_change_the_state(store: Store, center: Center, clock: Clock) -> None:
    assert (await press_key(store, kind="login")).json()["code"] == "no_cti_numbers"
    set_cti(store, center, "kim", "7001", "1001")
    assert (await press_key(store, kind="state", state="meal")).json()["code"] == "conflict"
    logged_in = (await press_key(store, kind="login")).json()
    assert logged_in["phone_open"]["state"] == "ready"
    # Two keys in one millisecond keep their order.
    for state in SELECTABLE_STATES:
        pressed = await press_key(store, kind="state", state=state.value)
        assert pressed.json()["phone_open"]["state"] == state.value
    clock.now += 5000
    assert (await press_key(store, kind="state", state="coaching")).json()["phone_open"]["since"] == NOW
    left = (await press_key(store, kind="logout")).json()
    assert left["phone_open"] is None
    assert left["phone"]["coaching"] == {"count": 1, "ms": 5000}
    assert left["phone"]["meal"] == {"count": 1, "ms": 0}
    assert figure_sums(left) == (5000, 5000)
    assert (await press_key(store, kind="state")).json()["errors"][0]["field"] == "state"
    assert (await press_key(store, kind="state", state="other")).status_code == 422
    assert (await press_key(store, kind="login", at=NOW)).status_code == 403
    assert (await press_key(store, "lee", kind="login")).json()["code"] == "no_cti_numbers"


async def test_a_key_press_after_an_event_from_a_fast_clock_counts(store: Store, center: Center) -> None:
    set_cti(store, center, "kim", "7001", "1001")
    await send_events(store, [event(1, "octui.phone.login", at=NOW + 60_000)])
    pressed = (await press_key(store, kind="state", state="meal")).json()
    assert pressed["phone_open"] == {"state": "meal", "since": NOW + 60_000, "call": None, "detail": None}


async def test_chat_keys_change_the_chat_state(store: Store, center: Center) -> None:
    assert (await press_key(store, kind="login", channel="chat")).json()["chat_open"]["state"] == "ready"
    assert (await press_key(store, kind="state", state="rest", channel="chat")).json()["chat_open"]["state"] == "rest"
    assert (await press_key(store, kind="state", state="ready", channel="chat")).json()["chat_open"]["state"] == "ready"
    assert (await press_key(store, kind="state", state="meal", channel="chat")).status_code == 422
    assert (await press_key(store, kind="logout", channel="chat")).json()["chat_open"] is None


async def test_phone_keys_are_refused_without_phone(store: Store, center: Center) -> None:
    refused = await press_key(store, "choi", kind="login")
    assert (refused.status_code, refused.json()["code"]) == (403, "no_phone_permission")
    store.write(
        lambda change: change.connection.execute(
            delete(tables.contract_item).where(tables.contract_item.c.item == "telticket")
        ),
        OPERATOR,
    )
    assert (await press_key(store, kind="login")).json()["code"] == "no_phone_contract"


async def test_ticket_figures_follow_their_events(store: Store, center: Center, clock: Clock) -> None:
    def ticket(number: int, what: str, name: str, agent: str | None = None, at: int = NOW) -> dict[str, Any]:
        return event(number, f"octui.ticket.{what}", None, at, ticket=name, agent=agent)

    async def figures(account: str = "kim") -> tuple[int, ...]:
        return tuple((await get(store, f"/services/oc/stats/{account}", "choi")).json()["tickets"].values())

    await send_events(store, [ticket(1, "created", "A"), ticket(2, "created", "B"), ticket(3, "created", "C", "kim")])
    assert await figures() == (2, 1, 0, 0)
    await send_events(store, [ticket(4, "assigned", "A", "kim", NOW + 1), ticket(5, "solved", "C", at=NOW + 1)])
    assert await figures() == (1, 1, 1, 0)
    await send_events(store, [ticket(6, "closed", "C", "lee", NOW + 2)])
    assert await figures() == (1, 1, 1, 0)
    assert await figures("lee") == (1, 0, 0, 1)
    # Told late: it had gone to lee before it was solved.
    await send_events(store, [ticket(7, "assigned", "C", "lee", NOW)])
    assert await figures() == (1, 1, 0, 0)
    assert await figures("lee") == (1, 0, 1, 1)
    await send_events(store, [ticket(8, "reopened", "C", at=NOW + 3)])
    assert await figures("lee") == (1, 1, 0, 0)
    await send_events(store, [ticket(9, "assigned", "C", None, NOW + 4), ticket(10, "solved", "A", at=NOW + 4)])
    assert await figures() == (2, 0, 1, 0)
    clock.now = TOMORROW + 1
    assert await figures() == (2, 0, 0, 0)
    assert (await send_events(store, [ticket(11, "assigned", "B", "stranger")])).json()["unmatched"] == {"stranger": 1}


async def test_ticket_figures_of_a_past_day(store: Store, center: Center, clock: Clock) -> None:
    async def figures(day: str) -> Any:
        return (await get(store, f"/services/oc/stats/kim?date={day}")).json()["tickets"]

    await send_events(store, [event(1, "octui.ticket.created", None, NOW, ticket="A", agent="kim")])
    await send_events(store, [event(2, "octui.ticket.solved", None, NOW + 1, ticket="A", agent="kim")])
    today = (await get(store, "/services/oc/stats/kim")).json()["date"]
    clock.now = TOMORROW + 1
    # What was open then, nobody knows any more; before the first ticket nothing is known at all.
    assert await figures(today) == {"unassigned": None, "open": None, "solved": 1, "closed": 0}
    assert await figures("2020-01-01") is None


async def test_running_states_end_with_the_role(store: Store, center: Center, clock: Clock) -> None:
    clock.now = TODAY + 9 * HOUR
    logins = [event(kind, f"octui.{kind}.login", at=TODAY + 8 * HOUR) for kind in ("phone", "chat")]
    assert (await send_events(store, logins)).json()["taken"] == 2
    version = (
        store.read(
            lambda connection: agents_store.list_agents(
                connection, "oc", clock.now, query="kim", after=None, limit=1, changed_since=None
            )
        )
        .agents[0]
        .version
    )
    store.write(lambda change: agents_store.remove_agent(change, "oc", "kim", version), OPERATOR)
    clock.now = TODAY + 12 * HOUR
    stats = (await get(store, STATS, "admin")).json()
    assert (stats["phone_open"], stats["chat_open"], stats["logged_in_since"]) == (None, None, None)
    assert figure_sums(stats) == (HOUR, HOUR)
    assert stats["chat"]["ready"]["ms"] == HOUR
