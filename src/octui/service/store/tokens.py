"""Bearer tokens: 32 random bytes, of which only the SHA-256 is stored."""

import hashlib
import secrets

from sqlalchemy import Connection, delete, insert, select

from octui.service.errors import invalid
from octui.service.store import tables
from octui.service.store.store import Change
from octui.service.topics import me_topic

PREFIX = "oct_"
DAY_MS = 86_400_000
LONGEST_DAYS = 366


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def issue(change: Change, account: str, days: int) -> str:
    """A new token of a member, good for `days`; expired ones of theirs are forgotten. 422 for an unknown account."""
    if not 1 <= days <= LONGEST_DAYS:
        raise invalid("days", "range", f"A token is good for 1 to {LONGEST_DAYS} days.")
    member_id = change.connection.scalar(select(tables.member.c.id).where(tables.member.c.account == account))
    if member_id is None:
        raise invalid("account", "unknown_value", "There is no member with this account.")
    token = PREFIX + secrets.token_urlsafe(32)
    own = tables.token.c.member_id == member_id
    change.connection.execute(delete(tables.token).where(own, tables.token.c.expires <= change.now))
    change.connection.execute(
        insert(tables.token).values(
            hash=_digest(token), member_id=member_id, created=change.now, expires=change.now + days * DAY_MS
        )
    )
    return token


def revoke_all(change: Change, account: str) -> int:
    """Make every token of a person useless at once; the number of them."""
    member_id = select(tables.member.c.id).where(tables.member.c.account == account).scalar_subquery()
    gone = change.connection.execute(delete(tables.token).where(tables.token.c.member_id == member_id)).rowcount
    if gone:
        change.touch(me_topic(account))
    return gone


def owner(connection: Connection, token: str, now: int) -> str | None:
    """The account a token speaks for; None: unknown or expired. Found by its digest, so timing tells nothing."""
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    account: str | None = connection.scalar(
        select(tables.member.c.account)
        .join(tables.token, tables.token.c.member_id == tables.member.c.id)
        .where(tables.token.c.hash == _digest(token), tables.token.c.expires > now)
    )
    return account
