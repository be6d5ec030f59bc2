"""HTTP routes of the organization, its key and its admins, and of the caller's own identity."""

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
from octui.server.database.unit_of_work import Change
from octui.server.members import organization_admin_store
from octui.server.organization import key_store, store
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext

operations = Operations()


@operations("create_organization", 201)
def create_organization(body: NewOrganization, context: ContextArg) -> Organization:
    """Create the organization and its first admin, once."""

    def create(change: Change) -> Organization:
        organization = store.create_organization(change, body, _url_suffix(context))
        if (sealer := _find_sealer(context)) is not None:
            key_store.make_key(change, sealer)
        return organization

    return context.store.write(create, context.principal)


def _url_suffix(context: RequestContext) -> str:
    suffix: str = context.request.app.state.url_suffix
    return suffix


def _find_sealer(context: RequestContext) -> Sealer | None:
    """Return the object that encrypts this server's secrets, or None without a key file."""
    sealer: Sealer | None = context.request.app.state.sealer
    return sealer


def _require_sealer(context: RequestContext) -> Sealer:
    sealer = _find_sealer(context)
    if sealer is None:
        raise StoreError(Code.KEY_FILE_UNUSABLE, 500, "This program has no place for the key file of the database.")
    return sealer


def _organization_poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    return PollKey((SERVICES,))


def _me_poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    return PollKey((me_topic(context.principal.account), SERVICES))


def _read_organization(context: RequestContext, path: dict[str, str]) -> Organization:
    return context.store.read(lambda connection: store.find_organization(connection, _url_suffix(context)))


def _read_me(context: RequestContext, path: dict[str, str]) -> Me:
    return context.store.read(lambda connection: store.read_me(connection, context.principal, _url_suffix(context)))


operations.add_polled("organization", _organization_poll_key, _read_organization, Organization, shared=True)
operations.add_polled("me", _me_poll_key, _read_me, Me)


@operations("change_organization")
def change_organization(body: OrganizationChange, context: ContextArg) -> Organization:
    """Change the name, the domain, or a CTI version's flag; fields not set stay."""
    return context.store.write(
        lambda change: store.change_organization(change, body, _url_suffix(context)), context.principal
    )


@operations("organization_key")
def show_masked_key(context: ContextArg) -> OrganizationKey:
    """Return the masked key, making the first one if necessary."""
    key = context.store.read(key_store.find_key)
    if key is not None:
        return key
    sealer = _require_sealer(context)
    return context.store.write(lambda change: key_store.make_key(change, sealer), context.principal)


@operations("show_key")
def show_key(context: ContextArg) -> ShownKey:
    """Return the key in full, if nobody has seen it yet."""
    sealer = _require_sealer(context)
    return context.store.write(lambda change: key_store.show_key(change, sealer), context.principal)


@operations("change_key")
def change_key(body: KeyChange, context: ContextArg) -> ShownKey:
    """Replace the key; the old one stops working at once."""
    sealer = _require_sealer(context)
    return context.store.write(lambda change: key_store.change_key(change, sealer, body), context.principal)


def _admins_poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    return PollKey((ORGANIZATION_ADMINS,))


def _list_admins(context: RequestContext, path: dict[str, str]) -> OrganizationAdmins:
    return context.store.read(organization_admin_store.list_admins)


operations.add_polled("organization_admins", _admins_poll_key, _list_admins, OrganizationAdmins, shared=True)


@operations("add_organization_admin", 201)
def add_admin(body: NewOrganizationAdmin, context: ContextArg) -> OrganizationAdmin:
    """Make a member organization admin."""
    return context.store.write(
        lambda change: organization_admin_store.add_admin(change, body.account), context.principal
    )


@operations("remove_organization_admin", 204)
def remove_admin(account: str, context: ContextArg) -> None:
    """Remove an admin's right. Refused for the last admin and for the caller."""
    context.store.write(lambda change: organization_admin_store.remove_admin(change, account), context.principal)
