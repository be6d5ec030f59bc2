"""Messages that a grid posts to its screen."""

from dataclasses import dataclass
from typing import Literal

from textual.message import Message

from octui.text.tsv import Block
from octui.ui.widgets.columns import Key


@dataclass
class CellMessage(Message, namespace="grid"):
    """Base of the messages about one cell."""

    key: Key
    column: str


class CursorMoved(CellMessage, namespace="grid"):
    """Message: the cursor is at another cell."""


class Activated(CellMessage, namespace="grid"):
    """Message: Enter was pressed on a cell outside an edit, or the cell was double-clicked."""


@dataclass
class HeaderChosen(Message, namespace="grid"):
    """Message: a column title was clicked."""

    column: str


class EditTyped(CellMessage, namespace="grid"):
    """Message: a key changed the text of the edit under way; nothing is accepted yet."""


@dataclass
class Edited(CellMessage, namespace="grid"):
    """Message: a cell was given another text: NFC, one line, no spaces at its ends. The row may be gone."""

    value: str


class EditStarted(CellMessage, namespace="grid"):
    """Message: an edit began; the screen may freeze the order of the rows."""


class EditEnded(CellMessage, namespace="grid"):
    """Message: an edit ended, accepted or not. Comes before `Edited`."""


class EditLost(CellMessage, namespace="grid"):
    """Message: the row of the edit under way is no longer in the grid; the edit goes on."""


@dataclass
class BlockPasted(CellMessage, namespace="grid"):
    """Message: a block was pasted, right and down from a cell; `columns.fill` lays it out."""

    block: Block


@dataclass
class Copied(Message, namespace="grid"):
    """Message: Ctrl+C was pressed; the cell or selected block as tab-separated text."""

    text: str


@dataclass
class EndReached(Message, namespace="grid"):
    """Message: the cursor nears the first or last loaded row, so the next page is needed. Once for each `reload`."""

    direction: Literal["up", "down"]


@dataclass
class Wanted(Message, namespace="grid"):
    """Message: rows on the screen are not loaded: first and last index. Once for each `reload`."""

    first: int
    last: int
