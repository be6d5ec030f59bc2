"""Failed sign-ins by account and by address, counted before a password is looked at (rules/attempts.py)."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select, update

from octui.schema.problems import Code
from octui.server.core.errors import ProblemError, too_many_requests
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.store import Change
from octui.server.identity import throttle_rules as rules
from octui.server.identity.throttle_rules import Policy, Tally

_a = tables.attempt


def count_attempt(change: Change, account: str) -> None:
    """Count an attempt as failed, before it is judged: of many at once none is for nothing. Raises 429 while the
    account or the address has to wait; such a try does not count and is not judged."""
    buckets = _buckets(change, account)
    found = {bucket: _tally(change.connection, bucket) for bucket in buckets}
    waiting = max(rules.remaining_delay(tally, change.now) for tally in found.values())
    if waiting:
        raise too_many_attempts(waiting)
    for bucket, policy in buckets.items():
        _keep(change, bucket, policy, rules.with_failure(found[bucket], policy, change.now))
    change.connection.execute(delete(_a).where(_a.c.forgotten <= change.now))


def clear_failures(change: Change, account: str) -> None:
    """The attempt was right: the account's failures are forgotten, the address has its own attempt back."""
    address, mine = _buckets(change, account)
    tally = _tally(change.connection, address)
    if tally is not None:
        _keep(change, address, rules.ADDRESS, rules.without_failure(tally))
    change.connection.execute(delete(_a).where(_a.c.bucket == mine))


def too_many_attempts(waiting: int) -> ProblemError:
    """429: the same for every account, known or not."""
    return too_many_requests(Code.TOO_MANY_ATTEMPTS, "Too many failed attempts", -(-waiting // 1000))


def _buckets(change: Change, account: str) -> dict[str, Policy]:
    """The address first: everybody who waits for both waits in this order."""
    buckets = {
        rules.address_bucket(change.principal.ip): rules.ADDRESS,
        rules.account_bucket(account): rules.ACCOUNT,
    }
    for bucket in buckets:
        lock_until_commit(change, f"attempt\n{bucket}")
    return buckets


def _tally(connection: Connection, bucket: str) -> Tally | None:
    row = connection.execute(select(_a.c.failures, _a.c.since, _a.c.until).where(_a.c.bucket == bucket)).one_or_none()
    return None if row is None else Tally(*row)


def _keep(change: Change, bucket: str, policy: Policy, tally: Tally) -> None:
    values = asdict(tally) | {"forgotten": rules.forgotten_at(tally, policy)}
    if not change.connection.execute(update(_a).where(_a.c.bucket == bucket).values(**values)).rowcount:
        change.connection.execute(insert(_a).values(bucket=bucket, **values))
