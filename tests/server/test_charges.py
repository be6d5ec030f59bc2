"""Charges over HTTP and in the store, on both engines (rules.md 9, 10)."""

import json
import random
import threading
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, delete, insert, select, text, update

from octui.schema.audit import DiscountValue, RateRows
from octui.schema.charges import LARGEST_PRICE, Charges, Rate
from octui.schema.contracts import MOST_USERS
from octui.schema.items import Item
from octui.schema.problems import Code
from octui.server.app import create_app
from octui.server.charges import month_closing, rate_store, usage
from octui.server.charges import store as charges_store
from octui.server.charges.store import Selection
from octui.server.contracts import estimates
from octui.server.core import calendar
from octui.server.core.calendar import day_bounds
from octui.server.core.errors import StoreError
from octui.server.core.principal import Principal
from octui.server.core.topics import SERVICES
from octui.server.database import tables
from octui.server.database.store_views import StoreView
from octui.server.database.unit_of_work import Change
from octui.server.maintenance import MaintenanceThread
from server.clients import local_client
from server.conftest import NOW, OPERATOR, Center, Clock, Store
from server.test_events import BATCH, event
from server.test_people import log_lines
from unit.charges_reference import CARD, month_total

T = TypeVar("T")

DAY = 86_400_000
SEOUL = "Asia/Seoul"


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store)


def at(day: int, hour: int = 12, zone: str = SEOUL) -> int:
    """Return an hour of a day (YYYYMMDD) as epoch ms."""
    return day_bounds(day, zone)[0] + hour * 3_600_000


def insert_rows(store: Store, name: str, rows: Iterable[dict[str, Any]]) -> None:
    table = tables.metadata.tables[name]
    store.write(lambda change: change.connection.execute(insert(table), list(rows)).rowcount, OPERATOR)


def insert_contract(store: Store, service: int, day: int, **items: int) -> None:
    """Insert a contract version from a day on, given the users by item."""
    rows = [{"service_id": service, "day": day, "item": item, "users": users} for item, users in items.items()]
    insert_rows(store, "contract_version", rows)


def change_service(store: Store, service: int, **values: Any) -> None:
    of = tables.service
    store.write(
        lambda change: change.connection.execute(update(of).where(of.c.id == service).values(**values)).rowcount,
        OPERATOR,
    )


def tickets(store: Store, service: int, *moments: int) -> None:
    rows = [
        {"service_id": service, "ticket": f"T{number}-{moment}", "state": "open", "at": moment, "first_at": moment}
        for number, moment in enumerate(moments)
    ]
    insert_rows(store, "ticket", rows)


def month(store: Store, clock: Clock, asked: int | None = None, selection: Selection | None = None) -> Charges:
    chosen = selection or Selection()
    return store.read(lambda connection: charges_store.charges_of_month(connection, clock.now, asked, chosen))


def line_tuples(found: Charges, service: str = "oc") -> list[tuple[str | None, str, int, int]]:
    """Return item, kind, quantity and amount of the lines of a service."""
    return [
        (line.item, line.kind, line.quantity, line.amount)
        for one in found.services
        if one.service == service
        for line in one.lines
    ]


def rate_rows(store: Store) -> list[Any]:
    order = (tables.rate.c.valid_from, tables.rate.c.item)
    return store.read(lambda connection: list(connection.execute(select(tables.rate).order_by(*order))))


# --- contracts by day (rule 9) ----------------------------------------------------------------------------------


def test_rule_9_a_fresh_database_has_the_first_rate_card(store: Store) -> None:
    found = store.read(rate_store.list_rate_cards).cards
    assert [card.valid_from for card in found] == ["1970-01-01"]
    assert {
        rate.item.value: (
            rate.monthly,
            rate.per_day,
            rate.per_user,
            rate.free_count,
            rate.tier1_cap,
            None if rate.tier1_price is None else Fraction(rate.tier1_price, 1000),
            None if rate.tier2_price is None else Fraction(rate.tier2_price, 1000),
        )
        for rate in found[0].rates
    } == CARD
    assert [rate.item for rate in found[0].rates] == list(Item)


