"""Digit and color of each phone state: one table for chips, legends and the dialog that chooses a state."""

from collections.abc import Iterable, Mapping, Sequence

from rich.segment import Segment

from octui.schema.stats import PhoneState
from octui.text.glyphs import GlyphLevel, glyphs
from octui.ui.roles import Pens, Role, State

# The digit is the state's name everywhere: learned once, every chart is read without color.
STATE_LOOKS: Mapping[PhoneState, tuple[str, State]] = {
    PhoneState.INBOUND_CALLS: ("1", "talk"),
    PhoneState.OUTBOUND_CALLS: ("2", "out"),
    PhoneState.READY: ("3", "ready"),
    PhoneState.TRANSFER: ("4", "talk"),
    PhoneState.TICKET_WORK: ("5", "work"),
    PhoneState.CHAT_WORK: ("6", "work"),
    PhoneState.REST: ("7", "rest"),
    PhoneState.MEAL: ("8", "rest"),
    PhoneState.EDUCATION: ("9", "meet"),
    PhoneState.REPORT: ("0", "meet"),
    PhoneState.MEETING: ("a", "meet"),
    PhoneState.COACHING: ("b", "meet"),
    PhoneState.OTHER: ("-", "other"),
}


def state_digit(state: PhoneState) -> str:
    """Return the digit that stands for a phone state."""
    return STATE_LOOKS[state][0]


def state_role(state: PhoneState) -> State:
    """Return the color role of a phone state."""
    return STATE_LOOKS[state][1]


def chip(pens: Pens, state: PhoneState) -> Segment:
    """Return a phone state's chip: one cell filled with the state's color, its digit on it."""
    digit, role = STATE_LOOKS[state]
    return Segment(digit, pens.fill(role, bold=True))


def legend(pens: Pens, labels: Iterable[tuple[PhoneState, str]], on: Role = "surface") -> list[Segment]:
    """Return the chips of phone states, each with its label, three cells apart."""
    line: list[Segment] = []
    for state, label in labels:
        if line:
            line.append(Segment("  ", pens.text("soft", on)))
        line += [chip(pens, state), Segment(f" {label} ", pens.text("soft", on))]
    return line


def state_strip(pens: Pens, states: Sequence[PhoneState | None], on: Role = "surface") -> list[Segment]:
    """Return a day as a strip: each cell has the color (or digit, without color) of the state it mostly was in."""
    digits = not pens.colored or glyphs().level is GlyphLevel.ASCII
    line = []
    for state in states:
        if state is None:
            line.append(Segment(" ", pens.text("ink", on)))
        elif digits:
            line.append(Segment(state_digit(state), pens.text(state_role(state), on)))
        else:
            line.append(Segment(" ", pens.fill(state_role(state))))
    return line
