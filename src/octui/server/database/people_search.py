"""Search for people by part of name (initials too), account, e-mail and other columns of a list (rules.md 17, 22)."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, false, func, or_

from octui.server.database import tables
from octui.text.choseong import Matcher

_m = tables.member
PEOPLE = (_m.c.id, _m.c.account, _m.c.name, _m.c.email, _m.c.folded, _m.c.choseong)
"""The columns that a statement given to `search_people` must select."""

_VERIFIED_ROWS = 2_000


def contains_text(dialect: str, column: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """Return the condition that a column contains `part`; unlike LIKE it is the same on both engines."""
    position = func.instr if dialect == "sqlite" else func.strpos
    return position(column, part) > 0


def search_people(
    connection: Connection,
    statement: Select[Any],
    *,
    query: str,
    after: str | None,
    limit: int,
    others: Sequence[ColumnElement[Any]] = (),
    wider: Callable[[str, str], ColumnElement[bool]] | None = None,
    only_names: bool = False,
) -> tuple[list[Row[Any]], str | None]:
    """Return a page of `statement` (a select of `PEOPLE` and more) by account, and the `after` of the next page.

    The query is found in the name, the account, the e-mail, in `others` (texts of the same row), or where
    `wider(dialect, folded query)` is true; with `only_names`, in the name alone.
    """
    statement = statement.order_by(_m.c.account)
    match = Matcher(query) if query.strip() else None
    chunk = limit + 1
    is_match: Callable[[Row[Any]], bool] | None = None
    if match is not None:
        dialect = connection.dialect.name
        plain = [] if only_names else [_m.c.account, _m.c.email, *others]
        conditions = [contains_text(dialect, func.lower(column), match.folded) for column in plain]
        if wider is not None:
            conditions.append(wider(dialect, match.folded))
        if match.literal:
            named = contains_text(dialect, _m.c.folded, match.folded)
        else:
            # The condition for initials matches too many rows; they are verified here.
            named = contains_text(dialect, _m.c.choseong, match.cho)
            statement = statement.add_columns(or_(false(), *conditions).label("otherwise"))
            matcher = match
            chunk = max(chunk, _VERIFIED_ROWS)

            def is_match(row: Row[Any]) -> bool:
                return bool(row.otherwise) or matcher.matches(row.folded, row.choseong)

        statement = statement.where(or_(named, *conditions))
    page: list[Row[Any]] = []
    while len(page) <= limit:
        rows = connection.execute(
            (statement if after is None else statement.where(_m.c.account > after)).limit(chunk)
        ).all()
        page += rows if is_match is None else filter(is_match, rows)
        if len(rows) < chunk:
            break
        after = rows[-1].account
    more = len(page) > limit
    del page[limit:]
    return page, page[-1].account if more else None
