"""A table on the whole screen, octui's grid or Textual's DataTable, that changes one cell when F9 is pressed and
draws the same again when F10 is: `python cell_app.py grid|datatable`."""

import sys
from dataclasses import replace

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from bench.grid import COLUMNS, FIELDS, Table, agents
from octui.ui.styles import STYLES
from octui.ui.themes import Themed
from octui.ui.widgets.grid import Grid
from octui.ui.wire import Wire

ROWS = 200
KEY = "agent00010"


class GridCell(Themed[None], Wire[None]):
    CSS_PATH = STYLES
    BINDINGS = [("f9", "one", ""), ("f10", "nothing", "")]

    def compose(self) -> ComposeResult:
        yield Grid(COLUMNS)

    def on_mount(self) -> None:
        self._table = Table(agents(ROWS))
        self.query_one(Grid).source = self._table

    def action_one(self) -> None:
        table = self._table
        row = table.rows[KEY]
        changes = table.rows.apply([replace(row, cti_no=f"{(int(row.cti_no) + 1) % 1000:03}")])
        self.query_one(Grid).refresh_cells((k, name) for k, names in changes.changed.items() for name in names)

    def action_nothing(self) -> None:
        self.query_one(Grid).reload()


class DataTableCell(App[None]):
    BINDINGS = [("f9", "one", ""), ("f10", "nothing", "")]
    _number = 0

    def compose(self) -> ComposeResult:
        yield DataTable()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for column in COLUMNS:
            table.add_column(column.title, key=column.key, width=max(column.width, 10))
        for row in agents(ROWS):
            table.add_row(*(getattr(row, name) for name in FIELDS), key=row.account)

    def action_one(self) -> None:
        self._number += 1
        self.query_one(DataTable).update_cell(KEY, "cti_no", f"{self._number % 1000:03}")

    def action_nothing(self) -> None:
        self.query_one(DataTable).refresh()


if __name__ == "__main__":
    {"grid": GridCell, "datatable": DataTableCell}[sys.argv[1]]().run(mouse=False)
