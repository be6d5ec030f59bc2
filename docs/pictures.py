"""Draws docs/pictures/*.svg: the real screens over the demo's server, in a small, a usual and a wall terminal.

Needs no network and no terminal. The demo's day is moved to a fixed afternoon, so that a picture changes only when the
program does. Run by `make pictures`.
"""

import asyncio
import random
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from unittest import mock

from rich.cells import cell_len, split_graphemes
from rich.color import blend_rgb
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from textual.app import App
from textual.pilot import Pilot

from octui.cli.demo_server import DemoTransport
from octui.cli.screens import open_connection
from octui.cli.settings import Settings
from octui.client.api import Api
from octui.client.transport import caller_headers, in_process_transport
from octui.schema.agents import AgentChange, Role
from octui.schema.audit import Via
from octui.sim.center import ADMIN, SUPERVISOR
from octui.ui.app import OctuiApp
from octui.ui.connection import Connection
from octui.ui.widgets.grid import Grid

FOLDER = Path(__file__).with_name("pictures")
SIZES = ((80, 24), (120, 40), (300, 80))
AFTERNOON = 1_795_411_000  # Monday 2026-11-23 14:16:40 in Seoul
CELL, LINE, FONT = 12, 24, 19.5  # pixels; Fira Code is 0.615 of its size wide
FONTS = '"Fira Code", "Noto Sans Mono CJK KR", "D2Coding", "Noto Sans Mono CJK JP", monospace'

Prepare = Callable[[Pilot[int]], Awaitable[None]]


# --- from strips to SVG: every word and every wide character at its own place, whatever fonts a viewer has -----------


def svg_picture(lines: list[list[Segment]], cells: int, title: str) -> str:
    """Return the lines of a terminal as one picture, which fetches nothing from anywhere."""
    wide, high = cells * CELL, len(lines) * LINE
    styles: dict[str, str] = {}
    grounds: list[str] = []
    texts: list[str] = []
    for y, line in enumerate(lines):
        x = 0
        for text, style, _ in line:
            front, back, more = _css_colors(style or Style())
            count = cell_len(text)
            if back is not None:
                grounds.append(
                    f'<rect x="{x * CELL}" y="{y * LINE}" width="{count * CELL}" height="{LINE}" fill="{back}"/>'
                )
            name = styles.setdefault(f"fill:{front}{more}", f"s{len(styles)}")
            texts += [
                f'<text class="{name}" x="{(x + at) * CELL}" y="{y * LINE + 18}" textLength="{size * CELL}"'
                f' lengthAdjust="spacingAndGlyphs">{escape(word)}</text>'
                for at, word, size in _words_with_positions(text)
            ]
            x += count
    rules = "".join(f".{name}{{{rule}}}" for rule, name in styles.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" aria-label="{escape(title)}">'
        f"<style>text{{font-family:{FONTS};font-size:{FONT}px;white-space:pre;font-variant-ligatures:none}}{rules}</style>"
        f'<g shape-rendering="crispEdges">{"".join(grounds)}</g>\n' + "\n".join(texts) + "\n</svg>\n"
    )


def _css_colors(style: Style) -> tuple[str, str | None, str]:
    """Return foreground, background (None: nothing to paint) and the rest of the CSS."""
    theme = SVG_EXPORT_THEME
    front = style.color.get_truecolor(theme) if style.color else theme.foreground_color
    back = style.bgcolor.get_truecolor(theme, foreground=False) if style.bgcolor else theme.background_color
    if style.reverse:
        front, back = back, front
    if style.dim:
        front = blend_rgb(front, back, 0.4)
    more = ";font-weight:bold" if style.bold else ""
    more += ";font-style:italic" if style.italic else ""
    more += ";text-decoration:underline" if style.underline else ""
    return front.hex, back.hex, more


