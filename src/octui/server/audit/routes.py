"""HTTP routes of the log: search, live head, verification (rules.md 24-26)."""

from typing import Annotated

from fastapi import Query

from octui.schema.audit import AuditFilter, AuditHead, AuditPage, AuditVerification
from octui.schema.live import AUDIT_HEAD
from octui.server.audit import search
from octui.server.audit.checkpoints import Checkpointer
from octui.server.audit.planning import MOST_WORDS
from octui.server.audit.verification import verify_chain
from octui.server.core.errors import invalid_field
from octui.server.identity import policy
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext
from octui.text.query import split_words

operations = Operations()


@operations("audit")
def list_entries(context: ContextArg, query: Annotated[AuditFilter, Query()]) -> AuditPage:
    """Return the entries that fit the query, newest first. Service admins see the entries of their services."""
    if len(split_words(query.words)) > MOST_WORDS:
        raise invalid_field("words", "too_long", f"At most {MOST_WORDS} words.")
    scope = policy.visible_services(context.principal)
    return context.store.read(lambda connection: search.search_log(connection, query, scope))


def _poll_key(context: RequestContext, path: dict[str, str]) -> PollKey:
    return PollKey((AUDIT_HEAD,))


def _read_head(context: RequestContext, path: dict[str, str]) -> AuditHead:
    return context.store.read(search.read_head)


operations.add_polled("audit_head", _poll_key, _read_head, AuditHead)


@operations("verify_audit")
def verify_audit(context: ContextArg) -> AuditVerification:
    """Check the chain of the whole log, and the signed checkpoints where this server keeps them."""
    checkpointer: Checkpointer | None = getattr(context.request.app.state, "checkpointer", None)
    return context.store.read(verify_chain) if checkpointer is None else checkpointer.verify_log()
