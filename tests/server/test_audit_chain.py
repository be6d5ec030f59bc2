"""Verification finds every manipulation of the log in the database."""

import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, text, update

from octui.schema.audit import Action, AuditVerification, Via
from octui.server.audit.checkpoints import Checkpointer
from octui.server.audit.verification import Checkpoint, verify_chain
from octui.server.database import tables
from octui.server.database.audit_log import NewEntry, append_entries, canonical_form
from octui.server.database.unit_of_work import Change
from server.conftest import NOW, OPERATOR, Clock, Store

COUNT = 120
TAMPERINGS = 200
PEOPLE = tuple((f"user{number}", name) for number, name in enumerate(("김민수", "이영희", "박철수", "최지우", "정민")))
IPS = ("10.0.0.1", "10.0.0.2", "2001:db8::7")


def _random_entries(dice: random.Random, count: int) -> list[NewEntry]:
    return [
        NewEntry(
            dice.choice(list(Action)),
            *dice.choice(PEOPLE),
            *dice.choice(PEOPLE),
            dice.choice(("oc", "chat", "")),
            dice.choice(IPS),
            dice.choice(list(Via)),
            f"before {place}",
            f"after {place}",
        )
        for place in range(count)
    ]


@pytest.fixture
def log(store: Store, clock: Clock) -> Store:
    """COUNT entries, three at a time."""
    entries = _random_entries(random.Random(3), COUNT)
    for start in range(0, COUNT, 3):
        clock.now += 1_000
        some = entries[start : start + 3]
        store.write(lambda change, some=some: append_entries(change.connection, some, change.now), OPERATOR)
    return store


def _signed_checkpoint(connection: Connection, seq: int) -> Checkpoint:
    hashes = dict(connection.execute(text("SELECT seq, hash FROM audit WHERE seq IN (1, :seq)"), {"seq": seq}).all())
    return Checkpoint(bytes(hashes[1]).hex(), seq, bytes(hashes[seq]).hex(), NOW)


def test_untouched_log_is_verified(log: Store) -> None:
    def check(connection: Connection) -> AuditVerification:
        return verify_chain(connection, [_signed_checkpoint(connection, seq) for seq in (1, 17, COUNT)])

    verification = log.read(check)
    assert (verification.ok, verification.finding, verification.first_bad_seq) == (True, "", None)
    assert (verification.entries, verification.checkpoints, verification.head.seq) == (COUNT, 3, COUNT)


