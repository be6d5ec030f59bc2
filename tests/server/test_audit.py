"""Appending to the log: canonical form, dictionaries, order, triggers."""

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from octui.schema.audit import Action, AuditFilter, LegacyText, Log, Via
from octui.schema.live import AUDIT_HEAD
from octui.server.audit.search import read_head, search_log
from octui.server.audit.verification import verify_chain
from octui.server.core.errors import ProblemError
from octui.server.database.audit_log import NewEntry, append_entries, canonical_form, normalize_address, pack_address
from octui.server.database.tables import audit_person
from octui.server.database.unit_of_work import Change
from server.conftest import NOW, OPERATOR, Center, Clock, Store

EVERYTHING = AuditFilter(log=Log.ALL)
FIRST = NewEntry(
    Action.AGENT_ADDED, "admin", "관리자", "kim", "김민수", "oc", "10.0.0.1", Via.SCREEN, "", "ROLE_FRONT_AGENT ticket"
)
SECOND = NewEntry(
    Action.AGENT_ROLE_CHANGED,
    "admin",
    "관리자",
    "o'neil",
    'Kim "M" \\ Minsu',
    "",
    "2001:DB8:0:0::1",
    Via.API,
    "ROLE_FRONT_AGENT",
    "ROLE_FRONT_ADMIN",
)
# Made with printf and sha256sum from the form that server/database/audit_log.py documents, not with our code.
GOLDEN = (
    "4e46300b175853ba94b7ce6cac1d9311b8d1181ca8a99c8a6dc82853d558a318",
    "5f16ada352df31dc916f9762f29d291c58d27fb2847e5fa1c4719d71dbd01ce7",
)


def _append_to_log(store: Store, *entries: NewEntry) -> None:
    store.write(lambda change: append_entries(change.connection, entries, change.now), OPERATOR)


def test_known_entries_have_their_golden_hashes(store: Store) -> None:
    _append_to_log(store, FIRST, SECOND)
    entries = store.read(lambda connection: search_log(connection, EVERYTHING)).entries
    assert tuple(entry.hash for entry in reversed(entries)) == GOLDEN


def test_canonical_form_is_what_other_json_writers_produce() -> None:
    texts = ["a", "관", '"', "\\", "/", "\n\t\x01\x1f\x7f", "😀", "", "é", "\u2028"]
    form = canonical_form("ab" * 32, 7, NOW, texts)
    assert json.loads(form) == ["octui-audit-1", "ab" * 32, 7, NOW, *texts]
    assert form == json.dumps(json.loads(form), ensure_ascii=False, separators=(",", ":")).encode()


def test_entry_is_read_back_as_recorded(store: Store) -> None:
    _append_to_log(store, FIRST, SECOND)
    second, first = store.read(lambda connection: search_log(connection, EVERYTHING)).entries
    assert (first.seq, first.at, first.action, first.via) == (1, NOW, Action.AGENT_ADDED, Via.SCREEN)
    assert (first.actor_account, first.actor_name, first.target_account, first.target_name) == (
        "admin", "관리자", "kim", "김민수",
    )  # fmt: skip
    assert (first.service, first.ip, first.before) == ("oc", "10.0.0.1", None)
    assert first.after == LegacyText(text="ROLE_FRONT_AGENT ticket")
    assert (second.ip, second.target_name) == ("2001:db8::1", 'Kim "M" \\ Minsu')
    newest = store.read(read_head)
    assert (newest.seq, newest.hash, newest.at) == (2, second.hash, NOW)


def test_names_are_stored_in_nfc_as_they_were_then(store: Store) -> None:
    decomposed = NewEntry(Action.CTI_CHANGED, "kim", "\u1100\u1175\u11b7", "kim", "새이름", "", "x", Via.API, "", "")
    _append_to_log(store, decomposed)
    _append_to_log(store, FIRST)
    entries = store.read(lambda connection: search_log(connection, AuditFilter(account="kim"))).entries
    assert [(entry.actor_name, entry.target_name) for entry in entries] == [("관리자", "김민수"), ("김", "새이름")]


def test_time_of_entries_never_decreases(store: Store, clock: Clock) -> None:
    _append_to_log(store, FIRST)
    clock.now = NOW - 1_000
    _append_to_log(store, FIRST)
    clock.now = NOW + 1
    _append_to_log(store, FIRST)
    entries = store.read(lambda connection: search_log(connection, EVERYTHING)).entries
    assert [entry.at for entry in entries] == [NOW + 1, NOW, NOW]


def test_dictionaries_count_their_entries(store: Store) -> None:
    _append_to_log(store, FIRST, FIRST, SECOND)
    _append_to_log(store, SECOND)
    people = store.read(lambda connection: connection.execute(select(audit_person)).all())
    assert {row.account: (row.actor_rows, row.target_rows) for row in people} == {
        "admin": (4, 0), "kim": (0, 2), "o'neil": (0, 2),
    }  # fmt: skip


def test_failed_change_records_nothing(store: Store, center: Center) -> None:
    def work(change: Change) -> None:
        change.record(Action.AGENT_REMOVED, target_account="kim", target_name="김민수", service="oc")
        append_entries(change.connection, [FIRST], change.now)
        raise KeyError("after the entry")

    with pytest.raises(KeyError):
        store.write(work, center.principal("admin"))
    assert store.read(read_head).seq == 0
    assert store.revisions([AUDIT_HEAD]) == {AUDIT_HEAD: 0}


