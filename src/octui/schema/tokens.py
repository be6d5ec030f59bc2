"""Tokens: a person's, for their programs, and a wall's, which reads the floor of some services from one network."""

from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_ACCOUNT, LONGEST_NAME, LONGEST_SERVICE_ID, Answer, RequestBody

LONGEST_TOKEN_DAYS = 365
LONGEST_WALL_DAYS = 90
"""A wall hangs where nobody watches it, so its token ends sooner (security.md R29)."""


class NewToken(RequestBody):
    """Request for a token: the member's account and the number of days it is valid."""

    account: Annotated[str, Field(min_length=1, max_length=LONGEST_ACCOUNT, pattern=r"^[^\x00]*$")]
    days: Annotated[int, Field(ge=1, le=LONGEST_TOKEN_DAYS)] = 90


class Token(Answer):
    """The token, shown this once; only its SHA-256 is stored."""

    account: str
    token: str
    expires: int


MOST_WALL_SERVICES = 200


class NewWallToken(RequestBody):
    """Request for a token of a wall terminal.

    `services`: IDs of the services it shows. `network`: the addresses it may call from, as `10.1.0.0/16` or one
    address. `days`: the number of days it is valid. `place`: where the wall is, for the list and its header.
    """

    place: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    services: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=LONGEST_SERVICE_ID, pattern=r"^[^\x00]*$")]],
        Field(min_length=1, max_length=MOST_WALL_SERVICES),
    ]
    network: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[0-9A-Fa-f.:/]*$")]
    days: Annotated[int, Field(ge=1, le=LONGEST_WALL_DAYS)] = LONGEST_WALL_DAYS


class WallToken(Answer):
    """A wall's token as the list shows it; `last_used` is exact to a minute, None: not used so far."""

    id: str
    place: str
    services: list[str]
    network: str
    created: int
    expires: int
    last_used: int | None


class WallTokens(Answer):
    """The valid wall tokens of the organization, by place."""

    tokens: list[WallToken]


class IssuedWallToken(WallToken):
    """A new wall token with the secret, shown this once; only its SHA-256 is stored."""

    token: str
