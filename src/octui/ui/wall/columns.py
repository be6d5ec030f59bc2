"""Columns of the wall's two boards: their contents, labels, colors and places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octui.state.floor import FloorRow
from octui.state.wall import Board
from octui.text.glyphs import glyphs
from octui.ui.locale import N_
from octui.ui.roles import Role


@dataclass(frozen=True)
class Column:
    """Column of a board. `large`: its label in large letters; `role`: the color of its numbers."""

    label: str
    large: str
    note: str
    role: Role
    value: Callable[[FloorRow], int | None]


WAITING, WAITING_SHORT = N_("Customers waiting"), N_("Waiting")
WAITING_NOTE = N_("Customers waiting (people)")
ANSWER_RATE, ANSWER_SHORT = N_("Answer rate"), N_("Ans. %")
SERVICE_LEVEL, LEVEL_SHORT = N_("Service level"), N_("S/L")
ANSWER_NOTE, LEVEL_NOTE = N_("answered / offered %"), N_("answered in time / offered %")
LONGEST = N_("Longest")
SERVICE, TOTAL = N_("Service"), N_("Total")
READY_AGENTS = N_("Ready agents")
BOARDS = {Board.CHANNEL: N_("By channel"), Board.AGENT: N_("By agent")}
BOARD_TITLES = {Board.CHANNEL: N_("Figures by channel"), Board.AGENT: N_("Figures by agent")}

COLUMNS: dict[Board, tuple[Column, ...]] = {
    Board.CHANNEL: (
        Column(N_("Offered"), N_("Offered"), N_("calls offered"), "ink", lambda row: _call(row, "offered")),
        Column(N_("Answered"), N_("Answered"), N_("calls answered"), "ink", lambda row: _call(row, "answered")),
        Column(N_("Abandoned"), N_("Abandoned"), N_("calls abandoned"), "ink", lambda row: _call(row, "abandoned")),
    ),
    Board.AGENT: (
        Column(N_("LOGIN"), N_("Login"), N_("agents logged in"), "ink", lambda row: _agent(row, "logged_in")),
        Column(N_("Available"), N_("Ready"), N_("agents ready"), "ready", lambda row: _agent(row, "ready")),
        Column(N_("In calls"), N_("Calls"), N_("talk + ringing"), "talk", lambda row: _agent(row, "on_call")),
        Column(N_("O/B"), N_("O/B"), N_("O/B talk + dialing"), "out", lambda row: _agent(row, "outbound")),
        Column(N_("Break/work"), N_("Break"), N_("break/work"), "rest", lambda row: _agent(row, "break_work")),
    ),
}


def _call(row: FloorRow, field: str) -> int | None:
    return None if row.calls is None else getattr(row.calls, field)


def _agent(row: FloorRow, field: str) -> int | None:
    return None if row.agents is None else getattr(row.agents, field)


def count_text(number: int | None) -> str:
    """Return a count with thousands separators, a dash if it is unknown."""
    return glyphs().unknown if number is None else f"{number:,}"


def spread_columns(widths: Sequence[int], left: int, right: int) -> list[int]:
    """Return where columns of these widths end between `left` and `right`, without those that do not fit.

    At least one cell is before each column; what is over is shared out before, between and behind them.
    """
    kept = list(widths)
    while kept and sum(kept) + len(kept) > right - left:
        kept.pop()
    if not kept:
        return []
    free = right - left - sum(kept)
    ends, at = [], left
    for number, width in enumerate(kept, 1):
        at += width
        ends.append(at + -(-free * number // (len(kept) + 1)))
    return ends
