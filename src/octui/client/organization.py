"""The organization and its admins, and the person who asks: one method for each operation of the same name."""

from octui.client.endpoints import JSON, Endpoints, body_of
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


class OrganizationEndpoints(Endpoints):
    """The organization and its admins, and the person who asks."""

    async def me(self) -> Me:
        return await self._send_request("me", Me)

    async def organization(self) -> Organization:
        return await self._send_request("organization", Organization)

    async def create_organization(self, new: NewOrganization) -> Organization:
        return await self._send_model("create_organization", new, Organization)

    async def change_organization(self, change: OrganizationChange) -> Organization:
        """Change the fields that were set; refused unless the caller owns the database."""
        body = body_of(change, exclude_unset=True)
        return await self._send_request("change_organization", Organization, headers=JSON, body=body)

    async def organization_key(self) -> OrganizationKey:
        return await self._send_request("organization_key", OrganizationKey)

    async def show_key(self) -> ShownKey:
        """Return the key in full, once ever: refused with `key_already_shown` afterwards."""
        return await self._send_request("show_key", ShownKey)

    async def change_key(self, change: KeyChange) -> ShownKey:
        """Replace the key and return the new one in full; the old one stops at once."""
        return await self._send_model("change_key", change, ShownKey)

    async def organization_admins(self) -> OrganizationAdmins:
        return await self._send_request("organization_admins", OrganizationAdmins)

    async def add_organization_admin(self, new: NewOrganizationAdmin) -> OrganizationAdmin:
        return await self._send_model("add_organization_admin", new, OrganizationAdmin)

    async def remove_organization_admin(self, account: str) -> None:
        """Remove the right of an organization admin. Refused with `last_admin` or `oneself`."""
        await self._client.send_operation("remove_organization_admin", path_params={"account": account})
