"""Outbox: a mail is stored in the transaction that causes it; mail/delivery.py sends it."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from octui.schema.live import INVITATIONS
from octui.schema.members import MailState
from octui.server.core.topics import MAIL
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.mail import rules

_mail = tables.mail
_WAITING = _mail.c.state == MailState.WAITING.value


@dataclass(frozen=True)
class Due:
    """A mail to be sent now: since when it waits (epoch ms), and how often sending was tried."""

    id: int
    recipient: str
    kind: str
    about: str
    params: dict[str, str]
    tries: int
    since: int


def enqueue_mail(change: Change, recipient: str, kind: str, about: str, params: dict[str, str]) -> None:
    """Add a mail, to be sent as soon as this transaction is committed. `params` must hold no secret."""
    change.connection.execute(
        insert(_mail).values(
            recipient=recipient,
            kind=kind,
            about=about,
            params=json.dumps(params, ensure_ascii=False),
            state=MailState.WAITING.value,
            tries=0,
            since=change.now,
            next_try=change.now,
        )
    )
    change.touch(MAIL)


def delete_mail(change: Change, about: str) -> None:
    """Delete the mails about an object, sent or not."""
    change.connection.execute(delete(_mail).where(_mail.c.about == about))


def next_time(connection: Connection) -> int | None:
    """Return when the next mail is to be tried (epoch ms), or None where none waits."""
    at: int | None = connection.scalar(select(func.min(_mail.c.next_try)).where(_WAITING))
    return at


def claim_due_mail(change: Change) -> Due | None:
    """Return the mail that has been due the longest, leased so that no other worker takes it; None: nothing is due."""
    row = change.connection.execute(
        select(_mail)
        .where(_WAITING, _mail.c.next_try <= change.now)
        .order_by(_mail.c.next_try, _mail.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    change.connection.execute(
        update(_mail).where(_mail.c.id == row.id).values(tries=row.tries + 1, next_try=change.now + rules.LEASE_MS)
    )
    return Due(row.id, row.recipient, row.kind, row.about, json.loads(row.params), row.tries, row.since)


def record_sent(change: Change, due: Due) -> None:
    """Record that the mail server has accepted the mail."""
    _save_state(change, due, MailState.SENT, "", change.now)


def record_failure(change: Change, due: Due, reason: str, *, for_good: bool) -> None:
    """Record a failed attempt: the mail is tried again later, unless it failed for good or was tried long enough."""
    at = None if for_good else rules.next_try(due.tries + 1, due.since, change.now)
    if at is None:
        _save_state(change, due, MailState.FAILED, reason, change.now)
    else:
        _save_state(change, due, MailState.WAITING, reason, at)


def _save_state(change: Change, due: Due, state: MailState, reason: str, next_try: int) -> None:
    change.connection.execute(
        update(_mail).where(_mail.c.id == due.id).values(state=state.value, last_error=reason, next_try=next_try)
    )
    change.touch(INVITATIONS)
