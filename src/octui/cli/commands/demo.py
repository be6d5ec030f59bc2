"""`octui demo`: a center with Korean names and live seeded traffic, in a folder that is deleted afterwards."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octui.cli.failures import DONE, WRONG_USE, CommandError, say
from octui.cli.fast_imports import fast_imports
from octui.cli.settings import Settings, load_settings

if TYPE_CHECKING:
    from octui.cli.demo_server import DemoTransport

PEOPLE = ("agent", "supervisor", "admin", "wall")
PACES = {"day": 1.0, "rush": 3.0}
MOST_AGENTS = 50_000
_TEXT_TICKS = 3
_PLACE = "2층 상담실"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui demo\n  octui demo --as admin --agents 50000\n  octui demo --as wall\n  octui demo | cat"
    )
    parser.add_argument("--as", dest="person", choices=PEOPLE, default="agent", help="whose screens to open, or a wall")
    parser.add_argument("--agents", type=int, default=200, metavar="N", help=f"1 to {MOST_AGENTS:,} (default 200)")
    parser.add_argument("--scenario", choices=tuple(PACES), default="day", help="an ordinary day, or a rush of calls")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same center")
    parser.add_argument("--language", choices=("ko", "en", "ja"))
    parser.set_defaults(handler=run_demo)


def run_demo(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.agents <= MOST_AGENTS:
        raise CommandError(f"--agents: 1 to {MOST_AGENTS:,}.", WRONG_USE)
    from octui.ui.measuring import WidthQuestion
    from octui.ui.terminal import prepare_environment, refusal_reason

    prepared = prepare_environment()
    as_text = refusal_reason() is not None or not sys.stdout.isatty()
    with tempfile.TemporaryDirectory(prefix="octui-demo-", ignore_cleanup_errors=True) as folder:
        from octui.cli.demo_server import DemoTransport

        settings = load_settings({"language": arguments.language}).model_copy(
            update={"database": f"sqlite:///{Path(folder) / 'demo.db'}", "url": None, "service": None}
        )
        transport = DemoTransport(
            settings,
            arguments.person,
            agents=arguments.agents,
            seed=arguments.seed,
            pace=PACES[arguments.scenario],
        )
        if arguments.person == "wall":
            return _run_wall(transport, settings, as_text=as_text, no_color=prepared.no_color, folder=folder)
        if as_text:
            asyncio.run(_print_figures(transport, settings))
            return DONE
        with WidthQuestion(settings.glyphs == "auto") as question:
            with fast_imports():
                from octui.cli.screens import open_screens

            return open_screens(
                settings,
                transport,
                no_color=prepared.no_color,
                question=question,
                on_hangup=lambda: shutil.rmtree(folder, ignore_errors=True),
            )


def _run_wall(transport: "DemoTransport", settings: Settings, *, as_text: bool, no_color: bool, folder: str) -> int:
    """Show the demo's wall, or print its figures for a few seconds where there is no terminal to draw on."""
    from octui.cli.demo_server import KeptTransport
    from octui.client.api import Api
    from octui.ui.measuring import WidthQuestion

    def connect() -> Api:
        return Api(KeptTransport(transport))

    if as_text:
        from octui.cli.commands.wall import print_wall
        from octui.ui.locale import Words

        printing = print_wall(connect, Words(settings.language or "ko"), (), seconds=_TEXT_TICKS)
        asyncio.run(_close_after(transport, printing))
        say("this is no terminal to draw on. To see the wall, run in one: octui demo --as wall")
        return DONE
    with WidthQuestion(settings.glyphs == "auto") as question:
        with fast_imports():
            from octui.cli.wall_screen import open_wall
            from octui.ui.wall.app import WallOptions

        return open_wall(
            settings,
            connect,
            WallOptions(place=_PLACE),
            no_color=no_color,
            question=question,
            on_hangup=lambda: shutil.rmtree(folder, ignore_errors=True),
            on_leaving=transport.close,
        )


async def _close_after(transport: "DemoTransport", work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    finally:
        await transport.close()


async def _print_figures(transport: "DemoTransport", settings: Settings) -> None:
    """Print an agent's figures for a few ticks, where there is no terminal to draw on."""
    from octui.cli.commands.stats import figure_lines
    from octui.client.api import Api
    from octui.sim.center import AGENT
    from octui.state.stats import LiveStats
    from octui.ui.locale import Words

    async with Api(transport) as api:
        me = await api.me()
        words = Words(settings.language or me.language)
        for tick in range(_TEXT_TICKS):
            if tick:
                await asyncio.sleep(1)
                print()
            live = LiveStats(await api.stats("cs", AGENT))
            print("\n".join(figure_lines(live, live.stats.as_of, words)), flush=True)
    say("this is no terminal to draw on. To see the screens, run in one: octui demo")
