"""Window with the intervals behind a figure; Enter on one shows the log lines behind it (rules.md 27–31)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.stats import Evidence, Interval
from octui.text.durations import format_duration
from octui.text.tsv import format_block
from octui.text.width import cell_width
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE
from octui.ui.dialogs.evidence import EvidenceDialog
from octui.ui.dialogs.exports import Table, export_table
from octui.ui.dialogs.grid_report import GridReport
from octui.ui.locale import N_, Words
from octui.ui.sentences import error_sentence
from octui.ui.widgets.columns import Cell, Column, ListSource
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines, wrap_line
from octui.ui.words.times import time_of_day

FetchEvidence = Callable[[Interval], Awaitable[Evidence]]
_NARROWEST = 56
_TITLES = (N_("From"), N_("Until"), N_("Duration"), N_("Note"))


@dataclass(frozen=True)
class FigureIntervals:
    """The intervals of a figure of one day, with the seconds shown for each, which add up to the figure.

    `stem`: for the name of a file. `now`: the server's time (epoch ms).
    """

    stem: str
    time_zone: str
    intervals: Sequence[Interval]
    seconds: Sequence[int]
    now: int


class IntervalsDialog(GridReport):
    """A window with the intervals of a figure and its formula."""

    BINDINGS = bindings("app.help", "stats.evidence", "list.copy", "list.export")
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Enter", N_("Log lines")),
        ("F9", N_("Export")),
        ("^C", N_("Copy")),
        CLOSE,
    )

    def __init__(
        self, heading: Sequence[str], label: str, figure: FigureIntervals, fetch: FetchEvidence, t: Words
    ) -> None:
        """Create the window; `label` is the state's name."""
        super().__init__()
        self._label, self.figure, self._fetch, self.t = label, figure, fetch, t
        self._heading = [part for line in heading for part in wrap_line(line)]
        self._places: ListSource[int] = ListSource(lambda place: place, self._cells_of)
        self._places.set_rows(range(len(figure.intervals)))
        self.status = StatusLine()

    def compose_body(self) -> Vertical:
        t = self.t
        titles = [t(title) for title in _TITLES]
        columns = [
            Column("from", titles[0], 8),
            Column("until", titles[1], 8),
            Column("duration", titles[2], max(8, cell_width(titles[2])), align="right"),
            Column("note", titles[3], 12, flex=1),
        ]
        grid = Grid(columns, self._places, empty=t("Nothing yet."))
        self.status.styles.margin = (1, 0, 0, 0)
        box = Vertical(heading_lines(self._heading), grid, self.status, classes="intervals")
        notes = max((cell_width(self._row_texts(place)[3]) for place in self._places.rows), default=0)
        box.styles.width = max(_NARROWEST, 34 + notes, *(cell_width(line) + 3 for line in self._heading))
        box.styles.height = len(self._heading) + max(1, len(self.figure.intervals)) + 5
        return box

    def initial_focus(self) -> Widget:
        return self.query_one(Grid)

    def on_mount(self) -> None:
        self.query_one(Grid).reload()
        self._say_total()

    def _say_total(self) -> None:
        count = sum(interval.counted for interval in self.figure.intervals)
        clock = format_duration(sum(self.figure.seconds))
        self.status.say(self.t("{count} times, {clock} in all", count=count, clock=clock))

    def _row_texts(self, place: int) -> tuple[str, str, str, str]:
        """Return start, end, duration and note of an interval."""
        interval, zone = self.figure.intervals[place], self.figure.time_zone
        until = time_of_day(interval.end, zone) if interval.end is not None else self.t("now")
        again = "" if interval.counted else self.t("(goes on, not counted again)")
        note = f"{interval.call or ''} {again}".strip()
        return time_of_day(interval.start, zone), until, format_duration(self.figure.seconds[place]), note

    def _cells_of(self, place: int) -> list[Cell]:
        return [Cell(text) for text in self._row_texts(place)]

    @on(Grid.CursorMoved)
    def _clear_error(self) -> None:
        self._say_total()

    @on(Grid.Activated)
    def _show_activated(self) -> None:
        self.action_evidence()

    @work(exclusive=True, group="evidence")
    async def action_evidence(self) -> None:
        """Show the log lines behind the interval under the cursor."""
        cursor = self.query_one(Grid).cursor
        if cursor is None:
            return
        try:
            evidence = await self._fetch(self.figure.intervals[int(cursor[0])])
        except ClientError as error:
            self.status.say(error_sentence(error, self.t), error=True)
            return
        now, cells = self.figure.now, self.app.size.width
        await self.app.push_screen(EvidenceDialog(self._label, evidence, now, self.t, cells))

    def action_copy(self) -> None:
        """Copy the heading, all intervals and the total."""
        rows = [[line.strip()] for line in self._heading if line.strip()]
        rows += [list(self._row_texts(place)) for place in self._places.rows]
        self._say_total()
        self.host.copy_text(format_block([*rows, [self.status.text]]))

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Write the intervals to a file, in the format that the person chooses."""
        titles = [self.t(title) for title in _TITLES]
        rows = [self._row_texts(place) for place in self._places.rows]
        await export_table(self.host, self.host.show_message, Table(self.figure.stem, titles, rows))
