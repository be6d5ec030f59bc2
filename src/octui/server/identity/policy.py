"""Authorization policy: whether a caller may call an operation, as schema/routes.py declares it (rules.md 14, 15)."""

from octui.schema.agents import Role
from octui.schema.problems import Code
from octui.schema.routes import Route, Who
from octui.server.core.errors import ProblemError, not_allowed, not_found
from octui.server.core.principal import Principal


def caller_kinds(principal: Principal, service: str | None = None, account: str | None = None) -> frozenset[Who]:
    """Return which kinds of caller (Who) a principal is, towards a service and a person."""
    kinds = {Who.ANYONE}
    if principal.operator:
        kinds.add(Who.OPERATOR)
    if principal.wall_services and (service is None or service in principal.wall_services):
        kinds.add(Who.WALL)
    if principal.member_id is None:
        return frozenset(kinds)
    kinds.add(Who.SIGNED_IN)
    if principal.organization_admin:
        kinds.add(Who.ORGANIZATION_ADMIN)
    if account is not None and account == principal.account:
        kinds.add(Who.SELF)
    if any(right.role is Role.ADMIN for right in principal.services.values()):
        kinds.add(Who.ANY_SERVICE_ADMIN)
    right = principal.services.get(service) if service is not None else None
    if right is not None:
        kinds.add(Who.SERVICE_AGENT)
        if right.role is Role.ADMIN:
            kinds.add(Who.SERVICE_ADMIN)
    return frozenset(kinds)


def sees_all_services(principal: Principal) -> bool:
    """Return whether the caller manages the organization and so knows all its services."""
    return principal.operator or principal.organization_admin


def sees_service(principal: Principal, service: str) -> bool:
    """Return whether the caller may know that the service exists."""
    return sees_all_services(principal) or service in own_services(principal)


def own_services(principal: Principal) -> frozenset[str]:
    """Return the codes of the services in which the caller has a role, or which a wall terminal shows."""
    return principal.wall_services or frozenset(principal.services)


def authorize(route: Route, principal: Principal, path: dict[str, str]) -> None:
    """Raise 403 or 404 unless the caller may call the operation.

    Decided from the path alone, before any object is read: a service the caller has nothing to do with is 404 like a
    missing one; anything else that is not allowed is 403, whether it exists or not.
    """
    service = path.get("service")
    if service is not None and not sees_service(principal, service):
        raise not_found()
    if route.who & caller_kinds(principal, service, path.get("account")):
        return
    if principal.member_id is None and not principal.wall_services:
        raise ProblemError(Code.NOT_FOUND, 404, "There is no organization yet.")
    raise not_allowed()


def visible_services(principal: Principal) -> frozenset[str] | None:
    """Return the services whose log entries the caller may read, or None for all of them."""
    if sees_all_services(principal):
        return None
    return frozenset(code for code, right in principal.services.items() if right.role is Role.ADMIN)
