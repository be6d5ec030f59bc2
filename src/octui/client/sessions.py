"""Sessions, tokens and the caller's own settings: one method for each operation of the same name."""

import contextlib

from octui.client.endpoints import JSON, Endpoints, body_of
from octui.client.errors import SignInNeeded
from octui.schema.sessions import PasswordChange, Sessions, SignedIn, SignIn
from octui.schema.settings import SettingsChange, UserSettings
from octui.schema.tokens import IssuedWallToken, NewToken, NewWallToken, Token, WallTokens


class SessionEndpoints(Endpoints):
    """Sessions, tokens and the caller's own settings."""

    async def issue_token(self, new: NewToken) -> Token:
        """Issue a token for a member; it cannot be shown again. Only for the owner of the database."""
        return await self._send_model("issue_token", new, Token)

    async def issue_wall_token(self, new: NewWallToken) -> IssuedWallToken:
        """Issue a token for a wall terminal; its secret cannot be shown again."""
        return await self._send_model("issue_wall_token", new, IssuedWallToken)

    async def wall_tokens(self) -> WallTokens:
        return await self._send_request("wall_tokens", WallTokens)

    async def revoke_wall_token(self, token: str) -> None:
        """End a wall's token by its public ID."""
        await self._client.send_operation("revoke_wall_token", path_params={"token": token})

    async def sign_in(self, attempt: SignIn) -> SignedIn:
        """Begin a session; only this answer has its token. Raises SignInNeeded or Throttled. Sent once."""
        return await self._send_model("sign_in", attempt, SignedIn)

    async def sign_out(self) -> None:
        """End the session of this client; one that has ended already is no error."""
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
        """Change the caller's own settings as of `version`. Raises VersionMismatch. Never retried."""
        return await self._send_change("change_settings", change, version, UserSettings)

    async def change_password(self, change: PasswordChange) -> None:
        """Change the caller's own password; their other sessions end. Sent once."""
        await self._client.send_operation("change_password", headers=JSON, body=body_of(change))
