"""The grid under a pilot: keys, Korean, paste, rows that move, and what is painted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.events import Paste
from textual.geometry import Offset, Region
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from octui.state.drafts import Drafts
from octui.state.rows import KeyedRows, Sort, View
from octui.text.glyphs import GlyphLevel
from octui.text.width import cell_width
from octui.ui.styles import STYLES
from octui.ui.themes import Themed
from octui.ui.widgets.columns import Cell, Column, Key, lay_out_block
from octui.ui.widgets.grid import Grid


@dataclass(frozen=True)
class Agent:
    account: str
    name: str
    cti: str = ""
    no: str = ""


FIELDS = ("account", "name", "cti", "no")
COLUMNS = (
    Column("account", "ID", 6),
    Column("name", "이름", 8, priority=1),
    Column("cti", "CTI ID", 8, editable=True),
    Column("no", "NO", 4, align="right", editable=True),
)
PEOPLE = [Agent("a", "김민수", "7001", "1"), Agent("b", "이영희", "7002", "2"), Agent("c", "박지성", "", "3")]


class Table:
    """Rows, their order and their drafts: a `Source` for the grid and a `Base` for the drafts."""

    def __init__(self, people: Sequence[Agent]) -> None:
        self.rows = KeyedRows[Agent](lambda row: row.account, FIELDS)
        self.rows.apply(people)
        self.view = View(self.rows)
        self.drafts = Drafts(self)
        self.unloaded: set[Key] = set()

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

    def row_cells(self, key: Key) -> list[Cell] | None:
        if key in self.unloaded:
            return None
        row = self.rows[key]
        return [
            Cell(
                edited if (edited := self.drafts.value(key, name)) is not None else getattr(row, name),
                mark=self.drafts.mark(key, name),
            )
            for name in FIELDS
        ]


class Recorded(Grid):
    """A grid that remembers what it was asked to paint."""

    painted: list[Region | None]

    def refresh(self, *regions: Region, **options: Any) -> "Recorded":
        if not hasattr(self, "painted"):
            self.painted = []
        self.painted += regions or [None]
        return super().refresh(*regions, **options)


class Screenful(Themed[None]):
    """What a screen does with a grid."""

    CSS_PATH = [*STYLES]
    BINDINGS = [("s", "note('s')"), ("ctrl+s", "note('^s')"), ("escape", "note('esc')"), ("1", "note('1')")]

    def __init__(self, people: Sequence[Agent] = PEOPLE, columns: Sequence[Column] = COLUMNS) -> None:
        super().__init__()
        self.table = Table(people)
        self.clock = 100.0
        self.grid = Recorded(columns, self.table, empty="아무도 없음", clock=lambda: self.clock)
        self.said: list[Message] = []
        self.notes: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.grid
        yield Input()

    def on_mount(self) -> None:
        self.grid.focus()

    def action_note(self, text: str) -> None:
        self.notes.append(text)

    def on_event_message(self, message: Message) -> None:
        self.said.append(message)

    on_grid_cursor_moved = on_grid_activated = on_grid_copied = on_grid_wanted = on_event_message
    on_grid_edit_started = on_grid_edit_ended = on_event_message
    on_grid_end_reached = on_grid_edit_lost = on_grid_header_chosen = on_event_message

    def on_grid_edited(self, message: Grid.Edited) -> None:
        self.said.append(message)
        self.grid.refresh_cells(self.table.drafts.set_cells([(message.key, message.column, message.value)]))

    def on_grid_block_pasted(self, message: Grid.BlockPasted) -> None:
        self.said.append(message)
        filled = lay_out_block(self.table, self.grid.columns, message.key, message.column, message.block.rows)
        self.grid.refresh_cells(self.table.drafts.set_cells(filled.changes))

    def update(self, *people: Agent, removed: Sequence[str] = ()) -> None:
        """A poll came in."""
        changes = self.table.rows.apply(people, removed)
        self.table.drafts.rebase(changes.keys)
        if self.table.view.update(changes):
            self.grid.reload()
        else:
            self.grid.refresh_cells((key, name) for key, names in changes.changed.items() for name in names)

    def lines(self) -> list[str]:
        return [self.grid.render_line(y).text for y in range(self.grid.size.height)]

    def last(self, kind: type[Message]) -> Message | None:
        return next((message for message in reversed(self.said) if isinstance(message, kind)), None)

    def edited(self) -> dict[tuple[Key, str], str | None]:
        return {cell: self.table.drafts.value(*cell) for cell in self.table.drafts}


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(Paste(text))
    await pilot.pause()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_titles_rows_and_cursor_are_painted() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        app.grid.sorts = [("name", True)]
        await pilot.pause()
        lines = app.lines()
        assert lines[0] == " ID     이름▾    CTI ID     NO" + " " * 10
        assert lines[1] == " a      김민수   7001        1" + " " * 10
        assert lines[4].strip() == ""
        assert all(cell_width(line) == 40 for line in lines)
        assert app.last(Grid.CursorMoved) == Grid.CursorMoved("a", "account")
        app.grid.sorts = [("name", True), ("no", False)]
        assert "이름▾1" in app.lines()[0]
        assert "NO▴2" in app.lines()[0]
        app.choose_glyphs(GlyphLevel.ASCII)
        assert "이름v1" in app.lines()[0]


@pytest.mark.parametrize(
    ("title", "head"),
    [("Note", " ID   Note       +1→"), ("Next edit", " ID   Next edit +1→"), ("Next change", " ID   Next change  →")],
)
async def test_sign_for_hidden_columns_leaves_the_last_title_whole(title: str, head: str) -> None:
    app = Screenful()
    columns = [
        Column("id", "ID", 4),
        Column("next", title, cell_width(head) - 8),
        Column("note", "Note", 9, priority=1),
    ]
    async with app.run_test(size=(cell_width(head), 12)) as pilot:
        app.grid.columns = columns
        await pilot.pause()
        assert app.lines()[0] == head


async def test_hidden_column_is_shown_when_the_cursor_reaches_it() -> None:
    app = Screenful()
    async with app.run_test(size=(26, 12)) as pilot:
        await pilot.pause()
        assert app.lines()[0].endswith(" +1→")
        assert "이름" not in app.lines()[0]
        await press(pilot, "right")
        assert app.grid.cursor == ("a", "name")
        assert "이름" in app.lines()[0]
        assert "김민수" in app.lines()[1]


async def test_arrow_and_paging_keys_move_the_cursor() -> None:
    app = Screenful([Agent(f"p{n:03}", f"이름{n}") for n in range(200)])
    async with app.run_test(size=(40, 13)) as pilot:
        await press(pilot, "down", "right")
        assert app.grid.cursor == ("p001", "name")
        await press(pilot, "pagedown")
        assert app.grid.cursor == (f"p{1 + app.grid.page:03}", "name")
        assert f"p{1 + app.grid.page:03}" in app.lines()[2], "on the same line as before"
        await press(pilot, "pageup", "up", "up", "left", "left")
        assert app.grid.cursor == ("p000", "account")
        await press(pilot, "end")
        assert app.grid.cursor == ("p000", "no")
        await press(pilot, "ctrl+end", "home", "down")
        assert app.grid.cursor == ("p199", "account")
        assert "p199" in app.lines()[app.grid.page]
        assert app.last(Grid.EndReached) == Grid.EndReached("down")
        await press(pilot, "ctrl+home")
        assert app.grid.cursor == ("p000", "account")
        reached = [message.direction for message in app.said if isinstance(message, Grid.EndReached)]
        assert reached == ["up", "down"]
        assert app.grid.move_to("p100", "no")
        assert app.grid.cursor == ("p100", "no")
        assert not app.grid.move_to("nobody")
        assert not app.grid.move_to("p001", "nothing")


async def test_cursor_key_paints_four_small_regions() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right")
        app.grid.painted.clear()
        await press(pilot, "down")
        assert {region for region in app.grid.painted if region} == {
            Region(7, 1, 9, 1),
            Region(0, 1, 7, 1),
            Region(7, 2, 9, 1),
            Region(0, 2, 7, 1),
        }
        assert None not in app.grid.painted


async def test_changed_cell_paints_only_its_region() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        app.grid.painted.clear()
        app.update(replace(PEOPLE[1], cti="8002"))
        assert app.grid.painted == [Region(16, 2, 9, 1)]
        await pilot.pause()
        assert "8002" in app.lines()[2]
        app.grid.painted.clear()
        app.update(replace(PEOPLE[1], cti="8002"))
        assert app.grid.painted == []


async def test_korean_typing_moves_the_hardware_cursor() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right")
        assert app.cursor_position == Offset(17, 1)
        await press(pilot, "한", "글")
        assert app.grid.editing == ("a", "cti", "한글")
        assert app.cursor_position == Offset(21, 1)
        assert "한글" in app.lines()[1]
        await press(pilot, "enter")
        assert app.grid.editing is None
        assert app.last(Grid.Edited) == Grid.Edited("a", "cti", "한글")
        assert app.grid.cursor == ("b", "cti")
        assert app.cursor_position == Offset(17, 2)
        assert app.lines()[1] == " a      김민수  *한글        1" + " " * 10
        app.clock += 0.02
        await press(pilot, "요")
        assert app.last(Grid.Edited) == Grid.Edited("a", "cti", "한글요")
        assert app.grid.cursor == ("b", "cti")
        app.clock += 1
        await press(pilot, "f2", "ㄱ", "ctrl+g")
        assert app.edited() == {("a", "cti"): "한글요"}


async def test_late_syllable_belongs_to_the_cell_left() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right", "김", "enter", "enter")
        assert app.grid.editing is None
        app.clock += 1
        await press(pilot, "홍", "enter", "이", "영", "희", "enter")
        assert app.edited() == {("a", "cti"): "김", ("b", "cti"): "홍", ("c", "cti"): "이영희"}


async def test_edit_keys_change_and_end_the_edit() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "enter")
        assert app.last(Grid.Activated) == Grid.Activated("a", "account")
        await press(pilot, "tab", "9", "tab")
        assert app.grid.cursor == ("a", "no")
        await press(pilot, "f2", "0", "tab")
        assert app.grid.cursor == ("b", "cti")
        await press(pilot, "shift+tab", "shift+tab", "enter", "5", "escape")
        assert app.grid.cursor == ("a", "cti")
        assert app.grid.editing is None
        assert app.edited() == {("a", "cti"): "9", ("a", "no"): "10"}
        await press(pilot, "delete", "down", "backspace")
        assert app.grid.editing == ("b", "cti", "")
        await press(pilot, "1", "s", "up")
        assert app.edited() == {("a", "cti"): "", ("a", "no"): "10", ("b", "cti"): "1s"}
        assert app.notes == []
        await press(pilot, "ctrl+s", "escape")
        assert app.notes == ["^s", "esc"]
        await press(pilot, "left", "s", "1")
        assert app.notes == ["^s", "esc"], "where one column is typed into, letters and digits lead nowhere else"
        await press(pilot, "ctrl+home", "shift+tab")
        assert not app.grid.has_focus


async def test_tab_leaves_the_grid_after_the_last_cell() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "ctrl+end", "end", "tab")
        assert not app.grid.has_focus


async def test_unchanged_edit_is_not_reported() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right", "f2", " ", "enter")
        assert app.last(Grid.Edited) is None
        await press(pilot, "x")
        assert app.grid.take_edit() == ("b", "cti", "x")
        assert app.grid.take_edit() is None
        assert app.grid.start_edit()
        app.grid.cancel_edit()
        await press(pilot, "left")
        assert not app.grid.start_edit()


async def test_edit_start_and_end_are_reported() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right", "f2", "escape", "x", "enter")
        assert [m for m in app.said if not isinstance(m, Grid.CursorMoved | Grid.EndReached)] == [
            Grid.EditStarted("a", "cti"),
            Grid.EditEnded("a", "cti"),
            Grid.EditStarted("a", "cti"),
            Grid.EditEnded("a", "cti"),
            Grid.Edited("a", "cti", "x"),
        ]


async def test_hidden_grid_does_not_move_the_hardware_cursor() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right")
        await app.push_screen(ModalScreen())
        app.cursor_position = Offset(3, 3)
        app.grid.move_to("c")
        assert app.cursor_position == Offset(3, 3)
        await app.pop_screen()
        app.grid.place_cursor()
        assert app.cursor_position == Offset(17, 3)


async def test_printable_keys_are_consumed() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        assert app.grid.check_consume_key("s", "s"), "a column that is not edited, in a table that is"
        await press(pilot, "right", "right")
        assert app.grid.check_consume_key("s", "s")
        assert not app.grid.check_consume_key("ctrl+s", None)
        assert not app.grid.check_consume_key("space", " ")
        await press(pilot, "f2")
        assert app.grid.check_consume_key("space", " ")


async def test_pasted_block_is_reported() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right")
        await paste(pilot, "8001\t11\r8002\t12\textra\r8003\t13\r8004\t14\r")
        assert app.edited() == {
            ("a", "cti"): "8001",
            ("a", "no"): "11",
            ("b", "cti"): "8002",
            ("b", "no"): "12",
            ("c", "cti"): "8003",
            ("c", "no"): "13",
        }
        app.table.drafts.undo()
        assert app.edited() == {}
        await paste(pilot, "9\u1112\u1161\u11ab\r")
        assert app.edited() == {("a", "cti"): "9한"}
        await press(pilot, "f2", "home")
        await paste(pilot, " x\x1b")
        assert app.grid.editing == ("a", "cti", " x\ufffd9한")
        await paste(pilot, "1\r2")
        assert app.grid.editing is None
        assert app.edited() == {("a", "cti"): "1", ("b", "cti"): "2"}
        await press(pilot, "shift+down", "shift+right")
        await paste(pilot, "0")
        assert len(app.edited()) == 4
        await press(pilot, "delete")
        assert set(app.edited().values()) == {""}
        await paste(pilot, "")


async def test_read_only_table_ignores_pastes() -> None:
    app = Screenful(columns=[replace(column, editable=False) for column in COLUMNS])
    async with app.run_test(size=(40, 12)) as pilot:
        await paste(pilot, "1\t2")
        await press(pilot, "1", "tab")
        assert app.last(Grid.BlockPasted) is None
        assert app.notes == ["1"]
        assert not app.grid.has_focus


async def test_selected_block_is_copied() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "ctrl+c")
        assert app.last(Grid.Copied) == Grid.Copied("김민수")
        await press(pilot, "shift+right", "shift+down", "ctrl+c")
        assert app.last(Grid.Copied) == Grid.Copied("김민수\t7001\n이영희\t7002")
        app.table.view.sort(Sort("no", descending=True))
        app.grid.reload()
        await press(pilot, "ctrl+c")
        assert app.last(Grid.Copied) == Grid.Copied("이영희\t7002\n김민수\t7001")
        app.update(removed=["a"])
        await press(pilot, "ctrl+c", "shift+up", "escape", "ctrl+c")
        assert app.last(Grid.Copied) == Grid.Copied("")
        assert app.notes == []


async def test_sort_during_an_edit_keeps_the_edit_at_its_key() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right", "x")
        app.table.view.sort(Sort("no", descending=True))
        app.grid.reload()
        await press(pilot, "y")
        assert app.grid.editing == ("a", "cti", "xy")
        assert "xy" in app.lines()[3]
        app.update(replace(PEOPLE[0], cti="7777"))
        await press(pilot, "enter")
        assert app.edited() == {("a", "cti"): "xy"}


async def test_removed_row_stays_visible_while_edited() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "down", "right", "right", "x")
        app.update(removed=["b"])
        await pilot.pause()
        assert app.last(Grid.EditLost) == Grid.EditLost("b", "cti")
        assert app.grid._lost_line is not None
        assert app.grid.editing == ("b", "cti", "x")
        assert app.lines()[2].startswith(" b      이영희   x ")
        assert app.cursor_position == Offset(18, 2)
        await press(pilot, "y")
        app.update(PEOPLE[1])
        await pilot.pause()
        assert app.grid._lost_line is None
        assert app.lines()[2].startswith(" b      이영희   xy ")
        app.update(removed=["b"])
        await press(pilot, "enter")
        assert app.last(Grid.Edited) == Grid.Edited("b", "cti", "xy")
        assert app.grid.cursor == ("c", "cti")
        assert app.lines()[2].startswith(" c      박지성")


async def test_edit_goes_on_after_all_rows_are_removed() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right", "x")
        app.update(removed=["a", "b", "c"])
        await pilot.pause()
        assert "x" in app.lines()[1]
        await press(pilot, "escape")
        assert app.grid.cursor is None
        assert app.lines()[1].strip() == "아무도 없음"
        await press(pilot, "down", "enter", "x", "delete", "ctrl+c", "tab")
        app.update(PEOPLE[0])
        await pilot.pause()
        assert app.grid.cursor == ("a", "cti")


async def test_cursor_stays_on_its_screen_line() -> None:
    app = Screenful([Agent(f"p{n:03}", f"이름{n}") for n in range(100)])
    async with app.run_test(size=(40, 13)) as pilot:
        app.grid.move_to("p050")
        await pilot.pause()
        line = next(i for i, text in enumerate(app.lines()) if "p050" in text)
        app.update(*[Agent(f"n{n:03}", "새") for n in range(20)], removed=[f"p{n:03}" for n in range(30)])
        await pilot.pause()
        assert "p050" in app.lines()[line]
        assert app.grid.cursor == ("p050", "account")
        app.grid.scroll_to(y=0, animate=False)
        await pilot.pause()
        top = app.lines()[1]
        app.update(*[Agent(f"a{n:03}", "앞") for n in range(7)])
        await pilot.pause()
        assert app.lines()[1] == top
        app.update(removed=["p050"])
        await pilot.pause()
        assert app.grid.cursor == ("p051", "account")


async def test_next_key_scrolls_to_the_edit() -> None:
    app = Screenful([Agent(f"p{n:03}", f"이름{n}") for n in range(100)])
    async with app.run_test(size=(40, 13)) as pilot:
        await press(pilot, "right", "right", "x")
        app.grid.scroll_to(y=60, animate=False)
        await pilot.pause()
        assert app.grid.cell_region("p000", 2) is None
        assert app.cursor_position.y == 1
        await press(pilot, "y")
        assert "xy" in app.lines()[1]


async def test_resize_keeps_the_cursor_in_view() -> None:
    app = Screenful([Agent(f"p{n:03}", f"이름{n}") for n in range(100)])
    async with app.run_test(size=(40, 30)) as pilot:
        app.grid.move_to("p020", "cti")
        await pilot.pause()
        await pilot.resize_terminal(24, 12)
        await pilot.pause()
        assert any("p020" in line for line in app.lines())
        assert all(cell_width(line) == app.grid.line_width for line in app.lines())


async def test_missing_rows_are_requested_once() -> None:
    app = Screenful()
    app.table.unloaded = {"b", "c"}
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert app.lines()[2].strip() == "…"
        app.grid.refresh()
        await pilot.pause()
        assert [m for m in app.said if isinstance(m, Grid.Wanted)] == [Grid.Wanted(1, 2)]
        await press(pilot, "down", "right", "right", "x")
        assert app.grid.editing is None
        app.table.unloaded = set()
        app.grid.reload()
        await pilot.pause()
        assert "이영희" in app.lines()[2]


HOSTILE = [
    "[/foo]",
    "[@click=app.quit]x",
    "\x1b[2J\x1b]52;c;aGk=\x07",
    "a\u202eb\u200b",
    "x" * 10_000,
    "\t\n\r",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_painted_as_text(text: str) -> None:
    columns = [*COLUMNS[:3], Column("no", text, 4, editable=True)]
    app = Screenful([Agent("a", text, text, text)], columns)
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right", "f2")
        lines = app.lines()
        assert all(cell_width(line) == 40 for line in lines)
        assert not any(c in "".join(lines) for c in "\x1b\x07\u202e\u200b\t\n\r")
        await press(pilot, "y", "enter")
        assert app.edited()[("a", "cti")] is not None
        assert all(cell_width(line) == 40 for line in app.lines())


async def test_wide_characters_are_cut_in_cells() -> None:
    app = Screenful([Agent("a", "가나다라마바", "12345678")])
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right", "f2", "한", "글", "home", "right")
        lines = app.lines()
        assert lines[1].startswith(" a      가나다 … 12345678 ")
        assert cell_width(lines[1]) == 40
        assert app.cursor_position == Offset(18, 1)


async def test_clicks_move_select_and_activate() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.click(Grid, offset=(18, 2))
        assert app.grid.cursor == ("b", "cti")
        await press(pilot, "x")
        await pilot.click(Grid, offset=(19, 2))
        assert app.grid.editing == ("b", "cti", "x")
        await pilot.click(Grid, offset=(2, 1))
        assert app.edited() == {("b", "cti"): "x"}
        await pilot.click(Grid, offset=(10, 0))
        assert app.last(Grid.HeaderChosen) == Grid.HeaderChosen("name")
        await pilot.double_click(Grid, offset=(18, 1))
        assert app.grid.editing == ("a", "cti", "7001")
        await pilot.click(Grid, offset=(38, 5))
        await pilot.click(Grid, offset=(18, 9))
        assert app.grid.editing == ("a", "cti", "7001")


async def test_new_columns_keep_the_cursor() -> None:
    app = Screenful()
    async with app.run_test(size=(40, 12)) as pilot:
        await press(pilot, "right", "right")
        app.grid.columns = COLUMNS[2:]
        app.grid.source = app.table
        await pilot.pause()
        assert app.grid.cursor == ("a", "cti")
        assert app.lines()[0].startswith(" CTI ID     NO ")