def test_recorded_entry_touches_the_head(store: Store, center: Center) -> None:
    def work(change: Change) -> None:
        change.record(Action.AGENT_REMOVED, target_account="kim", target_name="김민수", service="oc")

    store.write(work, center.principal("choi", ip="::ffff:10.9.8.7", via=Via.COMMAND))
    (entry,) = store.read(lambda connection: search_log(connection, EVERYTHING)).entries
    assert (entry.actor_account, entry.actor_name, entry.ip, entry.via) == ("choi", "최지우", "10.9.8.7", Via.COMMAND)
    assert store.revisions([AUDIT_HEAD]) == {AUDIT_HEAD: 1}


def test_concurrent_writers_append_to_one_chain(store: Store) -> None:
    """The writers insert the same new people, addresses and services, in different orders."""

    def record(writer: int) -> None:
        for number in range(8):
            people = [(f"p{number}", f"이름{number}"), (f"p{number + 1}", f"이름{number + 1}")]
            actor, target = people if writer % 2 else reversed(people)
            entry = NewEntry(
                Action.CTI_CHANGED, *actor, *target, f"s{number % 3}", f"10.0.0.{number}", Via.API, "", f"{writer}"
            )
            _append_to_log(store, entry, entry)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(record, range(6)))
    verification = store.read(verify_chain)
    assert (verification.ok, verification.finding, verification.entries) == (True, "", 96)


ROW = "SELECT {seq}, {at}, actor_id, target_id, action_id, service_id, ip_id, via, before, after, hash FROM audit"
REFUSED = (
    "UPDATE audit SET after = 'x' WHERE seq = 1",
    "DELETE FROM audit WHERE seq = 2",
    "DELETE FROM audit",
    f"INSERT INTO audit {ROW.format(seq=9, at='at')} WHERE seq = 2",
    f"INSERT INTO audit {ROW.format(seq=0, at='at')} WHERE seq = 2",
    f"INSERT INTO audit {ROW.format(seq=3, at='at - 1')} WHERE seq = 2",
    "UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE seq = 1)",
    "UPDATE audit_head SET seq = 1",
    "DELETE FROM audit_head",
    "UPDATE audit_person SET name = 'x' WHERE id = 1",
    "UPDATE audit_person SET choseong = 'x'",
    "DELETE FROM audit_person",
    "UPDATE audit_ip SET ip = 'x'",
    "DELETE FROM audit_ip",
    "UPDATE audit_service SET code = 'x'",
    "DELETE FROM audit_service",
    "UPDATE audit_action SET action = 'x'",
    "DELETE FROM audit_action",
)
REFUSED_SQLITE = (
    f"INSERT OR REPLACE INTO audit {ROW.format(seq='seq', at='at')} WHERE seq = 2",
    f"REPLACE INTO audit {ROW.format(seq='seq', at='at')} WHERE seq = 1",
    "UPDATE OR REPLACE audit SET seq = 1 WHERE seq = 2",
    "REPLACE INTO audit_head SELECT id, seq + 5, at, hash FROM audit_head",
    "REPLACE INTO audit_person (id, account, name, folded_account, folded, choseong) VALUES (1, 'a', 'b', '', '', '')",
    "REPLACE INTO audit_person (account, name, folded_account, folded, choseong) VALUES ('kim', '김민수', '', '', '')",
    "REPLACE INTO audit_ip (ip, packed) VALUES ('10.0.0.1', x'00')",
    "REPLACE INTO audit_service (code) VALUES ('oc')",
    "REPLACE INTO audit_action (action) VALUES ('agent.added')",
)
REFUSED_POSTGRESQL = (
    "TRUNCATE audit",
    "TRUNCATE audit_head",
    "TRUNCATE audit_person, audit_ip",
    f"INSERT INTO audit {ROW.format(seq='seq', at='at')} WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET via = 'x'",
    "INSERT INTO audit_head VALUES (2, 1, 1, '')",
)


def test_triggers_refuse_to_change_the_log(store: Store) -> None:
    _append_to_log(store, FIRST, SECOND)
    before = store.read(lambda connection: connection.execute(text("SELECT * FROM audit ORDER BY seq")).all())
    own = REFUSED_SQLITE if store.dialect == "sqlite" else REFUSED_POSTGRESQL
    for statement in (*REFUSED, *own):
        with pytest.raises((DBAPIError, ProblemError)) as refusal:
            store.write(lambda change, sql=statement: change.connection.exec_driver_sql(sql), OPERATOR)
        said = f"{refusal.value} {refusal.value.__cause__}"
        assert "the permission-change log" in said, statement
    assert store.read(lambda connection: connection.execute(text("SELECT * FROM audit ORDER BY seq")).all()) == before
    _append_to_log(store, FIRST)
    assert store.read(read_head).seq == 3


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:0DB8::0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("a socket", "a socket"),
        ("", ""),
    ],
)
def test_addresses_are_normalized(given: str, kept: str) -> None:
    assert normalize_address(given) == kept
    assert len(pack_address(given)) == (16 if ":" in kept or "." in kept else 0)


def test_hash_covers_the_previous_hash() -> None:
    assert sha256(canonical_form("", 1, NOW, ["x"])).digest() != sha256(canonical_form("00", 1, NOW, ["x"])).digest()
