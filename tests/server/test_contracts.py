"""Contracts over HTTP, on both engines: two steps, one edit a day, switching, terminating (rules.md 1–8)."""

import asyncio
import threading
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select

from octui.schema.audit import ADMINISTRATION, Action
from octui.schema.contracts import BasicInformation
from octui.server.app import create_app
from octui.server.contracts import store as contracts_store
from octui.server.core.errors import ProblemError
from octui.server.database import tables
from octui.server.services import store as services_store
from server.audit_values import basics, items, service_state
from server.clients import local_client
from server.conftest import OPERATOR, Center, Clock, Store
from server.contract_calls import (
    CHAT,
    PHONE,
    TICKET,
    admin_client,
    contract_versions,
    ms,
    of,
    put_contract,
    read_contract,
    set_zone,
)
from server.test_people import log_lines

NEW: dict[str, Any] = {"id": "help", "name": "도움말", "languages": ["ko", "ja"]}


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def fields(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["code"]) for one in answer.json()["errors"]]


def service_id(store: Store, code: str) -> int:
    return store.read(lambda connection: services_store.find_service(connection, code).id)


async def test_rules_1_4_and_5_a_service_is_added_in_two_steps(store: Store, center: Center) -> None:
    """Step 1 leaves a draft that anybody may finish; step 2 registers it; every action is recorded."""
    async with admin_client(store) as client:
        made = await client.post("/contracts", json=NEW)
        assert made.status_code == 201
        draft = made.json()
        assert draft["state"] == "create"
        assert (draft["languages"], draft["time_zone"]) == (["ko", "ja"], "Asia/Seoul")
        assert (draft["items"], draft["registered"], draft["next_edit"]) == ([], None, None)
    assert contract_versions(store, service_id(store, "help")) == []
    async with admin_client(store) as client:  # somebody else, another day
        assert await read_contract(client, "help") == draft
        used = await client.put("/contracts/help/items", json={"items": [PHONE, TICKET]}, headers=of(draft["version"]))
        assert used.status_code == 200, used.text
        assert used.json() | {"version": 0} == draft | {
            "state": "inuse",
            "items": [TICKET, PHONE],
            "registered": "2026-07-01",
            "version": 0,
        }
        assert used.headers["etag"] == f'"v{used.json()["version"]}"'
    assert contract_versions(store, service_id(store, "help")) == [(20260701, "telticket", 20), (20260701, "ticket", 1)]
    assert log_lines(store) == [
        ("service.added", "admin", "", "help", None, basics("도움말", "ko", "ja")),
        ("service.registered", "admin", "", "help", None, items(ticket=1, telticket=20)),
    ]


async def test_rule_1_every_action_is_recorded_with_before_and_after(store: Store, center: Center) -> None:
    async with admin_client(store) as client:
        await client.patch("/contracts/oc", json={"name": "새 상담", "languages": ["ja", "ko"]}, headers=of(1))
        await put_contract(client, "oc", "items", {"items": [TICKET, CHAT]})
        for state in ("pause", "inuse", "pause", "stop"):
            assert (await put_contract(client, "oc", "state", {"state": state})).status_code == 200
        await client.post("/contracts", json=NEW)
        await client.delete("/contracts/help", headers=of((await read_contract(client, "help"))["version"]))
    entries = log_lines(store)
    assert [(entry[0], *entry[3:]) for entry in entries] == [
        ("service.changed", "oc", basics("상담"), basics("새 상담", "ja", "ko")),
        ("contract.changed", "oc", items(ticket=1, telticket=1, chat=1), items(ticket=1, chat=2)),
        ("service.suspended", "oc", service_state("inuse"), service_state("pause")),
        ("service.resumed", "oc", service_state("pause"), service_state("inuse")),
        ("service.suspended", "oc", service_state("inuse"), service_state("pause")),
        ("service.terminated", "oc", service_state("pause"), service_state("stop")),
        ("service.added", "help", None, basics("도움말", "ko", "ja")),
        ("service.draft_dropped", "help", basics("도움말", "ko", "ja"), None),
    ]
    assert {Action(entry[0]) for entry in entries} <= ADMINISTRATION


