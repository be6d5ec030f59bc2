"""Append entries to the log (rules.md 24, 26): numbered without a gap, in time order, hash-chained.

The canonical form of an entry, version 1, is the UTF-8 text of a JSON array without spaces, strings escaped as in
RFC 8785 (only ``"``, ``\\`` and control characters):

    ["octui-audit-1", previous, seq, at, action, actor_account, actor_name, target_account, target_name, service, ip,
     via, before, after]

`previous` is the lower-case hex hash of the entry before, "" for entry 1; `seq` and `at` (epoch ms) are integers, all
else strings in NFC; `before` and `after` are the JSON that `value_text` writes (sentences in entries of 0.1.0), or "".
The hash is the SHA-256 of it. The dictionaries of the log are hashed as the texts they stand for, so a changed
dictionary row breaks the chain like a changed entry.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Table, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from octui.schema.audit import Action, AuditValue, LegacyText, Via
from octui.server.database.tables import audit, audit_action, audit_head, audit_ip, audit_person, audit_service
from octui.text.choseong import choseong, fold_case
from octui.text.safe import nfc

CANONICAL = "octui-audit-1"
_MOST_PARAMETERS = 5000  # of one statement, well below the limit of either engine


class NewEntry(NamedTuple):
    """Log entry to be appended, with names as they are now. `service` is a service's ID, "" for the organization."""

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


_VALUE: TypeAdapter[AuditValue] = TypeAdapter(AuditValue)


def value_text(value: AuditValue | None) -> str:
    """Return a value as the log stores and hashes it: JSON with sorted keys and without spaces; "" for None."""
    if value is None:
        return ""
    return json.dumps(value.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def parse_value(text: str) -> AuditValue | None:
    """Return the value that `value_text` wrote, None for ""; version 0.1.0's plain texts become LegacyText."""
    if not text:
        return None
    if text.startswith("{"):
        try:
            return _VALUE.validate_json(text)
        except ValidationError:
            pass
    return LegacyText(text=text)


def canonical_form(previous: str, seq: int, at: int, texts: Sequence[str]) -> bytes:
    """Return the bytes that a log entry's hash covers: the fields of NewEntry in order, and the previous hash."""
    return f'["{CANONICAL}","{previous}",{seq},{at},{",".join(map(encode_basestring, texts))}]'.encode()


def append_entries(connection: Connection, entries: Sequence[NewEntry], now: int) -> None:
    """Append log entries in order. Call it last: it locks the log's head until the transaction ends.

    An entry's time is `now`, or that of the last entry if the clock was set back: a range of times is then a range of
    numbers. Raises UnicodeEncodeError for lone surrogates, which the server refuses earlier.
    """
    if not entries:
        return
    rows = [_entry_texts(entry) for entry in entries]
    people = _person_ids(connection, {pair for row in rows for pair in ((row[1], row[2]), (row[3], row[4]))})
    actions = _text_ids(connection, audit_action, "action", {row[0] for row in rows})
    services = _text_ids(connection, audit_service, "code", {row[5] for row in rows})
    addresses = _text_ids(connection, audit_ip, "ip", {row[6] for row in rows}, packed=pack_address)
    seq, last_at, last_hash = _lock_head(connection)
    at = max(now, last_at)
    previous = last_hash.hex()
    digest = last_hash
    inserted: list[dict[str, Any]] = []
    for row in rows:
        seq += 1
        digest = sha256(canonical_form(previous, seq, at, row)).digest()
        previous = digest.hex()
        inserted.append(
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
    connection.execute(insert(audit), inserted)
    _add_row_counts(connection, audit_person, "actor_rows", (row["actor_id"] for row in inserted))
    _add_row_counts(connection, audit_person, "target_rows", (row["target_id"] for row in inserted))
    _add_row_counts(connection, audit_action, "rows", (row["action_id"] for row in inserted))
    _add_row_counts(connection, audit_service, "rows", (row["service_id"] for row in inserted))
    _add_row_counts(connection, audit_ip, "rows", (row["ip_id"] for row in inserted))
    connection.execute(update(audit_head).where(audit_head.c.id == 1).values(seq=seq, at=at, hash=digest))


def normalize_address(text: str) -> str:
    """Return the short form of an IP address without a zone index, as IPv4 if it is a mapped IPv4 address."""
    parsed = _parse_address(text)
    return text if parsed is None else str(parsed)


def pack_address(text: str) -> bytes:
    """Return an IP address as 16 bytes, IPv4 mapped, so that a network is a range; empty for any other text."""
    parsed = _parse_address(text)
    if parsed is None:
        return b""
    return (b"\0" * 10 + b"\xff\xff" if parsed.version == 4 else b"") + parsed.packed


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _entry_texts(entry: NewEntry) -> tuple[str, ...]:
    return tuple(nfc(str(value)) for value in entry._replace(ip=normalize_address(entry.ip)))


def _person_ids(connection: Connection, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the row IDs of (account, name) pairs, inserting new ones; a renamed person gets a second row."""
    table = audit_person.c
    key = tuple_(table.account, table.name)

    def find_ids(pairs: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
        return {
            (row.account, row.name): row.id
            for chunk in _chunks(pairs)
            for row in connection.execute(select(table.account, table.name, table.id).where(key.in_(chunk)))
        }

    ids = find_ids(sorted(pairs))
    missing = sorted(pairs - ids.keys())
    if missing:
        _insert_rows(
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
        ids |= find_ids(missing)
    return ids


def _text_ids(connection: Connection, table: Table, column: str, texts: set[str], **derived: Any) -> dict[str, int]:
    """Return the row IDs of texts in a lookup table, inserting new ones. `derived`: columns computed from the text."""

    def find_ids(texts: list[str]) -> dict[str, int]:
        return {
            row[0]: row[1]
            for chunk in _chunks(texts)
            for row in connection.execute(select(table.c[column], table.c.id).where(table.c[column].in_(chunk)))
        }

    ids = find_ids(sorted(texts))
    missing = sorted(texts - ids.keys())
    if missing:
        rows = [{column: text} | {name: compute(text) for name, compute in derived.items()} for text in missing]
        _insert_rows(connection, table, rows)
        ids |= find_ids(missing)
    return ids


def _insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    # On PostgreSQL another transaction may insert the same row meanwhile. On SQLite there is one writer, and the
    # triggers of the log refuse every insert that meets an existing row.
    if connection.dialect.name == "postgresql":
        connection.execute(postgresql_insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(insert(table), rows)


def _lock_head(connection: Connection) -> tuple[int, int, bytes]:
    head = select(audit_head.c.seq, audit_head.c.at, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
    row = connection.execute(head).one_or_none()
    if row is None:
        _insert_rows(connection, audit_head, [{"id": 1, "seq": 0, "at": 0, "hash": b""}])
        row = connection.execute(head).one()
    return row.seq, row.at, row.hash


def _add_row_counts(connection: Connection, table: Table, column: str, ids: Iterable[int]) -> None:
    """Add to the numbers of log entries by person, action, service or IP, by which a log search is planned."""
    change = update(table).where(table.c.id == bindparam("key")).values({column: table.c[column] + bindparam("more")})
    connection.execute(change, [{"key": key, "more": more} for key, more in sorted(Counter(ids).items())])


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    step = _MOST_PARAMETERS // 2
    return (items[start : start + step] for start in range(0, len(items), step))
