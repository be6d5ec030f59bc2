"""The organization, and the person who asks."""

from octui.schema.live import ORGANIZATION_ADMINS
from octui.schema.organization import (
    KeyChange,
    Me,
    NewOrganization,
    NewOrganizationAdmin,
    Organization,
    OrganizationAdmin,
    OrganizationAdmins,
    OrganizationChange,
    OrganizationKey,
    ShownKey,
)
from octui.schema.problems import Code
from octui.server.core.errors import StoreError
from octui.server.core.topics import SERVICES, me_topic
from octui.server.database.secrets import Sealer
from octui.server.database.store import Change
from octui.server.members import organization_admins
from octui.server.organization import key as organization_key
from octui.server.organization import store
from octui.server.web.operations import Call, CallArg, Operations, Watch

operations = Operations()


@operations("create_organization", 201)
def create(body: NewOrganization, call: CallArg) -> Organization:
    """Create the organization and its first admin, once."""

    def made(change: Change) -> Organization:
        new = store.create(change, body, _suffix(call))
        if (sealer := _sealer(call)) is not None:
            organization_key.make(change, sealer)
        return new

    return call.store.write(made, call.principal)


def _suffix(call: Call) -> str:
    suffix: str = call.request.app.state.url_suffix
    return suffix


def _sealer(call: Call) -> Sealer | None:
    """What seals this service's secrets; None: it has no place for a key file, and so keeps no secret."""
    sealer: Sealer | None = call.request.app.state.sealer
    return sealer


def _needed(call: Call) -> Sealer:
    sealer = _sealer(call)
    if sealer is None:
        raise StoreError(Code.KEY_FILE_UNUSABLE, 500, "This program has no place for the key file of the database.")
    return sealer


def _of_everybody(call: Call, path: dict[str, str]) -> Watch:
    return Watch((SERVICES,))


def _of_one(call: Call, path: dict[str, str]) -> Watch:
    return Watch((me_topic(call.principal.account), SERVICES))


def _organization(call: Call, path: dict[str, str]) -> Organization:
    return call.store.read(lambda connection: store.find(connection, _suffix(call)))


def _me(call: Call, path: dict[str, str]) -> Me:
    return call.store.read(lambda connection: store.me(connection, call.principal, _suffix(call)))


operations.polled("organization", _of_everybody, _organization, Organization, shared=True)
operations.polled("me", _of_one, _me, Me)


@operations("change_organization")
def change_organization(body: OrganizationChange, call: CallArg) -> Organization:
    """Change the name, the domain, or what a CTI version needs; what is not named stays."""
    return call.store.write(lambda change: store.edit(change, body, _suffix(call)), call.principal)


@operations("organization_key")
def key(call: CallArg) -> OrganizationKey:
    """The key, masked; made now where there was none."""
    found = call.store.read(organization_key.find)
    if found is not None:
        return found
    sealer = _needed(call)
    return call.store.write(lambda change: organization_key.make(change, sealer), call.principal)


@operations("show_key")
def show_key(call: CallArg) -> ShownKey:
    """The key in full, if nobody has seen it yet."""
    sealer = _needed(call)
    return call.store.write(lambda change: organization_key.show(change, sealer), call.principal)


@operations("change_key")
def change_key(body: KeyChange, call: CallArg) -> ShownKey:
    """Another key; the old one stops at once."""
    sealer = _needed(call)
    return call.store.write(lambda change: organization_key.renew(change, sealer, body), call.principal)


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
