"""Output to the terminal: changed cells only (architecture.md 4.2).

The one place that leans on Textual's private display step, `App._display`. `OCTUI_WIRE=off` gives Textual's own back.
"""

import os
from functools import cache
from typing import Any, TypeVar

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, RenderableType
from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from octui.ui.frame import Frame
from octui.ui.roles import ColorSet

ReturnType = TypeVar("ReturnType")

_SYNC_FROM = 512  # bytes; a smaller frame arrives in one piece anyway
_BACKLOG = 4  # writes; a terminal this far behind gets one newer picture later instead of more old ones
_CATCH_UP = 0.05  # seconds


class Wire(App[ReturnType]):
    """Mixin of the app that sends to the terminal only what differs from the picture there.

    Where nothing changed, it writes 0 bytes. A terminal that reads too slowly never blocks the loop: the pictures it
    missed are skipped.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wire_on = os.environ.get("OCTUI_WIRE", "").lower() not in {"off", "0", "no"}
        self._wire: Frame | None = None
        self._wire_late = False
        self.typed_ahead = b""
        """Bytes that were typed before the screens read the terminal; they come first."""
        self.driver_class = _minding_driver(self.driver_class)

    def forget_frame(self) -> None:
        """Forget what the terminal shows, so that the next picture is sent completely."""
        if self._wire is not None:
            self._wire.forget_shown()

    def repaint(self) -> None:
        """Send the whole picture to the terminal again (Ctrl+L)."""
        self.forget_frame()
        self.screen.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Send the whole picture again, since a resized or reattached terminal may show anything."""
        wire = self._wire
        if wire is None:
            return
        if (wire.width, wire.height) == tuple(event.size):
            wire.forget_shown()
            self._wire_send()
        else:
            self._wire = None

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Return Textual's screenshot, without losing changes not yet sent to the terminal."""
        try:
            return super().export_screenshot(title=title, simplify=simplify)
        finally:
            self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not self._wire_on or driver is None or driver.is_inline or driver.is_headless:
            super()._display(screen, renderable)
            return
        if renderable is not None and not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)
            self.forget_frame()
            return
        try:
            if not self._batch_count and self._running and not self._closed:
                if renderable is not None:
                    self._wire_take(renderable)
                self._wire_send()
        except Exception as error:
            self._handle_exception(error)
        finally:
            self.post_display_hook()

    def _wire_take(self, update: LayoutUpdate | ChopsUpdate) -> None:
        width, height = self.size
        wire = self._wire
        if wire is None or (wire.width, wire.height) != (width, height):
            wire = self._wire = Frame(width, height, erases=_erases_in_color())
        system = self._wire_colors()
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    wire.put_segments(x, y, strip, system)
                    x += strip.cell_length
            return
        for y, left, right in update.spans:
            for (x, chop), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
                # Taken whole, not cut at `right`: a chop is one widget's, drawn whole, and a cut may halve a character.
                if chop is not None and x < right and end > left:
                    wire.put_segments(x, y, chop, system)

    def _wire_colors(self) -> ColorSystem | None:
        name = self.console.color_system
        return None if name is None or self.theme == ColorSet.NONE else COLOR_SYSTEMS[name]

    def _wire_send(self) -> None:
        driver, wire = self._driver, self._wire
        if driver is None or wire is None:
            return
        if _backlog_bytes(driver) >= _BACKLOG:
            if not self._wire_late:
                self._wire_late = True
                self.set_timer(_CATCH_UP, self._wire_catch_up)
            return
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if data := wire.paint_changes((cursor.x, cursor.y)):
            if self._sync_available and len(data) > _SYNC_FROM:
                data = f"{SYNC_START}{data}{SYNC_END}"
            driver.write(data)
            driver.flush()

    def _wire_catch_up(self) -> None:
        self._wire_late = False
        self._wire_send()


def _backlog_bytes(driver: Driver) -> int:
    writer = getattr(driver, "_writer_thread", None)
    return 0 if writer is None else writer._queue.qsize()


def _erases_in_color() -> bool:
    """Return whether the terminal erases cells in the background color, as all but GNU screen do."""
    return not (os.environ.get("STY") or os.environ.get("TERM", "").startswith("screen")) or bool(
        os.environ.get("TMUX")
    )


@cache
def _minding_driver(driver: type[Driver]) -> type[Driver]:
    """Return the driver, changed to replay keys typed ahead and to redraw everything after a suspension."""

    class MindingDriver(driver):  # type: ignore[misc, valid-type]
        def start_application_mode(self) -> None:
            if isinstance(self._app, Wire) and self._app.typed_ahead:
                typed, self._app.typed_ahead = self._app.typed_ahead, b""
                for event in XTermParser().feed(typed.decode(errors="replace")):
                    self.process_message(event)
            super().start_application_mode()
            if isinstance(self._app, Wire):
                self._app.forget_frame()

        def stop_application_mode(self) -> None:
            self.write("\x1b[m")
            super().stop_application_mode()

    return MindingDriver
