"""Window with the log lines that explain one interval (rules.md 35–45)."""

from typing import ClassVar

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.schema.stats import Evidence, SourceEvent
from octui.text.durations import format_duration
from octui.text.tsv import format_block
from octui.text.width import wrap_text
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE
from octui.ui.dialogs.exports import Table, export_table
from octui.ui.dialogs.grid_report import GridReport
from octui.ui.locale import N_, Words
from octui.ui.widgets.columns import Cell, Column, ListSource
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.text_lines import TextLines, heading_lines
from octui.ui.words.evidence import event_name, event_origin, event_place, event_words, reason_lines
from octui.ui.words.times import date_and_time, time_of_day

WIDEST = 140
NARROWEST = 60
_DETAIL = 3
"""Lines for the event under the cursor: its line of the log, of up to two, and where that was read."""
_TITLES = {
    "time": N_("Moment"),
    "what": N_("What happened"),
    "event": N_("Event"),
    "queue": N_("Queue"),
    "call": N_("Call"),
    "place": N_("File:line"),
}


class EvidenceDialog(GridReport):
    """A window with an interval's cause and end, the events between, and the log line under the cursor."""

    BINDINGS = bindings("app.help", "list.copy", "list.export")
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("F9", N_("Export")), ("^C", N_("Copy")), CLOSE)

    def __init__(self, label: str, evidence: Evidence, now: int, t: Words, cells: int) -> None:
        """Create the window; `label`: the state's name, `now`: server's time, `cells`: screen width."""
        super().__init__()
        self._evidence, self.t = evidence, t
        self._inner = max(NARROWEST, min(WIDEST, cells * 96 // 100)) - 2
        self._heading = self._heading_texts(label, now)
        places = {id(event): place for place, event in enumerate(evidence.events)}
        self._events: ListSource[SourceEvent] = ListSource(lambda event: places[id(event)], self._cells_of)
        self._events.set_rows(evidence.events)
        self._detail = TextLines([])

    def _heading_texts(self, label: str, now: int) -> list[str]:
        interval, zone, t = self._evidence.interval, self._evidence.time_zone, self.t
        end = now if interval.end is None else interval.end
        until = t("now") if interval.end is None else time_of_day(end, zone)
        lasted = format_duration((end - interval.start) // 1000)
        title = f" {label}  {t.date(self._evidence.date)}  {time_of_day(interval.start, zone)} - {until}  {lasted}"
        reasons = [f" {line}" for line in reason_lines(self._evidence, t)]
        return [part for line in (title, *reasons, "") for part in wrap_text(line, self._inner)]

    def compose_body(self) -> Vertical:
        titles = {key: self.t(title) for key, title in _TITLES.items()}
        columns = [
            Column("time", titles["time"], 8),
            Column("what", titles["what"], 20, flex=2, most=40),
            Column("event", titles["event"], 14, priority=1, most=20),
            Column("queue", titles["queue"], 6, flex=1, most=24),
            Column("call", titles["call"], 16, flex=1, most=28),
            Column("place", titles["place"], 16, flex=2),
        ]
        grid = Grid(columns, self._events, empty=self.t("No event is kept of this time."))
        self._detail.can_focus = False
        self._detail.styles.height = _DETAIL
        self._detail.styles.margin = (1, 0, 0, 0)
        box = Vertical(heading_lines(self._heading), grid, self._detail, classes="evidence")
        box.styles.width = self._inner + 2
        box.styles.height = len(self._heading) + max(1, len(self._evidence.events)) + _DETAIL + 5
        return box

    def initial_focus(self) -> Widget:
        return self.query_one(Grid)

    def on_mount(self) -> None:
        self.query_one(Grid).reload()

    def _cells_of(self, event: SourceEvent) -> list[Cell]:
        texts = (event_words(event, self.t), event_name(event), event.queue or "", event.call or "")
        causes = (self._evidence.began.event, self._evidence.ended.event)
        time = Cell(time_of_day(event.at, self._evidence.time_zone), "strong" if event in causes else "")
        return [time, *map(Cell, texts), Cell(event_place(event, self.t))]

    @on(Grid.CursorMoved)
    def _show_detail(self) -> None:
        """Show the full log line of the event under the cursor."""
        cursor = self.query_one(Grid).cursor
        event = None if cursor is None else self._events.row_of(cursor[0])
        if event is not None:
            line = wrap_text(" " + (event.text or f"{event.type} {event.state or event.call or ''}"), self._inner)
            self._detail.set_lines([*line[: _DETAIL - 1], " " + event_origin(event, self.t)])

    def action_copy(self) -> None:
        """Copy the heading and all events with their lines."""
        rows = [[line.strip()] for line in self._heading]
        rows += [[*(cell.text for cell in self._cells_of(each)), each.text or ""] for each in self._evidence.events]
        self.host.copy_text(format_block(rows))

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Write the events to a file, in the format that the person chooses."""
        t, zone = self.t, self._evidence.time_zone
        titles = [t(title) for title in (*_TITLES.values(), N_("Line of the log"), N_("Source"))]
        rows = [
            (
                date_and_time(event.at, zone),
                *(cell.text for cell in self._cells_of(event)[1:]),
                event.text or "",
                event_origin(event, t),
            )
            for event in self._evidence.events
        ]
        stem = f"events-{date_and_time(self._evidence.interval.start, zone)}".replace(" ", "-").replace(":", "")
        await export_table(self.host, self.host.show_message, Table(stem, titles, rows))
