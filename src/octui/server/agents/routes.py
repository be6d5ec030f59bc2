"""Agents of a service."""

from octui.schema.agents import Agent, AgentChange, AgentPage, NewAgent
from octui.schema.common import Head
from octui.schema.live import agents_topic
from octui.server.agents import store
from octui.server.services import store as services_store
from octui.server.web.list_parameters import PAGE, AfterArg, ChangedSinceArg, LimitArg, QueryArg
from octui.server.web.operations import Call, CallArg, Operations, Watch

operations = Operations()


def _watch(call: Call, path: dict[str, str]) -> Watch:
    call.store.read(lambda connection: services_store.find(connection, path["service"]))
    return Watch((agents_topic(path["service"]),))


def _head(call: Call, path: dict[str, str]) -> Head:
    return call.store.read(lambda connection: store.head(connection, path["service"]))


operations.polled("agents_head", _watch, _head, Head, shared=True)


@operations("agents")
def page(
    service: str,
    call: CallArg,
    query: QueryArg = "",
    after: AfterArg = None,
    changed_since: ChangedSinceArg = None,
    limit: LimitArg = PAGE,
) -> AgentPage:
    """Agents by account with their phone states."""
    return call.store.read(
        lambda connection: store.page(
            connection, service, query=query, after=after, changed_since=changed_since, limit=limit
        )
    )


@operations("add_agent", 201)
def add(service: str, body: NewAgent, call: CallArg) -> Agent:
    """Give a member a role in the service. Phone brings ticket."""
    return call.store.write(lambda change: store.add(change, service, body), call.principal)


@operations("change_agent")
def change(service: str, account: str, body: AgentChange, call: CallArg) -> Agent:
    """Change role or permissions; needs If-Match."""
    version = call.version()
    return call.store.write(lambda change: store.edit(change, service, account, body, version), call.principal)


@operations("remove_agent", 204)
def remove(service: str, account: str, call: CallArg) -> None:
    """Take the role away; needs If-Match."""
    version = call.version()
    call.store.write(lambda change: store.remove(change, service, account, version), call.principal)
