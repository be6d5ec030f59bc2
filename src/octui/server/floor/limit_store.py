"""SQL of the limits of a service's floor, beyond which a call is late or a number needs attention (rules.md 48, 51)."""

from pydantic_core import from_json
from sqlalchemy import Connection

from octui.schema.audit import Action, ServiceLimits
from octui.schema.floor import STATE_LIMITS, FloorLimits, FloorLimitsChange
from octui.schema.live import floor_topic
from octui.schema.problems import FieldCode
from octui.server.core.calendar import day_of
from octui.server.core.errors import invalid_field, version_mismatch
from octui.server.database.driver import Query
from octui.server.database.unit_of_work import Change
from octui.server.events.store import lock_service
from octui.server.floor.store import set_threshold, threshold_of
from octui.server.services import store as services_store
from octui.server.services.store import ServiceRow

_LIMITS = Query("SELECT limits, version FROM floor_limit WHERE service_id = {p}")
_SAVE = Query(
    "INSERT INTO floor_limit (service_id, limits, version) VALUES ({p}, {p}, {p}) "
    "ON CONFLICT (service_id) DO UPDATE SET limits = excluded.limits, version = excluded.version"
)


def load_limits(connection: Connection, service: ServiceRow, now: int) -> FloorLimits:
    """Return the limits of a service's floor, with the threshold that holds today."""
    rows = _LIMITS.fetch_rows(connection, service.id)
    stored = {**from_json(rows[0][0]), "version": rows[0][1]} if rows else {"version": 0}
    limits = FloorLimits.model_validate(stored)
    seconds = threshold_of(connection, service.id, day_of(now, service.time_zone))
    states = FloorLimits(version=0).states | limits.states
    return limits.model_copy(
        update={"states": states, "queue": limits.queue.model_copy(update={"threshold_seconds": seconds})}
    )


def find_limits(connection: Connection, code: str, now: int) -> FloorLimits:
    """Return the limits of the service with this ID. Raises 404."""
    return load_limits(connection, services_store.find_service(connection, code), now)


def change_limits(change: Change, code: str, edit: FloorLimitsChange, version: int) -> FloorLimits:
    """Change the limits, based on `version`, and record it in the log; a new threshold applies to today's calls.

    Raises 404, 409 for a terminated service, 422 for a state without a limit, and 412 with the present limits.
    """
    for state in edit.states:
        if state not in STATE_LIMITS:
            names = ", ".join(known.value for known in STATE_LIMITS)
            raise invalid_field(f"states.{state.value}", FieldCode.UNKNOWN_VALUE, f"There are limits of: {names}.")
    connection = change.connection
    service = services_store.find_service(connection, code)
    services_store.require_changeable(service)
    lock_service(connection, service.id)
    before = load_limits(connection, service, change.now)
    if before.version != version:
        raise version_mismatch("The limits were changed meanwhile.", before)
    values = edit.model_dump(exclude_none=True, exclude={"states", "breaks"})
    queue = before.queue.model_copy(update=values)
    breaks = before.breaks if edit.breaks is None else edit.breaks
    after = FloorLimits(queue=queue, states=before.states | edit.states, breaks=breaks, version=version + 1)
    if _recorded(after) == _recorded(before):
        return before
    if queue.threshold_seconds != before.queue.threshold_seconds:
        set_threshold(change, code, queue.threshold_seconds)
    _SAVE.run(connection, service.id, after.model_dump_json(exclude={"version"}), after.version)
    change.touch(floor_topic(code))
    change.record(Action.SERVICE_LIMITS_CHANGED, service=code, before=_recorded(before), after=_recorded(after))
    return after


def _recorded(limits: FloorLimits) -> ServiceLimits:
    return ServiceLimits(**limits.queue.model_dump(), states=limits.states, breaks=limits.breaks)