async def test_add_service_does_both_steps(store: Store, center: Center) -> None:
    async with admin_client(store) as client:
        made = await client.post("/services", json={"id": "cs", "name": "고객상담", "language": "ja", "phone": True})
        assert made.status_code == 201
        assert (made.json()["state"], made.json()["items"]) == ("inuse", ["ticket", "telticket"])
        contract = await read_contract(client, "cs")
    assert (contract["languages"], contract["time_zone"]) == (["ja"], "Asia/Tokyo")
    assert (contract["registered"], contract["edited"], contract["next_edit"]) == ("2026-07-01", None, None)
    assert contract_versions(store, service_id(store, "cs")) == [(20260701, "telticket", 1), (20260701, "ticket", 1)]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"id": "OC"}, [("id", "taken")]),
        ({"id": "oc"}, [("id", "taken")]),
        ({"id": "a" * 46}, [("id", "too_long")]),
        ({"id": "cs1"}, [("id", "pattern")]),
        ({"id": "c s"}, [("id", "pattern")]),
        ({"id": "상담"}, [("id", "pattern")]),
        ({"id": ""}, [("id", "pattern")]),
        ({"name": "상담"}, [("name", "taken")]),
        ({"name": ""}, [("name", "too_short")]),
        ({"name": " "}, [("name", "blank")]),
        ({"name": "가" * 101}, [("name", "too_long")]),
        ({"name": "a\u202eb"}, [("name", "direction_character")]),
        ({"name": "a\x1b[31m"}, [("name", "control_character")]),
        ({"languages": []}, [("languages", "missing")]),
        ({"languages": ["ko", "zh_TW"]}, [("languages.1", "unknown_value")]),
        ({"languages": ["ko", "ko"]}, [("languages.1", "duplicate")]),
        ({"languages": ["xx"]}, [("languages.0", "unknown_value")]),
        ({"languages": ["ko"] * 185}, [("languages", "too_long")]),
        ({"languages": "ko"}, [("languages", "type")]),
        ({"time_zone": "Asia/Soul"}, [("time_zone", "unknown_value")]),
        ({"time_zone": "KST"}, [("time_zone", "unknown_value")]),
        ({"time_zone": ""}, [("time_zone", "unknown_value")]),
        ({"time_zone": "../../etc/passwd"}, [("time_zone", "unknown_value")]),
        ({"type": "chatting"}, [("type", "unknown_value")]),
        ({"state": "inuse"}, [("state", "unknown_field")]),
    ],
)
async def test_rule_2_invalid_values_are_refused_by_field(
    store: Store, center: Center, change: dict[str, Any], wanted: list[tuple[str, str]]
) -> None:
    async with admin_client(store) as client:
        assert fields(await client.post("/contracts", json=NEW | change)) == wanted
        assert len((await client.get("/contracts")).json()["contracts"]) == 2
    assert log_lines(store) == []


async def test_rule_2_names_are_unique_ignoring_case_and_the_id_is_fixed(store: Store, center: Center) -> None:
    async with admin_client(store) as client:
        first = (await client.post("/contracts", json=NEW | {"name": "Help Desk"})).json()
        assert fields(await client.post("/contracts", json=NEW | {"id": "other", "name": "HELP desk"})) == [
            ("name", "taken")
        ]
        assert fields(await client.patch("/contracts/help", json={"name": "상담"}, headers=of(first["version"]))) == [
            ("name", "taken")
        ]
        assert fields(await client.patch("/contracts/help", json={"id": "else"}, headers=of(first["version"]))) == [
            ("id", "unknown_field")
        ]
        own = await client.patch("/contracts/help", json={"name": "help desk"}, headers=of(first["version"]))
        assert (own.status_code, own.json()["name"]) == (200, "help desk")


