"""HTTP routes of the tokens of wall terminals."""

from octui.schema.tokens import IssuedWallToken, NewWallToken, WallTokens
from octui.server.identity import wall_tokens
from octui.server.web.operations import ContextArg, Operations

operations = Operations()


@operations("wall_tokens")
def list_wall_tokens(context: ContextArg) -> WallTokens:
    """Return the valid tokens of wall terminals, without their secrets."""
    now = context.store.clock()
    return context.store.read(lambda connection: wall_tokens.list_wall_tokens(connection, now))


@operations("issue_wall_token", 201)
def issue_wall_token(body: NewWallToken, context: ContextArg) -> IssuedWallToken:
    """Issue a token for a wall terminal; only this answer has its secret. A repeated request issues another one."""
    return context.store.write(lambda change: wall_tokens.issue_wall_token(change, body), context.principal)


@operations("revoke_wall_token", 204)
def revoke_wall_token(token: str, context: ContextArg) -> None:
    """End the wall token with this public ID."""
    context.store.write(lambda change: wall_tokens.revoke_wall_token(change, token), context.principal)
