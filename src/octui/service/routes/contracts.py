"""Contracted services."""

from octui.schema.contracts import NewService, Service, Services
from octui.service import policy
from octui.service.routes.operations import Call, CallArg, Operations, Watch
from octui.service.store import contracts
from octui.service.topics import SERVICES, me_topic

operations = Operations()


def _watch(call: Call, path: dict[str, str]) -> Watch:
    return Watch((me_topic(call.principal.account), SERVICES))


def _services(call: Call, path: dict[str, str]) -> Services:
    seen = None if policy.sees_all_services(call.principal) else frozenset(call.principal.services)
    return Services(services=call.store.read(lambda connection: contracts.services(connection, seen)))


operations.polled("services", _watch, _services, Services)


@operations("add_service", 201)
def add(body: NewService, call: CallArg) -> Service:
    """Add a service in use, with its contract."""
    return call.store.write(lambda change: contracts.add(change, body), call.principal)
