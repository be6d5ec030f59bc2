"""Members of the organization (IAM members)."""

from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_ACCOUNT, LONGEST_EMAIL, LONGEST_NAME, Answer, Sent


class NewMember(Sent):
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


class MemberPage(Answer):
    """A page of members by account; `next` is the `after` of the following page."""

    members: list[Member]
    next: str | None = None
