"""SQL of log file positions: up to where each PBX log file was read, stored together with its events."""

from collections.abc import Iterable
from typing import NamedTuple

from pydantic_core import from_json, to_json
from sqlalchemy import Connection

from octui.schema.events import FilePosition, IntakeFile, IntakeFiles
from octui.schema.problems import FieldCode
from octui.server.core.errors import invalid_field
from octui.server.database.driver import Query
from octui.server.database.unit_of_work import Change
from octui.server.events.alias_store import match_names
from octui.text.safe import safe

LARGEST_STATE = 256 * 1024
MOST_NAMES = 1_000
"""Limit of the names that match nobody kept for a file."""
MOST_FILES = 1_000
AHEAD = ""
"""Among the names of a file: lines were refused because the PBX's clock is ahead, and can be taken in later."""

_UNMATCHED = Query("SELECT line, unmatched FROM intake_file WHERE service_id = {p} AND kind = {p} AND head = {p}")
_SAVE = Query(
    "INSERT INTO intake_file "
    "(service_id, kind, name, head, device, inode, position, line, digest, state, unmatched, at) "
    "VALUES ({p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}) "
    "ON CONFLICT (service_id, kind, head) DO UPDATE SET name = excluded.name, device = excluded.device, "
    "inode = excluded.inode, position = excluded.position, line = excluded.line, digest = excluded.digest, "
    "state = excluded.state, unmatched = excluded.unmatched, at = excluded.at RETURNING id"
)
_NOTE = Query("UPDATE intake_file SET unmatched = {p} WHERE id = {p}")
_FILES = Query(
    "SELECT kind, name, head, device, inode, position, line, digest, state, unmatched, at FROM intake_file "
    "WHERE service_id = {p} ORDER BY at DESC, id DESC LIMIT {p}"
)


class SavedFile(NamedTuple):
    """PBX log file with a stored position: its ID, and the names in it that match no agent."""

    id: int
    unmatched: frozenset[str]


def save_position(change: Change, service_id: int, file: FilePosition) -> SavedFile:
    """Store up to where a PBX log file has been read. Call `lock_service` before. Raises 422 for a huge state.

    When it is read again from an earlier line, the names that matched nobody are collected anew.
    """
    state = to_json(file.state).decode()
    if len(state) > LARGEST_STATE:
        raise invalid_field("file.state", FieldCode.TOO_LONG, f"The state has more than {LARGEST_STATE} bytes.")
    head = bytes.fromhex(file.head)
    stored = _UNMATCHED.fetch_rows(change.connection, service_id, file.kind, head)
    goes_on = bool(stored) and file.after >= stored[0][0]
    unmatched = stored[0][1] if goes_on else "[]"
    row = (
        service_id,
        file.kind,
        safe(file.name),
        head,
        file.device,
        file.inode,
        file.position,
        file.line,
        bytes.fromhex(file.digest),
        state,
        unmatched,
        change.now,
    )
    file_id: int = _SAVE.fetch_rows(change.connection, *row)[0][0]
    return SavedFile(file_id, frozenset(from_json(unmatched)))


def note_unmatched(connection: Connection, file: SavedFile, names: Iterable[str]) -> None:
    """Store a file's unmatched names: once one matches an agent, reading the file again adds its events."""
    everyone = sorted(file.unmatched.union(names))[:MOST_NAMES]
    if len(everyone) > len(file.unmatched):
        _NOTE.run(connection, to_json(everyone).decode(), file.id)


def load_files(connection: Connection, service_id: int) -> IntakeFiles:
    """Return the stored positions of a service's PBX log files, the latest read first."""
    rows = _FILES.fetch_rows(connection, service_id, MOST_FILES)
    unmatched = {row[9]: from_json(row[9]) for row in rows if row[9] != "[]"}
    everyone = {(True, name) for names in unmatched.values() for name in names if name != AHEAD}
    matching = {AHEAD, *(name for _, name in match_names(connection, service_id, everyone))}
    files = [
        IntakeFile(
            kind=kind,
            name=name,
            head=bytes(head).hex(),
            device=device,
            inode=inode,
            position=position,
            line=line,
            digest=bytes(digest).hex(),
            state=from_json(state),
            at=at,
            fills_in=not matching.isdisjoint(unmatched.get(names, ())),
        )
        for kind, name, head, device, inode, position, line, digest, state, names, at in rows
    ]
    return IntakeFiles(files=files)
