"""Sessions, tokens and one's own settings: one method for each operation of the same name."""

import contextlib

from octui.client.endpoints import JSON, Endpoints, body_of
from octui.client.errors import SignInNeeded
from octui.schema.sessions import PasswordChange, Sessions, SignedIn, SignIn
from octui.schema.settings import SettingsChange, UserSettings
from octui.schema.tokens import NewToken, Token


class SessionEndpoints(Endpoints):
    """Sessions, tokens and one's own settings."""

    async def issue_token(self, new: NewToken) -> Token:
        """A token for a member, which cannot be shown again. Only the owner of the database may."""
        return await self._send_model("issue_token", new, Token)

    async def sign_in(self, attempt: SignIn) -> SignedIn:
        """Begin a session; its token is nowhere else. Raises SignInNeeded or Throttled. Tried once."""
        return await self._send_model("sign_in", attempt, SignedIn)

    async def sign_out(self) -> None:
        """End the session these calls are made in. One that has ended already is as good."""
        with contextlib.suppress(SignInNeeded):
            await self._client.send_operation("sign_out")

    async def sessions(self) -> Sessions:
        return await self._send_request("sessions", Sessions)

    async def revoke_session(self, session: str) -> None:
        """End one of the caller's own sessions or tokens, by its id."""
        await self._client.send_operation("revoke_session", path_params={"session": session})

    async def settings(self) -> UserSettings:
        return await self._send_request("settings", UserSettings)

    async def change_settings(self, change: SettingsChange, version: int) -> UserSettings:
        """Change one's own settings as of `version`. Raises VersionMismatch. Never repeated by itself."""
        return await self._send_change("change_settings", change, version, UserSettings)

    async def change_password(self, change: PasswordChange) -> None:
        """Change one's own password; one's other sessions end. Tried once."""
        await self._client.send_operation("change_password", headers=JSON, body=body_of(change))
