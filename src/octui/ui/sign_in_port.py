"""How one signs in at a served organization; where somebody owns the database there is no port, and nobody signs in."""

from typing import Protocol


class SignInPort(Protocol):
    """The way in. All calls raise ClientError; a token never leaves whoever implements this."""

    address: str
    """Of the service, as it is shown."""
    account: str
    """Who signed in here last; "" when nobody did."""

    async def sign_in(self, account: str, password: str) -> None:
        """Begin a session and use it for every call from now on. Raises SignInNeeded, Throttled."""

    async def accept(self, code: str, password: str) -> str:
        """Set the first password with the code of an invitation; the account that may sign in now."""

    async def sign_out(self) -> None:
        """End the session and forget it here."""
