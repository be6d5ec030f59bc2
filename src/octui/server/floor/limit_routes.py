"""HTTP routes of the limits of a service's floor, beyond which a call is late or a number needs attention."""

from octui.schema.floor import FloorLimits, FloorLimitsChange
from octui.server.floor import limit_store
from octui.server.web.operations import ContextArg, Operations

operations = Operations()


@operations("floor_limits")
def read_limits(service: str, context: ContextArg) -> FloorLimits:
    """Return a service's limits, the usual values where none were set."""
    now = context.store.clock()
    return context.store.read(lambda connection: limit_store.find_limits(connection, service, now))


@operations("change_floor_limits")
def change_limits(service: str, body: FloorLimitsChange, context: ContextArg) -> FloorLimits:
    """Change the limits in the body; needs If-Match."""
    version = context.expected_version()
    return context.store.write(
        lambda change: limit_store.change_limits(change, service, body, version), context.principal
    )