async def test_rule_3_the_first_language_proposes_the_zone_which_can_be_overridden(
    store: Store, center: Center
) -> None:
    cases = [
        (["ja", "ko"], None, "Asia/Tokyo"),
        (["ko", "ja"], None, "Asia/Seoul"),
        (["en"], None, "America/New_York"),
        (["bh"], None, "Asia/Kolkata"),
        (["eo"], None, "UTC"),
        (["ja"], "Europe/Berlin", "Europe/Berlin"),
    ]
    async with admin_client(store) as client:
        for number, (languages, zone, expected) in enumerate(cases):
            body = {"id": "abcdef"[: number + 1], "name": f"서비스 {number}", "languages": languages}
            made = await client.post("/contracts", json=body | ({"time_zone": zone} if zone else {}))
            assert made.json()["time_zone"] == expected


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ([PHONE], [("items", "always_on")]),
        ([], [("items", "too_short")]),
        ([TICKET, TICKET], [("items.1.item", "duplicate")]),
        ([TICKET, {"item": "fax"}], [("items.1.item", "unknown_value")]),
        ([TICKET | {"users": 0}], [("items.0.users", "range")]),
        ([TICKET | {"users": -3}], [("items.0.users", "range")]),
        ([TICKET | {"users": 10**12}], [("items.0.users", "range")]),
        ([TICKET | {"volume": -1}], [("items.0.volume", "range")]),
        ([TICKET | {"volume": 10**30}], [("items.0.volume", "range")]),
        ([TICKET | {"volume": "many"}], [("items.0.volume", "type")]),
        ([TICKET | {"volume": 0.5}], [("items.0.volume", "type")]),
        ([TICKET | {"price": 0}], [("items.0.price", "unknown_field")]),
    ],
)
async def test_rules_8_and_9_invalid_items_are_refused(
    store: Store, center: Center, items: list[dict[str, Any]], wanted: list[tuple[str, str]]
) -> None:
    """The ticket item cannot be switched off, neither when registering nor later."""
    async with admin_client(store) as client:
        await client.post("/contracts", json=NEW)
        for service in ("help", "oc"):
            before = await read_contract(client, service)
            assert fields(await put_contract(client, service, "items", {"items": items})) == wanted
            assert await read_contract(client, service) == before


# The moments (Seoul) of registration and edits, and which of the edits are refused.
DAYS = [
    (["2026-11-23 23:59:59.999", "2026-11-23 23:59:59.999", "2026-11-23 23:59:59.999"], [2]),
    (["2026-11-23 23:59:59.999", "2026-11-23 23:59:59.999", "2026-11-24 00:00:00.000"], []),
    (["2026-11-23 00:00:00.000", "2026-11-23 00:00:00.001", "2026-11-23 23:59:59.999"], [2]),
    (["2026-11-23 09:00", "2026-11-24 09:00", "2026-11-24 09:01", "2026-11-24 23:59:59.999", "2026-11-25"], [2, 3]),
    (["2026-11-23 09:00", "2026-11-23 13:30", "2026-11-23 14:30"], [2]),
    (["2026-12-31 23:59:59.999", "2026-12-31 23:59:59.999", "2027-01-01 00:00:00.000"], []),
]


@pytest.mark.parametrize(("moments", "refused"), DAYS)
async def test_rule_7_a_contract_is_edited_once_a_day_besides_its_registration(
    store: Store, center: Center, clock: Clock, moments: list[str], refused: list[int]
) -> None:
    clock.now = ms(moments[0])
    async with admin_client(store) as client:
        await client.post("/contracts", json=NEW)
        assert (await put_contract(client, "help", "items", {"items": [TICKET]})).status_code == 200
        for number, moment in enumerate(moments[1:], 1):
            clock.now = ms(moment)
            before = await read_contract(client, "help")
            answer = await put_contract(client, "help", "items", {"items": [TICKET | {"users": 10 + number}]})
            if number not in refused:
                assert answer.status_code == 200
                assert answer.json()["edited"] == moment[:10]
                assert answer.json()["next_edit"] > clock.now
                continue
            assert problem(answer) == (409, "contract_changed_today")
            assert answer.json()["current"] == {"next_edit": before["next_edit"]}
            assert await read_contract(client, "help") == before
            clock.now = before["next_edit"] - 1
            assert (await read_contract(client, "help"))["next_edit"] == before["next_edit"]
            clock.now = before["next_edit"]
            assert (await read_contract(client, "help"))["next_edit"] is None


async def test_rule_7_the_day_is_the_organizations_not_the_services(store: Store, center: Center, clock: Clock) -> None:
    """13:30 and 14:30 in Seoul are two days in New York; the organization's time zone counts."""
    async with admin_client(store) as client:
        await client.post("/contracts", json=NEW | {"time_zone": "America/New_York"})
        await put_contract(client, "help", "items", {"items": [TICKET]})
        for zone, day, outcome in (("Asia/Seoul", "2027-01-10", 409), ("America/New_York", "2027-02-10", 200)):
            set_zone(store, zone)
            clock.now = ms(f"{day} 13:30")
            assert (
                await put_contract(client, "help", "items", {"items": [TICKET | {"users": outcome}]})
            ).status_code == 200
            clock.now = ms(f"{day} 14:30")
            assert (await put_contract(client, "help", "items", {"items": [TICKET, CHAT]})).status_code == outcome