def _words_with_positions(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield (first cell, text, cells) of each run of narrow characters without spaces, and of each wide character."""
    at = start = 0
    word = ""
    for first, last, size in split_graphemes(text)[0]:
        part = text[first:last]
        if size != 1 or part == " ":
            if word:
                yield start, word, at - start
                word = ""
            if size > 1:
                yield at, part, size
        else:
            start = start if word else at
            word += part
        at += size
    if word:
        yield start, word, at - start


# --- the program on the demo's server --------------------------------------------------------------------------------


class Afternoon:
    """The clock of this process stopped at `AFTERNOON`, to be moved on by hand."""

    def __init__(self) -> None:
        self.at = AFTERNOON

    @contextmanager
    def stop(self) -> Iterator[None]:
        clock = {"time_ns": lambda: self.at * 1_000_000_000, "time": lambda: float(self.at)}
        with mock.patch.multiple(time, **clock):
            yield


async def wait_until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.05)
    raise RuntimeError("the screen was never ready:\n" + screen_text(pilot.app))


def screen_text(app: App[int]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def draw_picture(
    transport: DemoTransport, name: str, prepare: Prepare, folder: Path, size: tuple[int, int]
) -> None:
    """Draw the picture `name`: a menu, or a menu and what is open in it (`contracts-details`), after `prepare`."""
    menu = name.partition("-")[0]

    async def connect() -> Connection:
        connection = await open_connection(app, transport, "cs")
        connection.folder = folder / f"{name}-{size[0]}"
        return connection

    app = OctuiApp(connect, "ko", menu, clock=lambda: 0.0)
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: app.connection is not None)
        await prepare(pilot)
        app._on_second()
        await pilot.pause()
        lines = [list(strip) for strip in app.screen._compositor.render_strips()]
    path = FOLDER / f"{name}-{size[0]}x{size[1]}.svg"
    path.write_text(svg_picture(lines, size[0], f"octui: {name}"), encoding="utf-8")
    print(path.relative_to(FOLDER.parents[1]))  # noqa: T201


async def wait_for_figures(pilot: Pilot[int]) -> None:
    """Wait until My stats shows the figures."""
    await wait_until(pilot, lambda: re.search(r"\d\d:\d\d:\d\d", screen_text(pilot.app)) is not None)


async def wait_for_rows(pilot: Pilot[int]) -> None:
    """Wait until a table shows all its rows."""
    grid = pilot.app.screen.query_one(Grid)
    await wait_until(pilot, lambda: grid.source.row_count() > 0)
    await wait_until(pilot, lambda: all(worker.is_finished for worker in pilot.app.workers if worker.group != "feed"))


async def wait_for_floor(pilot: Pilot[int]) -> None:
    """Wait until the floor shows agents, hours and the chart."""
    await wait_until(pilot, lambda: re.search(r"\d\d:\d\d", screen_text(pilot.app)) is not None)
    await wait_until(pilot, lambda: all(worker.is_finished for worker in pilot.app.workers if worker.group != "feed"))


async def show_details(pilot: Pilot[int]) -> None:
    """Open step 2 of the first service, and wait for its cost."""
    await wait_for_rows(pilot)
    await pilot.press("f6")
    await wait_until(pilot, lambda: "원" in screen_text(pilot.app))


async def make_edits(pilot: Pilot[int]) -> None:
    """Make three edits in CTI agents without saving them, one of them wrong."""
    await wait_for_rows(pilot)
    await pilot.press("tab")
    for down, text in ((3, "cs3001"), (0, "cs3002"), (0, "cs3001")):
        await pilot.press(*["down"] * down, *text, "enter")
        await pilot.pause()


async def change_rights(transport: DemoTransport, clock: Afternoon) -> None:
    """Change rights as a supervisor and an admin through a day, so that the log has entries."""
    assert transport.server is not None
    dice = random.Random(1)  # noqa: S311
    for _ in range(90):
        clock.at += dice.randrange(20, 120)
        actor = dice.choice((ADMIN, SUPERVISOR))
        async with Api(in_process_transport(transport.server.app, caller_headers(Via.SCREEN, actor))) as api:
            agents = (await api.agents("cs", limit=1000)).agents
            agent = dice.choice([agent for agent in agents if agent.role is Role.AGENT])
            change = dice.choice((AgentChange(chat=not agent.chat), AgentChange(phone=not agent.phone)))
            if dice.random() < 0.1:
                change = AgentChange(role=Role.ADMIN)
            await api.change_agent("cs", agent.account, change, agent.version)


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    clock = Afternoon()
    with clock.stop(), tempfile.TemporaryDirectory(prefix="octui-pictures-") as temporary:
        folder = Path(temporary)
        for person, pictures in (
            ("agent", {"stats": wait_for_figures}),
            ("supervisor", {"floor": wait_for_floor, "agents": wait_for_rows}),
            (
                "admin",
                {
                    "cti": make_edits,
                    "cti_settings": wait_for_rows,
                    "audit": wait_for_rows,
                    "contracts": wait_for_rows,
                    "contracts-details": show_details,
                    "charges": wait_for_rows,
                    "organization": wait_for_rows,
                },
            ),
        ):
            clock.at = AFTERNOON
            settings = Settings(database=f"sqlite:///{folder / person}.db")
            transport = DemoTransport(settings, person, agents=200, seed=1, pace=1.0)
            try:
                await transport.open()
                if "audit" in pictures:
                    await change_rights(transport, clock)
                for name, prepare in pictures.items():
                    for size in SIZES:
                        await draw_picture(transport, name, prepare, folder, size)
            finally:
                await transport.close()


if __name__ == "__main__":
    asyncio.run(main())
