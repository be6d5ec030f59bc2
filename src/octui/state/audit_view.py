"""A query of a log as the filters the service takes, and an entry as a row."""

from typing import TypedDict

from octui.schema.audit import Log
from octui.text.query import Query


class Filters(TypedDict):
    """Arguments of the client's `audit` call; times are epoch ms, `time_to` exclusive."""

    time_from: int | None
    time_to: int | None
    action: str
    name: str
    ip: str
    service: str
    account: str
    words: str
    log: Log


def filters_of(query: Query, log: Log) -> Filters:
    """The same question, of one log or of both, in the words of the API."""
    return Filters(
        time_from=query.time_from_ms,
        time_to=query.time_to_ms,
        action=query.action,
        name=query.name,
        ip=query.ip,
        service=query.service,
        account=query.account,
        words=" ".join(query.words),
        log=log,
    )
