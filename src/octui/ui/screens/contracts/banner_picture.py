"""The banner of a service: read from a file, and shown in the terminal in half cells (rules.md 2)."""

import asyncio
import io
import os
import stat
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from rich.segment import Segment
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget

from octui.schema.contracts import LARGEST_BANNER, MOST_PIXELS
from octui.text.safe import safe
from octui.text.width import fit_text
from octui.ui.locale import N_

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG")
ENDINGS = (".png", ".jpg", ".jpeg")
_SAMPLE = (160, 120)  # Pixels of the small copy: more than any preview has cells.


class BadPicture(Exception):
    """Error for a file that cannot be a banner; `str()` is a message ID."""


@dataclass(frozen=True)
class Picture:
    """An image for upload: its bytes, its size in pixels, and a small copy to show."""

    data: bytes
    width: int
    height: int
    sample: "Image"


def typed_path(typed: str) -> Path:
    """Return the path in a typed or pasted text, which may be in quotes or begin with ~."""
    text = typed.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return Path(os.path.expanduser(text))


def read_picture(typed: str) -> Picture:
    """Read the image file at a typed path. Raises BadPicture. Slow: call it in a thread."""
    path = typed_path(typed)
    try:
        # Reading a pipe or a device might never end.
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise BadPicture(N_("is a folder; a file is needed"))
        if not stat.S_ISREG(mode):
            raise BadPicture(N_("is no ordinary file"))
        with path.open("rb") as file:
            data = file.read(LARGEST_BANNER + 1)
    except FileNotFoundError:
        raise BadPicture(N_("there is no such file")) from None
    except PermissionError:
        raise BadPicture(N_("may not be read")) from None
    except (OSError, ValueError):
        raise BadPicture(N_("cannot be read")) from None
    return parse_picture(data)


def parse_picture(data: bytes) -> Picture:
    """Parse an image. Raises BadPicture. The size is checked before any pixel is unpacked."""
    from PIL import Image, UnidentifiedImageError

    if len(data) > LARGEST_BANNER:
        raise BadPicture(N_("is larger than 2 MiB"))
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise BadPicture(N_("has more than 4 megapixels"))
            image.draft("RGB", _SAMPLE)
            image.load()
            sample = Image.new("RGB", image.size, "white")
            layer = image.convert("RGBA")
            sample.paste(layer, mask=layer.getchannel("A"))
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise BadPicture(N_("has more than 4 megapixels")) from None
    except UnidentifiedImageError:
        raise BadPicture(N_("is neither a PNG nor a JPEG image")) from None
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError):
        raise BadPicture(N_("is a damaged image")) from None
    sample.thumbnail(_SAMPLE)
    return Picture(data, width, height, sample)


class PathSuggester(Suggester):
    """Completes the last name of a path with a matching folder or image."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(self._find_completion, value)

    def _find_completion(self, value: str) -> str | None:
        head, slash, name = value.rpartition("/")
        if not slash and not value.startswith("~"):
            return None
        folder = Path(os.path.expanduser(head + slash)) if slash else Path.home().parent
        with suppress(OSError, ValueError):
            matches = [
                entry.name + ("/" if entry.is_dir() else "")
                for entry in os.scandir(folder)
                if entry.name.startswith(name) and not (entry.name.startswith(".") and not name)
            ]
            # A name that cannot be shown unchanged is not offered.
            fitting = [name for name in matches if safe(name) == name and name.lower().endswith(("/", *ENDINGS))]
            if name and fitting:
                return head + slash + min(fitting)
        return None


def half_cells(image: "Image", width: int, height: int) -> list[list[Segment]]:
    """Return an image as lines of half-block cells, at most `width` by `height`, in its proportions."""
    import textual_image._terminal as terminal
    from rich.console import Console

    # When it is imported and when it first draws, the library asks the terminal for its size in pixels and reads the
    # answer from standard input: in a running program that would swallow keys.
    with patch.object(sys, "__stdout__", io.StringIO()):
        from textual_image.renderable.halfcell import Image as HalfCells

        terminal.get_cell_size()
    scale = min(width / image.width, 2 * height / image.height)
    wide, high = max(1, round(image.width * scale)), max(1, round(image.height * scale / 2))
    console = Console(width=wide, height=high, file=io.StringIO(), color_system="truecolor")
    options = console.options.update(width=wide, height=high)
    with warnings.catch_warnings():
        # textual-image 0.12 calls a method that Pillow 12 has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return list(Segment.split_lines(console.render(HalfCells(image, wide, high), options)))


class Preview(Widget):
    """A line of text with a picture below it."""

    COMPONENT_CLASSES = {"preview--text"}
    DEFAULT_CSS = "Preview { height: auto; } Preview.-none { display: none; }"
    ROWS = 1

    def __init__(self, rows: int = 6, cells: int = 40) -> None:
        """Create the preview; `rows` and `cells` are the largest size of the picture."""
        super().__init__(classes="-none")
        self._most = cells, rows
        self._text = ""
        self._lines: list[list[Segment]] = []

    def show_picture(self, text: str, image: "Image | None", *, colors: bool = True) -> None:
        """Show a text and a picture; without `colors` the picture is left out, as half cells would show nothing."""
        self._text = text
        self._lines = half_cells(image, *self._most) if image is not None and colors else []
        self.styles.height = 1 + len(self._lines)
        self.set_class(not text, "-none")
        self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        if y == 0:
            return Strip([Segment(fit_text(f" {self._text}", cells), self.get_component_rich_style("preview--text"))])
        line = self._lines[y - 1] if y - 1 < len(self._lines) else []
        return Strip([Segment(" "), *line]).adjust_cell_length(cells, self.rich_style)
