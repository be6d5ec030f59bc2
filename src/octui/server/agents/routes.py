"""HTTP routes of the agents of a service."""

from octui.schema.agents import Agent, AgentChange, AgentPage, NewAgent
from octui.schema.common import Head
from octui.schema.live import agents_topic
from octui.server.agents import store
from octui.server.services import store as services_store
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext
from octui.server.web.parameters import PAGE, AfterArg, ChangedSinceArg, LimitArg, QueryArg

operations = Operations()


def _poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    context.store.read(lambda connection: services_store.find_service(connection, path["service"]))
    return PollKey((agents_topic(path["service"]),))


def _read_head(context: RequestContext, path: dict[str, str]) -> Head:
    return context.store.read(lambda connection: store.agents_head(connection, path["service"]))


operations.add_polled("agents_head", _poll_key, _read_head, Head, shared=True)


@operations("agents")
def list_agents(
    service: str,
    context: ContextArg,
    query: QueryArg = "",
    after: AfterArg = None,
    changed_since: ChangedSinceArg = None,
    limit: LimitArg = PAGE,
) -> AgentPage:
    """Return the service's agents by account, with their phone states."""
    return context.store.read(
        lambda connection: store.list_agents(
            connection,
            service,
            context.store.clock(),
            query=query,
            after=after,
            changed_since=changed_since,
            limit=limit,
        )
    )


@operations("add_agent", 201)
def add_agent(service: str, body: NewAgent, context: ContextArg) -> Agent:
    """Give a member a role in the service."""
    return context.store.write(lambda change: store.add_agent(change, service, body), context.principal)


@operations("change_agent")
def change_agent(service: str, account: str, body: AgentChange, context: ContextArg) -> Agent:
    """Change an agent's role or permissions; needs If-Match."""
    version = context.expected_version()
    return context.store.write(
        lambda change: store.change_agent(change, service, account, body, version), context.principal
    )


@operations("remove_agent", 204)
def remove_agent(service: str, account: str, context: ContextArg) -> None:
    """Take an agent's role away; needs If-Match."""
    version = context.expected_version()
    context.store.write(lambda change: store.remove_agent(change, service, account, version), context.principal)
