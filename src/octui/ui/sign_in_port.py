"""Protocol for signing in to a remote server; a local database needs no sign-in."""

from typing import Protocol


class SignInPort(Protocol):
    """Requests for signing in; the token stays in the implementation. Methods raise ClientError."""

    address: str
    """Of the service, as it is shown."""
    account: str
    """Who signed in here last; "" when nobody did."""

    async def sign_in(self, account: str, password: str) -> None:
        """Begin a session and use it for every later request. Raises SignInNeeded, Throttled."""

    async def accept(self, code: str, password: str) -> str:
        """Set the first password with the code of an invitation; return the account."""

    async def sign_out(self) -> None:
        """End the session on the server and delete its token from this machine."""
