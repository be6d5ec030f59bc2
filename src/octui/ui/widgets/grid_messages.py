"""The messages of a grid to its screen."""

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
    """The cursor is at another cell."""


class Activated(CellMessage, namespace="grid"):
    """Enter was pressed on a cell that is not edited, or it was double-clicked."""


@dataclass
class HeaderChosen(Message, namespace="grid"):
    """A title was clicked."""

    column: str


class EditTyped(CellMessage, namespace="grid"):
    """A key changed the text of the edit under way; nothing is accepted yet."""


@dataclass
class Edited(CellMessage, namespace="grid"):
    """A cell was given another text: NFC, one line, no spaces at its ends. The row may be gone meanwhile."""

    value: str


class EditStarted(CellMessage, namespace="grid"):
    """The editor is open; the screen may freeze the order of the rows."""


class EditEnded(CellMessage, namespace="grid"):
    """The editor is closed, accepted or not. Comes before `Edited`."""


class EditLost(CellMessage, namespace="grid"):
    """The row under edit is not shown any more. The edit goes on in its place."""


@dataclass
class BlockPasted(CellMessage, namespace="grid"):
    """A block of cells was pasted, right and down from a cell; `columns.fill` lays it out."""

    block: Block


@dataclass
class Copied(Message, namespace="grid"):
    """Ctrl+C was pressed: the cell or the selected block, with tabs and line breaks between."""

    text: str


@dataclass
class EndReached(Message, namespace="grid"):
    """The user comes near the first or last row held, and the next page is needed. Once for each `reload`."""

    direction: Literal["up", "down"]


@dataclass
class Wanted(Message, namespace="grid"):
    """Rows on the screen are not loaded: first and last index. Once for each `reload`."""

    first: int
    last: int
