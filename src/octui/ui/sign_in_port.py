"""Protocol for signing in at a remote server; a local database has none, because nobody signs in there."""

from typing import Protocol


class SignInPort(Protocol):
    """Requests for signing in. All methods raise ClientError; the token stays with the implementation."""

    address: str
    """Of the service, as it is shown."""
    account: str
    """Who signed in here last; "" when nobody did."""

    async def sign_in(self, account: str, password: str) -> None:
        """Begin a session and use it for every later request. Raises SignInNeeded, Throttled."""

    async def accept(self, code: str, password: str) -> str:
        """Set the first password with the code of an invitation; return the account."""

    async def sign_out(self) -> None:
        """End the session and forget it here."""
