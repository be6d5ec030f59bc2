"""The organization, and the person who asks."""

from octui.schema.organization import Me, NewOrganization, Organization
from octui.service.routes.operations import Call, CallArg, Operations, Watch
from octui.service.store import organization
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
