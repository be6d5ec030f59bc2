"""Opening a wall: its app, its looks, and what happens when the terminal goes away."""

import asyncio
from collections.abc import Awaitable, Callable

from octui.cli import paths
from octui.cli.first_looks import first_looks
from octui.cli.settings import Settings
from octui.client.api import Api
from octui.ui.measuring import WidthQuestion
from octui.ui.terminal import watch_hangup
from octui.ui.wall.app import WallApp, WallOptions


def open_wall(
    settings: Settings,
    connect: Callable[[], Api],
    options: WallOptions,
    *,
    no_color: bool = False,
    question: WidthQuestion | None = None,
    on_hangup: Callable[[], None] = lambda: None,
    on_leaving: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Run a wall until somebody ends it, and return the exit code.

    `question`: how wide the terminal draws blocks, asked before.
    `on_hangup` is called when the terminal goes away, `on_leaving` when the wall has ended.
    """
    first = first_looks(settings, no_color=no_color, question=question)
    language = settings.language or "ko"
    app = WallApp(connect, options, language, colors=first.colors, glyph_level=first.glyph_level)
    app.crash_folder = paths.log_folder()
    stop_watching = watch_hangup(on_hangup)
    try:
        asyncio.run(_run_app(app, on_leaving))
    finally:
        stop_watching()
    return app.return_code or 0


async def _run_app(app: WallApp, on_leaving: Callable[[], Awaitable[None]] | None) -> None:
    try:
        await app.run_async(mouse=False)
    finally:
        if on_leaving is not None:
            await on_leaving()
