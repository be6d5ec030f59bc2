"""The query parameters every list takes."""

from typing import Annotated

from fastapi import Query

from octui.schema.common import LARGEST_PAGE, LONGEST_ACCOUNT

QueryArg = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="part of what the list shows")]
AfterArg = Annotated[
    str | None, Query(max_length=LONGEST_ACCOUNT, pattern=r"^[^\x00]*$", description="`next` of the page before")
]
ChangedSinceArg = Annotated[int | None, Query(ge=0, description="only what changed after this revision")]
LimitArg = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="rows of a page")]
PAGE = 100