@pytest.mark.parametrize(
    ("zone", "edited", "last", "again"),
    [
        ("America/New_York", "2026-11-01 00:00", "2026-11-01 23:59:59.999", "2026-11-02 00:00"),  # 25 hours
        ("America/New_York", "2026-03-08 00:00", "2026-03-08 23:59:59.999", "2026-03-09 00:00"),  # 23 hours
        ("America/Santiago", "2026-09-05 12:00", "2026-09-05 23:59:59.999", "2026-09-06 01:00"),  # no midnight
    ],
)
async def test_rule_7_a_day_with_a_clock_change_allows_one_edit(
    store: Store, center: Center, clock: Clock, zone: str, edited: str, last: str, again: str
) -> None:
    set_zone(store, zone)
    async with admin_client(store) as client:
        clock.now = ms(edited, zone)
        answer = await put_contract(client, "oc", "items", {"items": [TICKET]})
        assert answer.json()["next_edit"] == ms(again, zone)
        clock.now = ms(last, zone)
        assert problem(await put_contract(client, "oc", "items", {"items": [TICKET, CHAT]})) == (
            409,
            "contract_changed_today",
        )
        clock.now = ms(again, zone)
        assert (await put_contract(client, "oc", "items", {"items": [TICKET, CHAT]})).status_code == 200


async def test_rule_7_basic_information_and_expected_volumes_are_not_limited(
    store: Store, center: Center, clock: Clock
) -> None:
    async with admin_client(store) as client:
        assert (await put_contract(client, "oc", "items", {"items": [TICKET, PHONE]})).status_code == 200
        for number in range(3):
            volumes = {"items": [TICKET, PHONE | {"volume": number}]}
            answer = await put_contract(client, "oc", "items", volumes)
            assert answer.status_code == 200
            assert answer.json()["items"][1]["volume"] == number
            version = answer.json()["version"]
            renamed = await client.patch("/contracts/oc", json={"name": f"상담 {number}"}, headers=of(version))
            assert renamed.status_code == 200
        assert problem(await put_contract(client, "oc", "items", {"items": [TICKET]})) == (
            409,
            "contract_changed_today",
        )


async def test_rule_7_saving_an_unchanged_contract_does_not_use_up_the_day(store: Store, center: Center) -> None:
    async with admin_client(store) as client:
        before = await read_contract(client, "oc")
        assert (await put_contract(client, "oc", "items", {"items": before["items"]})).json() == before
        edited = await client.put("/contracts/oc/items", json={"items": [TICKET, CHAT]}, headers=of(1))
        # The answer was lost, the client asks again with the version it knows.
        again = await client.put("/contracts/oc/items", json={"items": [TICKET, CHAT]}, headers=of(1))
        assert again.json() == edited.json()
    assert [entry[0] for entry in log_lines(store)] == ["contract.changed"]


async def test_the_last_contract_of_a_day_is_charged(store: Store, center: Center, clock: Clock) -> None:
    async with admin_client(store) as client:
        await client.post("/contracts", json=NEW)
        await put_contract(client, "help", "items", {"items": [TICKET, PHONE]})
        await put_contract(client, "help", "items", {"items": [TICKET, CHAT]})
        clock.now += 86_400_000
        await put_contract(client, "help", "items", {"items": [TICKET]})
    assert contract_versions(store, service_id(store, "help")) == [
        (20260701, "chat", 2),
        (20260701, "ticket", 1),
        (20260702, "ticket", 1),
    ]


