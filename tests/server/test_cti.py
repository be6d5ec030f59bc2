"""The CTI agent table through the API, on both engines."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from octui.server.app import create_app
from octui.server.database.store import Store
from server.audit_values import cti
from server.clients import local_client
from server.test_people import PARTS, log_lines


@pytest.fixture
def app(store: Store, center: object) -> FastAPI:
    return create_app(store, parts=PARTS)


def edit(account: str, version: int, **values: str | None) -> dict[str, Any]:
    return {"account": account, "version": version, "set": values}


async def save(client: httpx.AsyncClient, *edits: dict[str, Any], **more: bool) -> dict[str, Any]:
    answer = await client.post("/services/oc/cti/batch", json={"edits": edits, **more})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def short_verdicts(result: dict[str, Any]) -> list[str]:
    return [v["problem"]["code"] if v["problem"] else v["verdict"] for v in result["verdicts"]]


async def read_table(client: httpx.AsyncClient, **params: Any) -> dict[str, tuple[str | None, str | None]]:
    rows = (await client.get("/services/oc/cti/agents", params=params)).json()["agents"]
    return {row["account"]: (row["cti_id"], row["cti_no"]) for row in rows}


async def test_the_table_holds_every_agent_of_the_organization(app: FastAPI) -> None:
    async with local_client(app, "choi") as choi:
        page = (await choi.get("/services/oc/cti/agents")).json()
        assert [(row["account"], row["services"]) for row in page["agents"]] == [
            ("choi", ["oc"]),
            ("kim", ["oc"]),
            ("lee", ["oc"]),
            ("park", ["chat"]),
        ]
        assert page["next"] is None
        head = (await choi.get("/services/oc/cti/head")).json()
        assert head == {"revision": page["revision"], "count": 4}


@pytest.mark.parametrize("how", ["list", "head", "save", "try"])
async def test_cti_is_refused_without_phone_in_the_contract(app: FastAPI, how: str) -> None:
    async with local_client(app) as operator:
        path = "/services/chat/cti"
        if how in ("save", "try"):
            answer = await operator.post(f"{path}/batch", json={"edits": [], "dry_run": how == "try"})
        else:
            answer = await operator.get(f"{path}/{'agents' if how == 'list' else 'head'}")
    assert (answer.status_code, answer.json()["code"]) == (403, "no_phone_contract")


async def test_values_can_be_swapped_and_rotated(app: FastAPI, store: Store) -> None:
    async with local_client(app, "choi") as choi:
        first = await save(choi, edit("kim", 1, cti_id="7001", cti_no="21"), edit("lee", 1, cti_id="7002", cti_no="22"))
        assert (first["saved"], short_verdicts(first)) == (4, ["saved"] * 4)
        versions = {row["account"]: row["version"] for row in first["agents"]}
        swapped = await save(
            choi,
            edit("kim", versions["kim"], cti_id="7002"),
            edit("lee", versions["lee"], cti_id="7001"),
            edit("park", 1, cti_no="22"),
            edit("lee", versions["lee"], cti_no=None),
        )
        assert short_verdicts(swapped) == ["saved"] * 4
        assert await read_table(choi) == {
            "choi": (None, None),
            "kim": ("7002", "21"),
            "lee": ("7001", None),
            "park": (None, "22"),
        }
    assert log_lines(store)[2:] == [
        ("cti.changed", "choi", "kim", "oc", cti("7001", "21"), cti("7002", "21")),
        ("cti.changed", "choi", "lee", "oc", cti("7002", "22"), cti("7001", None)),
        ("cti.changed", "choi", "park", "oc", cti(None, None), cti(None, "22")),
    ]


async def test_bad_cells_are_named_and_the_others_saved(app: FastAPI, store: Store) -> None:
    async with local_client(app, "choi") as choi:
        await save(choi, edit("kim", 1, cti_id="7001"))
        edits = [
            edit("lee", 1, cti_id="7001", cti_no="22"),
            edit("park", 1, cti_id="7003"),
            edit("choi", 1, cti_no="\x1b]0;x\x07"),
            edit("who", 1, cti_no="1"),
        ]
        expected = ["taken", "held", "saved", "control_character", "unknown_value"]
        tried = await save(choi, *edits, dry_run=True)
        assert (tried["saved"], short_verdicts(tried)) == (0, expected)
        held = await save(choi, *edits, all_or_nothing=True)
        assert (held["saved"], short_verdicts(held)[2]) == (0, "held")
        assert await read_table(choi) == {
            "choi": (None, None),
            "kim": ("7001", None),
            "lee": (None, None),
            "park": (None, None),
        }
        assert len(log_lines(store)) == 1
        result = await save(choi, *edits)
        assert (result["saved"], short_verdicts(result)) == (1, expected)
        assert result["verdicts"][0]["problem"]["holder"] == "kim"
        assert (await read_table(choi))["park"] == ("7003", None)


async def test_another_persons_change_of_the_same_cell_is_a_conflict(app: FastAPI) -> None:
    async with local_client(app, "choi") as choi, local_client(app, "admin") as admin:
        theirs = await save(admin, edit("kim", 1, cti_id="7001"))
        mine = await save(choi, edit("kim", 1, cti_id="8001"))
        assert short_verdicts(mine) == ["conflict"]
        assert mine["verdicts"][0]["current"] == "7001"
        other_cell = await save(choi, edit("kim", 1, cti_no="21"))
        assert short_verdicts(other_cell) == ["saved"]
        assert await read_table(choi, query="kim") == {"kim": ("7001", "21")}
        now = next(row["version"] for row in other_cell["agents"])
        assert now > theirs["agents"][0]["version"]
        assert short_verdicts(await save(choi, edit("kim", now, cti_id="8001"))) == ["saved"]


async def test_one_of_many_simultaneous_saves_gets_a_number(app: FastAPI) -> None:
    async with local_client(app) as operator:
        accounts = ["choi", "kim", "lee", "park"]
        results = await asyncio.gather(*(save(operator, edit(account, 1, cti_no="100")) for account in accounts))
        assert sorted(short_verdicts(result)[0] for result in results) == ["saved", "taken", "taken", "taken"]
        holders = [account for account, (_, number) in (await read_table(operator)).items() if number == "100"]
        assert len(holders) == 1


async def test_simultaneous_swaps_keep_every_value(app: FastAPI) -> None:
    async with local_client(app) as operator:
        await save(operator, edit("kim", 1, cti_id="a"), edit("lee", 1, cti_id="b"), edit("park", 1, cti_id="c"))
        here = [edit("kim", 99, cti_id="b"), edit("lee", 99, cti_id="a")]
        there = [edit("lee", 99, cti_id="c"), edit("park", 99, cti_id="b")]
        await asyncio.gather(*(save(operator, *edits) for edits in (here, there) * 4))
        rows = await read_table(operator)
        assert sorted(value for value, _ in rows.values() if value is not None) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ㄱㅁ", ["kim"]),
        ("7001", ["kim"]),
        ("이-2", ["lee"]),
        ("채팅", ["park"]),
        ("CHAT", ["park"]),
        ("acme.ex", ["choi", "kim", "lee", "park"]),
        ("admin", []),
    ],
)
async def test_rows_are_found_by_every_column(app: FastAPI, query: str, found: list[str]) -> None:
    async with local_client(app) as operator:
        await save(operator, edit("kim", 1, cti_id="7001"), edit("lee", 1, cti_no="이-22"))
        assert list(await read_table(operator, query=query)) == found


async def read_names(client: httpx.AsyncClient, **params: Any) -> dict[str, list[str]]:
    rows = (await client.get("/services/oc/cti/agents", params=params)).json()["agents"]
    return {row["account"]: row["pbx_names"] for row in rows if row["pbx_names"]}


async def test_rule_36_pbx_names_are_saved_found_and_recorded(app: FastAPI, store: Store) -> None:
    async with local_client(app, "choi") as choi:
        names = {"kim": "Kim Minsu; 김 민수", "park": "Local/1003@from-queue/n"}
        first = await save(choi, *(edit(account, 1, pbx_names=text) for account, text in names.items()))
        assert short_verdicts(first) == ["saved"] * 2
        assert [row["pbx_names"] for row in first["agents"]] == [["Kim Minsu", "김 민수"], ["Local/1003@from-queue/n"]]
        assert await read_names(choi) == {"kim": ["Kim Minsu", "김 민수"], "park": ["Local/1003@from-queue/n"]}
        assert list(await read_names(choi, query="MINSU")) == ["kim"]
        version = first["agents"][0]["version"]
        handed_on = await save(choi, edit("kim", version, pbx_names="Kim Minsu"), edit("lee", 1, pbx_names="김 민수"))
        assert short_verdicts(handed_on) == ["saved"] * 2
        taken = await save(choi, edit("choi", 1, pbx_names="KIM MINSU"))
        assert taken["verdicts"][0]["problem"]["holder"] == "kim"
        assert short_verdicts(await save(choi, edit("kim", version, pbx_names="x"))) == ["conflict"]
        assert (await save(choi, edit("kim", version, pbx_names="x")))["verdicts"][0]["current"] == "Kim Minsu"
    assert log_lines(store)[2:] == [
        ("cti.changed", "choi", "kim", "oc", cti(None, None, "Kim Minsu", "김 민수"), cti(None, None, "Kim Minsu")),
        ("cti.changed", "choi", "lee", "oc", cti(None, None), cti(None, None, "김 민수")),
    ]


async def test_rule_36_names_become_free_with_the_last_role(app: FastAPI, store: Store) -> None:
    async with local_client(app) as operator:
        await save(operator, edit("park", 1, pbx_names="Park"))
        agent = (await operator.get("/services/chat/agents")).json()["agents"][0]
        removed = await operator.delete("/services/chat/agents/park", headers={"If-Match": f'"v{agent["version"]}"'})
        assert removed.status_code == 204, removed.text
        assert short_verdicts(await save(operator, edit("kim", 1, pbx_names="park"))) == ["saved"]
    assert ("cti.changed", cti(None, None, "Park"), cti(None, None)) in [(row[0], *row[4:]) for row in log_lines(store)]


async def test_only_changed_rows_are_sent_again(app: FastAPI) -> None:
    async with local_client(app) as operator:
        since = (await operator.get("/services/oc/cti/agents")).json()["revision"]
        await save(operator, edit("kim", 1, cti_id="7001"))
        await save(operator, edit("park", 1, cti_id="7003"))
        page = (await operator.get("/services/oc/cti/agents", params={"changed_since": since})).json()
        assert [row["account"] for row in page["agents"]] == ["kim", "park"]
        assert page["revision"] == since + 2


async def test_an_invalid_batch_is_refused(app: FastAPI) -> None:
    async with local_client(app) as operator:
        too_long = await operator.post("/services/oc/cti/batch", json={"edits": [edit("kim", 1, cti_id="x" * 2001)]})
        assert too_long.json()["errors"][0]["field"] == "edits.0.set.cti_id"
        assert short_verdicts(await save(operator, edit("kim", 1, cti_id="x" * 51))) == ["too_long"]
        column = await operator.post("/services/oc/cti/batch", json={"edits": [edit("kim", 1, cti_name="x")]})
        assert column.status_code == 422
        huge = await operator.post("/services/oc/cti/batch", content=b" " * ((16 << 20) + 1))
        assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
        table_of = await operator.post("/members", content=b" " * ((1 << 20) + 1))
        assert table_of.status_code == 413
