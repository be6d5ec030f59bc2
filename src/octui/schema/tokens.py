"""Tokens: how a person's programs show who they are to a served organization."""

from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_ACCOUNT, Answer, RequestBody


class NewToken(RequestBody):
    """Whose token, and for how many days."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT, pattern=r"^[^\x00]*$")]
    days: Annotated[int, Field(ge=1, le=365)] = 90


class Token(Answer):
    """The token, shown this once; only its SHA-256 is kept."""

    account: str
    token: str
    expires: int
