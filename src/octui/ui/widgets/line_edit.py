"""A line of text with a caret, edited by code points and shown by terminal cells."""

import unicodedata

from octui.text.safe import nfc
from octui.text.width import cell_width, cut_text


def _visible_text(text: str) -> str:
    # Characters of Cc Cf Cs Co Cn Zl Zp have no use in a cell, and nobody would see them on the screen.
    characters = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Zs" or character in "\t\r\n":
            characters.append(" ")
        elif category[0] != "C" and category not in ("Zl", "Zp"):
            characters.append(character)
    return "".join(characters)


class LineEdit:
    """A text with a caret. The text is always NFC; invisible characters are removed."""

    def __init__(self, text: str = "") -> None:
        self.text = nfc(_visible_text(text))
        self.caret = len(self.text)
        """Index of the code point the caret is before."""
        self._left = 0

    def insert_text(self, text: str) -> None:
        """Insert typed or pasted text at the caret."""
        head, tail = nfc(self.text[: self.caret] + _visible_text(text)), self.text[self.caret :]
        self.text = nfc(head + tail)
        # A combining tail may have joined the head.
        self.caret = len(head) if self.text == head + tail else max(0, len(self.text) - len(tail))

    def move_left(self) -> None:
        self.caret = self._index_before(self.caret)

    def move_right(self) -> None:
        self.caret = self._index_after(self.caret)

    def move_home(self) -> None:
        self.caret = 0

    def move_end(self) -> None:
        self.caret = len(self.text)

    def move_word_left(self) -> None:
        """Move the caret to the beginning of this word, or of the previous one."""
        at = len(self.text[: self.caret].rstrip())
        self.caret = self.text.rfind(" ", 0, at) + 1

    def move_word_right(self) -> None:
        """Move the caret past the end of this word or of the next."""
        rest = self.text[self.caret :]
        at = rest.find(" ", len(rest) - len(rest.lstrip()))
        self.caret = len(self.text) if at < 0 else self.caret + at

    def delete_backward(self) -> None:
        self._remove_range(self._index_before(self.caret), self.caret)

    def delete_forward(self) -> None:
        self._remove_range(self.caret, self._index_after(self.caret))

    def delete_word(self) -> None:
        """Delete the word before the caret (Ctrl+W)."""
        end = self.caret
        self.move_word_left()
        self._remove_range(self.caret, end)

    def delete_before(self) -> None:
        """Delete everything before the caret (Ctrl+U)."""
        self._remove_range(0, self.caret)

    def delete_after(self) -> None:
        """Delete everything after the caret (Ctrl+K)."""
        self._remove_range(self.caret, len(self.text))

    def visible_window(self, cells: int) -> tuple[str, int, int]:
        """Return the visible text, exactly `cells` wide, the cell of the caret in it, and the caret's width.

        The window moves only when the caret would leave it.
        """
        at = cell_width(self.text[: self.caret])
        under = min(max(1, cell_width(self.text[self.caret : self._index_after(self.caret)])), cells)
        whole = max(cell_width(self.text), at + under)
        self._left = max(0, min(self._left, at, whole - cells))
        if at + under > self._left + cells:
            self._left = at + under - cells
        return cut_text(self.text, self._left, cells), at - self._left, under

    def _remove_range(self, start: int, end: int) -> None:
        self.text = nfc(self.text[:start] + self.text[end:])
        self.caret = min(start, len(self.text))

    def _index_after(self, at: int) -> int:
        at = min(at + 1, len(self.text))
        while at < len(self.text) and cell_width(self.text[at]) == 0:
            at += 1
        return at

    def _index_before(self, at: int) -> int:
        at = max(at - 1, 0)
        while at > 0 and cell_width(self.text[at]) == 0:
            at -= 1
        return at
