"""Appending to the permission-change log (rules.md 24, 26): numbered without a gap, in time order, hash-chained.

The canonical form of an entry, version 1, is the UTF-8 text of a JSON array without spaces, strings escaped as in
RFC 8785 (only ``"``, ``\\`` and control characters):

    ["octui-audit-1", previous, seq, at, action, actor_account, actor_name, target_account, target_name, service, ip,
     via, before, after]

`previous` is the lower-case hex hash of the entry before, "" for entry 1; `seq` and `at` (epoch ms) are integers, all
else strings in NFC. The hash is the SHA-256 of it. The dictionaries of the log are hashed as the texts they stand for,
so a changed dictionary row breaks the chain like a changed entry.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address
from json.encoder import encode_basestring
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Table, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from octui.schema.audit import Action, AuditValue, LegacyText, Via
from octui.server.database.tables import audit, audit_action, audit_head, audit_ip, audit_person, audit_service
from octui.text.choseong import choseong, fold_case
from octui.text.safe import nfc

CANONICAL = "octui-audit-1"
_AT_ONCE = 5000  # parameters of one statement stay well below what either engine takes


@dataclass(frozen=True)
class Recorded:
    """One permission change to be logged; names as they are now. `service` is a code, "" for the organization."""

    action: Action
    actor_account: str
    actor_name: str
    target_account: str
    target_name: str
    service: str
    ip: str
    via: Via
    before: str
    after: str


_FIELDS = tuple(field.name for field in fields(Recorded))


_VALUE: TypeAdapter[AuditValue] = TypeAdapter(AuditValue)


def value_text(value: AuditValue | None) -> str:
    """Return the value as the log stores and hashes it: JSON with sorted keys and without spaces; "" for None."""
    if value is None:
        return ""
    return json.dumps(value.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def parse_value(text: str) -> AuditValue | None:
    """Return what `value_text` wrote. Any other text is one that version 0.1.0 recorded."""
    if not text:
        return None
    if text.startswith("{"):
        try:
            return _VALUE.validate_json(text)
        except ValidationError:
            pass
    return LegacyText(text=text)


def canonical(previous: str, seq: int, at: int, texts: Sequence[str]) -> bytes:
    """The bytes that are hashed: `texts` are the fields of `Recorded` in their order, `previous` a hex hash or ""."""
    return f'["{CANONICAL}","{previous}",{seq},{at},{",".join(map(encode_basestring, texts))}]'.encode()


def append(connection: Connection, entries: Sequence[Recorded], now: int) -> None:
    """Append `entries` in their order. The chain's head is locked here until the transaction ends: call it last.

    `at` is the later of `now` and the last entry's time, so that time follows the number and a range of times is a
    range of numbers. Raises UnicodeEncodeError on lone surrogates, which the service refuses before.
    """
    if not entries:
        return
    rows = [_texts(entry) for entry in entries]
    people = _people(connection, {pair for row in rows for pair in ((row[1], row[2]), (row[3], row[4]))})
    actions = _ids(connection, audit_action, "action", {row[0] for row in rows})
    services = _ids(connection, audit_service, "code", {row[5] for row in rows})
    addresses = _ids(connection, audit_ip, "ip", {row[6] for row in rows}, packed=packed)
    seq, last_at, last_hash = _locked_head(connection)
    at = max(now, last_at)
    previous = last_hash.hex()
    digest = last_hash
    written: list[dict[str, Any]] = []
    for row in rows:
        seq += 1
        digest = sha256(canonical(previous, seq, at, row)).digest()
        previous = digest.hex()
        written.append(
            {
                "seq": seq,
                "at": at,
                "actor_id": people[row[1], row[2]],
                "target_id": people[row[3], row[4]],
                "action_id": actions[row[0]],
                "service_id": services[row[5]],
                "ip_id": addresses[row[6]],
                "via": row[7],
                "before": row[8],
                "after": row[9],
                "hash": digest,
            }
        )
    connection.execute(insert(audit), written)
    _count(connection, audit_person, "actor_rows", (row["actor_id"] for row in written))
    _count(connection, audit_person, "target_rows", (row["target_id"] for row in written))
    _count(connection, audit_action, "rows", (row["action_id"] for row in written))
    _count(connection, audit_service, "rows", (row["service_id"] for row in written))
    _count(connection, audit_ip, "rows", (row["ip_id"] for row in written))
    connection.execute(update(audit_head).where(audit_head.c.id == 1).values(seq=seq, at=at, hash=digest))


def address(text: str) -> str:
    """An address as the log keeps it: the usual short form, no zone index, IPv4 where it is IPv4 in disguise."""
    parsed = _parsed(text)
    return text if parsed is None else str(parsed)


def packed(text: str) -> bytes:
    """16 bytes in which the addresses of a network are neighbors (IPv4 mapped); empty for what is no address."""
    parsed = _parsed(text)
    if parsed is None:
        return b""
    return (b"\0" * 10 + b"\xff\xff" if parsed.version == 4 else b"") + parsed.packed


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _texts(entry: Recorded) -> tuple[str, ...]:
    texts = [nfc(str(getattr(entry, name))) for name in _FIELDS]
    texts[6] = address(texts[6])
    return tuple(texts)


def _people(connection: Connection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ids of (account, name) pairs; a renamed person gets a second row."""
    table = audit_person.c
    key = tuple_(table.account, table.name)

    def known(pairs: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for some in _parts(pairs):
            for row in connection.execute(select(table.account, table.name, table.id).where(key.in_(some))):
                found[row.account, row.name] = row.id
        return found

    ids = known(sorted(wanted))
    missing = sorted(wanted - ids.keys())
    if missing:
        _add(
            connection,
            audit_person,
            [
                {
                    "account": account,
                    "name": name,
                    "folded_account": fold_case(account),
                    "folded": fold_case(name),
                    "choseong": choseong(name),
                }
                for account, name in missing
            ],
        )
        ids |= known(missing)
    return ids


def _ids(connection: Connection, table: Table, column: str, wanted: set[str], **derived: Any) -> dict[str, int]:
    """The ids of texts in a dictionary, new ones added; `derived` names columns computed from the text."""

    def known(texts: list[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in _parts(texts):
            for row in connection.execute(select(table.c[column], table.c.id).where(table.c[column].in_(some))):
                found[row[0]] = row[1]
        return found

    ids = known(sorted(wanted))
    missing = sorted(wanted - ids.keys())
    if missing:
        rows = [{column: text} | {name: made(text) for name, made in derived.items()} for text in missing]
        _add(connection, table, rows)
        ids |= known(missing)
    return ids


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    # Another PostgreSQL transaction may add the same row meanwhile; on SQLite there is one writer, and the guard of
    # the log takes every insert that meets an existing row for a replacement.
    if connection.dialect.name == "postgresql":
        connection.execute(postgresql_insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(insert(table), rows)


def _locked_head(connection: Connection) -> tuple[int, int, bytes]:
    head = select(audit_head.c.seq, audit_head.c.at, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
    row = connection.execute(head).one_or_none()
    if row is None:
        _add(connection, audit_head, [{"id": 1, "seq": 0, "at": 0, "hash": b""}])
        row = connection.execute(head).one()
    return row.seq, row.at, row.hash


def _count(connection: Connection, table: Table, column: str, ids: Iterable[int]) -> None:
    """Keep the number of entries beside each dictionary row: the search plans by it."""
    change = update(table).where(table.c.id == bindparam("key")).values({column: table.c[column] + bindparam("more")})
    connection.execute(change, [{"key": key, "more": more} for key, more in sorted(Counter(ids).items())])


def _parts(items: list[Any]) -> Iterable[list[Any]]:
    step = _AT_ONCE // 2
    return (items[start : start + step] for start in range(0, len(items), step))