def test_rule_9_each_day_has_one_contract_version(store: Store, center: Center, clock: Clock) -> None:
    oc = center.services["oc"]
    insert_contract(store, oc, 20260515, ticket=2, helpdoc=1)
    insert_contract(store, oc, 20260520, ticket=3)
    insert_contract(store, oc, 20260610, ticket=3, helpdoc=9)
    may, june = month(store, clock, 202605), month(store, clock, 202606)
    assert line_tuples(may) == [
        ("ticket", "days", 34, 34 * 333),
        ("ticket", "days", 12, 12 * 333),
        ("ticket", "tier1", 0, 0),
        ("helpdoc", "days", 5, 5 * 1_667),
    ]
    assert line_tuples(june) == [
        ("ticket", "month", 3, 30_000),
        ("ticket", "tier1", 0, 0),
        ("helpdoc", "days", 21, 35_007),
    ]
    assert (may.total, june.total) == (34 * 333 + 12 * 333 + 5 * 1_667, 65_007)
    assert (may.through, june.through) == ("2026-05-31", "2026-06-30")


def test_rule_9_the_day_of_termination_counts_and_the_next_does_not(store: Store, center: Center, clock: Clock) -> None:
    oc = center.services["oc"]
    insert_contract(store, oc, 20260601, ticket=1)
    change_service(store, oc, state="stop", terminated_day=20260610)
    assert line_tuples(month(store, clock, 202606))[0] == ("ticket", "days", 10, 3_330)
    assert month(store, clock, 202607).services == []
    change_service(store, oc, terminated_day=20260630)
    assert line_tuples(month(store, clock, 202606))[0] == ("ticket", "month", 1, 10_000)


def test_rule_8_a_suspended_service_is_charged(store: Store, center: Center, clock: Clock) -> None:
    oc = center.services["oc"]
    insert_contract(store, oc, 20260601, ticket=1)
    change_service(store, oc, state="pause")
    found = month(store, clock, 202606)
    assert line_tuples(found)[0] == ("ticket", "month", 1, 10_000)
    assert found.services[0].state == "pause"


async def test_rule_9_every_change_of_a_contract_is_charged_by_the_day(
    app: FastAPI, store: Store, clock: Clock
) -> None:
    """Use the requests of the screens: register and edit on the 10th, edit again, suspend, terminate."""
    async with local_client(app, "admin") as admin:

        async def act(day: int, method: str, path: str, body: dict[str, Any]) -> None:
            clock.now = at(day)
            (version,) = [
                one["version"] for one in (await admin.get("/contracts")).json()["contracts"] if one["id"] == "new"
            ] or [0]
            headers = {"If-Match": f'"v{version}"'} if version else {}
            answer = await admin.request(method, f"/contracts{path}", json=body, headers=headers)
            assert answer.status_code < 300, answer.text

        def items(ticket: int, **others: int) -> dict[str, Any]:
            users = {"ticket": ticket, **others}
            return {"items": [{"item": item, "users": count} for item, count in users.items()]}

        await act(20260705, "POST", "", {"id": "new", "name": "새 서비스"})
        await act(20260710, "PUT", "/new/items", items(9, chat=9))
        await act(20260710, "PUT", "/new/items", items(2))
        await act(20260715, "PUT", "/new/items", items(3, helpdoc=1))
        await act(20260716, "PUT", "/new/state", {"state": "pause"})
        await act(20260720, "PUT", "/new/state", {"state": "stop"})
        clock.now = at(20260725)
        found = (await admin.get("/charges", params={"service": "new"})).json()["services"][0]
    assert found["state"] == "stop"
    assert [(line["item"], line["kind"], line["days"], line["users"], line["amount"]) for line in found["lines"]] == [
        ("ticket", "days", 11, 2, 22 * 333),
        ("ticket", "days", 6, 1, 6 * 333),
        ("ticket", "tier1", 11, 3, 0),
        ("helpdoc", "days", 6, 1, 6 * 1_667),
    ]


def test_rule_10_the_present_month_is_charged_up_to_the_organizations_day(
    store: Store, center: Center, clock: Clock
) -> None:
    insert_contract(store, center.services["oc"], 20260615, ticket=1)
    clock.now = day_bounds(20260703, SEOUL)[0] - 1
    found = month(store, clock)
    assert (found.month, found.closed, found.closed_at, found.through) == ("2026-07", False, None, "2026-07-02")
    assert line_tuples(found) == [("ticket", "days", 2, 666), ("ticket", "tier1", 0, 0)]
    clock.now += 1
    assert line_tuples(month(store, clock))[0] == ("ticket", "days", 3, 999)
    clock.now = at(20260731)
    assert line_tuples(month(store, clock))[0] == ("ticket", "month", 1, 10_000)


