"""The organization and its admins, and the person who asks: one method for each operation of the same name."""

from octui.client.decode import decode
from octui.client.endpoints import JSON, Calls, body_of
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


class OrganizationCalls(Calls):
    """The organization and its admins, and the person who asks."""

    async def me(self) -> Me:
        return decode((await self._caller.call("me")).reply, Me)

    async def organization(self) -> Organization:
        return decode((await self._caller.call("organization")).reply, Organization)

    async def create_organization(self, new: NewOrganization) -> Organization:
        return decode((await self._send("create_organization", new)).reply, Organization)

    async def change_organization(self, change: OrganizationChange) -> Organization:
        """Only what was set is changed; refused unless one owns the database."""
        body = body_of(change, exclude_unset=True)
        return decode((await self._caller.call("change_organization", headers=JSON, body=body)).reply, Organization)

    async def organization_key(self) -> OrganizationKey:
        return decode((await self._caller.call("organization_key")).reply, OrganizationKey)

    async def show_key(self) -> ShownKey:
        """The key in full, once ever: refused with `key_already_shown` afterwards."""
        return decode((await self._caller.call("show_key")).reply, ShownKey)

    async def change_key(self, change: KeyChange) -> ShownKey:
        """Another key in full; the old one has stopped."""
        return decode((await self._send("change_key", change)).reply, ShownKey)

    async def organization_admins(self) -> OrganizationAdmins:
        return decode((await self._caller.call("organization_admins")).reply, OrganizationAdmins)

    async def add_organization_admin(self, new: NewOrganizationAdmin) -> OrganizationAdmin:
        return decode((await self._send("add_organization_admin", new)).reply, OrganizationAdmin)

    async def remove_organization_admin(self, account: str) -> None:
        """Take the right away. Refused with `last_admin` or `oneself`."""
        await self._caller.call("remove_organization_admin", names={"account": account})
