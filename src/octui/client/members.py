"""Members and invitations: one method for each operation of the same name."""

from octui.client.decode import decode
from octui.client.endpoints import PAGE, Calls, params_of
from octui.schema.members import Acceptance, Invitations, Invited, Joined, Member, MemberPage, NewInvitation, NewMember


class MemberCalls(Calls):
    """Members and invitations."""

    async def members(self, query: str = "", after: str | None = None, limit: int = PAGE) -> MemberPage:
        """A page of members whose name, account or e-mail has `query` in it."""
        params = params_of(query=query, after=after, limit=limit)
        return decode((await self._caller.call("members", params=params)).reply, MemberPage)

    async def add_member(self, new: NewMember) -> Member:
        return decode((await self._send("add_member", new)).reply, Member)

    async def look_up_members(
        self, name: str = "", account: str = "", email: str = "", after: str | None = None, limit: int = PAGE
    ) -> MemberPage:
        """Members who have every part given, to choose one to add; at least one part must be given."""
        params = params_of(name=name, account=account, email=email, after=after, limit=limit)
        return decode((await self._caller.call("look_up_members", params=params)).reply, MemberPage)

    async def remove_member(self, account: str) -> None:
        """Take a member out of the organization. Refused with `last_admin` or `oneself`."""
        await self._caller.call("remove_member", names={"account": account})

    async def invitations(self) -> Invitations:
        return decode((await self._caller.call("invitations")).reply, Invitations)

    async def invite_member(self, new: NewInvitation) -> Invited:
        """Invite a person; the answer has a code only where the service sends no mail."""
        return decode((await self._send("invite_member", new)).reply, Invited)

    async def resend_invitation(self, invitation: str) -> Invited:
        """Send an invitation again; the code of before is void."""
        done = await self._caller.call("resend_invitation", names={"invitation": invitation})
        return decode(done.reply, Invited)

    async def revoke_invitation(self, invitation: str) -> None:
        await self._caller.call("revoke_invitation", names={"invitation": invitation})

    async def accept_invitation(self, acceptance: Acceptance) -> Joined:
        """Set one's first password with the code of an invitation. Needs no token. Tried once."""
        return decode((await self._send("accept_invitation", acceptance)).reply, Joined)
