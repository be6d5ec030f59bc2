"""`octui wall`: the two boards of a wall terminal, large; or as text."""

import argparse
import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from octui.cli.connection import transport_for
from octui.cli.failures import DONE, CommandError
from octui.cli.fast_imports import fast_imports
from octui.cli.output import write_table
from octui.cli.settings import Settings, add_connection_options, settings_of
from octui.client.api import Api
from octui.client.errors import SignInNeeded
from octui.schema.audit import Via
from octui.state.wall import Wall, WallPage
from octui.text.safe import safe
from octui.ui.locale import Words

LONGEST_TURN_S = 3_600
_ALL = 10_000
_FIRST_WAIT_S = 5


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  octui wall --url https://octui.example --token-file wall.token --place '3층 동쪽'\n"
        "  octui wall --service CARD --service LOAN --turn 15\n"
        "  octui wall --both\n"
        "  octui wall --text | tee wall.log\n\n"
        "The token comes from: octui token wall --help. q and Ctrl+C end it; no other key is needed."
    )
    parser.add_argument(
        "--service", dest="services", action="append", metavar="ID", help="show this service; may be repeated"
    )
    parser.add_argument("--place", default="", metavar="TEXT", help="where the wall hangs, for its header")
    parser.add_argument("--turn", type=turn_seconds, default=5, metavar="SECONDS", help="how long a board stays (5)")
    parser.add_argument("--both", action="store_true", help="both boards at once, where they fit")
    parser.add_argument("--bell", action="store_true", help="ring the terminal's bell once for each alarm")
    parser.add_argument("--text", action="store_true", help="a table, then a line for each change, until Ctrl+C")
    parser.add_argument("--language", dest="screen_language", choices=("ko", "en", "ja"))
    add_connection_options(parser)
    parser.set_defaults(handler=run_wall)


def turn_seconds(text: str) -> int:
    """Convert the argument of `--turn`."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LONGEST_TURN_S):
        raise argparse.ArgumentTypeError(f"{safe(text)}: 1 to {LONGEST_TURN_S} seconds")
    return int(text)


def run_wall(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    connect = _connector(settings, arguments.acting_as)
    if arguments.text:
        asyncio.run(print_wall(connect, Words(settings.language or "ko"), tuple(arguments.services or ())))
        return DONE
    with fast_imports():
        from octui.ui.measuring import WidthQuestion
        from octui.ui.terminal import prepare_environment, refusal_reason

    prepared = prepare_environment(kitty_keys=settings.kitty_keys)
    reason = refusal_reason()
    if reason is not None:
        raise CommandError(f"{reason} The same numbers as text: octui wall --text")
    with WidthQuestion(settings.glyphs == "auto") as question:
        with fast_imports():
            from octui.cli.wall_screen import open_wall
            from octui.ui.wall.app import WallOptions

        options = WallOptions(
            tuple(arguments.services or ()), safe(arguments.place), arguments.turn, arguments.both, arguments.bell
        )
        return open_wall(settings, connect, options, no_color=prepared.no_color, question=question)


def _connector(settings: Settings, acting_as: str | None) -> Callable[[], Api]:
    """Return what makes a client with the token that the token file has then. Raises CommandError where it has none.

    A file that cannot be read later, while a new token is put into it, counts as a token that is refused."""
    first = [transport_for(settings, Via.SCREEN, acting_as=acting_as)]

    def connect() -> Api:
        if first:
            return Api(first.pop())
        try:
            return Api(transport_for(settings, Via.SCREEN, acting_as=acting_as))
        except CommandError as error:
            raise SignInNeeded(str(error)) from error

    return connect


async def print_wall(
    connect: Callable[[], Api], t: Words, services: tuple[str, ...], *, seconds: int | None = None
) -> None:
    """Print the boards as a table, then every change; for so many seconds, or until Ctrl+C."""
    from octui.ui.wall.source import WallSource
    from octui.ui.wall.text import change_lines

    wall = Wall()
    source = WallSource(connect, wall, lambda: None, services)
    running = asyncio.create_task(source.run())
    try:
        page = await _first_page(wall, source.clock.now_ms)
        _print_table(page, t)
        while seconds is None or seconds > 0:
            await asyncio.sleep(1)
            seconds = None if seconds is None else seconds - 1
            before, page = page, _page_of(wall, source.clock.now_ms)
            for line in change_lines(before, page, t):
                print(f"{_time_of(page)} {safe(line, limit=2_000)}", flush=True)
            if running.done():
                running.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _first_page(wall: Wall, now_ms: Callable[[], int | None]) -> WallPage:
    """Return the first page on which all services have their figures, or what there is after some seconds."""
    for _ in range(_FIRST_WAIT_S * 20):
        page = _page_of(wall, now_ms)
        if wall.is_complete or wall.refused:
            return page
        await asyncio.sleep(0.05)
    return page


def _page_of(wall: Wall, now_ms: Callable[[], int | None]) -> WallPage:
    return wall.page(now_ms() or 0, _ALL, both=True)


def _time_of(page: WallPage) -> str:
    from octui.ui.wall.words import clock_text

    return clock_text(page.now, page.zone) if page.now else datetime.now(UTC).astimezone().strftime("%H:%M:%S")


def _print_table(page: WallPage, t: Words) -> None:
    from octui.ui.wall.text import alarm_lines, trouble_line, wall_table
    from octui.ui.wall.words import date_text

    if page.now:
        print(f"{date_text(page.now, page.zone, t)} {_time_of(page)} {page.zone}")
    if trouble := trouble_line(page, t):
        print(trouble)
    labels, rows = wall_table(page, t)
    write_table(labels, rows)
    for line in alarm_lines(page, t):
        print(safe(line, limit=2_000))
