"""HTTP clients of the application in this process, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from octui.server.identity.authentication import LocalApp

API_URL = "http://octui/api/v1"


@asynccontextmanager
async def local_client(app: FastAPI, account: str | None = None, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """Client of a local connection: the named person, or the operator."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if account is not None:
        sent["octui-as"] = account
    transport = httpx.ASGITransport(LocalApp(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=API_URL, headers=sent) as client:
        yield client


@asynccontextmanager
async def network_client(app: FastAPI, token: str | None = None, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """Client from the network, with a bearer token or without."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url=API_URL, headers=sent) as client:
        yield client
