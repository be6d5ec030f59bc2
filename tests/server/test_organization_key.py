"""The organization key: sealed, masked, shown once, changed; its key file and the faults of it (rules.md 11)."""

import asyncio
import logging
import os
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, delete, select, text, update

from octui.schema.organization import KeyChange, ShownKey
from octui.server.app import create_app
from octui.server.core.errors import ProblemError, StoreError
from octui.server.database import tables
from octui.server.database.key_file import read_key
from octui.server.database.secrets import KEY, Sealer
from octui.server.database.unit_of_work import Change
from octui.server.organization import key_store
from server.clients import local_client
from server.conftest import NOW, OPERATOR, Center, Clock, Store

NAME = "Acme 고객센터"


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(tmp_path / "beside")


@pytest.fixture
def app(store: Store, center: Center, sealer: Sealer) -> FastAPI:
    return create_app(store, sealer=sealer)


def _show_key(store: Store, sealer: Sealer) -> ShownKey:
    return store.write(lambda change: key_store.show_key(change, sealer), OPERATOR)


def _change_key(store: Store, sealer: Sealer, version: int | None = None) -> ShownKey:
    wanted = KeyChange(name=NAME, version=version)
    return store.write(lambda change: key_store.change_key(change, sealer, wanted), OPERATOR)


def _signing_secret(store: Store, sealer: Sealer) -> str | None:
    return store.read(lambda connection: key_store.signing_secret(connection, sealer))


async def _key_log(client: Any) -> list[tuple[str, str | None, str | None]]:
    page = (await client.get("/audit", params={"log": "administration"})).json()

    def masked(value: dict[str, str] | None) -> str | None:
        return value.get("masked") if value is not None else None

    return [(entry["action"], masked(entry["before"]), masked(entry["after"])) for entry in reversed(page["entries"])]


async def test_rule_11_the_key_is_masked_shown_once_and_changed(
    store: Store, app: FastAPI, sealer: Sealer, clock: Clock
) -> None:
    async with local_client(app, "admin") as admin:
        made = (await admin.get("/organization/key")).json()
        assert re.fullmatch("••••[0-9a-f]{4}", made["masked"])
        assert (made["changed"], made["shown"], made["version"]) == (NOW, None, 1)
        clock.now += 1000
        shown = await admin.post("/organization/key/showing")
        assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
        first = shown.json()["key"]
        assert re.fullmatch("[0-9a-f]{32}", first)
        assert first == _signing_secret(store, sealer)
        assert (await admin.get("/organization/key")).json() == made | {"shown": NOW + 1000}
        again = await admin.post("/organization/key/showing")
        assert (again.status_code, again.json()["code"]) == (409, "key_already_shown")
        clock.now += 1000
        changed = await admin.post("/organization/key", json={"name": NAME, "version": 1})
        second = changed.json()["key"]
        assert re.fullmatch("[0-9a-f]{32}", second)
        assert second == _signing_secret(store, sealer) != first
        assert (await admin.get("/organization/key")).json() == {
            "masked": f"••••{second[-4:]}",
            "changed": NOW + 2000,
            "shown": NOW + 2000,
            "version": 2,
        }
        assert (await admin.post("/organization/key/showing")).status_code == 409
        assert await _key_log(admin) == [
            ("organization_key.made", None, f"••••{first[-4:]}"),
            ("organization_key.shown", None, f"••••{first[-4:]}"),
            ("organization_key.changed", f"••••{first[-4:]}", f"••••{second[-4:]}"),
        ]


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({"name": "Acme"}, "name", "wrong"),
        ({"name": ""}, "name", "wrong"),
        ({"name": NAME.lower()}, "name", "wrong"),
        ({"name": "가" * 101}, "name", "too_long"),
        ({}, "name", "missing"),
        ({"name": NAME, "key": "0" * 32}, "key", "unknown_field"),
    ],
)
async def test_rule_11_the_key_stays_without_the_typed_name(
    sent: dict[str, object], field: str, code: str, app: FastAPI
) -> None:
    async with local_client(app, "admin") as admin:
        before = (await admin.get("/organization/key")).json()
        refused = await admin.post("/organization/key", json=sent)
        assert refused.status_code == 422
        assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)]
        assert (await admin.get("/organization/key")).json() == before
        assert len(await _key_log(admin)) == 1


