"""HTTP routes of the CTI log of a service."""

from typing import Annotated

from fastapi import Query

from octui.schema.cti import CtiLogDays, CtiLogPage
from octui.server.core.calendar import FIRST_DAY, LAST_DAY
from octui.server.cti import log_store
from octui.server.web.operations import ContextArg, Operations
from octui.server.web.parameters import LONGEST_DATE, PAGE, LimitArg, parse_day

operations = Operations()

_SAID = "YYYY-MM-DD in the service's time zone"
FromArg = Annotated[str | None, Query(alias="from", max_length=LONGEST_DATE, description=f"the first day, {_SAID}")]
ToArg = Annotated[str | None, Query(alias="to", max_length=LONGEST_DATE, description=f"the last day, {_SAID}")]
AfterArg = Annotated[str | None, Query(pattern=r"^\d{8}\.\d{1,18}$", description="`next` of the page before")]


@operations("cti_log_days")
def list_days(service: str, context: ContextArg) -> CtiLogDays:
    """Return the days that have entries, newest first."""
    return context.store.read(lambda connection: log_store.list_days(connection, service))


@operations("cti_log")
def list_entries(
    service: str,
    context: ContextArg,
    day_from: FromArg = None,
    day_to: ToArg = None,
    after: AfterArg = None,
    limit: LimitArg = PAGE,
) -> CtiLogPage:
    """Return entries by day and arrival, from one day through another; without days, all of them."""
    first = FIRST_DAY if day_from is None else parse_day("from", day_from)
    last = LAST_DAY if day_to is None else parse_day("to", day_to)
    return context.store.read(
        lambda connection: log_store.list_entries(connection, service, first=first, last=last, after=after, limit=limit)
    )
