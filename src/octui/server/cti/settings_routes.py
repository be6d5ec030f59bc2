"""HTTP routes of the CTI settings and of readiness."""

from octui.schema.cti import CtiSettings, CtiSettingsChange, ReadinessPage
from octui.schema.live import CTI_SETTINGS
from octui.server.core.topics import SERVICES
from octui.server.cti import readiness_store, settings_store
from octui.server.services import store as services_store
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext
from octui.server.web.parameters import PAGE, AfterArg, LimitArg, QueryArg

operations = Operations()


def _poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    context.store.read(lambda connection: services_store.find_phone_service(connection, path["service"]))
    return PollKey((CTI_SETTINGS, SERVICES))


def _read_settings(context: RequestContext, path: dict[str, str]) -> CtiSettings:
    return context.store.read(lambda connection: settings_store.find_settings(connection, path["service"]))


operations.add_polled("cti_settings", _poll_key, _read_settings, CtiSettings, shared=True)


@operations("change_cti_settings")
def change_settings(service: str, body: CtiSettingsChange, context: ContextArg) -> CtiSettings:
    """Change CTI version, tenant, monitoring or retention of the CTI log; needs If-Match."""
    version = context.expected_version()
    return context.store.write(
        lambda change: settings_store.change_settings(change, service, body, version), context.principal
    )


@operations("cti_readiness")
def list_readiness(
    service: str, context: ContextArg, query: QueryArg = "", after: AfterArg = None, limit: LimitArg = PAGE
) -> ReadinessPage:
    """Return the service's agents by account, each with what they need to log in to CTI."""
    return context.store.read(
        lambda connection: readiness_store.list_readiness(connection, service, query=query, after=after, limit=limit)
    )