async def test_an_edit_after_a_clock_set_back_comes_after_the_registration(
    store: Store, center: Center, clock: Clock
) -> None:
    clock.now = ms("2026-07-02 00:10")
    async with admin_client(store) as client:
        await client.post("/contracts", json=NEW)
        await put_contract(client, "help", "items", {"items": [TICKET]})
        clock.now = ms("2026-07-01 23:50")
        assert (await put_contract(client, "help", "items", {"items": [TICKET, CHAT]})).status_code == 200
        assert contract_versions(store, service_id(store, "help")) == [(20260702, "chat", 2), (20260702, "ticket", 1)]
        clock.now = ms("2026-07-02 00:20")
        assert (await put_contract(client, "help", "items", {"items": [TICKET]})).json()[
            "code"
        ] == "contract_changed_today"
        clock.now = ms("2026-07-01 23:50")
        await put_contract(client, "help", "state", {"state": "pause"})
        ended = await put_contract(client, "help", "state", {"state": "stop"})
    assert ended.json()["terminated"] == "2026-07-02"


async def test_rule_6_only_a_suspended_service_is_terminated(store: Store, center: Center, clock: Clock) -> None:
    async with admin_client(store) as client:
        before = await read_contract(client, "oc")
        assert problem(await put_contract(client, "oc", "state", {"state": "stop"})) == (409, "not_suspended")
        assert fields(await put_contract(client, "oc", "state", {"state": "create"})) == [("state", "unknown_value")]
        assert await read_contract(client, "oc") == before
        assert (await put_contract(client, "oc", "state", {"state": "pause"})).json()["state"] == "pause"
        clock.now = ms("2026-07-05 23:59:59.999")
        ended = (await put_contract(client, "oc", "state", {"state": "stop"})).json()
        assert (ended["state"], ended["terminated"]) == ("stop", "2026-07-05")
        for state in ("inuse", "pause"):
            assert problem(await put_contract(client, "oc", "state", {"state": state})) == (409, "service_terminated")
        assert problem(await put_contract(client, "oc", "items", {"items": [TICKET]})) == (409, "service_terminated")
        renamed = await client.patch("/contracts/oc", json={"name": "x"}, headers=of(ended["version"]))
        assert problem(renamed) == (409, "service_terminated")
        dropped = await client.delete("/contracts/oc", headers=of(ended["version"]))
        assert problem(dropped) == (409, "service_terminated")
        assert (await put_contract(client, "oc", "state", {"state": "stop"})).json() == ended
        # The ID is gone for ever, and so is the name.
        assert fields(await client.post("/contracts", json=NEW | {"id": "oc"})) == [("id", "taken")]


async def test_rule_5_only_a_draft_is_dropped_with_everything_in_it(store: Store, center: Center) -> None:
    async with admin_client(store) as client:
        version = (await client.post("/contracts", json=NEW)).json()["version"]
        for state in ("inuse", "pause", "stop"):
            assert problem(await put_contract(client, "help", "state", {"state": state})) == (409, "not_registered")
        added = await client.post("/services/help/agents", json={"account": "lee", "role": "ROLE_FRONT_ADMIN"})
        assert added.status_code == 201
        limits = await client.patch("/services/help/floor/limits", json={"threshold_seconds": 5}, headers=of(0))
        assert limits.status_code == 200
        assert problem(await client.delete("/contracts/oc", headers=of(1))) == (409, "not_a_draft")
        assert (await client.delete("/contracts/help", headers=of(version + 9))).status_code == 412
        assert (await client.delete("/contracts/help", headers=of(version))).status_code == 204
        assert (await client.delete("/contracts/help", headers=of(version))).status_code == 404
        assert [one["id"] for one in (await client.get("/contracts")).json()["contracts"]] == ["chat", "oc"]
        again = await client.post("/contracts", json=NEW)
        assert (again.status_code, again.json()["state"]) == (201, "create")
        assert (await client.get("/services/help/agents")).json()["agents"] == []
        limits = await client.get("/services/help/floor/limits")
        assert (limits.json()["queue"]["threshold_seconds"], limits.json()["version"]) == (20, 0)
    assert [entry[0] for entry in log_lines(store)] == [
        "service.added",
        "agent.added",
        "service.limits_changed",
        "agent.removed",
        "service.draft_dropped",
        "service.added",
    ]


