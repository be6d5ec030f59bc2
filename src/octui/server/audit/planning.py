"""What is looked for in the permission-change log, and by which way it is found fastest (architecture.md 4.6).

Every filter becomes a `Clause`: an entry passes when one of a few columns holds one of a set of dictionary ids. A page
is found either by walking the log newest first, or by going through the index of one clause, key by key. Costs are in
microseconds on the machine of the benchmark; only their proportions matter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from math import prod
from typing import Any

from octui.schema.audit import ADMINISTRATION, Log

MOST_WORDS = 10
_IN_INDEX = {"service_id", "action_id"}  # carried along by the indexes of actors, targets and addresses


def in_log(log: Log, actions: Iterable[str]) -> set[str]:
    """Those of the actions that belong to a log; an action of a newer version is taken for a permission change."""
    administration = {action.value for action in ADMINISTRATION}
    return {action for action in actions if log is Log.ALL or (action in administration) is (log is Log.ADMINISTRATION)}


@dataclass(frozen=True)
class Addresses:
    """Addresses looked for: from `low` to `high` (packed, 16 bytes), or those whose text begins with `prefix`."""

    low: bytes = b""
    high: bytes = b""
    prefix: str = ""


def addresses(query: str) -> Addresses:
    """A network (10.0.0.0/8), a whole address, or the beginning of one as typed (10.0, 2001:db8, 10.0.*)."""
    query = query.strip().lower()
    try:
        network = ip_network(query, strict=False) if "/" in query else ip_network(ip_address(query))
    except ValueError:
        return Addresses(prefix=query.rstrip("*"))
    mapped = b"\0" * 10 + b"\xff\xff" if network.version == 4 else b""
    return Addresses(mapped + network[0].packed, mapped + network[-1].packed)


@dataclass(frozen=True)
class Member:
    """One column of a clause and the ids it may hold; `rows` entries do. `probe`: a condition on the dictionary row
    itself (with its parameters), when that can be asked in SQL instead of giving all ids."""

    column: str
    ids: Any  # as the engine takes them: a JSON text or a list
    size: int
    rows: int
    dictionary: str = ""
    probe: str = ""
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Clause:
    """An entry passes when any member holds."""

    members: tuple[Member, ...]

    @property
    def rows(self) -> int:
        """How many entries pass, at most."""
        return sum(member.rows for member in self.members)


@dataclass(frozen=True)
class Costs:
    """Microseconds: an entry walked over, an id tested, a dictionary row asked, an id put into a set, an index
    entered at a key, an index entry read, an entry read through an index; `slice` is for one statement."""

    row: float
    test: float
    probe: float
    build: float
    seek: float
    index_row: float
    table_row: float
    slice: float = 20_000.0


COSTS = {
    "sqlite": Costs(row=0.35, test=0.35, probe=1.2, build=0.35, seek=4.0, index_row=0.4, table_row=1.6),
    "postgresql": Costs(row=0.25, test=0.15, probe=1.5, build=0.15, seek=9.0, index_row=0.4, table_row=1.2),
}


@dataclass(frozen=True)
class Plan:
    """`driver`: the clause whose index is followed, None to walk the log. `asked`: for every other clause in order,
    its members and whether each is asked through the dictionary row. `first`, `largest`: entries a statement covers."""

    driver: Clause | None
    asked: tuple[tuple[tuple[Member, bool], ...], ...]
    first: int
    largest: int
    cost: float


def plan(
    clauses: Sequence[Clause], *, total: int, span: int, wanted: int, actions: int, costs: Costs, density: float = 0.0
) -> Plan:
    """The cheapest way to `wanted` entries among the newest `span` of `total`; `actions`: how many actions there are.

    Clauses are taken as independent of each other, unless the true `density` of matches is known.
    """
    density = density or prod(min(1.0, max(clause.rows, 1) / total) for clause in clauses)
    reach = min(span, int(2 * wanted / density) + 1)
    ways = [_way(None, clauses, total=total, reach=reach, actions=actions, costs=costs)]
    ways += [
        _way(driver, [clause for clause in clauses if clause is not driver and not joined(driver, clause)],
             total=total, reach=reach, actions=actions, costs=costs)
        for driver in clauses
    ]  # fmt: skip
    return min(ways, key=lambda way: way.cost)


def joined(driver: Clause, other: Clause) -> bool:
    """Whether the index of services and actions answers both clauses at once: its caller gives it those actions."""
    return [member.column for member in driver.members] == ["service_id"] and [
        member.column for member in other.members
    ] == ["action_id"]


def _way(
    driver: Clause | None, others: Sequence[Clause], *, total: int, reach: int, actions: int, costs: Costs
) -> Plan:
    share = 1.0 if driver is None else min(1.0, driver.rows / total)
    visits = reach * share
    fixed = 0.0
    each = costs.row if driver is None else costs.index_row if _covered(driver, others) else costs.table_row
    if driver is not None:
        keys = sum(member.size * (actions if member.column == "service_id" else 1) for member in driver.members)
        fixed += keys * (costs.seek + costs.build)
    asked = []
    for clause in others:
        choices = []
        for member in clause.members:
            as_set = member.size * costs.build + visits * costs.test
            probing = bool(member.probe) and visits * costs.probe < as_set
            fixed += 0.0 if probing else member.size * costs.build
            each += costs.probe if probing else costs.test
            choices.append((member, probing))
        asked.append(tuple(choices))
    # A statement pays the fixed part again: it should be the smaller part of it.
    largest = int(max(costs.slice, 2 * fixed) / (each * share)) + 1 if share else reach
    return Plan(driver, tuple(asked), max(1, min(reach, largest)), largest, fixed + visits * each)


def _covered(driver: Clause, others: Sequence[Clause]) -> bool:
    """Whether the driver's indexes hold all that is asked, so that the entries themselves need not be read."""
    asked = {member.column for clause in others for member in clause.members}
    held = {"action_id"} if any(member.column == "service_id" for member in driver.members) else _IN_INDEX
    return asked <= held and (not asked or all(member.column != "action_id" for member in driver.members))


def windows(low: int, high: int, first: int, largest: int) -> Iterator[tuple[int, int]]:
    """The numbers from `high` down to `low` in pieces, the first of `first` numbers, growing to `largest`."""
    size = first
    while high >= low:
        start = max(low, high - size + 1)
        yield start, high
        high = start - 1
        size = min(size * 4, max(largest, 1))
