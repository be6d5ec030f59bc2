"""Failed sign-ins, counted for each account and each address; the delay grows and nobody is locked out for good
(security.md R16).

A count is a bucket that leaks: one failure is forgotten every so often. All times are epoch milliseconds.
"""

import hashlib
import ipaddress
from dataclasses import dataclass

LONGEST_DELAY_MS = 900_000
_FIRST_DELAY_MS = 1_000


@dataclass(frozen=True)
class Policy:
    """`free` failures bring no delay; one is forgotten every `forgets_every` ms."""

    free: int
    forgets_every: int


ACCOUNT = Policy(free=5, forgets_every=3_600_000)
# A whole centre may come from one address: its typing errors must not keep everybody out.
ADDRESS = Policy(free=50, forgets_every=10_000)


@dataclass(frozen=True)
class Tally:
    """`failures`, leaking from `since` on; no attempt before `until`."""

    failures: int
    since: int
    until: int


def delay_after(failures: int, policy: Policy) -> int:
    """How long to wait after so many failures: 0, then 1 s, 2 s, 4 s … 900 s."""
    beyond = failures - policy.free
    return 0 if beyond < 0 else min(_FIRST_DELAY_MS << min(beyond, 20), LONGEST_DELAY_MS)


def remaining_delay(tally: Tally | None, now: int) -> int:
    """Milliseconds until the next attempt; never more than the longest delay, though a clock was set back."""
    return 0 if tally is None else max(0, min(tally.until - now, LONGEST_DELAY_MS))


def with_failure(tally: Tally | None, policy: Policy, now: int) -> Tally:
    """After one more failure at `now`."""
    failures, since = 0, now
    if tally is not None:
        leaked = min(max(0, now - tally.since) // policy.forgets_every, tally.failures)
        failures = tally.failures - leaked
        since = min(tally.since + leaked * policy.forgets_every, now) if failures else now
    return Tally(failures + 1, since, now + delay_after(failures + 1, policy))


def without_failure(tally: Tally) -> Tally:
    """Without the one attempt that turned out right; a delay that others earned stays."""
    return Tally(max(0, tally.failures - 1), tally.since, tally.until)


def forgotten_at(tally: Tally, policy: Policy) -> int:
    """When nothing of it counts any more."""
    return max(tally.until, tally.since + tally.failures * policy.forgets_every)


def account_bucket(account: str) -> str:
    """An account as it was typed, known or not. As a digest: people type passwords into the wrong field."""
    return "account:" + hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:32]


def address_bucket(ip: str) -> str:
    """One IPv4 address, or the 64 bits of an IPv6 network: a single customer has all of those."""
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
