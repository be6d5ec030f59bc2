"""Signing in to a served organization: sessions and passwords (security.md R15–R17).

Neither passwords nor tokens show in the `repr` of a model; the operations that carry a password take no
Idempotency-Key, because not even a digest of such a body may be kept.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_ACCOUNT, Answer, RequestBody

LONGEST_DEVICE = 100

# Longer ones than the rules allow pass here, to be refused with the rule's own sentence.
Password = Annotated[
    str, Field(min_length=1, max_length=1024, repr=False, json_schema_extra={"format": "password", "writeOnly": True})
]


class SignIn(RequestBody):
    """Account and password. `device` is shown in the list of the person's sessions."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
    password: Password
    device: Annotated[str, Field(max_length=LONGEST_DEVICE)] = ""


class SignedIn(Answer):
    """A session's token, shown this once. It ends at `expires` (epoch ms), or when not used for `idle` ms."""

    id: str
    account: str
    token: Annotated[str, Field(repr=False)]
    expires: int
    idle: int


class Kind(StrEnum):
    """Kind of credential: a session begun with a password, or a token issued by the operator (`octui token`)."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105


class Session(Answer):
    """A session or token that is valid now.

    Times are epoch ms; `last_used` is exact to a minute; `idle` None: no idle limit; `current`: that of this request.
    """

    id: str
    kind: Kind
    device: str
    ip: str
    created: int
    last_used: int
    expires: int
    idle: int | None
    current: bool


class Sessions(Answer):
    """The caller's own sessions and tokens, the latest used first."""

    sessions: list[Session]


class PasswordChange(RequestBody):
    """The present password and the new one. Every other session of the person ends."""

    old: Password
    new: Password
