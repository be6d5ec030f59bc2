"""HTTP routes of the services and their contracts."""

from fastapi.routing import APIRoute
from starlette.responses import Response

from octui.schema.contracts import (
    Banner,
    BasicChange,
    BasicInformation,
    Contract,
    ContractDetails,
    Contracts,
    Estimate,
    EstimateRequest,
    NewService,
    Service,
    Services,
    StateChoice,
)
from octui.server.contracts import banner_store, estimates, store
from octui.server.contracts.banner_images import JPEG, PNG, redraw_image
from octui.server.core.topics import SERVICES, me_topic
from octui.server.identity import policy
from octui.server.services import store as services_store
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext
from octui.server.web.parameters import BodyArg

operations = Operations()


def _services_poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    return PollKey((me_topic(context.principal.account), SERVICES))


def _list_services(context: RequestContext, path: dict[str, str]) -> Services:
    visible = None if policy.sees_all_services(context.principal) else policy.own_services(context.principal)
    return Services(services=context.store.read(lambda connection: services_store.list_services(connection, visible)))


operations.add_polled("services", _services_poll_key, _list_services, Services)


def _contracts_poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    # A new day of the organization permits another edit (rules.md 7) and may begin another discount.
    now = context.store.clock()
    day, end = context.read_once("contracts", lambda connection: services_store.organization_day(connection, now))
    return PollKey((SERVICES,), str(day), end)


def _list_contracts(context: RequestContext, path: dict[str, str]) -> Contracts:
    now = context.store.clock()
    return context.store.read(lambda connection: store.list_contracts(connection, now))


operations.add_polled("contracts", _contracts_poll_key, _list_contracts, Contracts, shared=True)


@operations("add_service", 201)
def add_service(body: NewService, context: ContextArg) -> Service:
    """Add a service in use, with its contract."""
    return context.store.write(lambda change: store.add_service(change, body), context.principal)


@operations("draft_service", 201)
def add_draft(body: BasicInformation, context: ContextArg) -> Contract:
    """Store the basic information of a new service as a draft (step 1)."""
    return context.store.write(lambda change: store.add_draft(change, body), context.principal)


@operations("change_service")
def change_basics(service: str, body: BasicChange, context: ContextArg) -> Contract:
    """Change basic information; needs If-Match."""
    version = context.expected_version()
    return context.store.write(lambda change: store.change_basics(change, service, body, version), context.principal)


@operations("drop_draft", 204)
def drop_draft(service: str, context: ContextArg) -> None:
    """Delete a draft; needs If-Match."""
    version = context.expected_version()
    context.store.write(lambda change: store.drop_draft(change, service, version), context.principal)


@operations("edit_contract")
def edit_contract(service: str, body: ContractDetails, context: ContextArg) -> Contract:
    """Register the contract of a draft (step 2), or edit it once a day; needs If-Match."""
    version = context.expected_version()
    return context.store.write(lambda change: store.edit_contract(change, service, body, version), context.principal)


@operations("estimate")
def estimate_contract(body: EstimateRequest, context: ContextArg) -> Estimate:
    """Return what a whole month of a contract would cost."""
    now = context.store.clock()
    return context.store.read(lambda connection: estimates.estimate_contract(connection, now, body))


@operations("switch_service")
def switch_service(service: str, body: StateChoice, context: ContextArg) -> Contract:
    """Suspend, resume or terminate a service; needs If-Match."""
    version = context.expected_version()
    return context.store.write(
        lambda change: store.switch_service(change, service, body.state, version), context.principal
    )


@operations("banner")
def show_banner(service: str, context: ContextArg) -> Response:
    """Return the banner picture, or 204 without one."""
    picture = context.store.read(lambda connection: banner_store.find_banner(connection, service))
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if picture is None:
        return Response(status_code=204, headers=headers)
    return Response(picture.image, 200, headers, picture.media_type)


@operations("put_banner")
def put_banner(service: str, context: ContextArg, body: BodyArg) -> Banner:
    """Set the service's banner from the bytes of a PNG or a JPEG, which are encoded anew."""
    picture = redraw_image(body)
    return context.store.write(lambda change: banner_store.put_banner(change, service, picture), context.principal)


@operations("remove_banner", 204)
def remove_banner(service: str, context: ContextArg) -> None:
    """Remove the service's banner."""
    context.store.write(lambda change: banner_store.remove_banner(change, service), context.principal)


def _document_bodies() -> None:
    """Add to the OpenAPI document what FastAPI cannot see: bodies that are pictures."""
    pictures = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (PNG, JPEG)}
    for route in operations.router.routes:
        if isinstance(route, APIRoute) and route.name == "put_banner":
            route.openapi_extra = {"requestBody": {"required": True, "content": pictures}}
        if isinstance(route, APIRoute) and route.name == "banner":
            route.responses = {
                200: {"description": "The picture", "content": pictures},
                204: {"description": "There is none"},
            }


_document_bodies()