async def test_the_name_may_be_typed_decomposed_and_between_spaces(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin:
        typed = " Acme \u1100\u1169\u1100\u1162\u11a8\u1109\u1166\u11ab\u1110\u1165 "
        assert (await admin.post("/organization/key", json={"name": typed})).status_code == 200


async def test_a_key_changed_meanwhile_is_not_changed_again(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin, local_client(app) as operator:
        assert (await admin.get("/organization/key")).json()["version"] == 1
        theirs = (await operator.post("/organization/key", json={"name": NAME})).json()
        mine = await admin.post("/organization/key", json={"name": NAME, "version": 1})
        assert (mine.status_code, mine.json()["code"]) == (412, "version_mismatch")
        assert mine.json()["current"]["masked"] == f"••••{theirs['key'][-4:]}"
        assert theirs["key"] not in mine.text


async def test_changes_of_the_key_touch_the_organization(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin, local_client(app) as operator:
        etags = [(await admin.get("/organization")).headers["etag"]]
        for change in (
            operator.get("/organization/key"),
            operator.post("/organization/key/showing"),
            operator.post("/organization/key", json={"name": NAME}),
        ):
            assert (await change).status_code == 200
            etags.append((await admin.get("/organization")).headers["etag"])
        assert len(set(etags)) == 4


async def test_the_key_is_made_with_the_organization(store: Store, sealer: Sealer) -> None:
    new = {"name": "A", "domain": "acme", "admin_account": "a", "admin_name": "A", "admin_email": "a@x"}
    async with local_client(create_app(store, sealer=sealer), idempotency_key="once") as operator:
        assert (await operator.get("/organization/key")).status_code == 404
        assert (await operator.post("/organization", json=new)).status_code == 201
        assert [action for action, _, _ in await _key_log(operator)] == [
            "organization.created",
            "organization_key.made",
        ]
        assert (await operator.get("/organization/key")).json()["version"] == 1


async def test_a_missing_key_is_made_on_first_request(store: Store, center: Center, sealer: Sealer) -> None:
    """A database of version 0001 has no key."""
    assert _signing_secret(store, sealer) is None
    key = _show_key(store, sealer)
    assert _signing_secret(store, sealer) == key.key
    store.write(lambda change: change.connection.execute(delete(tables.organization_key)).rowcount, OPERATOR)
    assert _change_key(store, sealer).version == 2


def test_one_of_two_simultaneous_requests_sees_the_key(store: Store, center: Center, sealer: Sealer) -> None:
    def ask(_: int) -> str | None:
        together.wait(10)
        try:
            return _show_key(store, sealer).key
        except ProblemError as error:
            return None if error.code == "key_already_shown" else error.code

    for _ in range(5):
        store.write(lambda change: change.connection.execute(delete(tables.organization_key)).rowcount, OPERATOR)
        together = threading.Barrier(6)
        with ThreadPoolExecutor(6) as pool:
            seen = [key for key in pool.map(ask, range(6)) if key is not None]
        assert seen == [_signing_secret(store, sealer)]


def test_simultaneous_changes_are_serialized(store: Store, center: Center, sealer: Sealer) -> None:
    def change(_: int) -> ShownKey:
        together.wait(10)
        return _change_key(store, sealer)

    together = threading.Barrier(6)
    with ThreadPoolExecutor(6) as pool:
        made = sorted(pool.map(change, range(6)), key=lambda key: key.version)
    assert [key.version for key in made] == [2, 3, 4, 5, 6, 7]
    assert len({key.key for key in made}) == 6
    assert _signing_secret(store, sealer) == made[-1].key

    def change_what_was_seen(_: int) -> str:
        together.wait(10)
        try:
            return str(_change_key(store, sealer, version=7).version)
        except ProblemError as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(change_what_was_seen, range(6))) == ["8", *["version_mismatch"] * 5]


# --- nothing of it in the clear ----------------------------------------------------------------------------------


def _dump_database(connection: Connection) -> str:
    """Return every row of every table as text."""
    names = connection.dialect.get_table_names(connection)
    return "\n".join(str(tuple(row)) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"')))


async def test_the_key_is_stored_nowhere_in_the_clear(
    store: Store, app: FastAPI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with local_client(app, "admin", idempotency_key="again") as admin:
        first = (await admin.post("/organization/key/showing")).json()["key"]
        second = (await admin.post("/organization/key", json={"name": NAME})).json()["key"]
        third = (await admin.post("/organization/key", json={"name": NAME})).json()["key"]
    keys = {first, second, third}
    assert len(keys) == 3  # what is secret is never replayed
    dumped = store.read(_dump_database)
    assert NAME in dumped
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    if store.dialect == "sqlite":
        assert {"octui.db", KEY} <= {path.name for path in files}
    for key in keys:
        assert key not in dumped
        assert key not in caplog.text
        assert key[-4:] in dumped
        for path in files:
            held = path.read_bytes()
            assert key.encode() not in held
            assert bytes.fromhex(key) not in held
    assert first not in repr(ShownKey(key=first, changed=0, version=1))


async def test_a_failure_reveals_nothing_of_the_key(
    store: Store, app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "0123456789abcdef" * 2

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"with {secret}")

    monkeypatch.setattr(key_store, "_new_key", lambda: secret)
    monkeypatch.setattr(key_store, "_record_change", fail)
    async with local_client(app, "admin") as admin:
        answer = await admin.post("/organization/key", json={"name": NAME})
    assert answer.status_code == 500
    assert secret not in answer.text + caplog.text
    assert store.read(key_store.find_key) is None


# --- the key file ------------------------------------------------------------------------------------------------


def test_the_key_file_is_made_on_first_use_readable_by_its_owner(store: Store, center: Center, sealer: Sealer) -> None:
    assert not sealer.path.parent.exists()
    _show_key(store, sealer)
    assert sealer.path.stat().st_mode & 0o777 == 0o600
    assert sealer.path.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in sealer.path.parent.iterdir()] == [KEY]
    held = read_key(sealer.path)
    _change_key(store, sealer)
    assert read_key(sealer.path) == held


def _damage_key_file(path: Path, how: str) -> None:
    match how:
        case "missing":
            path.unlink()
        case "others":
            path.chmod(0o640)
        case "another":
            path.write_text("00" * 32)
        case "short":
            path.write_text("00")
        case "text":
            path.write_text("not a key")
        case "link":
            path.rename(path.with_name("elsewhere"))
            path.symlink_to(path.with_name("elsewhere"))
        case "folder":
            path.unlink()
            path.mkdir()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("missing", "missing"),
        ("others", "must be 0600"),
        ("another", "does not open"),
        ("short", "it is no key"),
        ("text", "it is no key"),
        ("link", "symbolic links"),
        ("folder", "directory"),
    ],
)
async def test_an_unusable_key_file_gets_a_clear_error(
    how: str, said: str, store: Store, app: FastAPI, sealer: Sealer
) -> None:
    async with local_client(app, "admin") as admin:
        before = (await admin.get("/organization/key")).json()
        _damage_key_file(sealer.path, how)
        answer = await admin.post("/organization/key/showing")
        assert (answer.status_code, answer.json()["code"]) == (500, "key_file_unusable")
        assert KEY in answer.json()["detail"]
        assert said in answer.json()["detail"]
        assert str(sealer.path.parent) not in answer.text
        # It counts as never shown, nothing was recorded, and the masked key needs no file.
        assert (await admin.get("/organization/key")).json() == before
        assert len(await _key_log(admin)) == 1
        with pytest.raises(StoreError):
            _signing_secret(store, sealer)


def test_with_a_new_key_file_the_key_can_be_changed(store: Store, center: Center, sealer: Sealer) -> None:
    _show_key(store, sealer)
    sealer.path.unlink()
    renewed = _change_key(store, sealer)
    assert _signing_secret(store, sealer) == renewed.key


def test_a_sealed_key_opens_only_for_its_organization_and_version(store: Store, center: Center, sealer: Sealer) -> None:
    def sealed(connection: Connection) -> bytes:
        return bytes(connection.scalars(select(tables.organization_key.c.sealed)).one())

    def put(change: Change, **values: object) -> None:
        change.connection.execute(update(tables.organization_key).values(**values))

    _show_key(store, sealer)
    old = store.read(sealed)
    _change_key(store, sealer)
    new = store.read(sealed)
    for values in (
        {"sealed": old},
        {"sealed": new, "version": 3},
        {"sealed": new[:-1] + bytes([new[-1] ^ 1]), "version": 2},
        {"sealed": b"\x02" + new[1:], "version": 2},
        {"sealed": b"", "version": 2},
    ):
        store.write(lambda change, values=values: put(change, **values), OPERATOR)
        with pytest.raises(StoreError, match="does not open"):
            _signing_secret(store, sealer)
    store.write(lambda change: put(change, sealed=new, version=2), OPERATOR)
    assert _signing_secret(store, sealer) is not None
    store.write(
        lambda change: change.connection.execute(update(tables.organization).values(code="other")).rowcount, OPERATOR
    )
    with pytest.raises(StoreError, match="does not open"):
        _signing_secret(store, sealer)


def test_the_same_secret_is_sealed_differently_each_time(sealer: Sealer) -> None:
    sealed = {sealer.seal(b"secret", "about") for _ in range(50)}
    assert len(sealed) == 50
    assert {sealer.open(one, "about") for one in sealed} == {b"secret"}
    copy = Sealer(sealer.path.parent.with_name("copy"))
    shutil.copytree(sealer.path.parent, copy.path.parent)
    assert copy.open(sealed.pop(), "about") == b"secret"


def test_simultaneous_programs_share_one_key_file(tmp_path: Path) -> None:
    def seal(_: int) -> bytes:
        together.wait(10)
        return Sealer(tmp_path / "beside").seal(b"secret", "about")

    together = threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(seal, range(8)))
    assert {Sealer(tmp_path / "beside").open(one, "about") for one in sealed} == {b"secret"}
    assert os.listdir(tmp_path / "beside") == [KEY]


async def test_a_server_without_a_key_file_stores_no_secret(store: Store, center: Center) -> None:
    async with local_client(create_app(store), "admin") as admin:
        for answer in await asyncio.gather(
            admin.get("/organization/key"),
            admin.post("/organization/key/showing"),
            admin.post("/organization/key", json={"name": NAME}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (500, "key_file_unusable")
    assert store.read(key_store.find_key) is None


def test_a_new_key_file_survives_a_power_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    sealer = Sealer(tmp_path / "beside")
    sealer.seal(b"secret", "here")
    assert synced == [path.stat().st_ino for path in (sealer.path, tmp_path / "beside", tmp_path)]
