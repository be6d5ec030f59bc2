"""Transport of the screens to a server at an address, where people sign in and out while the program runs."""

import contextlib
import socket

from octui.cli import session_file
from octui.cli.connection import read_token
from octui.cli.failures import CommandError
from octui.cli.settings import Settings
from octui.client.api import Api
from octui.client.transport import Reply, Request, Transport, caller_headers, http_transport
from octui.schema.audit import Via
from octui.schema.members import Acceptance
from octui.schema.sessions import LONGEST_DEVICE, SignIn
from octui.text.safe import REPLACEMENT, normalize_name, safe


def device_name() -> str:
    """Return what a session is called in its owner's list of sessions: the name of this machine."""
    return normalize_name(safe(socket.gethostname(), limit=LONGEST_DEVICE)).replace(REPLACEMENT, "")


class SignInTransport:
    """A transport whose token is replaced when somebody signs in; every request after that is theirs.

    The screens use it as their sign-in port (`ui.sign_in_port`)."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the transport. Raises BadAddress, and CommandError for a token file others can read."""
        assert settings.url is not None
        self.address = settings.url
        self.account = ""
        self._owns_session = settings.token_file is None
        if settings.token_file is not None:
            token: str | None = read_token(settings.token_file)
        else:
            session = session_file.load(settings.url)
            token = None if session is None else session.token
            self.account = "" if session is None else session.account
        self._transport = self._transport_with(token)
        self._replaced: list[Transport] = []

    def _transport_with(self, token: str | None) -> Transport:
        return http_transport(self.address, token, caller_headers(Via.SCREEN))

    async def send(self, request: Request) -> Reply:
        return await self._transport.send(request)

    async def close(self) -> None:
        for transport in (*self._replaced, self._transport):
            await transport.close()

    async def sign_in(self, account: str, password: str) -> None:
        """Begin a session, save it for the next start, and use it from now on."""
        # The server judges what was typed, so that there is one judge.
        attempt = SignIn.model_construct(account=account, password=password, device=device_name())
        async with Api(self._transport_with(None)) as api:
            signed_in = await api.sign_in(attempt)
        with contextlib.suppress(CommandError, OSError):  # a session that cannot be saved still holds for this run
            session_file.save(self.address, signed_in.account, signed_in.token, signed_in.expires)
        self.account, self._owns_session = signed_in.account, True
        # Requests under way end on the connection they are on.
        self._replaced.append(self._transport)
        self._transport = self._transport_with(signed_in.token)

    async def accept(self, code: str, password: str) -> str:
        """Set the first password with the code of an invitation; return the account that may sign in now."""
        async with Api(self._transport_with(None)) as api:
            return (await api.accept_invitation(Acceptance.model_construct(code=code, password=password))).account

    async def sign_out(self) -> None:
        """Delete the session here and end it on the server. A token from a file stays valid: its issuer revokes it."""
        if self._owns_session:
            session_file.delete(self.address)
            await Api(self._transport).sign_out()
