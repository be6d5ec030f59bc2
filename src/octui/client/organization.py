"""The organization and its admins, and the person who asks: one method for each operation of the same name."""

from octui.client.base import Calls
from octui.client.decode import decode
from octui.schema.organization import (
    Me,
    NewOrganization,
    NewOrganizationAdmin,
    Organization,
    OrganizationAdmin,
    OrganizationAdmins,
)


class OrganizationCalls(Calls):
    """The organization and its admins, and the person who asks."""

    async def me(self) -> Me:
        return decode((await self._caller.call("me")).reply, Me)

    async def organization(self) -> Organization:
        return decode((await self._caller.call("organization")).reply, Organization)

    async def create_organization(self, new: NewOrganization) -> Organization:
        return decode((await self._send("create_organization", new)).reply, Organization)

    async def organization_admins(self) -> OrganizationAdmins:
        return decode((await self._caller.call("organization_admins")).reply, OrganizationAdmins)

    async def add_organization_admin(self, new: NewOrganizationAdmin) -> OrganizationAdmin:
        return decode((await self._send("add_organization_admin", new)).reply, OrganizationAdmin)

    async def remove_organization_admin(self, account: str) -> None:
        """Take the right away. Refused with `last_admin` or `oneself`."""
        await self._caller.call("remove_organization_admin", names={"account": account})
