"""`octui stats`: an agent's figures of a day, once or as they change."""

import argparse
import asyncio

from octui.cli.compose import run_with_api, service_of
from octui.cli.options import add_connection
from octui.cli.output import write_json
from octui.client.api import Api
from octui.state.clock import ServerClock
from octui.state.stats import LiveStats
from octui.ui.locale import Words


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui stats --agent minsu --service cs --json\n  octui stats --agent minsu --watch"
    parser.add_argument("--agent", metavar="ACCOUNT", help="default: yourself")
    parser.add_argument("--service", metavar="ID", help="default: the first one you have a role in")
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="default: the service's today")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true")
    shape.add_argument("--watch", action="store_true", help="a line for every change, for screen readers and logs")
    parser.add_argument("--language", choices=("ko", "en", "ja"), help="language of the text")
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    me = await api.me()
    account = given.agent or me.account
    service = await service_of(api, given)
    clock = ServerClock()
    words = Words(given.language or me.language)
    stats = await api.stats(service, account, date=given.date)
    clock.heard(stats.as_of)
    live = LiveStats(stats)
    if given.json:
        write_json(live.as_dict(_now(clock)))
        return 0
    print("\n".join(text_of(live, _now(clock), words)))
    while given.watch:
        await asyncio.sleep(5)
        live = LiveStats(await api.stats(service, account, date=given.date))
        clock.heard(live.stats.as_of)
        print("\n".join(text_of(live, _now(clock), words)), flush=True)
    return 0


def text_of(live: LiveStats, now: int, words: Words) -> list[str]:
    """The figures as plain lines, the same as on the screen."""
    from octui.ui.figures import page

    lines = ["".join(run.text for run in line).rstrip() for line in page(live, now, words, 100, None).lines]
    return [line for line in lines if line]


def _now(clock: ServerClock) -> int:
    now = clock.now_ms()
    assert now is not None  # an answer has been heard
    return now
