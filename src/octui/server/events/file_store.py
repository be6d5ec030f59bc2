"""How far the files of a PBX have been read: stored in the transaction of the events that were read from them."""

from pydantic_core import to_json

from octui.schema.events import FilePosition
from octui.schema.problems import FieldCode
from octui.server.core.errors import invalid_field
from octui.server.database.driver import Query
from octui.server.database.unit_of_work import Change
from octui.text.safe import safe

LARGEST_STATE = 256 * 1024

_SAVE = Query(
    "INSERT INTO intake_file "
    "(service_id, kind, name, head, device, inode, position, line, digest, state, at) "
    "VALUES ({p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}) "
    "ON CONFLICT (service_id, kind, head) DO UPDATE SET name = excluded.name, device = excluded.device, "
    "inode = excluded.inode, position = excluded.position, line = excluded.line, digest = excluded.digest, "
    "state = excluded.state, at = excluded.at RETURNING id"
)


def save_position(change: Change, service_id: int, file: FilePosition) -> int:
    """Store how far a file has been read, and return its ID. The service is locked. Raises 422 for a huge state."""
    state = to_json(file.state).decode()
    if len(state) > LARGEST_STATE:
        raise invalid_field("file.state", FieldCode.TOO_LONG, f"The state has more than {LARGEST_STATE} bytes.")
    row = (
        service_id,
        file.kind,
        safe(file.name),
        bytes.fromhex(file.head),
        file.device,
        file.inode,
        file.position,
        file.line,
        bytes.fromhex(file.digest),
        state,
        change.now,
    )
    file_id: int = _SAVE.fetch_rows(change.connection, *row)[0][0]
    return file_id
