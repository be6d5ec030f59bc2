"""The grid at 50,000 rows against Textual's DataTable at 50, CPU milliseconds in one run (median unless said).

python tests/bench/grid.py
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from statistics import median, quantiles

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from octui.state.drafts import Drafts
from octui.state.rows import KeyedRows, Sort, View
from octui.ui.styles import STYLES
from octui.ui.themes import Themed
from octui.ui.widgets.columns import Cell, Column, Key
from octui.ui.widgets.grid import Grid

ROWS, SIZE = 50_000, (130, 40)
FIELDS = ("account", "name", "email", "cti_id", "cti_no", "services", "phone")
NAMES = ("김민수", "이영희", "박지성", "최정", "홍길동", "남궁민수", "佐藤 花子", "Smith, John")
COLUMNS = (
    Column("account", "ID", 11),
    Column("name", "이름", 12),
    Column("email", "이메일", 18, flex=2, priority=3),
    Column("cti_id", "CTI ID", 10, editable=True),
    Column("cti_no", "CTI NO", 8, editable=True, align="right"),
    Column("services", "서비스", 14, flex=3, priority=2),
    Column("phone", "전화 준비", 12, priority=1),
)


@dataclass(frozen=True, slots=True)
class Agent:
    account: str
    name: str
    email: str
    cti_id: str
    cti_no: str
    services: str
    phone: str


def agents(count: int) -> list[Agent]:
    return [
        Agent(f"agent{n:05}", NAMES[n * 7 % 8], f"a{n}@acme.example", f"{n}", f"{n % 977}", "Acme 고객센터", "가능")
        for n in range(count)
    ]


class Table:
    """Rows and cells for the grid, as a screen provides them."""

    def __init__(self, people: Sequence[Agent]) -> None:
        self.rows = KeyedRows[Agent](lambda row: row.account, FIELDS)
        self.rows.apply(people)
        self.view = View(self.rows, digest=lambda row: f"{row.account} {row.name} {row.email}".casefold())
        self.drafts = Drafts(self, unique=("cti_id",))

    def row_keys(self) -> Sequence[Key]:
        return self.rows.keys()

    def value(self, key: Key, column: str) -> str | None:
        row = self.rows.get(key)
        return None if row is None else str(getattr(row, column))

    def version(self, key: Key) -> int:
        return 1

    def row_count(self) -> int:
        return len(self.view)

    def key_at(self, index: int) -> Key | None:
        return self.view.keys[index]

    def index_of(self, key: Key) -> int | None:
        return self.view.position(key)

    def row_cells(self, key: Key) -> list[Cell]:
        row, drafts = self.rows[key], self.drafts
        return [
            Cell(
                getattr(row, name) if (edited := drafts.value(key, name)) is None else edited,
                mark=drafts.mark(key, name),
            )
            for name in FIELDS
        ]


class GridApp(Themed[None]):
    CSS_PATH = [*STYLES]

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(agents(ROWS))
        self.grid = Grid(COLUMNS)

    def compose(self) -> ComposeResult:
        yield self.grid


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.grid: DataTable[str] = DataTable()

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        for column in COLUMNS:
            self.grid.add_column(column.title, key=column.key, width=max(column.width, 10))
        for row in agents(50):
            self.grid.add_row(*(getattr(row, name) for name in FIELDS), key=row.account)


FRAME = 0.02  # seconds: a little more than Textual waits before it paints


async def cpu(pilot: Pilot[None], act: Callable[[], object], times: int) -> list[float]:
    """Return the CPU milliseconds of an action with its painting, each time."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        result = act()
        if isinstance(result, Awaitable):
            await result
        await pilot.pause(FRAME)
        spent.append((time.process_time() - start) * 1_000)
    return spent


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


async def _measure() -> dict[str, float]:
    result: dict[str, float] = {}
    steps = cycle(["down"] * 30 + ["up"] * 30)
    table = TableApp()
    async with table.run_test(size=SIZE) as pilot:
        await pilot.pause()
        keys = await cpu(pilot, lambda: pilot.press(next(steps)), 100)
        result["datatable_50_cursor_key"] = median(keys)
        result["datatable_50_cursor_key_p95"] = p95(keys)

    app = GridApp()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        grid, source = app.grid, app.table

        def show() -> None:
            grid.source = source

        result["paint"] = median(await cpu(pilot, show, 1))
        grid.focus()
        keys = await cpu(pilot, lambda: pilot.press(next(steps)), 100)
        result["cursor_key"] = median(keys)
        result["cursor_key_p95"] = p95(keys)
        result["cursor_key_ratio_p95"] = p95(keys) / result["datatable_50_cursor_key_p95"]
        await pilot.press("pagedown")
        result["cursor_key_scrolling"] = median(await cpu(pilot, lambda: pilot.press("down"), 30))
        result["page_down"] = median(await cpu(pilot, lambda: pilot.press("pagedown"), 10))

        def one_cell() -> None:
            key = grid.cursor[0] if grid.cursor else ""
            row = source.rows[key]
            changes = source.rows.apply([replace(row, cti_no=f"{int(row.cti_no) + 1}")])
            grid.refresh_cells((k, name) for k, names in changes.changed.items() for name in names)

        result["one_cell"] = median(await cpu(pilot, one_cell, 10))
        searches = iter(["수", "김", "agent1", "9@", ""] * 2)

        def search() -> None:
            text = next(searches)
            source.view.filter((lambda seen: text in seen) if text else None)
            grid.reload()

        filters = await cpu(pilot, search, 10)
        result["filter_first"], result["filter"] = filters[0], median(filters[1:])

        def refresh() -> None:
            changes = source.rows.replace([replace(row, cti_no=row.cti_no + "1") for row in rows])
            source.view.update(changes)
            grid.reload()

        def sort() -> None:
            source.view.sort(Sort("name"))
            grid.reload()

        rows = agents(ROWS)
        making = time.process_time()
        _ = [replace(row, cti_no=row.cti_no + "1") for row in rows]
        making = (time.process_time() - making) * 1_000
        result["refresh"] = median(await cpu(pilot, refresh, 3)) - making
        result["sort"] = median(await cpu(pilot, sort, 3))
        await pilot.press("home", "right", "right", "right")
        result["start_edit"] = median(await cpu(pilot, lambda: pilot.press("f2"), 1))
        result["key_in_edit"] = median(await cpu(pilot, lambda: pilot.press("7"), 10))
    return {name: round(value, 2) for name, value in result.items()}


def measure() -> dict[str, float]:
    """Return CPU milliseconds by name; `cursor_key_ratio_p95` is the budget's ratio (at most 1.5)."""
    return asyncio.run(_measure())


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:28} {value:8.2f}")
