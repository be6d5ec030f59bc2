"""Tokens, with which a person's programs authenticate to a served organization."""

from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_ACCOUNT, Answer, RequestBody

LONGEST_TOKEN_DAYS = 365


class NewToken(RequestBody):
    """Request for a token: the member's account and the number of days it is valid."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT, pattern=r"^[^\x00]*$")]
    days: Annotated[int, Field(ge=1, le=LONGEST_TOKEN_DAYS)] = 90


class Token(Answer):
    """The token, shown this once; only its SHA-256 is stored."""

    account: str
    token: str
    expires: int
