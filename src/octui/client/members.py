"""Members and invitations: one method for each operation of the same name."""

from octui.client.endpoints import PAGE, Endpoints, params_of
from octui.schema.members import Acceptance, Invitations, Invited, Joined, Member, MemberPage, NewInvitation, NewMember


class MemberEndpoints(Endpoints):
    """Members and invitations."""

    async def members(self, query: str = "", after: str | None = None, limit: int = PAGE) -> MemberPage:
        """Return a page of members whose name, account or e-mail contains `query`."""
        params = params_of(query=query, after=after, limit=limit)
        return await self._send_request("members", MemberPage, params=params)

    async def add_member(self, new: NewMember) -> Member:
        return await self._send_model("add_member", new, Member)

    async def remove_member(self, account: str) -> None:
        """Remove a member from the organization. Refused with `last_admin` or `oneself`."""
        await self._client.send_operation("remove_member", path_params={"account": account})

    async def invitations(self) -> Invitations:
        return await self._send_request("invitations", Invitations)

    async def invite_member(self, new: NewInvitation) -> Invited:
        """Invite a person; the answer has a code only where the server sends no mail."""
        return await self._send_model("invite_member", new, Invited)

    async def resend_invitation(self, invitation: str) -> Invited:
        """Send an invitation again; its earlier code becomes void."""
        return await self._send_request("resend_invitation", Invited, invitation=invitation)

    async def revoke_invitation(self, invitation: str) -> None:
        await self._client.send_operation("revoke_invitation", path_params={"invitation": invitation})

    async def accept_invitation(self, acceptance: Acceptance) -> Joined:
        """Set the first password with the code of an invitation. Needs no token. Sent once."""
        return await self._send_model("accept_invitation", acceptance, Joined)
