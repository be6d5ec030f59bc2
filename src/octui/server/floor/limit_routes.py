"""HTTP routes of the limits of a service's floor."""

from octui.schema.floor import FloorLimits, FloorLimitsChange
from octui.server.floor import limit_store
from octui.server.web.operations import ContextArg, Operations

operations = Operations()


@operations("floor_limits")
def read_limits(service: str, context: ContextArg) -> FloorLimits:
    """Return the limits of a service's floor, the usual ones where it has set none."""
    now = context.store.clock()
    return context.store.read(lambda connection: limit_store.find_limits(connection, service, now))


@operations("change_floor_limits")
def change_limits(service: str, body: FloorLimitsChange, context: ContextArg) -> FloorLimits:
    """Change the limits that are given; needs If-Match."""
    version = context.expected_version()
    return context.store.write(
        lambda change: limit_store.change_limits(change, service, body, version), context.principal
    )
