"""The permission-change and the administration log: search, live head, check of the chain (rules.md 24-26)."""

from typing import Annotated

from fastapi import Query

from octui.schema.audit import AuditHead, AuditPage, AuditVerification, Log
from octui.schema.common import EpochMs
from octui.schema.live import AUDIT_HEAD
from octui.server.audit import search
from octui.server.audit.checkpoints import Checkpointer
from octui.server.audit.query import MOST_WORDS, AuditQuery, split_words
from octui.server.audit.verification import verify
from octui.server.core.errors import invalid_field
from octui.server.identity import policy
from octui.server.web.operations import ContextArg, Operations, PollKey, RequestContext
from octui.server.web.parameters import LimitArg, QueryArg

operations = Operations()
PAGE = 50

FromArg = Annotated[EpochMs | None, Query(alias="from", description="recorded at or after (epoch ms)")]
ToArg = Annotated[EpochMs | None, Query(alias="to", description="recorded before (epoch ms)")]
WordsArg = Annotated[str, Query(max_length=1_000, pattern=r"^[^\x00]*$", description="parts, set apart by spaces")]
NumberArg = Annotated[int | None, Query(ge=0, le=1 << 62, description="the number of an entry, itself left out")]
LogArg = Annotated[Log, Query(description="which entries of the chain")]


@operations("audit")
def page(
    context: ContextArg,
    time_from: FromArg = None,
    time_to: ToArg = None,
    action: QueryArg = "",
    name: QueryArg = "",
    ip: QueryArg = "",
    service: QueryArg = "",
    account: QueryArg = "",
    words: WordsArg = "",
    before: NumberArg = None,
    after: NumberArg = None,
    limit: LimitArg = PAGE,
    log: LogArg = Log.PERMISSIONS,
) -> AuditPage:
    """Entries that fit all of what is asked, newest first; the admin of services sees those of these services.

    `log`: the permission-change log, the administration log beside it, or both, as they are in the one chain.
    `action` is a part of its code or of its Korean, English or Japanese name; `name` of the actor's or target's name,
    initials too; `ip` an address, its beginning, or a network; each of `words` may be found in any field.
    """
    free = split_words(words)
    if len(free) > MOST_WORDS:
        raise invalid_field("words", "too_long", f"At most {MOST_WORDS} words.")
    query = AuditQuery(
        time_from=time_from,
        time_to=time_to,
        action=action.strip(),
        name=name.strip(),
        ip=ip.strip(),
        service=service.strip(),
        account=account.strip(),
        words=free,
        before=before,
        after=after,
        limit=limit,
        scope=policy.visible_services(context.principal),
        log=log,
    )
    return context.store.read(lambda connection: search.search(connection, query))


def _watch(context: RequestContext, path: dict[str, str]) -> PollKey:
    return PollKey((AUDIT_HEAD,))


def _head(context: RequestContext, path: dict[str, str]) -> AuditHead:
    return context.store.read(search.head)


operations.add_polled("audit_head", _watch, _head, AuditHead)


@operations("verify_audit")
def verification(context: ContextArg) -> AuditVerification:
    """Read the whole log and check its chain, and the signed checkpoints where this program keeps some."""
    checkpointer: Checkpointer | None = getattr(context.request.app.state, "checkpointer", None)
    return context.store.read(verify) if checkpointer is None else checkpointer.verify()
