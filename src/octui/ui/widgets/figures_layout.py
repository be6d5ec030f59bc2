"""Layout of the figures on My stats: pure functions from figures to lines of cells (rules.md 27–31)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from octui.schema.stats import Channel, ChatState, PhoneState, Stats
from octui.state.stats import LiveStats
from octui.text.durations import format_duration
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.cells.states import state_digit
from octui.ui.locale import Words
from octui.ui.words.stats import CHAT_LABELS, PHONE_LABELS, SHORT_LABELS, TICKET_LABELS

CALLS = frozenset({PhoneState.INBOUND_CALLS, PhoneState.OUTBOUND_CALLS})

LABEL, COUNT, TIME, TICKETS = 12, 6, 8, 5  # cells
CELL = 2 + LABEL + COUNT + 1 + TIME  # the next one's mark keeps them apart
DENSE_CELL, WIDEST_DENSE = 25, 28  # mark, digit, space, label and count, space, time
WIDEST = 42
MOST_COLUMNS = 6


@dataclass(frozen=True)
class FigureId:
    """Identity of a figure on My stats; `group` is tickets, phone, login or chat."""

    group: str
    name: str


@dataclass(frozen=True)
class Run:
    """Part of a line in one style (a component class of the widget, without its prefix)."""

    text: str
    style: str


@dataclass(frozen=True)
class Placed:
    """Place of a figure on the page: line, first cell, width."""

    line: int
    x: int
    cells: int


@dataclass(frozen=True)
class Page:
    """Lines of My stats as runs, and the place of each figure."""

    lines: tuple[tuple[Run, ...], ...]
    places: dict[FigureId, Placed]


FigureCells: TypeAlias = Sequence[tuple[FigureId, list[Run]]]
State = TypeVar("State", PhoneState, ChatState)


def columns_for(cells: int, *, dense: bool = False) -> tuple[int, int]:
    """Return number and width of the columns of figures on a screen `cells` wide."""
    count = max(1, min(MOST_COLUMNS, (cells - 1) // (DENSE_CELL if dense else CELL)))
    wide = min(WIDEST, (cells - 1) // count)
    if dense:
        return count, wide
    # Even where the tickets stand two to a column, so that they are in line with it.
    return count, wide - (wide % 2 if count == 2 else 0)


def tickets_for(count: int, wide: int) -> tuple[int, int]:
    """Return number and width of the ticket columns, aligned with the other columns."""
    if count <= 2 and wide // 2 >= 2 + LABEL + TICKETS:
        return 2 * count, wide // 2
    return min(count, len(TICKET_LABELS)), wide


def count_text(count: int, calls: bool, t: Words) -> str:
    """Return a count with its unit: `23건` for calls, `3회` for states."""
    return t("{count} calls", count=count) if calls else t("{count} times", count=count)


def _count_that_fits(count: int, text: str, cells: int) -> str:
    """Return a count with its unit if that fits, else the number alone."""
    return text if cell_width(text) <= cells else str(count)


def _figure_cell(mark: str, label: str, count: str, time: str, chosen: bool, running: bool, cells: int) -> list[Run]:
    """Return a figure with count and time, exactly `cells` wide."""
    kind = "running" if running else "label"
    value = "running" if running else "value"
    if chosen:
        kind = value = "chosen"
    head = Run(mark + fit_text(label, LABEL), kind)
    tail = Run(fit_text(count, COUNT, "right") + " " + fit_text(time, TIME, "right"), value)
    return [head, tail, Run(" " * max(0, cells - 2 - LABEL - COUNT - 1 - TIME), "blank")]


def _dense_cell(
    mark: str, digit: Run, labels: tuple[str, str], count: str, time: str, chosen: bool, running: bool, cells: int
) -> list[Run]:
    """Return a figure with the digit of its state, exactly `cells` wide; the second label is for little room."""
    kind, value = ("running", "running") if running else ("label", "value")
    if chosen:
        kind = value = "chosen"
    room = min(cells, WIDEST_DENSE) - 4 - TIME - cell_width(count) - (1 if count else 0)
    return [
        Run(mark, kind),
        digit,
        Run(" " + fit_text(labels[0] if cell_width(labels[0]) <= room else labels[1], room), kind),
        Run((" " + count if count else "") + " " + fit_text(time, TIME, "right"), value),
        Run(" " * max(0, cells - WIDEST_DENSE), "blank"),
    ]


def _ticket_cell(label: str, value: str, chosen: bool, cells: int) -> list[Run]:
    """Return a ticket count as runs; four of them fit in one line of 80 cells."""
    style = "chosen" if chosen else ""
    used = 2 + LABEL + TICKETS
    return [
        Run("  " + fit_text(label, LABEL), style or "label"),
        Run(fit_text(value, TICKETS, "right"), style or "value"),
        Run(" " * max(0, cells - used), "blank"),
    ]


def _spread_cells(cells_of: FigureCells, count: int, width_of: int, first: int) -> Page:
    """Return figures in lines of `count` each, and their places; the first line is number `first`."""
    lines: list[tuple[Run, ...]] = []
    places: dict[FigureId, Placed] = {}
    for row in range(0, len(cells_of), count):
        runs: list[Run] = [Run(" ", "blank")]
        for column, (figure, parts) in enumerate(cells_of[row : row + count]):
            places[figure] = Placed(first + len(lines), 1 + column * width_of, width_of)
            runs.extend(parts)
        lines.append(tuple(runs))
    return Page(tuple(lines), places)


def share_bar(shares: Sequence[tuple[str, str, int]], cells: int) -> tuple[Run, ...]:
    """Return a bar of exactly `cells` cells, divided in proportion to the seconds.

    `shares`: (style, label, seconds), in order; every part above zero gets at least one cell while there is room,
    the rest by largest remainder.
    """
    shares = [share for share in shares if share[2] > 0]
    total = sum(seconds for _, _, seconds in shares)
    if not total or cells < len(shares):
        return (Run(" " * max(0, cells), "bar-empty"),)
    free = cells - len(shares)
    exact = [seconds * free / total for _, _, seconds in shares]
    parts = [1 + int(cells_exact) for cells_exact in exact]
    order = sorted(range(len(shares)), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in order[: cells - sum(parts)]:
        parts[i] += 1
    runs = []
    for (style, label, _), room in zip(shares, parts, strict=True):
        text = f"|{label}" if room > cell_width(label) else "|"
        runs.append(Run(fit_text(text, room), style))
    return tuple(runs)


def stats_page(
    live: LiveStats | None,
    now: int,
    t: Words,
    cells: int,
    chosen: FigureId | None,
    *,
    dense: bool = False,
    has_now_card: bool = False,
) -> Page:
    """Return the lines of My stats for a screen `cells` wide at server time `now` (epoch ms).

    `dense`: for the screen, where cards follow: no empty lines, no bar, and the digit of each state. `has_now_card`: a
    card says which state is running, so that no line does.
    """
    stats: Stats | None = live.stats if live is not None else None
    count, wide = columns_for(cells, dense=dense)
    is_running = live is not None and live.running_phone is not None and not live.is_over(now)
    lines: list[tuple[Run, ...]] = [_title_line(stats, t, cells)]
    if not (has_now_card and is_running):
        lines.append(_now_line(live, now, t, cells))
    spaces: list[tuple[Run, ...]] = [] if dense else [()]
    lines += spaces
    places: dict[FigureId, Placed] = {}

    def add_section(title: str, note: str, body: FigureCells, count: int = count, wide: int = wide) -> None:
        head = Run(" " + title, "section")
        room = max(0, cells - cell_width(head.text) - 2)
        lines.append((head, Run("  " + fit_text(note, min(cell_width(note), room)), "note")) if note else (head,))
        section = _spread_cells(body, count, wide, len(lines))
        lines.extend(section.lines)
        places.update(section.places)

    fits_tickets = dense and (cells - 1) // len(TICKET_LABELS) >= 2 + LABEL + TICKETS
    of_tickets = (len(TICKET_LABELS), min(wide, (cells - 1) // len(TICKET_LABELS)))
    ticket_columns, per_ticket = of_tickets if fits_tickets else tickets_for(count, wide)
    add_section(t("Tickets"), "", _ticket_cells(stats, t, per_ticket, chosen), ticket_columns, per_ticket)
    lines += spaces
    phone = live.phone_figures(now) if live is not None else None
    login = live.logged_in(now) if live is not None else None
    note = ""
    if login:
        times, clock = count_text(login[0], False, t), format_duration(login[1])
        note = t("logged in {times}, {clock} in all", times=times, clock=clock)
        assumed = live.assumed(now) if live is not None else None
        if assumed and assumed[0] + assumed[1]:
            note += "  " + t("login not in the log: {clock}", clock=format_duration(assumed[1]))
    running = live.running_phone if live is not None else None
    add_section(t("Phone"), note, _state_cells("phone", PHONE_LABELS, phone, running, chosen, t, wide, dense=dense))
    if not dense:
        shares = [(f"bar-{state.value}", t(PHONE_LABELS[state]), shown[1]) for state, shown in (phone or {}).items()]
        lines.append((Run(" ", "blank"), *share_bar(shares, max(0, min(cells, 2 + count * wide) - 2))))
    lines += spaces
    chat = live.chat_figures(now) if live is not None else None
    chatting = live.running_chat if live is not None else None
    add_section(t("Chat"), "", _state_cells("chat", CHAT_LABELS, chat, chatting, chosen, t, wide, dense=dense))
    return Page(tuple(lines), places)


def _ticket_cells(stats: Stats | None, t: Words, cells: int, chosen: FigureId | None) -> FigureCells:
    tickets = stats.tickets.model_dump() if stats is not None and stats.tickets is not None else {}
    rows = []
    for name, label in TICKET_LABELS.items():
        figure, count = FigureId("tickets", name), tickets.get(name)
        text = (
            glyphs().unknown if count is None else _count_that_fits(count, t("{count} tickets", count=count), TICKETS)
        )
        rows.append((figure, _ticket_cell(t(label), text, chosen == figure, cells)))
    return rows


def _state_cells(
    group: str,
    labels: Mapping[State, str],
    figures: Mapping[State, tuple[int, int]] | None,
    running: State | None,
    chosen: FigureId | None,
    t: Words,
    cells: int,
    *,
    dense: bool,
) -> FigureCells:
    """Return the cell of each state. `figures`: count and seconds by state, None if unknown."""
    rows = []
    for state, label in labels.items():
        figure, is_running = FigureId(group, state.value), state is running
        count, duration = "", glyphs().unknown
        if figures:
            number, seconds = figures[state]
            count = _count_that_fits(number, count_text(number, state in CALLS, t), COUNT - 2 if dense else COUNT)
            duration = format_duration(seconds)
        if dense:
            mark, digit, short = glyphs().running if is_running else " ", Run(" ", "blank"), t(label)
            if isinstance(state, PhoneState):
                digit = Run(state_digit(state), f"bar-{state.value}")
                short = t(SHORT_LABELS.get(state, label))
            cell = _dense_cell(mark, digit, (t(label), short), count, duration, chosen == figure, is_running, cells)
            rows.append((figure, cell))
            continue
        mark = " >" if is_running else "  "
        rows.append((figure, _figure_cell(mark, t(label), count, duration, chosen == figure, is_running, cells)))
    return rows


def _title_line(stats: Stats | None, t: Words, cells: int) -> tuple[Run, ...]:
    if stats is None:
        return (Run(" " + t("No figures yet"), "note"),)
    text = f" {t.date(stats.date)}  {stats.time_zone}  {stats.name} ({stats.account})"
    return (Run(fit_text(text, min(cell_width(text), cells)), "note"),)


def _now_line(live: LiveStats | None, now: int, t: Words, cells: int) -> tuple[Run, ...]:
    """Return the line with the running state and its duration."""
    if live is None:
        return (Run(f" {glyphs().unknown}", "headline"),)
    stats = live.stats
    if live.is_over(now):
        return (Run(" " + t("This day is over"), "note"),)
    if stats.phone_open is None or live.running_phone is None:
        return (Run(" " + t("Not logged in to CTI"), "headline"), Run("  " + t("F6 logs in"), "note"))
    until = now if stats.proved_until is None else min(now, stats.proved_until)
    since = max(0, until - stats.phone_open.since) // 1000
    line = (
        Run(f" {t(PHONE_LABELS[live.running_phone])} ", "headline"),
        Run(f" {format_duration(since)} ", "headline-time"),
    )
    if stats.proved_until is None:
        return line
    note, room = t("up to the last event in the log"), cells - 2 - sum(cell_width(run.text) for run in line)
    return (*line, Run("  " + fit_text(note, min(cell_width(note), max(0, room))), "note")) if room > 0 else line


def channel_of(figure: FigureId) -> Channel | None:
    """Return the channel whose intervals are behind a figure, None for tickets."""
    return {"phone": Channel.PHONE, "chat": Channel.CHAT}.get(figure.group)
