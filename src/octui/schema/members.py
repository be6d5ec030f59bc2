"""Members of the organization (IAM members) and invitations (rules.md 16, 17)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_ACCOUNT, LONGEST_EMAIL, LONGEST_NAME, Answer, RequestBody
from octui.schema.sessions import Password


class MemberState(StrEnum):
    """State of a member; an invited one cannot sign in before the invitation is accepted."""

    INVITED = "invited"
    ACTIVE = "active"


class NewMember(RequestBody):
    """A person to add to the organization."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    email: Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL, pattern=r"^[^@\s]+@[^@\s]+$")]
    language: Annotated[str, Field(pattern=r"^(ko|en|ja)$")] = "ko"


class Member(Answer):
    """A person of the organization."""

    account: str
    name: str
    email: str
    language: str
    organization_admin: bool
    version: int
    state: MemberState = MemberState.ACTIVE


class MemberPage(Answer):
    """A page of members by account; `next` is the `after` of the following page."""

    members: list[Member]
    next: str | None = None


_MAIL_ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*$"


class NewInvitation(RequestBody):
    """A person to invite. The address is one that mail can be sent to (ASCII)."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    email: Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL, pattern=_MAIL_ADDRESS)]
    language: Annotated[str, Field(pattern=r"^(ko|en|ja)$")] = "ko"


class MailState(StrEnum):
    """State of the mail of an invitation. NONE: none is sent, the code is handed over. FAILED: re-send it by hand."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Invitation(Answer):
    """An invitation not yet accepted. Times are epoch ms.

    At `expires` its code ends (None: the mail that brings a code has not been tried yet). `mail_error`: the answer of
    the mail server to the last of `mail_tries`; `mail_next`: when a waiting mail is tried again.
    """

    id: str
    account: str
    name: str
    email: str
    language: str
    invited_by: str
    created: int
    expires: int | None
    mail: MailState
    mail_tries: int = 0
    mail_error: str = ""
    mail_next: int | None = None


class Invited(Invitation):
    """A new or renewed invitation. `code` only where no mail is sent: shown this once, to be handed over."""

    code: Annotated[str | None, Field(repr=False)] = None


class Invitations(Answer):
    """The invitations not yet accepted, the newest first."""

    invitations: list[Invitation]


class Acceptance(RequestBody):
    """The code of an invitation, and the new password."""

    code: Annotated[str, Field(min_length=1, max_length=100, repr=False)]
    password: Password


class Joined(Answer):
    """The member who accepted an invitation and may now sign in."""

    account: str
    name: str
