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
from octui.client.interval_pages import fetch_evidence, fetch_intervals
from octui.schema.live import stats_topic
from octui.schema.stats import Channel, ChatState, Evidence, PhoneState, Stats
from octui.state.clock import ServerClock
from octui.state.stats import LiveStats
from octui.text.durations import format_duration as clock_text
from octui.text.glyphs import glyphs
from octui.text.safe import safe
from octui.ui.locale import N_, Words
from octui.ui.widgets.figures_layout import CALLS, count_text, stats_page
from octui.ui.words.evidence import event_origin, event_sentence, reason_lines
from octui.ui.words.stats import CHAT_LABELS, PHONE_LABELS, TICKET_LABELS
from octui.ui.words.times import time_of_day

WAIT_S = 25
_CELLS = 100
_STATES: dict[str, tuple[Channel, str, str]] = {
    **{state.value: (Channel.PHONE, state.value, label) for state, label in PHONE_LABELS.items()},
    "logged_in": (Channel.PHONE, "logged_in", N_("Logged in")),
    **{f"chat.{state.value}": (Channel.CHAT, state.value, label) for state, label in CHAT_LABELS.items()},
}
"""What can be explained: channel, state and name by the argument of `--explain`."""
_EXPLAINED = {"interval", "began", "named", "ended", "events"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui stats --agent minsu --service cs --json\n  octui stats --agent minsu --watch\n"
        "  octui stats --agent minsu --date 2026-11-23 --explain meal\n\n"
        f"states to explain: {', '.join(_STATES)}"
    )
    parser.add_argument("--agent", metavar="ACCOUNT", help="default: yourself")
    parser.add_argument("--service", metavar="ID", help="default: the first one you have a role in")
    parser.add_argument("--date", type=date_text, metavar="YYYY-MM-DD", help="default: the service's today")
    parser.add_argument(
        "--explain",
        type=state_name,
        metavar="STATE",
        help="the intervals behind a figure, each with the lines of the log that made it",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all figures as JSON; an unknown one is null")
    form.add_argument("--watch", action="store_true", help="then a line for every change, for screen readers and logs")
    parser.add_argument("--language", dest="screen_language", choices=("ko", "en", "ja"), help="language of the text")
    add_api_command(parser, show_stats)


def state_name(text: str) -> str:
    """Convert the argument of `--explain` to the code of a phone or chat state."""
    if text not in _STATES:
        raise argparse.ArgumentTypeError(f"{safe(text)} is none of {', '.join(_STATES)}")
    return text


def date_text(text: str) -> str:
    """Convert the argument of `--date` to YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written YYYY-MM-DD") from None


async def show_stats(api: Api, arguments: argparse.Namespace) -> None:
    if arguments.watch and arguments.date is not None:
        raise CommandError("--watch is for today; a past day does not change.", WRONG_USE)
    if arguments.watch and arguments.explain is not None:
        raise CommandError("--watch and --explain exclude each other.", WRONG_USE)
    me = await api.me()
    account = arguments.agent or me.account
    service = await service_of(api, arguments)
    stats = await api.stats(service, account, date=arguments.date)
    live = LiveStats(stats)
    if arguments.explain is not None:
        words = Words(settings_of(arguments).language or me.language)
        await explain_figure(api, live, arguments.explain, words, as_json=arguments.json)
        return
    if arguments.json:
        write_json(live.as_dict(stats.as_of))
        return
    words = Words(settings_of(arguments).language or me.language)
    print("\n".join(figure_lines(live, stats.as_of, words)), flush=True)
    if arguments.watch:
        await _print_changes(api, service, account, live, words)


async def explain_figure(api: Api, live: LiveStats, name: str, words: Words, *, as_json: bool) -> None:
    """Print the intervals behind a figure, each with the reasons and the events behind it."""
    channel, state, label = _STATES[name]
    stats = live.stats
    intervals = await fetch_intervals(api, stats, channel, state)
    seconds = live.interval_seconds(channel, state, intervals, stats.as_of)
    count = sum(interval.counted for interval in intervals)
    behind = [await fetch_evidence(api, stats, channel, state, interval) for interval in intervals]
    if as_json:
        write_json(
            {
                "date": stats.date,
                "time_zone": stats.time_zone,
                "service": stats.service,
                "agent": stats.account,
                "state": name,
                "count": count,
                "seconds": sum(seconds),
                "intervals": [
                    {"seconds": lasted, **evidence.model_dump(mode="json", include=_EXPLAINED)}
                    for lasted, evidence in zip(seconds, behind, strict=True)
                ],
            }
        )
        return
    print(f"{words(label)}  {words.date(stats.date)}  {stats.time_zone}  {stats.name} ({stats.account})")
    print(words("{count} times, {clock} in all", count=count, clock=clock_text(sum(seconds))))
    for lasted, evidence in zip(seconds, behind, strict=True):
        print("\n" + "\n".join(evidence_lines(lasted, evidence, words)))


def evidence_lines(seconds: int, evidence: Evidence, t: Words) -> Iterator[str]:
    """Yield the lines that explain an interval: why it began and ended, and each event with its place in a log."""
    interval, zone = evidence.interval, evidence.time_zone
    until = t("now") if interval.end is None else time_of_day(interval.end, zone)
    note = "" if interval.counted else "  " + t("(goes on, not counted again)")
    if interval.state == "assumed":
        note += "  " + t("login not in the log")
    yield f"{time_of_day(interval.start, zone)} - {until}  {clock_text(seconds)}{note}"
    for line in reason_lines(evidence, t):
        yield f"  {line}"
    for event in evidence.events:
        what = event.text or event_sentence(event, t)
        yield f"  {time_of_day(event.at, zone)}  {event_origin(event, t)}  {what}"


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
    """Yield a line for each difference between two answers: counts, and the state that is running."""
    if after.stats.date != before.stats.date:
        yield t.date(after.stats.date)
    now = after.stats.as_of
    for name, label in TICKET_LABELS.items():
        old, new = (_count_of(live.stats.tickets, name) for live in (before, after))
        if old != new:
            yield f"{t(label)} {glyphs().unknown if new is None else new}"
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
    """Return an agent's figures of a day as plain text lines, like the screen without its keys."""
    lines = []
    for runs in stats_page(live, now, words, _CELLS, None).lines:
        shown = [run for run in runs if run.style != "note" or run is runs[0]]
        lines.append("".join(run.text for run in shown).rstrip())
    return [line for line in lines if line]
