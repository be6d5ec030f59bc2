"""CTI agents."""

from octui.schema.common import Head
from octui.schema.cti import CtiAgentPage, CtiBatch, CtiBatchResult
from octui.schema.live import CTI_ROWS, cti_topic
from octui.service.routes.lists import PAGE, AfterArg, ChangedSinceArg, LimitArg, QueryArg
from octui.service.routes.operations import Call, CallArg, Operations, Watch
from octui.service.store import contracts, cti

operations = Operations()


def _watch(call: Call, path: dict[str, str]) -> Watch:
    service = path["service"]
    call.store.read(lambda connection: contracts.need_phone(contracts.find(connection, service)))
    return Watch((CTI_ROWS, cti_topic(service)))


def _head(call: Call, path: dict[str, str]) -> Head:
    return call.store.read(lambda connection: cti.head(connection, path["service"]))


operations.polled("cti_head", _watch, _head, Head, shared=True)


@operations("cti_agents")
def page(
    service: str,
    call: CallArg,
    query: QueryArg = "",
    after: AfterArg = None,
    changed_since: ChangedSinceArg = None,
    limit: LimitArg = PAGE,
) -> CtiAgentPage:
    """All agents of the organization by account; 403 where the service's contract has no phone."""
    return call.store.read(
        lambda connection: cti.page(
            connection, service, query=query, after=after, changed_since=changed_since, limit=limit
        )
    )


@operations("save_cti")
def save(service: str, body: CtiBatch, call: CallArg) -> CtiBatchResult:
    """Save changed cells in one transaction, or with `dry_run` say what would become of them."""
    if body.dry_run:
        return call.store.read(lambda connection: cti.try_batch(connection, service, body))
    return call.store.write(lambda change: cti.save(change, service, body), call.principal)
