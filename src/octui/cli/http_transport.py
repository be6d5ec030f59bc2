"""The way to a served organization from the screens: the door one signs in by, and the token of who is signed in."""

import contextlib

from octui.cli import session_file
from octui.cli.commands.login import device
from octui.cli.connection import read_token
from octui.cli.failures import CommandError
from octui.cli.settings import Config
from octui.client.api import Api
from octui.client.transport import Reply, Request, Transport, caller_headers, http_transport
from octui.schema.audit import Via
from octui.schema.members import Acceptance
from octui.schema.sessions import SignIn


class Served:
    """A transport whose token is replaced when somebody signs in; every call after that is theirs (`ui.door.Door`)."""

    def __init__(self, config: Config) -> None:
        """Raises CommandError for a token or session file that others could have read, BadAddress."""
        assert config.url is not None
        self.address = config.url
        self.account = ""
        self._own_session = config.token_file is None
        if config.token_file is not None:
            token: str | None = read_token(config.token_file)
        else:
            kept = session_file.load(config.url)
            token = None if kept is None else kept.token
            self.account = "" if kept is None else kept.account
        self._way = self._with(token)
        self._left: list[Transport] = []

    def _with(self, token: str | None) -> Transport:
        return http_transport(self.address, token, caller_headers(Via.SCREEN))

    async def send(self, request: Request) -> Reply:
        return await self._way.send(request)

    async def close(self) -> None:
        for way in (*self._left, self._way):
            await way.close()

    async def sign_in(self, account: str, password: str) -> None:
        """Begin a session, keep it for next time, and use it from now on."""
        # The service judges what was typed, so that there is one judge.
        attempt = SignIn.model_construct(account=account, password=password, device=device())
        async with Api(self._with(None)) as api:
            signed_in = await api.sign_in(attempt)
        with contextlib.suppress(CommandError, OSError):  # where it cannot be kept it holds for this run all the same
            session_file.save(self.address, signed_in.account, signed_in.token, signed_in.expires)
        self.account, self._own_session = signed_in.account, True
        # Calls under way end on the connection they are on.
        self._left.append(self._way)
        self._way = self._with(signed_in.token)

    async def accept(self, code: str, password: str) -> str:
        """Set the first password with the code of an invitation; the account that may sign in now."""
        async with Api(self._with(None)) as api:
            return (await api.accept_invitation(Acceptance.model_construct(code=code, password=password))).account

    async def sign_out(self) -> None:
        """Forget the session here and end it there. A token from a file stays: whoever issued it ends it."""
        if self._own_session:
            session_file.forget(self.address)
            await Api(self._way).sign_out()
