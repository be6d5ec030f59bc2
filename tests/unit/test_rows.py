"""Rows by key, views and windows."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.state.rows import Changes, Key, KeyedRows, Sort, View, Window


@dataclass(frozen=True)
class Agent:
    account: str
    name: str
    team: int = 0
    polled_ms: int = 0


def agents(*rows: Agent) -> KeyedRows[Agent]:
    held = KeyedRows[Agent](lambda row: row.account, ("name", "team"))
    held.apply(rows)
    return held


HONG, KIM, LEE = Agent("hong", "홍길동", 1), Agent("kim", "김민수", 2), Agent("lee", "이영희", 1)


def test_apply_returns_the_changes() -> None:
    rows = agents(HONG, KIM)
    changes = rows.apply([replace(HONG, name="홍길순", team=3), LEE, KIM], ["nobody"])
    assert changes == Changes(("lee",), (), {"hong": frozenset({"name", "team"})})
    assert changes.keys == {"lee", "hong"}
    assert rows.apply(removed=["kim", "kim"]) == Changes((), ("kim",), {})
    assert list(rows.keys()) == ["hong", "lee"]


def test_field_that_is_not_shown_changes_nothing() -> None:
    rows = agents(HONG)
    generation = rows.generation
    assert not rows.apply([replace(HONG, polled_ms=5)])
    assert rows.generation == generation
    assert rows["hong"].polled_ms == 5


def test_replace_removes_the_rest() -> None:
    rows = agents(HONG, KIM)
    assert rows.replace([KIM, LEE]) == Changes(("lee",), ("hong",), {})
    assert "hong" not in rows
    assert rows.get("hong") is None
    assert len(rows) == 2


def test_rows_may_have_one_field() -> None:
    rows = KeyedRows[Agent](lambda row: row.account, ("name",))
    rows.apply([HONG])
    assert rows.apply([replace(HONG, name="X")]).changed == {"hong": frozenset({"name"})}


def test_sort_is_total_and_stable() -> None:
    view = View(agents(LEE, KIM, HONG))
    assert view.keys == ["hong", "kim", "lee"]
    view.sort(Sort("team"))
    assert view.keys == ["hong", "lee", "kim"]
    view.sort(Sort("team", descending=True))
    assert view.keys == ["kim", "hong", "lee"]
    view.sort(Sort("team", descending=True), Sort("name", descending=True))
    assert view.keys == ["kim", "hong", "lee"]
    assert view.position("hong") == 1
    assert view.position("nobody") is None


def test_sort_key_orders_the_field() -> None:
    view = View(agents(HONG, KIM), sort_keys={"name": lambda row: -ord(row.name[0])})
    view.sort(Sort("name"))
    assert view.keys == ["hong", "kim"]


def test_filter_sees_the_digest_once_a_row() -> None:
    seen: list[str] = []

    def digest(row: Agent) -> str:
        seen.append(row.account)
        return row.name.casefold()

    rows = agents(HONG, KIM, LEE)
    view = View(rows, digest=digest)
    view.filter(lambda text: "김" in text)
    assert view.keys == ["kim"]
    view.filter(lambda text: "이" in text)
    assert view.keys == ["lee"]
    assert sorted(seen) == ["hong", "kim", "lee"]
    assert view.update(rows.apply([replace(HONG, name="이길동")]))
    assert view.keys == ["hong", "lee"]
    assert seen[3:] == ["hong"]
    view.filter(None)
    assert len(view) == 3


def test_update_moves_only_when_order_or_filter_is_touched() -> None:
    rows = agents(HONG, KIM, LEE)
    view = View(rows)
    view.sort(Sort("team"))
    keys = view.keys
    assert not view.update(rows.apply([replace(HONG, name="바뀜")]))
    assert view.keys is keys
    assert view.update(rows.apply([replace(HONG, team=9)]))
    assert view.keys == ["lee", "kim", "hong"]
    assert not view.update(Changes())


def test_frozen_rows_keep_their_places() -> None:
    rows = agents(HONG, KIM, LEE)
    view = View(rows)
    view.sort(Sort("team"))
    view.freeze()
    assert not view.update(rows.apply([replace(HONG, team=9)]))
    assert view.keys == ["hong", "lee", "kim"]
    assert view.stale
    assert view.update(rows.apply([Agent("aaa", "새사람", 0)], ["lee"]))
    assert view.keys == ["hong", "kim", "aaa"]
    assert view.thaw()
    assert view.keys == ["aaa", "kim", "hong"]
    assert not view.stale
    assert not view.thaw()


def test_frozen_hides_new_rows_the_filter_refuses() -> None:
    rows = agents(HONG, KIM)
    view = View(rows)
    view.filter(lambda row: row.team == 1)
    view.freeze()
    view.update(rows.apply([Agent("zoe", "Zoe", 2), Agent("zed", "Zed", 1)]))
    assert view.keys == ["hong", "zed"]


@given(st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.booleans()), max_size=40), max_size=6))
def test_view_agrees_with_sorting_everything(updates: list[list[tuple[int, int, bool]]]) -> None:
    rows = KeyedRows[Agent](lambda row: row.account, ("name", "team"))
    view = View(rows)
    view.sort(Sort("team", descending=True), Sort("name"))
    view.filter(lambda row: row.team != 3)
    model: dict[Key, Agent] = {}
    for update in updates:
        removed = [f"a{n}" for n, _, gone in update if gone]
        upserts = [Agent(f"a{n}", f"n{team}", team) for n, team, gone in update if not gone]
        for key in removed:
            model.pop(key, None)
        model.update({row.account: row for row in upserts})
        view.update(rows.apply(upserts, removed))
        shown = [row for row in model.values() if row.team != 3]
        wanted = sorted(shown, key=lambda row: (-row.team, row.name, row.account))
        assert view.keys == [row.account for row in wanted]
        assert [view.position(key) for key in view.keys] == list(range(len(wanted)))
        assert list(rows.keys()) == sorted(model)


def test_window_is_limited_and_returns_shifts() -> None:
    window = Window[int](lambda row: row, limit=5)
    assert window.append([10, 9, 8], at_end=False) == 0
    assert window.at_start
    assert window.append([8, 7, 6, 5], at_end=False) == -1
    assert list(window) == [9, 8, 7, 6, 5]
    assert not window.at_start
    assert window.index_of(9) == 0
    assert window.index_of(10) is None
    assert (window.first_key, window.last_key) == (9, 5)
    assert window.prepend([12, 11, 10], at_start=True) == 3
    assert list(window) == [12, 11, 10, 9, 8]
    assert [window.index_of(n) for n in (12, 8, 7)] == [0, 4, None]
    assert window.at_start
    assert not window.at_end
    assert window.key_at(1) == 11
    assert window.key_at(5) is None
    assert window.key_at(-1) is None
    assert window.get(11) == 11
    assert window.get(7) is None
    window.clear()
    assert len(window) == 0
    assert window.first_key is None
    assert window.last_key is None


def test_window_refuses_a_limit_of_zero() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Window[int](lambda row: row, limit=0)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 30)), max_size=20), st.integers(1, 40))
def test_window_shift_keeps_every_row_in_its_place(moves: list[tuple[bool, int]], limit: int) -> None:
    window = Window[int](lambda row: row, limit=limit)
    window.append([500], at_end=False)
    for down, size in moves:
        before = {key: window.index_of(key) for key in window}
        if down:
            last = window.last_key
            assert isinstance(last, int)
            shift = window.append(range(last, last + size), at_end=False)
        else:
            first = window.first_key
            assert isinstance(first, int)
            shift = window.prepend(range(first - size, first + 1), at_start=False)
        held = list(window)
        assert len(held) <= limit
        assert held == list(range(held[0], held[0] + len(held)))
        for key, old in before.items():
            if (new := window.index_of(key)) is not None and old is not None:
                assert new == old + shift
