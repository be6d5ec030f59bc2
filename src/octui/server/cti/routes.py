"""HTTP routes of the CTI agents."""

from octui.schema.common import Head
from octui.schema.cti import CtiAgentPage, CtiBatch, CtiBatchResult
from octui.schema.live import CTI_ROWS, cti_topic
from octui.server.cti import store
from octui.server.services import store as services_store
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext
from octui.server.web.parameters import PAGE, AfterArg, ChangedSinceArg, LimitArg, QueryArg

operations = Operations()


def _poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    context.store.read(lambda connection: services_store.find_phone_service(connection, path["service"]))
    return PollKey((CTI_ROWS, cti_topic(path["service"])))


def _read_head(context: RequestContext, path: dict[str, str]) -> Head:
    return context.store.read(lambda connection: store.table_head(connection, path["service"]))


operations.add_polled("cti_head", _poll_key, _read_head, Head, shared=True)


@operations("cti_agents")
def list_agents(
    service: str,
    context: ContextArg,
    query: QueryArg = "",
    after: AfterArg = None,
    changed_since: ChangedSinceArg = None,
    limit: LimitArg = PAGE,
) -> CtiAgentPage:
    """Return all agents of the organization by account. Raises 403 where the service's contract has no phone."""
    return context.store.read(
        lambda connection: store.list_agents(
            connection, service, query=query, after=after, changed_since=changed_since, limit=limit
        )
    )


@operations("save_cti")
def save_batch(service: str, body: CtiBatch, context: ContextArg) -> CtiBatchResult:
    """Save the changed cells in one transaction; with `dry_run`, return only the verdicts."""
    if body.dry_run:
        return context.store.read(lambda connection: store.try_batch(connection, service, body))
    return context.store.write(lambda change: store.save_batch(change, service, body), context.principal)
