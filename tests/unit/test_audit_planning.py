"""Query planner of the log's search."""

from hypothesis import given, settings
from hypothesis import strategies as st

from octui.server.audit.planning import COSTS, Clause, Member, choose_plan, number_windows

MILLION = 1_000_000


def _clause(column: str, size: int, rows: int, *, probe: bool = False) -> Clause:
    return Clause((Member(column, list(range(size)), size, rows, "audit_person", "d.x = ?" if probe else ""),))


def _plan(*clauses: Clause, density: float = 0.0, engine: str = "sqlite", limit: int = 51):  # type: ignore[no-untyped-def]
    return choose_plan(
        clauses, total=MILLION, span=MILLION, limit=limit, actions=11, costs=COSTS[engine], density=density
    )


@settings(deadline=None)
@given(
    low=st.integers(1, 10**6), span=st.integers(0, 10**6), first=st.integers(1, 10**5), largest=st.integers(1, 10**6)
)
def test_windows_cover_every_number_once_newest_first(low: int, span: int, first: int, largest: int) -> None:
    high = low + span - 1
    pieces = list(number_windows(low, high, max(first, span // 500), max(largest, span // 500)))
    assert sum(end - start + 1 for start, end in pieces) == span
    expected = high
    for start, end in pieces:
        assert end == expected
        assert low <= start <= end
        expected = start - 1
    assert expected == low - 1


def test_frequent_value_is_found_by_scanning_the_log() -> None:
    chosen = _plan(_clause("actor_id", 8_000, 400_000, probe=True))
    assert chosen.driver is None
    assert chosen.filters[0][0][1], "probed in the dictionary, without a set of 8,000 IDs"
    assert chosen.first < 1_000


def test_rare_value_is_found_through_its_index() -> None:
    rare = _clause("actor_id", 3, 40)
    broad = _clause("service_id", 1, 300_000)
    for engine in COSTS:
        chosen = _plan(broad, rare, engine=engine)
        assert chosen.driver is rare
        assert chosen.first == MILLION, "all of it in one statement"
        assert [[member.column for member, _ in members] for members in chosen.filters] == [["service_id"]]


def test_one_index_serves_service_and_action() -> None:
    service, action = _clause("service_id", 1, 5_000), _clause("action_id", 2, 3_000)
    chosen = _plan(service, action)
    assert chosen.driver is service
    assert chosen.filters == ()


def test_statement_covers_a_limited_window() -> None:
    clauses = [_clause("ip_id", 300, 200_000), _clause("actor_id", 900, 90_000), _clause("target_id", 2, 60_000)]
    chosen = choose_plan(
        clauses, total=100 * MILLION, span=100 * MILLION, limit=51, actions=11, costs=COSTS["sqlite"], density=1e-9
    )
    assert chosen.first < 100 * MILLION
    assert chosen.first <= chosen.largest


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 50_000), st.integers(1, MILLION)), min_size=1, max_size=4),
    st.integers(1, MILLION),
    st.integers(1, 10_001),
)
def test_every_clause_is_driver_or_filter(sizes: list[tuple[int, int]], span: int, limit: int) -> None:
    columns = ("actor_id", "ip_id", "target_id", "action_id")
    clauses = [_clause(column, *size) for column, size in zip(columns, sizes, strict=False)]
    for costs in COSTS.values():
        chosen = choose_plan(clauses, total=MILLION, span=span, limit=limit, actions=11, costs=costs)
        assert len(chosen.filters) + (chosen.driver is not None) == len(clauses)
        assert 1 <= chosen.first <= span
        assert chosen.largest >= 1
