"""Bearer tokens of sessions and programs: 32 random bytes, of which only the SHA-256 is stored (security.md R17)."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, or_, select, update

from octui.schema.members import MemberState
from octui.schema.sessions import Kind, Session, Sessions
from octui.schema.tokens import LONGEST_TOKEN_DAYS
from octui.server.core.errors import invalid_field, not_found
from octui.server.core.principal import Credential
from octui.server.core.topics import me_topic
from octui.server.database import tables
from octui.server.database.unit_of_work import Change

PREFIX = "oct_"
DAY_MS = 86_400_000
USED_EVERY_MS = 60_000
"""The least time between two writes of a token's last use."""

_t, _m = tables.token, tables.member


@dataclass(frozen=True)
class SessionLimits:
    """Lifetime of a session: at most `longest`, and at most `idle` without a request (ms).

    A program that waits for changes uses its session: a person who only watches is not idle.
    """

    idle: int = 60 * 60_000
    longest: int = 12 * 3_600_000


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _is_valid(now: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(_t.c.expires > now, or_(_t.c.idle.is_(None), _t.c.last_used + _t.c.idle > now))


_FIND = (
    select(_m.c.account, _t.c.id, _t.c.last_used, _t.c.expires, _t.c.idle)
    .join(_t, _t.c.member_id == _m.c.id)
    .where(_t.c.hash == bindparam("hash"), _is_valid(bindparam("now")))
)


def issue_token(change: Change, account: str, days: int) -> str:
    """Return a new token for a member's programs, valid for `days`, and delete their invalid ones.

    Raises 422 for an unknown account.
    """
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise invalid_field("days", "range", f"A token is good for 1 to {LONGEST_TOKEN_DAYS} days.")
    active = _m.c.state == MemberState.ACTIVE.value
    member_id = change.connection.scalar(select(_m.c.id).where(_m.c.account == account, active))
    if member_id is None:
        raise invalid_field("account", "unknown_value", "There is no member with this account who has joined.")
    _, token = _insert_token(change, member_id, Kind.TOKEN, "", change.now + days * DAY_MS, None)
    return token


def begin_session(change: Change, member_id: int, device: str, limits: SessionLimits) -> tuple[str, str]:
    """Begin a session of a member whose password was right; return its id and its token, which is stored nowhere."""
    return _insert_token(change, member_id, Kind.SESSION, device, change.now + limits.longest, limits.idle)


def _insert_token(
    change: Change, member_id: int, kind: Kind, device: str, expires: int, idle: int | None
) -> tuple[str, str]:
    change.connection.execute(delete(_t).where(_t.c.member_id == member_id, ~_is_valid(_now_literal(change.now))))
    token, token_id = PREFIX + secrets.token_urlsafe(32), secrets.token_hex(8)
    change.connection.execute(
        insert(_t).values(
            hash=_digest(token),
            id=token_id,
            member_id=member_id,
            kind=kind.value,
            device=device,
            ip=change.principal.ip,
            created=change.now,
            last_used=change.now,
            expires=expires,
            idle=idle,
        )
    )
    return token_id, token


def _now_literal(now: int) -> ColumnElement[int]:
    return bindparam("now", now, unique=True)


def find_token(connection: Connection, token: str, now: int) -> tuple[str, Credential] | None:
    """Return the account of a token and its credential, or None for an unknown, expired, idle or revoked one.

    It is found by its digest, so timing tells nothing.
    """
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    row = connection.execute(_FIND, {"hash": _digest(token), "now": now}).one_or_none()
    if row is None:
        return None
    until = row.expires if row.idle is None else min(row.expires, row.last_used + row.idle)
    return row.account, Credential(row.id, row.last_used, until)


def record_use(change: Change, credential: Credential) -> None:
    """Record the use of a token; a token revoked in the meantime stays revoked."""
    change.connection.execute(
        update(_t).where(_t.c.id == credential.id, _t.c.last_used < change.now).values(last_used=change.now)
    )


def list_sessions(connection: Connection, member_id: int, now: int, current: str | None) -> Sessions:
    """Return a member's valid sessions and tokens, the latest used first."""
    rows = connection.execute(
        select(_t)
        .where(_t.c.member_id == member_id, _is_valid(_now_literal(now)))
        .order_by(_t.c.last_used.desc(), _t.c.created.desc(), _t.c.id)
    )
    return Sessions(sessions=[Session(**row._asdict(), current=row.id == current) for row in rows])


def revoke_token(change: Change, token_id: str) -> None:
    """End one of the caller's own sessions or tokens, whose waiting requests are woken. Raises 404."""
    own = _t.c.member_id == change.principal.member_id
    if not change.connection.execute(delete(_t).where(own, _t.c.id == token_id)).rowcount:
        raise not_found()
    change.touch(me_topic(change.principal.account))


def revoke_other_sessions(change: Change, member_id: int, account: str, but: str | None) -> int:
    """End a member's sessions except `but`; return their number. Tokens of `octui token` need no password and stay."""
    sessions = delete(_t).where(_t.c.member_id == member_id, _t.c.kind == Kind.SESSION.value)
    revoked = change.connection.execute(sessions if but is None else sessions.where(_t.c.id != but)).rowcount
    if revoked:
        change.touch(me_topic(account))
    return revoked
