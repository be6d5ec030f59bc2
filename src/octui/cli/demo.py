"""`octui demo`: a centre with Korean names and live seeded traffic, in a folder that is gone afterwards."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from octui.cli.config import Config
from octui.cli.failures import CommandError, say
from octui.sim.centre import ADMIN, AGENT, SUPERVISOR, Centre

PEOPLE = {"agent": AGENT, "supervisor": SUPERVISOR, "admin": ADMIN}
_HOURS_BACK = 4
_MOST_PAST_EVENTS = 40_000
_EVENTS_AN_HOUR = 32
_TEXT_TICKS = 3


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui demo\n  octui demo --as admin --agents 50000\n  octui demo | cat"
    parser.add_argument("--as", dest="person", choices=tuple(PEOPLE), default="agent", help="whose screens to open")
    parser.add_argument("--agents", type=int, default=200, metavar="N", help="1 to 50,000 (default 200)")
    parser.add_argument("--scenario", choices=("day", "rush"), default="day", help="an ordinary day, or a rush of calls")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same centre")
    parser.add_argument("--language", choices=("ko", "en", "ja"))


def run(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.agents <= 50_000:
        raise CommandError("--agents: 1 to 50,000.", 2)
    from octui.ui.terminal import prepare_environment, refusal

    prepare_environment()
    as_text = refusal() if sys.stdout.isatty() else "not a terminal"
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
        if as_text is not None:
            return asyncio.run(_as_text(transport, config))
        from octui.cli.screens import open_screens

        return open_screens(config, None, None, transport)
