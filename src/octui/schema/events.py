"""Events of the contact center as CloudEvents 1.0, and the result of a batch (architecture.md 5).

Types octui understands. `subject` names the agent (account or CTI ID) except for tickets; `source` + `id` make an
event idempotent; `data.service` is the service ID; `sequence` (CloudEvents extension) orders events of one instant.

| type | data |
|---|---|
| `octui.phone.login`, `octui.phone.logout` | – |
| `octui.phone.state` | `state`: a PhoneState or default, ringing, dialling, hold (shown as other); `call`: call id |
| `octui.chat.login`, `octui.chat.logout`, `octui.chat.rest`, `octui.chat.resume` | – |
| `octui.chat.opened`, `octui.chat.closed` | `chat`: chat id |
| `octui.ticket.created`, `.assigned`, `.solved`, `.closed`, `.reopened` | `ticket`: id, `agent`: name or null |
| `octui.queue.<EVENT>` | Asterisk queue_log: `call`, `queue`, `agent`, `args` (list of text) |
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from octui.schema.common import Answer

LARGEST_BATCH = 5_000


class CloudEvent(BaseModel):
    """A CloudEvents 1.0 event, structured JSON. Extension attributes are kept."""

    model_config = ConfigDict(extra="allow")

    specversion: Annotated[str, Field(pattern=r"^1\.0$")]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Annotated[str, Field(min_length=1, max_length=100)]
    time: str | None = None
    subject: Annotated[str | None, Field(max_length=200)] = None
    sequence: str | int | None = None
    data: dict[str, Any] | None = None


class RefusedEvent(Answer):
    """An event that was refused: its place in the batch and the reason."""

    index: int
    id: str | None
    code: str
    message: str


class EventsResult(Answer):
    """The result of a batch: every event is counted in exactly one place."""

    taken: int
    duplicates: int
    by_type: dict[str, int] = {}
    unmatched: dict[str, int] = {}
    unknown: dict[str, int] = {}
    refused: list[RefusedEvent] = []
    clamped: int = 0
    unknown_reasons: dict[str, int] = {}
