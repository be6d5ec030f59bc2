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
| `octui.call.dialled`, `.answered`, `.ended` | `call`: linked ID of an outbound call, `direction`: outbound |
| `octui.queue.<EVENT>` | Asterisk queue_log: `call`, `queue`, `agent`, `args` (list of text) |
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from octui.schema.common import Answer, RequestBody

LARGEST_BATCH = 5_000
LARGEST_CHECK = 1_000
QUEUE_LOG_SOURCE = "asterisk/queue_log"
QUEUE_EVENT = "octui.queue."
"""Prefix of the types of a queue_log's events."""
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{2,64}$")]
_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Line = Annotated[int, Field(ge=1, le=2**63 - 1)]


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


class FilePosition(RequestBody):
    """How far a file of a PBX has been read: `position` bytes and `line` lines, up to the end of a line.

    `head`: digest of its first line, by which it is known after a rename. `digest`: of the last line read. `state`:
    what the reader has to remember. `after`: the line behind which these rows begin. `followed`: path of the log
    that a reader stays with and has read to its end, a sign of life also when there is nothing new (rules.md 50).
    """

    kind: Annotated[str, Field(pattern=r"^(queue_log|cdr|cel)$")]
    name: Annotated[str, Field(min_length=1, max_length=4096)]
    head: _Digest
    device: _Count = 0
    inode: _Count = 0
    position: _Count
    line: _Count
    digest: _Digest
    state: dict[str, Any] = {}
    after: _Count = 0
    followed: Annotated[str, Field(max_length=4096)] = ""


class IntakeFile(Answer):
    """How far a file has been read, and when that was written (epoch ms).

    `fills_in`: reading it again fills in events, because names in it match now that matched nobody when it was read, or
    because lines were refused whose times were ahead of the server's clock.
    """

    kind: str
    name: str
    head: str
    device: int
    inode: int
    position: int
    line: int
    digest: str
    state: dict[str, Any]
    at: int
    fills_in: bool = False


class IntakeFiles(Answer):
    """The files of a service that were read, those read last first; of very many, the newest 1,000."""

    files: list[IntakeFile]


class QueueLogRows(RequestBody):
    """Lines of a queue_log, each an array `[at, sequence, id, event, call, queue, agent, args, line]`.

    They mean the same as CloudEvents of the source `asterisk/queue_log` and the type `octui.queue.<event>`; `at` is
    epoch ms, `line` the number of the line in its file. `reasons`: states of the pause reasons in these rows that the
    sender knows. `file`: how far their file has been read with them.
    """

    file: FilePosition | None = None
    reasons: dict[str, str] = {}
    rows: Annotated[list[Any], Field(max_length=LARGEST_BATCH)]


class FileEvents(RequestBody):
    """CloudEvents that were read from a file, the line of each, and how far the file has been read with them."""

    file: FilePosition | None = None
    lines: Annotated[list[_Line], Field(max_length=LARGEST_BATCH)]
    events: Annotated[list[Any], Field(max_length=LARGEST_BATCH)]

    @model_validator(mode="after")
    def _require_lines(self) -> Self:
        if len(self.lines) != len(self.events):
            raise ValueError("as many lines as events")
        return self


class LogNames(RequestBody):
    """Names in a PBX log to look up: agents, events (without `octui.queue.`) and pause reasons."""

    names: Annotated[list[str], Field(max_length=LARGEST_CHECK)] = []
    events: Annotated[list[str], Field(max_length=LARGEST_CHECK)] = []
    reasons: Annotated[list[str], Field(max_length=LARGEST_CHECK)] = []


class LogNamesResult(Answer):
    """The account that each name in a log matches, or None. `first_day`: events of earlier days are refused."""

    accounts: dict[str, str | None]
    unknown_events: list[str]
    unknown_reasons: list[str]
    first_day: str | None = None


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
