"""Editing of one cell, free of the widget: what each key does, and syllables that arrive late."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from octui.ui.widgets.columns import Cell, Key, tidy_text
from octui.ui.widgets.line_edit import LineEdit

Outcome: TypeAlias = Literal["edited", "down", "up", "next", "previous", "cancel"]

LATE_SECONDS = 0.08  # how long after Enter an input method may still deliver its last syllable

_MOVES: dict[str, Callable[[LineEdit], None]] = {
    "left": LineEdit.move_left,
    "right": LineEdit.move_right,
    "home": LineEdit.move_home,
    "ctrl+a": LineEdit.move_home,
    "end": LineEdit.move_end,
    "ctrl+e": LineEdit.move_end,
    "f2": LineEdit.move_end,
    "ctrl+left": LineEdit.move_word_left,
    "ctrl+right": LineEdit.move_word_right,
    "backspace": LineEdit.delete_backward,
    "ctrl+h": LineEdit.delete_backward,
    "delete": LineEdit.delete_forward,
    "ctrl+d": LineEdit.delete_forward,
    "ctrl+w": LineEdit.delete_word,
    "ctrl+u": LineEdit.delete_before,
    "ctrl+k": LineEdit.delete_after,
}
_ENDS: dict[str, Outcome] = {
    "enter": "down",
    "down": "down",
    "up": "up",
    "tab": "next",
    "shift+tab": "previous",
    "escape": "cancel",
    "ctrl+g": "cancel",
}
_NOTHING = {"pageup", "pagedown", "ctrl+home", "ctrl+end", "shift+left", "shift+right", "shift+up", "shift+down"}


@dataclass(slots=True)
class CellEdit:
    """The edit under way, tied to a row's key so that reordered rows cannot misdirect it.

    `cells`: the row as it was last seen; `lost_line`: the line of the screen it was on, once it is not shown any more.
    """

    key: Key
    column: str
    original: str
    line: LineEdit
    cells: Sequence[Cell] = ()
    lost_line: int | None = None

    def set_found(self, cells: Sequence[Cell] | None) -> None:
        """Record that the edited row is in the list, and its cells if they are loaded."""
        self.lost_line, self.cells = None, cells or self.cells

    def press_key(self, key: str, character: str | None) -> Outcome | None:
        """Handle a key (`character` for printable ones only); return None if editing does not use it."""
        if key in _ENDS:
            return _ENDS[key]
        if key in _MOVES:
            _MOVES[key](self.line)
        elif key == "ctrl+z":
            # Not the screen's undo: that would change cells under the edit.
            self.line = LineEdit(self.original)
        elif character is not None:
            self.line.insert_text(character)
        elif key not in _NOTHING:
            return None
        return "edited"

    @property
    def value(self) -> str:
        """The cell's new text if the edit is accepted now."""
        return tidy_text(self.line.text)


@dataclass(frozen=True, slots=True)
class _Left:
    key: Key
    column: str
    value: str
    at: float
    late: str = ""


class LateSyllables:
    """Handling of Hangul syllables that an input method delivers after the Enter that ended them.

    For a moment after a cell was left, one Hangul syllable still belongs to it, and a second Enter is dropped.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left: _Left | None = None

    def leave_cell(self, edit: CellEdit) -> None:
        """Store the cell whose edit was just accepted."""
        self._left = _Left(edit.key, edit.column, edit.value, self._clock())

    def forget_cell(self) -> None:
        """Forget the cell whose edit was accepted last."""
        self._left = None

    def is_echo(self, key: str) -> bool:
        """Return whether this Enter is a repetition by an input method."""
        return key == "enter" and self._recent_cell() is not None

    def take_late(self, character: str) -> tuple[Key, str, str] | None:
        """Return the cell left last with the late character added, or None if it does not belong there."""
        left = self._recent_cell()
        if left is None or left.late or not _is_hangul(character):
            return None
        self._left = _Left(left.key, left.column, left.value, left.at, character)
        return left.key, left.column, tidy_text(LineEdit(left.value + character).text)

    def retract_late(self) -> tuple[Key, str, str, str] | None:
        """Return the cell left last, its value without the late character, and that character.

        Then it was no late syllable but a paste typed by the terminal, and the character is typed again.
        """
        left = self._recent_cell()
        if left is None or not left.late:
            return None
        self._left = None
        return left.key, left.column, left.value, left.late

    def _recent_cell(self) -> _Left | None:
        left = self._left
        return left if left is not None and self._clock() - left.at <= LATE_SECONDS else None


def _is_hangul(character: str) -> bool:
    return len(character) == 1 and ("가" <= character <= "힣" or "ㄱ" <= character <= "ㆎ")
