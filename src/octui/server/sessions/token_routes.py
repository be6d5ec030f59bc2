"""HTTP routes of tokens for programs that connect over the network; only the owner of the database issues them."""

from octui.schema.problems import Code
from octui.schema.tokens import NewToken, Token
from octui.server.core.errors import ProblemError
from octui.server.database.idempotency import ReplayedAnswer
from octui.server.identity import tokens
from octui.server.web.operations import ContextArg, Operations

operations = Operations()


@operations("issue_token", 201)
def issue_token(body: NewToken, context: ContextArg) -> Token:
    """Issue a token for a member. A repeated Idempotency-Key gives 409, because the token is stored nowhere."""
    try:
        # The idempotency table stores models only; plain values keep the token out of it.
        token, now = context.store.write(
            lambda change: (tokens.issue_token(change, body.account, body.days), change.now), context.principal
        )
    except ReplayedAnswer:
        raise ProblemError(
            Code.CONFLICT, 409, "This token was issued by an earlier try and cannot be shown again: ask for another."
        ) from None
    return Token(account=body.account, token=token, expires=now + body.days * tokens.DAY_MS)
