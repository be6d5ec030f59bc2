"""Query planner of the log's search (architecture.md 4.6).

Every filter becomes a `Clause`: an entry passes if one of a few columns holds one of a set of dictionary IDs. A page is
found either by scanning the log newest first, or through the index of one clause, key by key. Costs are microseconds on
the machine of the benchmark; only their proportions matter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from math import prod
from typing import Any

from octui.schema.audit import ADMINISTRATION, Log

MOST_WORDS = 10
_INDEXED_TOO = {"service_id", "action_id"}  # carried along by the indexes of actors, targets and addresses


def actions_of_log(log: Log, actions: Iterable[str]) -> set[str]:
    """Return the actions that belong to a log. An action of a newer version counts as a permission change."""
    administration = {action.value for action in ADMINISTRATION}
    return {action for action in actions if log is Log.ALL or (action in administration) is (log is Log.ADMINISTRATION)}


@dataclass(frozen=True)
class AddressRange:
    """IP addresses from `low` to `high` (packed, 16 bytes), or those whose text begins with `prefix`."""

    low: bytes = b""
    high: bytes = b""
    prefix: str = ""


def parse_addresses(query: str) -> AddressRange:
    """Parse a network (10.0.0.0/8), an address, or the beginning of one as typed (10.0, 2001:db8, 10.0.*)."""
    query = query.strip().lower()
    try:
        network = ip_network(query, strict=False) if "/" in query else ip_network(ip_address(query))
    except ValueError:
        return AddressRange(prefix=query.rstrip("*"))
    mapped = b"\0" * 10 + b"\xff\xff" if network.version == 4 else b""
    return AddressRange(mapped + network[0].packed, mapped + network[-1].packed)


@dataclass(frozen=True)
class Member:
    """A column of a clause, and the dictionary IDs that match.

    `rows`: how many entries hold one. `probe`: the condition on the dictionary row, with its parameters, where SQL can
    test that instead of a set of IDs.
    """

    column: str
    ids: Any  # as the engine takes them: a JSON text or a list
    size: int
    rows: int
    dictionary: str = ""
    probe: str = ""
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Clause:
    """Filter that an entry passes if any of its members matches."""

    members: tuple[Member, ...]

    @property
    def rows(self) -> int:
        """Upper bound of the entries that pass."""
        return sum(member.rows for member in self.members)


@dataclass(frozen=True)
class Costs:
    """Estimated cost of each step of a search in microseconds.

    In order: an entry scanned, an ID tested, a dictionary row probed, an ID put into a set, an index entered at a key,
    an index entry read, an entry read through an index. `slice`: what one statement may cost.
    """

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
    """Way in which a page of entries is found.

    `driver`: the clause whose index is followed, None to scan the log. `filters`: for every other clause, its members
    and whether each is probed in the dictionary. `first`, `largest`: how many entries a statement covers.
    """

    driver: Clause | None
    filters: tuple[tuple[tuple[Member, bool], ...], ...]
    first: int
    largest: int
    cost: float


def choose_plan(
    clauses: Sequence[Clause], *, total: int, span: int, limit: int, actions: int, costs: Costs, density: float = 0.0
) -> Plan:
    """Return the cheapest plan to find `limit` entries among the newest `span` of `total`.

    `actions`: how many actions there are. Clauses count as independent of each other, unless the true `density` of
    matches is given.
    """
    density = density or prod(min(1.0, max(clause.rows, 1) / total) for clause in clauses)
    reach = min(span, int(2 * limit / density) + 1)
    plans = [_estimate_plan(None, clauses, total=total, reach=reach, actions=actions, costs=costs)]
    for driver in clauses:
        others = [clause for clause in clauses if clause is not driver and not shares_index(driver, clause)]
        plans.append(_estimate_plan(driver, others, total=total, reach=reach, actions=actions, costs=costs))
    return min(plans, key=lambda plan: plan.cost)


def shares_index(driver: Clause, other: Clause) -> bool:
    """Return whether the index of services and actions serves both clauses at once."""
    return [member.column for member in driver.members] == ["service_id"] and [
        member.column for member in other.members
    ] == ["action_id"]


def _estimate_plan(
    driver: Clause | None, others: Sequence[Clause], *, total: int, reach: int, actions: int, costs: Costs
) -> Plan:
    share = 1.0 if driver is None else min(1.0, driver.rows / total)
    visits = reach * share
    fixed = 0.0
    each = costs.row if driver is None else costs.index_row if _is_covering(driver, others) else costs.table_row
    if driver is not None:
        keys = sum(member.size * (actions if member.column == "service_id" else 1) for member in driver.members)
        fixed += keys * (costs.seek + costs.build)
    filters = []
    for clause in others:
        choices = []
        for member in clause.members:
            as_set = member.size * costs.build + visits * costs.test
            probing = bool(member.probe) and visits * costs.probe < as_set
            fixed += 0.0 if probing else member.size * costs.build
            each += costs.probe if probing else costs.test
            choices.append((member, probing))
        filters.append(tuple(choices))
    # Each statement has a fixed cost, which should be the smaller part of its time.
    largest = int(max(costs.slice, 2 * fixed) / (each * share)) + 1 if share else reach
    return Plan(driver, tuple(filters), max(1, min(reach, largest)), largest, fixed + visits * each)


def _is_covering(driver: Clause, others: Sequence[Clause]) -> bool:
    """Return whether the driver's indexes hold every column of the filters, so that entries need not be read."""
    columns = {member.column for clause in others for member in clause.members}
    indexed = {"action_id"} if any(member.column == "service_id" for member in driver.members) else _INDEXED_TOO
    return columns <= indexed and (not columns or all(member.column != "action_id" for member in driver.members))


def number_windows(low: int, high: int, first: int, largest: int) -> Iterator[tuple[int, int]]:
    """Yield the entry numbers from `high` down to `low` in windows that grow from `first` to `largest`."""
    size = first
    while high >= low:
        start = max(low, high - size + 1)
        yield start, high
        high = start - 1
        size = min(size * 4, max(largest, 1))
