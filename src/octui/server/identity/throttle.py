"""Counts of failed sign-ins by account and by address; each attempt is counted before its password is checked."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select, update

from octui.schema.problems import Code
from octui.server.core.errors import ProblemError, too_many_requests
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.unit_of_work import Change
from octui.server.identity import throttle_rules as rules
from octui.server.identity.throttle_rules import Policy, Tally

_a = tables.attempt


def count_attempt(change: Change, account: str) -> None:
    """Count an attempt as failed before it is checked, so that simultaneous attempts all count.

    Raises 429 while the account or the address has to wait; such an attempt neither counts nor is checked.
    """
    buckets = _lock_buckets(change, account)
    tallies = {bucket: _load_tally(change.connection, bucket) for bucket in buckets}
    delay = max(rules.remaining_delay(tally, change.now) for tally in tallies.values())
    if delay:
        raise too_many_attempts(delay)
    for bucket, policy in buckets.items():
        _save_tally(change, bucket, policy, rules.with_failure(tallies[bucket], policy, change.now))
    change.connection.execute(delete(_a).where(_a.c.forgotten <= change.now))


def clear_failures(change: Change, account: str) -> None:
    """Forget an account's failed sign-ins after a successful one, which no longer counts for the address."""
    address_bucket, account_bucket = _lock_buckets(change, account)
    tally = _load_tally(change.connection, address_bucket)
    if tally is not None:
        _save_tally(change, address_bucket, rules.ADDRESS, rules.without_failure(tally))
    change.connection.execute(delete(_a).where(_a.c.bucket == account_bucket))


def too_many_attempts(delay: int) -> ProblemError:
    """Return a 429 with the delay (ms) in it: the same for every account, known or not."""
    return too_many_requests(Code.TOO_MANY_ATTEMPTS, "Too many failed attempts", -(-delay // 1000))


def _lock_buckets(change: Change, account: str) -> dict[str, Policy]:
    """Lock the buckets of address and account, always in this order, so that two attempts cannot deadlock."""
    buckets = {
        rules.address_bucket(change.principal.ip): rules.ADDRESS,
        rules.account_bucket(account): rules.ACCOUNT,
    }
    for bucket in buckets:
        lock_until_commit(change, f"attempt\n{bucket}")
    return buckets


def _load_tally(connection: Connection, bucket: str) -> Tally | None:
    row = connection.execute(select(_a.c.failures, _a.c.since, _a.c.until).where(_a.c.bucket == bucket)).one_or_none()
    return None if row is None else Tally(*row)


def _save_tally(change: Change, bucket: str, policy: Policy, tally: Tally) -> None:
    values = asdict(tally) | {"forgotten": rules.forgotten_at(tally, policy)}
    if not change.connection.execute(update(_a).where(_a.c.bucket == bucket).values(**values)).rowcount:
        change.connection.execute(insert(_a).values(bucket=bucket, **values))
