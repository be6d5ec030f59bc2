"""Verification of the log: every entry, the dictionaries, the head and the signed checkpoints (rules.md 26)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, select

from octui.schema.audit import AuditHead, AuditVerification
from octui.server.audit.search import read_head
from octui.server.database.audit_log import canonical_form, pack_address
from octui.server.database.tables import audit, audit_action, audit_ip, audit_person, audit_service
from octui.text.choseong import choseong, fold_case

_BATCH = 10_000


@dataclass(frozen=True)
class Checkpoint:
    """Statement, signed at `at` (epoch ms), that entry `seq` of the log that begins with `chain` has `hash` (hex)."""

    chain: str
    seq: int
    hash: str
    at: int


class _Flaw(Exception):
    def __init__(self, seq: int | None, finding: str) -> None:
        super().__init__(finding)
        self.seq = seq
        self.finding = finding


def verify_chain(connection: Connection, checkpoints: Sequence[Checkpoint] = ()) -> AuditVerification:
    """Read the whole log in one snapshot and report the first flaw.

    The chain of hashes shows changed, missing, inserted and reordered entries and changed dictionary rows. An end cut
    off, or a log written anew, shows only by `checkpoints`, whose signatures the caller has checked.
    """
    check = _ChainCheck(connection, checkpoints)
    finding, first_bad = "", None
    try:
        check.check_entries()
        check.check_end()
        check.check_dictionaries()
    except _Flaw as flaw:
        finding, first_bad = flaw.finding, flaw.seq
    return AuditVerification(
        ok=not finding,
        entries=check.last[0],
        first_bad_seq=first_bad,
        finding=finding,
        checkpoints=len(checkpoints),
        head=AuditHead(seq=check.last[0], hash=check.last[1], at=check.last[2]),
    )


class _ChainCheck:
    """State of one verification. `last`: number, hash and time of the newest entry found in order."""

    def __init__(self, connection: Connection, checkpoints: Sequence[Checkpoint]) -> None:
        self.connection = connection
        self.checkpoints = sorted(checkpoints, key=lambda checkpoint: checkpoint.seq)
        self.last = (0, "", 0)
        self.first_hash = ""
        self.used: dict[str, Counter[int]] = {}
        run = connection.execute
        people = run(select(audit_person.c.id, audit_person.c.account, audit_person.c.name))
        self.people = {row.id: (row.account, row.name) for row in people}
        self.actions = self._load_texts(audit_action, "action")
        self.services = self._load_texts(audit_service, "code")
        self.addresses = self._load_texts(audit_ip, "ip")

    def _load_texts(self, table: Table, column: str) -> dict[int, str]:
        return {row[0]: row[1] for row in self.connection.execute(select(table.c.id, table.c[column]))}

    def check_entries(self) -> None:
        """Check the chain entry by entry. Raises _Flaw at the first that does not follow."""
        signed: dict[int, list[Checkpoint]] = {}
        for checkpoint in self.checkpoints:
            signed.setdefault(checkpoint.seq, []).append(checkpoint)
        columns = audit.c
        ids = ("actor_id", "target_id", "action_id", "service_id", "ip_id")
        self.used = {name: Counter() for name in ids}
        entry = select(
            columns.seq, columns.at, *(columns[name] for name in ids), columns.via, columns.before, columns.after,
            columns.hash,
        ).order_by(columns.seq).limit(_BATCH)  # fmt: skip
        seq, at, previous = 0, 0, ""
        rows: Sequence[Any] = self.connection.execute(entry).all()
        while rows:
            for row in rows:
                if row[0] != seq + 1:
                    raise _Flaw(seq + 1, f"Entry {seq + 1} is missing: {seq} is followed by {row[0]}.")
                seq = row[0]
                texts = self._entry_texts(row)
                digest = sha256(canonical_form(previous, seq, row[1], texts)).digest() if texts else b""
                if digest != row[10]:
                    raise _Flaw(seq, f"Entry {seq} or a name, address or word in it has been changed.")
                if row[1] < at:
                    raise _Flaw(seq, f"Entry {seq} is older than the entry before it.")
                at = row[1]
                previous = digest.hex()
                self.first_hash = self.first_hash or previous
                for checkpoint in signed.get(seq, ()):
                    if (checkpoint.hash, checkpoint.chain) != (previous, self.first_hash):
                        raise _Flaw(seq, f"Entry {seq} is not the one that was signed: the log has been written anew.")
                self.last = (seq, previous, at)
            for place, name in enumerate(ids):
                self.used[name].update([row[2 + place] for row in rows])
            rows = self.connection.execute(entry.where(columns.seq > seq)).all()

    def _entry_texts(self, row: Any) -> tuple[str, ...]:
        """Return the texts that an entry's hash covers, or nothing if a dictionary row is missing."""
        try:
            return (
                self.actions[row[4]],
                *self.people[row[2]],
                *self.people[row[3]],
                self.services[row[5]],
                self.addresses[row[6]],
                *row[7:10],
            )
        except KeyError:
            return ()

    def check_end(self) -> None:
        """Compare the newest entry with the checkpoints, the head and the number of rows."""
        last = self.last[0]
        for checkpoint in self.checkpoints:
            if checkpoint.seq > last:
                cut = f"The log ends at entry {last}, but entry {checkpoint.seq} was signed: its end has been cut off."
                raise _Flaw(last + 1, cut)
        head = read_head(self.connection)
        if head.seq != last:
            raise _Flaw(min(head.seq, last) + 1, f"The head names entry {head.seq} as the newest, not {last}.")
        if (head.seq, head.hash, head.at) != self.last:
            raise _Flaw(last or None, "The head has another hash or time than the newest entry.")
        rows = self.connection.execute(select(func.count()).select_from(audit)).scalar_one()
        if rows != last:
            raise _Flaw(None, f"There are {rows} rows for {last} entries.")

    def check_dictionaries(self) -> None:
        """Check the columns that the search relies on: folded names, addresses, counts of entries."""
        run = self.connection.execute
        used = self.used
        for row in run(select(audit_person)):
            derived = (fold_case(row.account), fold_case(row.name), choseong(row.name))
            counts = (used["actor_id"][row.id], used["target_id"][row.id])
            if (row.folded_account, row.folded, row.choseong, row.actor_rows, row.target_rows) != (*derived, *counts):
                raise _Flaw(None, f"The search's record of the person {row.account} has been changed.")
        for row in run(select(audit_ip)):
            if (row.packed, row.rows) != (pack_address(row.ip), used["ip_id"][row.id]):
                raise _Flaw(None, f"The search's record of the address {row.ip} has been changed.")
        for table, column in ((audit_service, "service_id"), (audit_action, "action_id")):
            for row in run(select(table)):
                if row.rows != used[column][row.id]:
                    raise _Flaw(None, f"The search's record of {row[1]} has been changed.")
