"""Sessions, tokens and one's own settings: one method for each operation of the same name."""

import contextlib

from octui.client.decode import decode
from octui.client.endpoints import Calls
from octui.client.errors import SignInNeeded
from octui.schema.sessions import PasswordChange, Sessions, SignedIn, SignIn
from octui.schema.settings import SettingsChange, UserSettings
from octui.schema.tokens import NewToken, Token


class SessionCalls(Calls):
    """Sessions, tokens and one's own settings."""

    async def issue_token(self, new: NewToken) -> Token:
        """A token for a member, which cannot be shown again. Only the owner of the database may."""
        return decode((await self._send("issue_token", new)).reply, Token)

    async def sign_in(self, attempt: SignIn) -> SignedIn:
        """Begin a session; its token is nowhere else. Raises SignInNeeded or Throttled. Tried once."""
        return decode((await self._send("sign_in", attempt)).reply, SignedIn)

    async def sign_out(self) -> None:
        """End the session these calls are made in. One that has ended already is as good."""
        with contextlib.suppress(SignInNeeded):
            await self._caller.call("sign_out")

    async def sessions(self) -> Sessions:
        return decode((await self._caller.call("sessions")).reply, Sessions)

    async def revoke_session(self, session: str) -> None:
        """End one of the caller's own sessions or tokens, by its id."""
        await self._caller.call("revoke_session", names={"session": session})

    async def settings(self) -> UserSettings:
        return decode((await self._caller.call("settings")).reply, UserSettings)

    async def change_settings(self, change: SettingsChange, version: int) -> UserSettings:
        """Change one's own settings as of `version`. Raises VersionMismatch. Never repeated by itself."""
        done = await self._change("change_settings", change, version)
        return decode(done.reply, UserSettings)

    async def change_password(self, change: PasswordChange) -> None:
        """Change one's own password; one's other sessions end. Tried once."""
        await self._send("change_password", change)
