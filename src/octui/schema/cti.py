"""CTI agents: CTI ID, CTI NO and PBX names of every agent of the organization (rules.md 19, 22, 23, 36)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from octui.schema.common import (
    LONGEST_ACCOUNT,
    LONGEST_CTI,
    LONGEST_NAME,
    LONGEST_PBX_NAMES,
    Answer,
    RequestBody,
)
from octui.schema.problems import FieldProblem


class Column(StrEnum):
    """An editable column of the CTI agents; the cell of PBX names has them separated by semicolons."""

    CTI_ID = "cti_id"
    CTI_NO = "cti_no"
    PBX_NAMES = "pbx_names"


class CtiAgent(Answer):
    """A row of the table; an empty CTI ID or NO is None. `version` is what an edit is based on."""

    account: str
    name: str
    email: str
    cti_id: str | None
    cti_no: str | None
    pbx_names: list[str] = []
    services: list[str]
    version: int


class CtiAgentPage(Answer):
    """Rows by account. With `changed_since`: those changed after that revision, and the accounts removed."""

    agents: list[CtiAgent]
    removed: list[str] = []
    revision: int
    next: str | None = None


class CtiEdit(RequestBody):
    """New values for one agent's cells, based on `version`. A column not in `set` stays; None empties it."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT)]
    version: Annotated[int, Field(ge=0)]
    set: dict[Column, Annotated[str, Field(max_length=LONGEST_PBX_NAMES)] | None]


class CtiBatch(RequestBody):
    """All changed cells of a screen or file, judged and saved together in one transaction.

    Rows with a refused cell are left out and the rest is saved, unless `all_or_nothing`. `dry_run` saves nothing.
    """

    edits: Annotated[list[CtiEdit], Field(max_length=60_000)]
    all_or_nothing: bool = False
    dry_run: bool = False


class Verdict(StrEnum):
    """Result of saving one edited cell."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CONFLICT = "conflict"
    HELD = "held"


class CellVerdict(Answer):
    """Verdict on one cell of a batch.

    CONFLICT has `current` (somebody else's value), REFUSED a problem. HELD: valid, but not saved because another cell
    was refused.
    """

    account: str
    column: Column
    verdict: Verdict
    problem: FieldProblem | None = None
    current: str | None = None


class CtiBatchResult(Answer):
    """Verdicts for every cell sent, and the stored rows of all agents in the batch."""

    saved: int
    verdicts: list[CellVerdict]
    agents: list[CtiAgent]
    revision: int


class Reason(StrEnum):
    """Evidence for a PBX name belonging to an agent (rules.md 36)."""

    CHANNEL = "channel"  # a call was connected to a channel of the agent's
    CALL = "call"  # one name answered a call, the other ended it
    PAUSE = "pause"  # PAUSEALL by one name, PAUSE by the other in the same second
    SECOND = "second"  # both names in the same second in the same queue
    NAME = "name"  # it is the name or nickname of one agent alone
    QUEUE = "queue"  # the agent alone was in the queue whenever the name took a call there


class UnmatchedName(Answer):
    """A name in events that matches no agent: number of events left out, the first and last of them (epoch ms).

    `account` is the agent proposed, `name_of` that agent's name; both None where nothing suggests one agent.
    """

    name: str
    count: int
    first_at: int
    last_at: int
    account: str | None = None
    name_of: str | None = None
    reason: Reason | None = None


class UnmatchedNames(Answer):
    """The names in a service's events that match no agent, the most frequent first."""

    names: list[UnmatchedName]
    time_zone: str


class CtiVersion(StrEnum):
    """Version of the CTI product that a center uses (rules.md 20)."""

    IPCC = "ipcc"
    MOBILE_CONTACT = "mobile_contact"


class CtiSettings(Answer):
    """CTI settings of the organization (rules.md 20).

    `complete`: version, tenant ID and tenant name are set, and the version may be used (rules.md 23). The flags are
    the operator's: without its flag a version is refused. `retention_years`: how long the CTI log is kept.
    """

    cti_version: CtiVersion | None
    tenant_id: str
    tenant_name: str
    monitoring: bool
    retention_years: int
    ipcc_agreed: bool
    mobile_contact_activated: bool
    complete: bool
    version: int


class CtiSettingsChange(RequestBody):
    """The CTI settings to change; a field that is not set stays as it is."""

    cti_version: CtiVersion | None = None
    tenant_id: Annotated[str | None, Field(max_length=LONGEST_CTI)] = None
    tenant_name: Annotated[str | None, Field(max_length=LONGEST_NAME)] = None
    monitoring: bool | None = None
    retention_years: Annotated[int | None, Field(ge=1, le=100)] = None


class Step(StrEnum):
    """A condition for an agent to log in to CTI, in the order of checking (rules.md 23)."""

    CONTRACT = "contract"
    SETTINGS = "settings"
    PERMISSION = "permission"
    NUMBERS = "numbers"


class Readiness(Answer):
    """The conditions for an agent to log in to CTI that are met, and the first that is missing.

    `met` are the conditions that hold, `unmet` is the first that does not (None: ready).
    """

    account: str
    name: str
    met: list[Step]
    unmet: Step | None


class ReadinessPage(Answer):
    """A page of the readiness of a service's agents, ordered by account."""

    agents: list[Readiness]
    next: str | None = None


class CtiLogEntry(Answer):
    """A CTI event as it was received (rules.md 21). `at` epoch ms, `day` the service's (YYYY-MM-DD).

    `account`, `name` and `cti_id` are those of now, empty where the event concerns nobody. Of somebody who was removed
    since only a number is left, `#12`, in `account`. `detail`: the state, or the queue and what it said of the event.
    """

    id: int
    at: int
    day: str
    type: str
    account: str
    name: str
    cti_id: str
    call: str
    detail: str


class CtiLogPage(Answer):
    """Entries by day, those of a day in the order of receipt.

    `next` continues; `count` of all days asked for is on the first page alone.
    """

    entries: list[CtiLogEntry]
    count: int | None
    time_zone: str
    next: str | None = None


class CtiLogDay(Answer):
    """A day of the CTI log and how many events it has."""

    day: str
    count: int


class CtiLogDays(Answer):
    """The days that have events, newest first."""

    days: list[CtiLogDay]
    time_zone: str
