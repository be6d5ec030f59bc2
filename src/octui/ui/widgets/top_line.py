"""Top line of a screen: organization and service, menus, freshness, the signed-in person."""

from dataclasses import dataclass, field

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text


@dataclass(frozen=True)
class TopMenu:
    """A menu in the top line: its number key, label, shorter label, and whether it is the current one."""

    number: int
    label: str
    short: str
    current: bool


@dataclass(frozen=True)
class Top:
    """Content of the top line. `health`: fresh, late, stale, lost or starting."""

    place: str = ""
    menus: tuple[TopMenu, ...] = ()
    health: str = "starting"
    health_text: str = ""
    person: str = ""


_LEAST_PLACE = 10  # cells: less of a name says nothing


@dataclass
class _Piece:
    text: str
    style: str = field(default="top-line")


class TopLine(Widget):
    """Top line that cuts long names so that person and freshness always fit."""

    COMPONENT_CLASSES = {
        "top-line--name",
        "top-line--place",
        "top-line--number",
        "top-line--menu",
        "top-line--current",
        "top-line--person",
        "top-line--live",
        "top-line--late",
        "top-line--stale",
    }
    DEFAULT_CSS = "TopLine { height: 1; dock: top; }"

    def __init__(self) -> None:
        super().__init__()
        self._top = Top()

    def show_content(self, top: Top) -> None:
        """Draw `top` if it has changed."""
        if top != self._top:
            self._top = top
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        top = self._top
        # The sign says that the name opens the account menu.
        right = f"{top.health_text}  {top.person} {glyphs().opened} " if top.person else f"{top.health_text} "
        name = " octui "
        most = cells // 2 if top.menus else cells - cell_width(name)
        if cell_width(right) > most:
            right = fit_text(right, max(0, most))
        health_shown = top.health_text if right.startswith(top.health_text) else right
        room = cells - cell_width(right) - cell_width(name)
        menus = self._menu_texts(top.menus, room)
        budget = room - sum(cell_width(text) for text, _ in menus)
        left = [_Piece(name, "top-line--name")]
        if top.place and budget >= _LEAST_PLACE:
            # If not everything fits, show the service alone: it is the part that changes.
            named = top.place if cell_width(top.place) <= budget - 2 else top.place.rpartition(" / ")[2]
            place = f" {fit_text(named, min(cell_width(named), budget - 2))} "
            budget -= cell_width(place)
            left.append(_Piece(place, "top-line--place"))
        for text, current in menus:
            number, space, label = text[1:].partition(" ")
            left.append(_Piece(f" {number}", "top-line--current" if current else "top-line--number"))
            left.append(_Piece(space + label, "top-line--current" if current else "top-line--menu"))
        left.append(_Piece(" " * max(0, budget)))
        health = {"fresh": "top-line--live", "late": "top-line--late"}.get(top.health, "top-line--stale")
        left.append(_Piece(health_shown, health))
        left.append(_Piece(right.removeprefix(health_shown), "top-line--person"))
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
    def _menu_texts(menus: tuple[TopMenu, ...], room: int) -> list[tuple[str, bool]]:
        """Return the texts of the menus that fit, and whether each is the current one.

        Either all menus have their names or only that one: naming some would make the others look like nothing.
        """
        for named in (
            [f" {menu.number} {menu.label} " for menu in menus],
            [f" {menu.number} {menu.short} " for menu in menus],
            [f" {menu.number} {menu.label} " if menu.current else f" {menu.number} " for menu in menus],
        ):
            if sum(cell_width(text) for text in named) <= room:
                return [(text, menu.current) for text, menu in zip(named, menus, strict=True)]
        return [(fit_text(f" {menu.number} {menu.label} ", max(0, room)), True) for menu in menus if menu.current]
