"""`octui demo`: a centre with Korean names and live seeded traffic, in a folder that is gone afterwards."""

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from octui.cli.config import Config
from octui.cli.failures import CommandError, say
from octui.sim.centre import ADMIN, AGENT, SUPERVISOR

if TYPE_CHECKING:
    from octui.cli.demo_service import DemoTransport

PEOPLE = {"agent": AGENT, "supervisor": SUPERVISOR, "admin": ADMIN}
_TEXT_TICKS = 3


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui demo\n  octui demo --as admin --agents 50000\n  octui demo | cat"
    parser.add_argument("--as", dest="person", choices=tuple(PEOPLE), default="agent", help="whose screens to open")
    parser.add_argument("--agents", type=int, default=200, metavar="N", help="1 to 50,000 (default 200)")
    parser.add_argument(
        "--scenario", choices=("day", "rush"), default="day", help="an ordinary day, or a rush of calls"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same centre")
    parser.add_argument("--language", choices=("ko", "en", "ja"))


def run(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.agents <= 50_000:
        raise CommandError("--agents: 1 to 50,000.", 2)
    from octui.ui.terminal import prepare_environment, refusal

    prepared = prepare_environment()
    why_text = refusal()
    with tempfile.TemporaryDirectory(prefix="octui-demo-") as folder:
        from octui.cli.demo_service import DemoTransport

        config = Config(language=arguments.language, database=f"sqlite:///{Path(folder) / 'demo.db'}")
        transport = DemoTransport(
            config.database_url(),
            PEOPLE[arguments.person],
            agents=arguments.agents,
            seed=arguments.seed,
            pace={"day": 1.0, "rush": 3.0}[arguments.scenario],
        )
        if why_text is not None:
            return asyncio.run(_as_text(transport, config))
        from octui.cli.screens import open_screens

        return open_screens(config, None, None, transport, no_color=prepared.no_color)


async def _as_text(transport: "DemoTransport", config: Config) -> int:
    """The same figures as text for a few ticks, where there is no terminal to draw on."""
    from octui.cli.stats import text_of
    from octui.client.api import Api
    from octui.state.stats import LiveStats
    from octui.ui.locale import Words

    async with Api(transport) as api:
        me = await api.me()
        words = Words(config.language or me.language)
        account, service = AGENT, "cs"
        for tick in range(_TEXT_TICKS):
            if tick:
                await asyncio.sleep(1)
            live = LiveStats(await api.stats(service, account))
            print("\n".join(text_of(live, live.stats.as_of, words)), flush=True)
            print()
    say("this is no terminal to draw on. To see the screens, run in one: octui demo")
    return 0