async def test_changes_with_an_old_version_return_the_present_state(store: Store, center: Center) -> None:
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("PATCH", "/contracts/oc", {"name": "다른"}),
        ("PUT", "/contracts/oc/items", {"items": [TICKET]}),
        ("PUT", "/contracts/oc/state", {"state": "pause"}),
    ]
    async with admin_client(store) as client:
        before = await read_contract(client, "oc")
        for method, path, body in calls:
            assert (await client.request(method, path, json=body)).status_code == 428
            late = await client.request(method, path, json=body, headers=of(7))
            assert (late.status_code, late.json()["current"]) == (412, before)
            assert (
                await client.request(method, path.replace("/oc", "/nix"), json=body, headers=of(1))
            ).status_code == 404
        assert await read_contract(client, "oc") == before
    assert log_lines(store) == []


async def test_contracts_are_closed_to_callers_who_do_not_manage(store: Store, center: Center) -> None:
    app: FastAPI = create_app(store)
    for account, status in (("choi", 403), ("kim", 403)):
        async with local_client(app, account) as client:
            assert (await client.get("/contracts")).status_code == status
            assert (await client.post("/contracts", json=NEW)).status_code == status
            assert (
                await client.put("/contracts/oc/state", json={"state": "pause"}, headers=of(1))
            ).status_code == status
            assert (await client.get("/contracts/chat/banner")).status_code == 404


async def test_the_list_changes_when_the_organizations_day_begins(store: Store, center: Center, clock: Clock) -> None:
    """Nothing is written at midnight, but then the contract can be edited again."""
    async with admin_client(store) as client:
        await put_contract(client, "oc", "items", {"items": [TICKET]})
        listed = await client.get("/contracts")
        held = {"if-none-match": listed.headers["etag"]}
        clock.now = ms("2026-07-01 23:59:59.999")
        assert (await client.get("/contracts", headers=held)).status_code == 304
        clock.now = ms("2026-07-02 00:00")
        assert (await client.get("/contracts", headers=held)).status_code == 200


async def test_the_discount_of_this_month_is_shown(store: Store, center: Center, clock: Clock) -> None:
    rows = [
        {"service_id": center.services["oc"], "valid_from": 20260601, "basis_points": 500},
        {"service_id": center.services["oc"], "valid_from": 20260801, "basis_points": 1500},
    ]
    store.write(lambda c: c.connection.execute(insert(tables.discount), rows).rowcount, OPERATOR)
    async with admin_client(store) as client:
        assert (await read_contract(client, "oc"))["discount"] == 500
        assert (await read_contract(client, "chat"))["discount"] == 0
        clock.now = ms("2026-08-01 00:00")
        assert (await read_contract(client, "oc"))["discount"] == 1500


async def test_me_follows_the_state_of_a_service(store: Store, center: Center) -> None:
    app: FastAPI = create_app(store)
    async with local_client(app, "kim") as kim, admin_client(store) as client:
        tag = (await kim.get("/me")).headers["etag"]
        await put_contract(client, "oc", "state", {"state": "pause"})
        me = await kim.get("/me", headers={"if-none-match": tag})
        assert me.status_code == 200
        assert [(one["service"], one["state"]) for one in me.json()["known_services"]] == [("oc", "pause")]


def test_rule_2_simultaneous_services_cannot_share_a_name(store: Store, center: Center) -> None:
    """One of two simultaneous requests succeeds; the other is refused by field."""
    outcomes: dict[str, str] = {}
    barrier = threading.Barrier(4)

    def take(code: str) -> None:
        barrier.wait()
        new = BasicInformation(id=code, name="같은 이름", languages=["ko"])
        try:
            store.write(lambda change: contracts_store.add_draft(change, new), center.principal("admin"))
            outcomes[code] = "made"
        except ProblemError as error:
            outcomes[code] = f"{error.errors[0].field} {error.errors[0].code}"

    threads = [threading.Thread(target=take, args=(code,)) for code in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes.values()) == ["made", "name taken", "name taken", "name taken"]
    names = store.read(lambda connection: connection.scalars(select(tables.service.c.name)).all())
    assert list(names).count("같은 이름") == 1


async def test_rule_7_one_of_two_simultaneous_edits_is_refused(store: Store, center: Center) -> None:
    async with admin_client(store) as client:
        answers = await asyncio.gather(
            *(
                client.put("/contracts/oc/items", json={"items": [TICKET | {"users": users}]}, headers=of(1))
                for users in (2, 3, 4, 5)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert [day for day, _, _ in contract_versions(store, center.services["oc"])] == [20260701]
