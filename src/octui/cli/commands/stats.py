"""`octui stats`: an agent's figures of a day, once or as they change."""

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from octui.cli.connection import run_with_api, service_of
from octui.cli.failures import WRONG_USE, CommandError
from octui.cli.options import add_connection, settings
from octui.cli.output import write_json
from octui.client.api import Api
from octui.schema.live import stats_topic
from octui.schema.stats import Channel, ChatState, PhoneState, Stats
from octui.state.clock import ServerClock
from octui.state.stats import LiveStats
from octui.text.durations import clock as clocked
from octui.ui.figures import CALLS, CHAT_LABELS, DASH, PHONE_LABELS, TICKET_LABELS, counted, page
from octui.ui.locale import Words
from octui.ui.times import time_of_day

WAIT_S = 25
_CELLS = 100


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui stats --agent minsu --service cs --json\n  octui stats --agent minsu --watch"
    parser.add_argument("--agent", metavar="ACCOUNT", help="default: yourself")
    parser.add_argument("--service", metavar="ID", help="default: the first one you have a role in")
    parser.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="default: the service's today")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="all figures as JSON; an unknown one is null")
    shape.add_argument("--watch", action="store_true", help="then a line for every change, for screen readers and logs")
    parser.add_argument("--language", dest="screen_language", choices=("ko", "en", "ja"), help="language of the text")
    add_connection(parser)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written YYYY-MM-DD") from None


def run(arguments: argparse.Namespace) -> int:
    if arguments.watch and arguments.date is not None:
        raise CommandError("--watch is for today; a past day does not change.", WRONG_USE)
    return run_with_api(arguments, lambda api: _run(api, arguments))


async def _run(api: Api, given: argparse.Namespace) -> int:
    me = await api.me()
    account = given.agent or me.account
    service = await service_of(api, given)
    stats = await api.stats(service, account, date=given.date)
    live = LiveStats(stats)
    if given.json:
        write_json(live.as_dict(stats.as_of))
        return 0
    words = Words(settings(given).language or me.language)
    print("\n".join(text_of(live, stats.as_of, words)), flush=True)
    if given.watch:
        await _watch(api, service, account, live, words)
    return 0


async def _watch(api: Api, service: str, account: str, before: LiveStats, words: Words) -> None:
    """A line for every figure that changes, until Ctrl+C."""
    topic = stats_topic(service, account)
    clock, have = ServerClock(), ""
    while True:
        answer = (await api.live({topic: have}, WAIT_S)).answer
        if answer is None or topic not in answer.changed:
            continue
        clock.heard(answer.as_of)
        changed = answer.changed[topic]
        have = changed.etag
        if changed.body is None:
            raise CommandError("these figures may no longer be read.")
        after = LiveStats(Stats.model_validate(changed.body))
        for line in changes(before, after, words):
            print(f"{time_of_day(answer.as_of, after.stats.time_zone)} {line}")
        sys.stdout.flush()
        before = after


def changes(before: LiveStats, after: LiveStats, t: Words) -> Iterator[str]:
    """What changed between two answers, a line each: counts, and the state that runs now."""
    if after.stats.date != before.stats.date:
        yield t.date(after.stats.date)
    now = after.stats.as_of
    for name, label in TICKET_LABELS.items():
        old, new = (_number(live.stats.tickets, name) for live in (before, after))
        if old != new:
            yield f"{t(label)} {DASH if new is None else new}"
    yield from _states(before, after, now, PHONE_LABELS, Channel.PHONE, t)
    yield from _states(before, after, now, CHAT_LABELS, Channel.CHAT, t)
    if (before.stats.phone_open is None) != (after.stats.phone_open is None) and after.stats.phone_open is None:
        yield t("Not logged in to CTI")


def _number(block: Any, name: str) -> int | None:
    found: int | None = getattr(block, name, None)
    return found


def _states(
    before: LiveStats,
    after: LiveStats,
    now: int,
    labels: dict[PhoneState, str] | dict[ChatState, str],
    channel: Channel,
    t: Words,
) -> Iterator[str]:
    running: Callable[[LiveStats], str | None] = (
        (lambda live: live.running_phone) if channel is Channel.PHONE else (lambda live: live.running_chat)
    )
    for state, label in labels.items():
        new = after.figure(channel, state.value, now)
        began = running(after) == state and running(before) != state
        if new is None or (new[0] == (before.figure(channel, state.value, now) or (0, 0))[0] and not began):
            continue
        mark = "▶ " if running(after) == state else ""
        yield f"{mark}{t(label)} {counted(new[0], state in CALLS, t)} {clocked(new[1])}"


def text_of(live: LiveStats, now: int, words: Words) -> list[str]:
    """The figures as plain lines, the same as on the screen but for its keys."""
    lines = []
    for runs in page(live, now, words, _CELLS, None).lines:
        shown = [run for run in runs if run.style != "note" or run is runs[0]]
        lines.append("".join(run.text for run in shown).rstrip())
    return [line for line in lines if line]