# --- usage ------------------------------------------------------------------------------------------------------


def test_rule_9_tickets_count_on_the_services_day_they_are_first_seen(
    store: Store, center: Center, clock: Clock
) -> None:
    oc = center.services["oc"]
    zone = "America/New_York"
    change_service(store, oc, time_zone=zone)
    insert_contract(store, oc, 20260601, ticket=1)
    start, end = day_bounds(20260601, zone)[0], day_bounds(20260630, zone)[1]
    tickets(store, oc, start - 1, start, end - 1, end)
    line = month(store, clock, 202606).services[0].lines[-1]
    assert (line.used, line.free) == (2, 3_000)


def test_rule_9_usage_counts_on_the_days_on_which_the_item_is_in_force(
    store: Store, center: Center, clock: Clock
) -> None:
    oc = center.services["oc"]
    insert_contract(store, oc, 20260605, ticket=1, telticket=1, chat=1)
    insert_contract(store, oc, 20260610, ticket=1)
    insert_contract(store, oc, 20260620, ticket=1, telticket=1, chat=1)
    days = (20260604, 20260605, 20260609, 20260610, 20260619, 20260620, 20260630)
    tickets(store, oc, *(at(day) for day in days))
    figures = [
        {"service_id": oc, "member_id": member, "day": day, "channel": "phone", "state": state, "count": 1, "ms": ms}
        for day in days
        for member, state, ms in ((1, "inbound_calls", 700), (2, "outbound_calls", 1_100), (2, "ready", 99_000))
    ]
    insert_rows(store, "figure", figures)
    insert_rows(store, "source", [{"id": 7, "name": "test"}])
    chats = [
        {"event_id": f"{day}-{number}", "at": at(day), "type": kind, "data": json.dumps({"chat": f"{day}-{chat}"})}
        for day in days
        for number, (kind, chat) in enumerate(
            (("octui.chat.opened", 1), ("octui.chat.opened", 1), ("octui.chat.opened", 2), ("octui.chat.closed", 3))
        )
    ]
    insert_rows(store, "event", [{"source_id": 7, "service_id": oc, "member_id": 1, **one} for one in chats])
    other = center.services["chat"]
    insert_rows(store, "figure", [{**one, "service_id": other} for one in figures])
    used = {line.item: line.used for line in month(store, clock, 202606).services[0].lines}
    # Tickets from the 5th on; calls and chats on the 5th, 9th, 20th and 30th. A chat handed on is one chat.
    assert used == {"ticket": 6, "telticket": 4 * 1_800 // 1_000, "chat": 8}


def test_rule_9_call_seconds_are_rounded_once_a_month(store: Store, center: Center, clock: Clock) -> None:
    oc = center.services["oc"]
    insert_contract(store, oc, 20260601, ticket=1, telticket=1)
    insert_rows(
        store,
        "figure",
        [
            {"service_id": oc, "member_id": 1, "day": day, "channel": "phone", "state": "inbound_calls", "count": 1}
            | {"ms": 999}
            for day in range(20260601, 20260611)
        ],
    )
    (used,) = {
        line.used for line in month(store, clock, 202606).services[0].lines if line.item == "telticket" and line.used
    }
    assert used == 9


async def test_an_earlier_event_moves_a_ticket_to_its_month(
    app: FastAPI, store: Store, center: Center, clock: Clock
) -> None:
    insert_contract(store, center.services["oc"], 20260601, ticket=1)
    async with local_client(app) as operator:

        async def send(number: int, kind: str, moment: int) -> None:
            body = json.dumps([event(number, kind, None, moment, ticket="T1", agent="kim")])
            assert (await operator.post("/services/oc/events", content=body, headers=BATCH)).json()["taken"] == 1

        async def used(asked: str) -> int:
            found = (await operator.get("/charges", params={"month": asked})).json()
            return int(found["services"][0]["lines"][-1]["used"])

        await send(1, "octui.ticket.assigned", at(20260701, 8))
        assert (await used("2026-06"), await used("2026-07")) == (0, 1)
        await send(2, "octui.ticket.solved", at(20260701, 9))
        assert (await used("2026-06"), await used("2026-07")) == (0, 1)
        await send(3, "octui.ticket.created", at(20260630))
        assert (await used("2026-06"), await used("2026-07")) == (1, 0)


@pytest.mark.parametrize("seed", range(4))
def test_rules_9_and_10_charges_equal_the_reference(store: Store, center: Center, clock: Clock, seed: int) -> None:
    random_ = random.Random(seed)
    oc = center.services["oc"]
    days = [day for each in (202604, 202605, 202606) for day in calendar.days_of_month(each)]
    versions = {
        day: {item.value: random_.randint(1, 5) for item in Item if random_.random() < 0.6}
        for day in sorted(random_.sample(days[10:], 7))
    }
    versions = {day: items for day, items in versions.items() if items}
    end = random_.choice((None, 20260620))
    for day, items in versions.items():
        insert_contract(store, oc, day, **items)
    change_service(store, oc, terminated_day=end)
    basis_points = random_.choice((0, 1_234, 10_000))
    store.write(
        lambda change: (
            change.connection.execute(
                insert(tables.discount).values(service_id=oc, valid_from=20260501, basis_points=basis_points)
            ).rowcount
        ),
        OPERATOR,
    )
    first_seen = {day: random_.randint(0, 900) for day in days}
    tickets(store, oc, *(at(day, 0) + number for day, count in first_seen.items() for number in range(count)))
    for each in (202604, 202605, 202606):
        by_day: list[dict[str, int]] = []
        used = 0
        for day in calendar.days_of_month(each):
            began = max((one for one in versions if one <= day), default=None)
            present = {} if began is None or (end is not None and day > end) else versions[began]
            by_day.append(present)
            used += first_seen[day] if "ticket" in present else 0
        percent = Fraction(0 if each < 202605 else basis_points, 100)
        found = month(store, clock, each)
        assert found.total == month_total(by_day, {"ticket": used}, percent)
        assert found.total == sum(line.amount for one in found.services for line in one.lines)


def test_usage_is_found_by_an_index(store: Store, center: Center) -> None:
    """The time to calculate a month does not grow with the age of the center."""

    def plans(connection: Connection) -> list[str]:
        if store.dialect == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        explain = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
        found = []
        for query in (usage._TICKETS, usage._CALLS, usage._CHATS):
            rows = connection.exec_driver_sql(explain + query._texts[store.dialect], (1, 0, 1))
            found.append(" ".join(str(row) for row in rows))
        return found

    names = ("ix_ticket_service_id_first_at", "ix_figure_calls", "ix_event_chat_opened")
    for plan, name in zip(store.read(plans), names, strict=True):
        assert name in plan


# --- closing (rule 10) ------------------------------------------------------------------------------------------


async def test_rule_10_a_closed_month_is_frozen(app: FastAPI, store: Store, center: Center, clock: Clock) -> None:
    oc = center.services["oc"]
    insert_contract(store, oc, 20260501, ticket=2)
    tickets(store, oc, *(at(20260510) + number for number in range(6_100)))
    async with local_client(app, "admin") as admin:
        before = (await admin.get("/charges", params={"month": "2026-05"})).json()
        assert (before["closed"], before["closed_at"], before["total"]) == (True, NOW, 25_000)
        # Late events, another contract, other prices, a discount, another type: it stays as it was.
        tickets(store, oc, *(at(20260511) + number for number in range(500)))
        insert_contract(store, oc, 20260502, ticket=9)
        store.write(
            lambda change: change.connection.execute(update(tables.rate).values(monthly=1, per_day=1)).rowcount,
            OPERATOR,
        )
        insert_rows(store, "discount", [{"service_id": oc, "valid_from": 20260501, "basis_points": 10_000}])
        change_service(store, oc, type="issue", name="다른 이름", state="pause")
        clock.now += 40 * DAY
        after = (await admin.get("/charges", params={"month": "2026-05"})).json()
        assert after["services"][0].pop("state") == "pause"
        before["services"][0].pop("state")
        assert after == before
        of_type = [
            (await admin.get("/charges", params={"month": "2026-05", "type": kind})).json()["total"]
            for kind in ("consultation", "issue")
        ]
        assert of_type == [25_000, 0]
        now = (await admin.get("/charges", params={"month": "2026-06"})).json()
        assert (now["closed"], now["total"]) == (True, 0)


async def test_rule_10_a_closed_month_ignores_a_new_type_or_clock(
    app: FastAPI, store: Store, center: Center, clock: Clock
) -> None:
    insert_contract(store, center.services["oc"], 20260501, ticket=2)
    clock.now = at(20260603)
    async with local_client(app, "admin") as admin:

        async def asked(kind: str) -> dict[str, Any]:
            answer = await admin.get("/charges", params={"month": "2026-05", "type": kind})
            found: dict[str, Any] = answer.json()
            return {name: found[name] for name in ("closed", "total", "through", "history")}

        before = [await asked("consultation"), await asked("issue")]
        assert [one["history"][-1]["total"] for one in before] == [20_000, None]
        change_service(store, center.services["oc"], type="issue")
        clock.now = at(20260530)  # it was set back
        assert [await asked("consultation"), await asked("issue")] == before


def test_rule_10_a_month_is_closed_a_day_after_its_end(store: Store, center: Center, clock: Clock) -> None:
    insert_contract(store, center.services["oc"], 20260415, ticket=1)
    end = day_bounds(20260630, SEOUL)[1]
    change_service(store, center.services["chat"], time_zone="America/New_York")
    clock.now = end + DAY + 13 * 3_600_000 - 1
    month_closing.close_due_months(store)
    found = month(store, clock, 202606)
    assert (found.closed, found.through) == (False, "2026-06-30")
    assert [one.closed for one in found.history[-3:]] == [True, True, False]
    clock.now += 1
    month_closing.close_due_months(store)
    found = month(store, clock, 202606)
    assert (found.closed, found.closed_at, found.total) == (True, clock.now, 10_000)


def test_due_months_are_closed_once_each(store: Store, center: Center, clock: Clock) -> None:
    insert_contract(store, center.services["oc"], 20250915, ticket=1)
    MaintenanceThread(store).run_jobs()

    def closed() -> list[tuple[int, int]]:
        of = tables.closed_month
        wanted = select(of.c.month, of.c.closed).order_by(of.c.month)
        return [tuple(row) for row in store.read(lambda connection: connection.execute(wanted).all())]

    expected = [202509, 202510, 202511, 202512, 202601, 202602, 202603, 202604, 202605]
    assert closed() == [(one, NOW) for one in expected]
    clock.now += 1
    MaintenanceThread(store).run_jobs()
    assert closed() == [(one, NOW) for one in expected]
    assert log_lines(store) == []


def test_two_processes_close_a_month_once(store: Store, center: Center, clock: Clock) -> None:
    insert_contract(store, center.services["oc"], 20260115, ticket=1)
    done: list[int | None] = []

    def close() -> None:
        month = 0
        while month is not None:
            month = store.write(lambda change: month_closing.close_month(change, change.now), OPERATOR)
            done.append(month)

    threads = [threading.Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count(None) == 4
    assert sorted(one for one in done if one is not None) == [202601, 202602, 202603, 202604, 202605]


class Counting(StoreView):
    """Store that counts its write transactions."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.writes = 0

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        self.writes += 1
        return super().write(work, principal)


def test_closing_many_months_lets_other_writes_in_between(store: Store, center: Center, clock: Clock) -> None:
    insert_contract(store, center.services["oc"], 20260115, ticket=1)
    counting = Counting(store)
    month_closing.close_due_months(counting)
    assert counting.writes == 5
    month_closing.close_due_months(counting)
    assert counting.writes == 5


def test_no_month_is_closed_without_a_contract(store: Store, center: Center, clock: Clock) -> None:
    assert store.read(lambda connection: month_closing.due_month(connection, clock.now)) is None
    month_closing.close_due_months(store)
    found = month(store, clock)
    assert (found.first, found.services, found.total) == (None, [], 0)
    assert [one.total for one in found.history] == [None] * 12


class FullDisk(StoreView):
    """Store that reads, and refuses every write."""

    def write(self, work: Callable[[Change], T], principal: Principal) -> T:
        raise StoreError(Code.STORAGE_FULL, 503, "The disk is full.")


async def test_a_month_that_cannot_be_closed_is_still_shown(store: Store, center: Center) -> None:
    insert_contract(store, center.services["oc"], 20260501, ticket=1)
    async with local_client(create_app(FullDisk(store)), "admin") as admin:
        found = (await admin.get("/charges", params={"month": "2026-05"})).json()
    assert (found["closed"], found["through"], found["total"]) == (False, "2026-05-31", 10_000)


# --- selection, history -----------------------------------------------------------------------------------------


async def test_rule_10_a_month_can_be_filtered_by_type_and_service(app: FastAPI, store: Store, center: Center) -> None:
    oc, chat = center.services["oc"], center.services["chat"]
    insert_contract(store, oc, 20260601, ticket=1)
    insert_contract(store, chat, 20260601, ticket=2)
    change_service(store, chat, type="issue")
    async with local_client(app, "admin") as admin:

        async def found(**asked: str) -> tuple[int, list[tuple[str, str, int]]]:
            answer = await admin.get("/charges", params={"month": "2026-06", **asked})
            assert answer.status_code == 200, answer.text
            body = answer.json()
            return body["total"], [(one["service"], one["state"], one["total"]) for one in body["services"]]

        assert await found() == (30_000, [("chat", "inuse", 20_000), ("oc", "inuse", 10_000)])
        assert await found(type="issue") == (20_000, [("chat", "inuse", 20_000)])
        assert await found(service="oc") == (10_000, [("oc", "inuse", 10_000)])
        assert await found(service="oc", type="issue") == (0, [])


def test_rule_10_the_history_has_the_same_filter_and_begins_with_the_first_contract(
    store: Store, center: Center, clock: Clock
) -> None:
    oc, chat = center.services["oc"], center.services["chat"]
    insert_contract(store, oc, 20260301, ticket=1)
    change_service(store, oc, state="stop", terminated_day=20260331)
    insert_contract(store, chat, 20260501, ticket=2)
    month_closing.close_due_months(store)

    def history(**asked: str) -> list[int | None]:
        found = month(store, clock, 202606, Selection(**asked)).history  # type: ignore[arg-type]
        assert len(found) == 12
        assert [one.month for one in found][::11] == ["2025-07", "2026-06"]
        return [one.total for one in found][-5:]

    assert history() == [None, 10_000, 0, 20_000, 20_000]
    assert history(service="oc") == [None, 10_000, 0, 0, 0]
    assert history(service="chat") == [None, None, None, 20_000, 20_000]
    found = month(store, clock, 202602)
    assert (found.first, found.services, found.total, found.closed) == ("2026-03", [], 0, False)


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"month": "2026-08"}, "month", "range"),
        ({"month": "2026-13"}, "month", "pattern"),
        ({"month": "0000-01"}, "month", "pattern"),
        ({"month": "2026-1"}, "month", "pattern"),
        ({"service": "nix"}, "service", "unknown_value"),
        ({"service": "서비스"}, "service", "pattern"),
        ({"type": "both"}, "type", "unknown_value"),
    ],
)
async def test_invalid_filters_are_refused_by_field(app: FastAPI, asked: dict[str, str], field: str, code: str) -> None:
    async with local_client(app, "admin") as admin:
        answer = await admin.get("/charges", params=asked)
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]


async def test_the_earliest_month_is_empty(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin:
        answer = await admin.get("/charges", params={"month": "0001-01"})
    assert (answer.status_code, answer.json()["services"], len(answer.json()["history"])) == (200, [], 1)


# --- rate cards -------------------------------------------------------------------------------------------------


def new_card(valid_from: str = "2026-08-01", **changed: Any) -> dict[str, Any]:
    """Return the first rate card with another price of helpdoc."""
    found = []
    for item, (monthly, per_day, per_user, free_count, cap, first, second) in CARD.items():
        row: dict[str, Any] = {"item": item, "monthly": monthly, "per_day": per_day, "per_user": per_user}
        row |= {"free_count": free_count, "tier1_cap": cap}
        row |= {"tier1_price": None if first is None else int(first * 1000)}
        row |= {"tier2_price": None if second is None else int(second * 1000)}
        found.append(row | (changed if item == "helpdoc" else {}))
    return {"valid_from": valid_from, "rates": found}


async def test_rule_9_new_prices_begin_with_their_month(
    app: FastAPI, store: Store, center: Center, clock: Clock
) -> None:
    insert_contract(store, center.services["oc"], 20260601, ticket=1, helpdoc=1)
    async with local_client(app) as operator:
        added = await operator.post("/rates", json=new_card(monthly=60_000, per_day=2_000))
        assert (added.status_code, added.json()["valid_from"]) == (201, "2026-08-01")
        assert [card["valid_from"] for card in (await operator.get("/rates")).json()["cards"]] == [
            "1970-01-01",
            "2026-08-01",
        ]
        asked_for = (({}, at(20260731), 60_000), ({}, at(20260831), 70_000), ({"month": "2026-07"}, None, 60_000))
        for params, now, expected in asked_for:
            clock.now = now or clock.now
            assert (await operator.get("/charges", params=params)).json()["total"] == expected
    assert log_lines(store) == [
        (
            "rates.added",
            "admin",
            "",
            "",
            RateRows(rates=[Rate(item=Item.HELPDOC, monthly=50_000, per_day=1_667, per_user=False)]),
            RateRows(rates=[Rate(item=Item.HELPDOC, monthly=60_000, per_day=2_000, per_user=False)]),
        )
    ]


@pytest.mark.parametrize("valid_from", ["2026-07-01", "2026-06-01", "1970-01-01"])
async def test_rule_9_the_past_never_changes_with_a_rate_card(
    app: FastAPI, store: Store, center: Center, valid_from: str
) -> None:
    insert_contract(store, center.services["oc"], 20260701, ticket=1)
    before = rate_rows(store)
    async with local_client(app) as operator:
        answer = await operator.post("/rates", json=new_card(valid_from, monthly=1))
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("valid_from", "range")]
    assert rate_rows(store) == before


async def test_the_first_rate_card_can_be_replaced_before_any_contract(app: FastAPI, store: Store) -> None:
    store.write(lambda change: change.connection.execute(delete(tables.contract_version)).rowcount, OPERATOR)
    async with local_client(app) as operator:
        assert (await operator.post("/rates", json=new_card("1970-01-01", monthly=1))).status_code == 201
        (card,) = (await operator.get("/rates")).json()["cards"]
        assert [rate["monthly"] for rate in card["rates"] if rate["item"] == "helpdoc"] == [1]
        estimated = await operator.post(
            "/contracts/estimate", json={"items": [{"item": "ticket"}, {"item": "helpdoc"}]}
        )
        assert estimated.json()["total"] == 10_001


async def test_the_largest_charges_can_be_calculated_and_closed(app: FastAPI, store: Store, clock: Clock) -> None:
    card = new_card()
    for rate in card["rates"]:
        rate.update(monthly=LARGEST_PRICE, per_day=LARGEST_PRICE, per_user=True)
    everything = {"items": [{"item": item, "users": MOST_USERS} for item in Item]}
    async with local_client(app) as operator:
        assert (await operator.post("/rates", json=card)).status_code == 201
        clock.now = at(20260802)
        for code in ("a", "b", "c"):
            made = await operator.post("/contracts", json={"id": code, "name": code, "languages": ["ko"]})
            assert (
                await operator.put(f"/contracts/{code}/items", json=everything, headers={"if-match": '"v1"'})
            ).status_code == 200, made.text
        clock.now = at(20260903)
        found = await operator.get("/charges", params={"month": "2026-08"})
    assert found.status_code == 200
    assert found.json()["closed"]
    assert found.json()["total"] == 3 * len(Item) * 30 * MOST_USERS * LARGEST_PRICE


async def test_an_invalid_or_tried_rate_card_changes_nothing(app: FastAPI, store: Store) -> None:
    before = rate_rows(store)
    twice = new_card()
    twice["rates"][1] = twice["rates"][0] | {"tier2_price": 5}
    async with local_client(app) as operator:

        async def fields(body: dict[str, Any]) -> list[str]:
            answer = await operator.post("/rates", json=body)
            assert answer.status_code == 422
            return [one["field"] for one in answer.json()["errors"]]

        assert await fields(twice) == ["rates.1.item", "rates.1.tier1_cap", "rates"]
        assert await fields(new_card(monthly=-1)) == ["rates.5.monthly"]
        assert await fields(new_card(monthly=10**13)) == ["rates.5.monthly"]
        assert await fields(new_card("2026-08-02")) == ["valid_from"]
        assert await fields(new_card("2026-02-30")) == ["valid_from"]
        assert await fields(new_card("1969-12-01")) == ["valid_from"]
        tried = await operator.post("/rates", json=new_card(monthly=1) | {"dry_run": True})
        assert tried.status_code == 201
    assert rate_rows(store) == before
    assert log_lines(store) == []


# --- discounts --------------------------------------------------------------------------------------------------


async def test_a_discount_applies_to_its_service_from_its_month_on(
    app: FastAPI, store: Store, center: Center, clock: Clock
) -> None:
    oc = center.services["oc"]
    insert_contract(store, oc, 20260601, ticket=1)
    clock.now = at(20260731)
    async with local_client(app) as operator:

        async def set_to(points: int, valid_from: str, service: str = "oc") -> httpx.Response:
            body = {"valid_from": valid_from, "basis_points": points}
            return await operator.post(f"/contracts/{service}/discount", json=body)

        touched = store.revisions([SERVICES])[SERVICES]
        assert (await set_to(3_333, "2026-07-01")).status_code == 204
        assert (await set_to(3_333, "2026-07-01")).status_code == 204
        assert (await set_to(0, "2026-08-01")).status_code == 204
        assert (await set_to(5_000, "2026-08-01")).status_code == 204
        assert store.revisions([SERVICES])[SERVICES] == touched + 3
        assert line_tuples(month(store, clock))[-1] == (None, "discount", 3_333, -3_333)
        assert month(store, clock, 202606).total == 10_000
        refused = await set_to(1, "2026-06-01")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "valid_from")
        assert (await set_to(10_001, "2026-08-01")).status_code == 422
        assert (await set_to(1, "2026-08-15")).status_code == 422
        assert (await set_to(1, "2026-08-01", "nix")).status_code == 404
        change_service(store, center.services["chat"], state="create")
        assert (await set_to(1, "2026-08-01", "chat")).status_code == 409
    clock.now = at(20260831)
    assert month(store, clock).total == 5_000
    none = DiscountValue(basis_points=0)
    third = DiscountValue(basis_points=3_333)
    assert [row[0::3] + row[4:] for row in log_lines(store)] == [
        ("discount.changed", "oc", none, third.model_copy(update={"valid_from": "2026-07-01"})),
        ("discount.changed", "oc", third, none.model_copy(update={"valid_from": "2026-08-01"})),
        ("discount.changed", "oc", none, DiscountValue(basis_points=5_000, valid_from="2026-08-01")),
    ]


# --- estimates --------------------------------------------------------------------------------------------------


async def test_rule_4_an_estimate_is_compared_with_the_present_contract(
    app: FastAPI, store: Store, center: Center
) -> None:
    insert_rows(
        store, "discount", [{"service_id": center.services["oc"], "valid_from": 20260701, "basis_points": 1_000}]
    )
    items = [{"item": "helpdoc"}, {"item": "ticket", "users": 2, "volume": 7_000}]
    async with local_client(app, "admin") as admin:
        alone = (await admin.post("/contracts/estimate", json={"items": items})).json()
        of_oc = (await admin.post("/contracts/estimate", json={"items": items, "service": "oc"})).json()
    assert (alone["total"], alone["before"], alone["valid_from"]) == (20_000 + 50_000 + 50_000, None, "1970-01-01")
    # oc has ticket, telticket and chat, each for one user.
    assert (of_oc["total"], of_oc["before"]) == (108_000, 81_000)
    assert [(line["item"], line["kind"]) for line in of_oc["lines"]] == [
        ("ticket", "month"),
        ("ticket", "tier1"),
        ("helpdoc", "month"),
        (None, "discount"),
    ]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"items": []}, ["items"]),
        ({"items": [{"item": "chat"}]}, ["items"]),
        ({"items": [{"item": "ticket"}, {"item": "ticket"}]}, ["items.1.item"]),
        ({"items": [{"item": "ticket", "volume": -1}]}, ["items.0.volume"]),
        ({"items": [{"item": "ticket", "volume": 10**30, "users": 0}]}, ["items.0.users", "items.0.volume"]),
        ({"items": [{"item": "ticket", "users": 10**9}]}, ["items.0.users"]),
        ({"items": [{"item": "ticket", "users": 1.5}]}, ["items.0.users"]),
        ({"items": [{"item": "moon"}]}, ["items.0.item"]),
        ({"items": [{"item": "ticket"}], "service": "nix"}, ["service"]),
        ({}, ["items"]),
    ],
)
async def test_an_estimate_of_invalid_items_is_refused_by_field(
    app: FastAPI, body: dict[str, Any], fields: list[str]
) -> None:
    async with local_client(app, "admin") as admin:
        answer = await admin.post("/contracts/estimate", json=body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == fields


def test_an_estimate_for_a_draft_has_no_comparison(store: Store, center: Center, clock: Clock) -> None:
    from octui.schema.contracts import EstimateRequest, ItemTerms

    oc = center.services["oc"]
    store.write(
        lambda change: (
            change.connection.execute(
                delete(tables.contract_item).where(tables.contract_item.c.service_id == oc)
            ).rowcount
        ),
        OPERATOR,
    )
    of = EstimateRequest(items=[ItemTerms(item=Item.TICKET)], service="oc")
    assert store.read(lambda connection: estimates.estimate_contract(connection, clock.now, of)).before is None
