"""The organization, and the person who asks."""

from octui.schema.live import ORGANIZATION_ADMINS
from octui.schema.organization import (
    Me,
    NewOrganization,
    NewOrganizationAdmin,
    Organization,
    OrganizationAdmin,
    OrganizationAdmins,
)
from octui.service.routes.operations import Call, CallArg, Operations, Watch
from octui.service.store import organization, organization_admins
from octui.service.topics import SERVICES, me_topic

operations = Operations()


@operations("create_organization", 201)
def create(body: NewOrganization, call: CallArg) -> Organization:
    """Create the organization and its first admin, once."""
    return call.store.write(lambda change: organization.create(change, body), call.principal)


def _of_everybody(call: Call, path: dict[str, str]) -> Watch:
    return Watch((SERVICES,))


def _of_one(call: Call, path: dict[str, str]) -> Watch:
    return Watch((me_topic(call.principal.account), SERVICES))


def _organization(call: Call, path: dict[str, str]) -> Organization:
    return call.store.read(organization.find)


def _me(call: Call, path: dict[str, str]) -> Me:
    return call.store.read(lambda connection: organization.me(connection, call.principal))


operations.polled("organization", _of_everybody, _organization, Organization, shared=True)
operations.polled("me", _of_one, _me, Me)


def _of_admins(call: Call, path: dict[str, str]) -> Watch:
    return Watch((ORGANIZATION_ADMINS,))


def _admins(call: Call, path: dict[str, str]) -> OrganizationAdmins:
    return call.store.read(organization_admins.page)


operations.polled("organization_admins", _of_admins, _admins, OrganizationAdmins, shared=True)


@operations("add_organization_admin", 201)
def add_admin(body: NewOrganizationAdmin, call: CallArg) -> OrganizationAdmin:
    """Make a member organization admin."""
    return call.store.write(lambda change: organization_admins.add(change, body.account), call.principal)


@operations("remove_organization_admin", 204)
def remove_admin(account: str, call: CallArg) -> None:
    """Take the right away; never the last one's, never one's own."""
    call.store.write(lambda change: organization_admins.remove(change, account), call.principal)