def test_log_longer_than_a_batch_is_verified(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octui.server.audit.verification._BATCH", 7)
    for count in (6, 1, 7, 1):
        store.write(
            lambda change, n=count: append_entries(change.connection, _random_entries(random.Random(1), n), NOW),
            OPERATOR,
        )
        verification = store.read(verify_chain)
        assert (verification.ok, verification.finding) == (True, "")
    assert verification.entries == 15


def test_empty_log_is_verified(store: Store) -> None:
    assert store.read(verify_chain).ok


# --- what somebody with the database in hand can do --------------------------------------------------------------
Tamper = Callable[[Connection, random.Random], str]


def _run_sql(connection: Connection, sql: str, **values: object) -> int:
    return connection.execute(text(sql), values).rowcount


def _edit_text(connection: Connection, dice: random.Random) -> str:
    column, seq = dice.choice(("before", "after", "via")), dice.randrange(1, COUNT + 1)
    assert _run_sql(connection, f"UPDATE audit SET {column} = {column} || 'x' WHERE seq = :seq", seq=seq) == 1
    return f"{column} of {seq}"


def _edit_reference(connection: Connection, dice: random.Random) -> str:
    column = dice.choice(("actor_id", "target_id", "ip_id", "service_id", "action_id"))
    table = "person" if column in ("actor_id", "target_id") else column.removesuffix("_id")
    seq = dice.randrange(1, COUNT + 1)
    other = f"(SELECT min(id) FROM audit_{table} d WHERE d.id <> audit.{column})"
    assert _run_sql(connection, f"UPDATE audit SET {column} = {other} WHERE seq = :seq", seq=seq) == 1
    return f"{column} of {seq}"


def _edit_time(connection: Connection, dice: random.Random) -> str:
    seq, by = dice.randrange(1, COUNT + 1), dice.choice((-1, 1, 86_400_000))
    assert _run_sql(connection, "UPDATE audit SET at = at + :by WHERE seq = :seq", seq=seq, by=by) == 1
    return f"time of {seq} by {by}"


def _edit_hash(connection: Connection, dice: random.Random) -> str:
    seq = dice.randrange(1, COUNT + 1)
    assert _run_sql(connection, "UPDATE audit SET hash = :hash WHERE seq = :seq", seq=seq, hash=dice.randbytes(32)) == 1
    return f"hash of {seq}"


def _delete_some(connection: Connection, dice: random.Random) -> str:
    first, count = dice.randrange(1, COUNT + 1), dice.choice((1, 1, 5, COUNT))
    assert _run_sql(connection, "DELETE FROM audit WHERE seq >= :first AND seq < :first + :n", first=first, n=count) > 0
    return f"{count} deleted from {first}"


def _delete_and_close_up(connection: Connection, dice: random.Random) -> str:
    seq = dice.randrange(1, COUNT)
    _run_sql(connection, "DELETE FROM audit WHERE seq = :seq", seq=seq)
    _run_sql(connection, "UPDATE audit SET seq = -seq WHERE seq > :seq", seq=seq)
    _run_sql(connection, "UPDATE audit SET seq = -seq - 1 WHERE seq < 0")
    _run_sql(connection, "UPDATE audit_head SET seq = seq - 1")
    return f"{seq} deleted, the rest renumbered"


def _swap_entries(connection: Connection, dice: random.Random) -> str:
    one, two = dice.sample(range(1, COUNT + 1), 2)
    for old, new in ((one, -1), (two, one), (-1, two)):
        assert _run_sql(connection, "UPDATE audit SET seq = :new WHERE seq = :old", old=old, new=new) == 1
    return f"{one} and {two} swapped"


def _insert_copy(connection: Connection, dice: random.Random) -> str:
    seq, copied = dice.choice((0, -5, COUNT + 1, COUNT + 7)), dice.randrange(1, COUNT + 1)
    columns = "at, actor_id, target_id, action_id, service_id, ip_id, via, before, after, hash"
    sql = f"INSERT INTO audit (seq, {columns}) SELECT :seq, {columns} FROM audit WHERE seq = :copied"
    assert _run_sql(connection, sql, seq=seq, copied=copied) == 1
    return f"{copied} inserted again as {seq}"


def _edit_dictionary(connection: Connection, dice: random.Random) -> str:
    table, column = dice.choice(
        (
            *(("audit_person", column) for column in ("account", "name", "folded_account", "folded", "choseong")),
            ("audit_ip", "ip"),
            ("audit_service", "code"),
            ("audit_action", "action"),
        )
    )
    place = dice.randrange(3)
    key = connection.execute(text(f"SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET {place}")).scalar_one()
    assert _run_sql(connection, f"UPDATE {table} SET {column} = {column} || 'x' WHERE id = :id", id=key) == 1
    return f"{table}.{column} of {key}"


def _edit_derived(connection: Connection, dice: random.Random) -> str:
    table, column, value = dice.choice(
        (
            ("audit_person", "actor_rows", "actor_rows + 1"),
            ("audit_person", "target_rows", "0"),
            ("audit_ip", "rows", "rows - 1"),
            ("audit_service", "rows", "rows + 9"),
            ("audit_action", "rows", "rows + 1"),
            ("audit_ip", "packed", "hash FROM audit_head" if connection.dialect.name == "postgresql" else "x'00'"),
        )
    )
    assert _run_sql(connection, f"UPDATE {table} SET {column} = {value}") > 0
    return f"{table}.{column}"


def _delete_dictionary(connection: Connection, dice: random.Random) -> str:
    table = dice.choice(("audit_person", "audit_ip", "audit_service", "audit_action"))
    assert _run_sql(connection, f"DELETE FROM {table} WHERE id = (SELECT min(id) FROM {table})") == 1
    return f"a row of {table} deleted"


def _swap_people(connection: Connection, dice: random.Random) -> str:
    one, two = dice.sample([row[0] for row in connection.execute(text("SELECT id FROM audit_person"))], 2)
    for old, new in ((one, -1), (two, one), (-1, two)):
        assert _run_sql(connection, "UPDATE audit_person SET id = :new WHERE id = :old", old=old, new=new) == 1
    return f"people {one} and {two} swapped"


def _edit_head(connection: Connection, dice: random.Random) -> str:
    what = dice.choice(
        ("seq = seq - 1", "seq = seq + 1", "at = at - 1", "hash = (SELECT hash FROM audit WHERE seq = 1)")
    )
    assert _run_sql(connection, f"UPDATE audit_head SET {what}") == 1
    return f"head: {what}"


def _delete_head(connection: Connection, dice: random.Random) -> str:
    assert _run_sql(connection, "DELETE FROM audit_head") == 1
    return "head deleted"


def _cut_tail(connection: Connection, dice: random.Random) -> str:
    """Cut the end, with a head that fits: only a checkpoint shows it."""
    last = dice.randrange(0, COUNT)
    _cut_and_recount(connection, last)
    if last == 0:
        _run_sql(connection, "DELETE FROM audit_head")
    else:
        _run_sql(
            connection,
            "UPDATE audit_head SET seq = :seq, at = (SELECT at FROM audit WHERE seq = :seq), "
            "hash = (SELECT hash FROM audit WHERE seq = :seq)",
            seq=last,
        )
    return f"cut after {last}"


def _cut_and_recount(connection: Connection, last: int) -> None:
    _run_sql(connection, "DELETE FROM audit WHERE seq > :last", last=last)
    for table, rows, column in (
        ("audit_person", "actor_rows", "actor_id"),
        ("audit_person", "target_rows", "target_id"),
        ("audit_ip", "rows", "ip_id"),
        ("audit_service", "rows", "service_id"),
        ("audit_action", "rows", "action_id"),
    ):
        _run_sql(
            connection, f"UPDATE {table} SET {rows} = (SELECT count(*) FROM audit WHERE audit.{column} = {table}.id)"
        )


def _write_anew(connection: Connection, dice: random.Random) -> str:
    """Change an entry, and recompute all later hashes and the head: only a checkpoint shows it."""
    seq = dice.randrange(1, COUNT + 1)
    _run_sql(connection, "UPDATE audit SET after = after || ' more' WHERE seq = :seq", seq=seq)
    previous = ""
    digests = []
    for row in connection.execute(
        text(
            "SELECT a.seq, a.at, c.action, f.account, f.name, t.account, t.name, s.code, i.ip, "
            "a.via, a.before, a.after "
            "FROM audit a JOIN audit_action c ON c.id = a.action_id JOIN audit_person f ON f.id = a.actor_id "
            "JOIN audit_person t ON t.id = a.target_id JOIN audit_service s ON s.id = a.service_id "
            "JOIN audit_ip i ON i.id = a.ip_id ORDER BY a.seq"
        )
    ).all():
        digest = sha256(canonical_form(previous, row[0], row[1], row[2:])).digest()
        previous = digest.hex()
        digests.append({"key": row[0], "digest": digest})
    entry = tables.audit
    connection.execute(update(entry).where(entry.c.seq == bindparam("key")).values(hash=bindparam("digest")), digests)
    connection.execute(update(tables.audit_head).values(hash=digest))
    return f"{seq} changed and all after it hashed anew"


WAYS: tuple[Tamper, ...] = (
    _edit_text, _edit_reference, _edit_time, _edit_hash, _delete_some, _delete_and_close_up, _swap_entries,
    _insert_copy, _edit_dictionary, _edit_derived, _delete_dictionary, _swap_people, _edit_head, _delete_head,
    _cut_tail, _write_anew,
)  # fmt: skip
ONLY_BY_CHECKPOINT = (_cut_tail, _write_anew)


class _Undo(Exception):
    pass


def _without_guard(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def test_tampering_is_found(log: Store) -> None:
    dice = random.Random(f"tampering {log.dialect}")
    found: dict[Tamper, int] = dict.fromkeys(WAYS, 0)
    unseen_without_checkpoints = 0

    def tamper(change: Change) -> None:
        nonlocal unseen_without_checkpoints
        connection = change.connection
        checkpoints = [_signed_checkpoint(connection, COUNT // 2), _signed_checkpoint(connection, COUNT)]
        _without_guard(connection)
        for number in range(TAMPERINGS):
            way = WAYS[number % len(WAYS)]
            with connection.begin_nested() as nested:
                done = way(connection, dice)
                verification = verify_chain(connection, checkpoints)
                assert not verification.ok, done
                assert verification.finding, done
                if way in ONLY_BY_CHECKPOINT:
                    assert verify_chain(connection).ok, done
                    unseen_without_checkpoints += 1
                found[way] += 1
                nested.rollback()
            assert number % 20 or verify_chain(connection, checkpoints).ok
        raise _Undo

    with pytest.raises(_Undo):
        log.write(tamper, OPERATOR)
    assert sum(found.values()) == TAMPERINGS
    assert min(found.values()) >= TAMPERINGS // len(WAYS)
    assert unseen_without_checkpoints > 0
    assert log.read(verify_chain).ok


def test_first_bad_entry_is_reported(log: Store) -> None:
    def tamper(change: Change) -> AuditVerification:
        _without_guard(change.connection)
        _run_sql(change.connection, "UPDATE audit SET after = 'admin' WHERE seq IN (40, 70)")
        raise _Found(verify_chain(change.connection))

    with pytest.raises(_Found) as found:
        log.write(tamper, OPERATOR)
    verification = found.value.verification
    assert (verification.first_bad_seq, verification.entries) == (40, 39)


class _Found(Exception):
    def __init__(self, verification: AuditVerification) -> None:
        self.verification = verification


def test_cut_end_is_found_by_the_checkpoints(log: Store, tmp_path: Path) -> None:
    checkpointer = Checkpointer(log, tmp_path / "checkpoints")
    assert checkpointer.write() is not None

    def tamper(change: Change) -> None:
        _without_guard(change.connection)
        _cut_and_recount(change.connection, COUNT - 1)
        _run_sql(
            change.connection,
            "UPDATE audit_head SET seq = :seq, at = (SELECT at FROM audit WHERE seq = :seq), "
            "hash = (SELECT hash FROM audit WHERE seq = :seq)",
            seq=COUNT - 1,
        )

    log.write(tamper, OPERATOR)
    assert log.read(verify_chain).ok
    verification = checkpointer.verify_log()
    assert (verification.ok, verification.first_bad_seq) == (False, COUNT)
    assert f"ends at entry {COUNT - 1}" in verification.finding
