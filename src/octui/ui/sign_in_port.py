"""Protocol of signing in to a remote server; a local database needs no sign-in."""

from typing import Protocol


class SignInPort(Protocol):
    """Protocol of requests for signing in, which keeps the token to itself. Methods raise ClientError."""

    address: str
    """Of the service, as it is shown."""
    account: str
    """Who signed in here last; "" when nobody did."""

    async def sign_in(self, account: str, password: str) -> None:
        """Begin a session, used by every later request. Raises SignInNeeded, Throttled."""

    async def accept(self, code: str, password: str) -> str:
        """Set the first password with an invitation code; return the account."""

    async def sign_out(self) -> None:
        """End the session on the server and delete its token from this machine."""
