"""Delays after failed sign-ins of an account or an address; nobody is locked out for good (security.md R16).

A count is a leaky bucket: one failure is forgotten every so often. All times are epoch milliseconds.
"""

import hashlib
import ipaddress
from dataclasses import dataclass

LONGEST_DELAY_MS = 900_000
_FIRST_DELAY_MS = 1_000


@dataclass(frozen=True)
class Policy:
    """Limits of a bucket: `free` failures without a delay; one failure is forgotten every `forgets_every` ms."""

    free: int
    forgets_every: int


ACCOUNT = Policy(free=5, forgets_every=3_600_000)
# A whole contact center may share one address: its typing errors must not keep everybody out.
ADDRESS = Policy(free=50, forgets_every=10_000)


@dataclass(frozen=True)
class Tally:
    """State of a bucket: `failures`, leaking from `since` on; no attempt before `until`."""

    failures: int
    since: int
    until: int


def delay_after(failures: int, policy: Policy) -> int:
    """Return the delay after a number of failures: 0, then 1 s, 2 s, 4 s … 900 s."""
    excess = failures - policy.free
    return 0 if excess < 0 else min(_FIRST_DELAY_MS << min(excess, 20), LONGEST_DELAY_MS)


def remaining_delay(tally: Tally | None, now: int) -> int:
    """Return the ms until the next attempt, at most the longest delay even if the clock was set back."""
    return 0 if tally is None else max(0, min(tally.until - now, LONGEST_DELAY_MS))


def with_failure(tally: Tally | None, policy: Policy, now: int) -> Tally:
    """Return the tally after one more failed sign-in at `now`."""
    failures, since = 0, now
    if tally is not None:
        leaked = min(max(0, now - tally.since) // policy.forgets_every, tally.failures)
        failures = tally.failures - leaked
        since = min(tally.since + leaked * policy.forgets_every, now) if failures else now
    return Tally(failures + 1, since, now + delay_after(failures + 1, policy))


def without_failure(tally: Tally) -> Tally:
    """Return the tally without one attempt that turned out right; delays caused by others stay."""
    return Tally(max(0, tally.failures - 1), tally.since, tally.until)


def forgotten_at(tally: Tally, policy: Policy) -> int:
    """Return when all failures of the tally are forgotten."""
    return max(tally.until, tally.since + tally.failures * policy.forgets_every)


def account_bucket(account: str) -> str:
    """Return the bucket of an account as typed, known or not."""
    # A digest, because people type passwords into the wrong field.
    return "account:" + hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:32]


def address_bucket(ip: str) -> str:
    """Return the bucket of an IPv4 address, or of an IPv6 /64 network, as one customer has all addresses of it."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return "address:?"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is None:
            return f"address:{ipaddress.ip_network((address, 64), strict=False).network_address}/64"
        address = mapped
    return f"address:{address}"
