"""Parts that the models of every menu share: base classes, live heads, limits of text fields."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_NAME = 100
LONGEST_ACCOUNT = 100
LONGEST_EMAIL = 254
LONGEST_SERVICE_ID = 45
LONGEST_CTI = 50
LONGEST_PBX_NAME = 200
LONGEST_PBX_NAMES = 2_000
"""Limit of the cell with all PBX names of an agent."""
LARGEST_PAGE = 1000


class RequestBody(BaseModel):
    """Base of the bodies of requests: unknown fields are refused (security.md R18)."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class Answer(BaseModel):
    """Base of the bodies of answers: fields that a newer server adds are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Head(Answer):
    """The live head of a list: its revision and its number of rows. Fetch the changed rows with `changed_since`."""

    revision: int
    count: int


EpochMs = Annotated[int, Field(ge=0, le=253_402_300_799_999, description="milliseconds since 1970, UTC")]
