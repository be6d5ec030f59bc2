"""Helpers of the tests of contracts: a client, versions, times in Seoul."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import select, update

from octui.server.app import create_app
from octui.server.database import tables
from server.clients import local_client
from server.conftest import OPERATOR, Store

TICKET: dict[str, Any] = {"item": "ticket", "users": 1, "volume": 0}
PHONE: dict[str, Any] = {"item": "telticket", "users": 20, "volume": 9000}
CHAT: dict[str, Any] = {"item": "chat", "users": 2, "volume": 0}


def ms(text: str, zone: str = "Asia/Seoul") -> int:
    """Return a local time of a zone as epoch ms."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def of(version: int) -> dict[str, str]:
    """Return the If-Match header of a version."""
    return {"if-match": f'"v{version}"'}


@asynccontextmanager
async def admin_client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of the organization admin for the whole application."""
    async with local_client(create_app(store), "admin") as client:
        yield client


async def read_contract(client: httpx.AsyncClient, service: str) -> dict[str, Any]:
    """Return a service's contract from the list."""
    listed = (await client.get("/contracts")).json()["contracts"]
    contract: dict[str, Any] = next(one for one in listed if one["id"] == service)
    return contract


async def put_contract(client: httpx.AsyncClient, service: str, what: str, body: dict[str, Any]) -> httpx.Response:
    """Put `items` or `state` of a service, based on its present version."""
    version = (await read_contract(client, service))["version"]
    return await client.put(f"/contracts/{service}/{what}", json=body, headers=of(version))


def set_zone(store: Store, zone: str) -> None:
    """Change the organization's time zone."""
    store.write(lambda c: c.connection.execute(update(tables.organization).values(time_zone=zone)).rowcount, OPERATOR)


def contract_versions(store: Store, service: int) -> list[tuple[int, str, int]]:
    """Return what is charged: day, item, users."""
    v = tables.contract_version
    wanted = select(v.c.day, v.c.item, v.c.users).where(v.c.service_id == service).order_by(v.c.day, v.c.item)
    return store.read(lambda connection: [tuple(row) for row in connection.execute(wanted)])
