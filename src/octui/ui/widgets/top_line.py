"""The line on top: where one is, the menus, how fresh the numbers are, who is signed in."""

from dataclasses import dataclass, field

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from octui.text.width import fit, width


@dataclass(frozen=True)
class Top:
    """What the line says. `menus` are (number, label, current); `health`: fresh, late, stale, lost or starting."""

    place: str = ""
    menus: tuple[tuple[int, str, bool], ...] = ()
    health: str = "starting"
    health_text: str = ""
    person: str = ""


@dataclass
class _Piece:
    text: str
    style: str = field(default="top-line")


class TopLine(Widget):
    """One line; the person and the freshness are never pushed out by long names."""

    COMPONENT_CLASSES = {
        "top-line--name",
        "top-line--place",
        "top-line--menu",
        "top-line--current",
        "top-line--live",
        "top-line--late",
        "top-line--stale",
    }
    DEFAULT_CSS = "TopLine { height: 1; dock: top; }"

    def __init__(self) -> None:
        super().__init__()
        self._top = Top()

    def show(self, top: Top) -> None:
        """Draw `top` if it says anything new."""
        if top != self._top:
            self._top = top
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        top = self._top
        right = f"{top.health_text}  {top.person} "
        if width(right) > cells // 2:
            right = fit(right, cells // 2)
        menus = "".join(self._menu(number, label) for number, label, _ in top.menus)
        room = cells - width(right) - width(menus) - 8
        short = room < 8
        place = fit(top.place, max(0, min(width(top.place), room))) if not short else ""
        left = [_Piece(" octui ", "top-line--name"), _Piece(f" {place} " if place else "", "top-line--place")]
        budget = cells - width(right) - sum(width(piece.text) for piece in left)
        for number, label, current in top.menus:
            text = self._menu(number, label)
            if width(text) > budget:
                text = f" {number} " if not current else fit(text, max(0, budget))
            if width(text) > budget:
                break
            budget -= width(text)
            left.append(_Piece(text, "top-line--current" if current else "top-line--menu"))
        left.append(_Piece(" " * max(0, budget)))
        health = {"fresh": "top-line--live", "late": "top-line--late"}.get(top.health, "top-line--stale")
        left.append(_Piece(top.health_text, health))
        left.append(_Piece(right.removeprefix(top.health_text), "top-line--place"))
        segments = [
            Segment(
                piece.text,
                self.rich_style if piece.style == "top-line" else self.get_component_rich_style(piece.style),
            )
            for piece in left
            if piece.text
        ]
        return Strip(segments).adjust_cell_length(cells, self.rich_style).simplify()

    @staticmethod
    def _menu(number: int, label: str) -> str:
        return f" {number} {label} "
