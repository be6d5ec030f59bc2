"""CTI settings, and who is ready for phone by them."""

from octui.schema.cti import CtiSettings, CtiSettingsChange, ReadinessPage
from octui.schema.live import CTI_SETTINGS
from octui.server.core.topics import SERVICES
from octui.server.cti import readiness, settings
from octui.server.services import store as services_store
from octui.server.web.list_parameters import PAGE, AfterArg, LimitArg, QueryArg
from octui.server.web.operations import Call, CallArg, Operations, Watch

operations = Operations()


def _watch(call: Call, path: dict[str, str]) -> Watch:
    service = path["service"]
    call.store.read(lambda connection: services_store.need_phone(services_store.find(connection, service)))
    return Watch((CTI_SETTINGS, SERVICES))


def _read(call: Call, path: dict[str, str]) -> CtiSettings:
    return call.store.read(lambda connection: settings.find(connection, path["service"]))


operations.polled("cti_settings", _watch, _read, CtiSettings, shared=True)


@operations("change_cti_settings")
def change(service: str, body: CtiSettingsChange, call: CallArg) -> CtiSettings:
    """Change CTI version, tenant, monitoring or how long the CTI log is kept; needs If-Match."""
    version = call.version()
    return call.store.write(lambda change: settings.change(change, service, body, version), call.principal)


@operations("cti_readiness")
def ready(
    service: str, call: CallArg, query: QueryArg = "", after: AfterArg = None, limit: LimitArg = PAGE
) -> ReadinessPage:
    """The service's agents by account, each with what they need to log in to CTI."""
    return call.store.read(
        lambda connection: readiness.page(connection, service, query=query, after=after, limit=limit)
    )
