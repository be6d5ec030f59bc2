"""`octui stats`: an agent's figures of a day, once or as they change."""

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from octui.cli.connection import add_api_command, service_of
from octui.cli.failures import WRONG_USE, CommandError
from octui.cli.output import write_json
from octui.cli.settings import settings_of
from octui.client.api import Api
from octui.schema.live import stats_topic
from octui.schema.stats import Channel, ChatState, PhoneState, Stats
from octui.state.clock import ServerClock
from octui.state.stats import LiveStats
from octui.text.durations import format_duration as clock_text
from octui.ui.locale import Words
from octui.ui.widgets.figures_layout import (
    CALLS,
    CHAT_LABELS,
    DASH,
    PHONE_LABELS,
    TICKET_LABELS,
    count_text,
    stats_page,
)
from octui.ui.words.times import time_of_day

WAIT_S = 25
_CELLS = 100


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  octui stats --agent minsu --service cs --json\n  octui stats --agent minsu --watch"
    parser.add_argument("--agent", metavar="ACCOUNT", help="default: yourself")
    parser.add_argument("--service", metavar="ID", help="default: the first one you have a role in")
    parser.add_argument("--date", type=date_text, metavar="YYYY-MM-DD", help="default: the service's today")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all figures as JSON; an unknown one is null")
    form.add_argument("--watch", action="store_true", help="then a line for every change, for screen readers and logs")
    parser.add_argument("--language", dest="screen_language", choices=("ko", "en", "ja"), help="language of the text")
    add_api_command(parser, show_stats)


def date_text(text: str) -> str:
    """Convert the argument of `--date`."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written YYYY-MM-DD") from None


async def show_stats(api: Api, arguments: argparse.Namespace) -> None:
    if arguments.watch and arguments.date is not None:
        raise CommandError("--watch is for today; a past day does not change.", WRONG_USE)
    me = await api.me()
    account = arguments.agent or me.account
    service = await service_of(api, arguments)
    stats = await api.stats(service, account, date=arguments.date)
    live = LiveStats(stats)
    if arguments.json:
        write_json(live.as_dict(stats.as_of))
        return
    words = Words(settings_of(arguments).language or me.language)
    print("\n".join(figure_lines(live, stats.as_of, words)), flush=True)
    if arguments.watch:
        await _print_changes(api, service, account, live, words)


async def _print_changes(api: Api, service: str, account: str, before: LiveStats, words: Words) -> None:
    """Print a line for every figure that changes, until Ctrl+C."""
    topic = stats_topic(service, account)
    clock, etag = ServerClock(), ""
    while True:
        answer = (await api.live({topic: etag}, WAIT_S)).answer
        if answer is None or topic not in answer.changed:
            continue
        clock.record_time(answer.as_of)
        changed = answer.changed[topic]
        etag = changed.etag
        if changed.body is None:
            raise CommandError("these figures may no longer be read.")
        after = LiveStats(Stats.model_validate(changed.body))
        for line in change_lines(before, after, words):
            print(f"{time_of_day(answer.as_of, after.stats.time_zone)} {line}")
        sys.stdout.flush()
        before = after


def change_lines(before: LiveStats, after: LiveStats, t: Words) -> Iterator[str]:
    """Yield what changed between two answers, a line each: counts, and the state that runs now."""
    if after.stats.date != before.stats.date:
        yield t.date(after.stats.date)
    now = after.stats.as_of
    for name, label in TICKET_LABELS.items():
        old, new = (_count_of(live.stats.tickets, name) for live in (before, after))
        if old != new:
            yield f"{t(label)} {DASH if new is None else new}"
    yield from _state_lines(before, after, now, PHONE_LABELS, Channel.PHONE, t)
    yield from _state_lines(before, after, now, CHAT_LABELS, Channel.CHAT, t)
    if (before.stats.phone_open is None) != (after.stats.phone_open is None) and after.stats.phone_open is None:
        yield t("Not logged in to CTI")


def _count_of(block: Any, name: str) -> int | None:
    count: int | None = getattr(block, name, None)
    return count


def _state_lines(
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
        yield f"{mark}{t(label)} {count_text(new[0], state in CALLS, t)} {clock_text(new[1])}"


def figure_lines(live: LiveStats, now: int, words: Words) -> list[str]:
    """Return the figures as plain lines, the same as on the screen but for its keys."""
    lines = []
    for runs in stats_page(live, now, words, _CELLS, None).lines:
        shown = [run for run in runs if run.style != "note" or run is runs[0]]
        lines.append("".join(run.text for run in shown).rstrip())
    return [line for line in lines if line]
