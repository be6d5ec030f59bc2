"""`octui floor`: calls, waiting customers and agents of services, now or at a past minute, once or as they change."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from octui.cli.connection import NO_SERVICE, add_api_command
from octui.cli.failures import WRONG_USE, CommandError, say
from octui.cli.output import write_json, write_table
from octui.cli.settings import settings_of
from octui.client.api import Api
from octui.client.errors import Refused
from octui.schema.contracts import Service
from octui.schema.floor import ServiceFloor
from octui.schema.items import Item
from octui.schema.live import floor_topic
from octui.state.clock import ServerClock
from octui.state.floor import FloorRow, Rate, floor_row, sum_rows
from octui.text.safe import safe
from octui.ui.locale import N_, Words
from octui.ui.words.times import date_and_time, time_of_day

WAIT_S = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_DASH = "–"
_LABELS = {
    "waiting": N_("Waiting"),
    "longest_wait_seconds": N_("Longest"),
    "offered": N_("Offered"),
    "answered": N_("Answered"),
    "abandoned": N_("Abandoned"),
    "answer_rate": N_("Answer rate"),
    "service_level": N_("Service level"),
    "logged_in": N_("Logged in"),
    "ready": N_("Ready"),
    "on_call": N_("In calls"),
    "outbound": N_("Outbound"),
    "break_work": N_("Break/work"),
}
"""Columns of the table, and their names."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui floor\n  octui floor --service cs --json\n  octui floor --at 2026-11-27T10:30:00+09:00\n"
        "  octui floor --watch"
    )
    parser.add_argument("--service", metavar="ID", help="default: all services with phone that you may see")
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="a past minute, such as 2026-11-27T10:30:00+09:00 (RFC 3339)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the figures as JSON; an unknown one is null")
    form.add_argument("--watch", action="store_true", help="then a line for every change, for screen readers and logs")
    parser.add_argument("--language", dest="screen_language", choices=("ko", "en", "ja"), help="language of the text")
    add_api_command(parser, show_floor)


def moment(text: str) -> int:
    """Convert the argument of `--at` to epoch milliseconds."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None and (at - _EPOCH) // _MS >= 2 * 86_400_000:
            return (at - _EPOCH) // _MS
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{safe(text)} is no time with an offset, such as 2026-11-27T10:30:00+09:00")


async def show_floor(api: Api, arguments: argparse.Namespace) -> None:
    """Print the floor of the services that the caller may see."""
    if arguments.watch and arguments.at is not None:
        raise CommandError("--watch is for now; a past minute does not change.", WRONG_USE)
    services = await _find_services(api, settings_of(arguments).service)
    floors = [await api.floor(service.id, arguments.at) for service in services]
    # A past moment that the server does not take for one is the present.
    at = max(floor.at for floor in floors)
    if arguments.json:
        write_json(floor_json(floors, at))
        return
    words = Words(settings_of(arguments).language or await _own_language(api))
    print(date_and_time(at, floors[0].time_zone))
    rows = [floor_row(floor, at) for floor in floors]
    write_table([words("Service"), *map(words, _LABELS.values())], [_cells(row) for row in _with_total(rows, words)])
    for row in rows:
        if row.age_ms is not None:
            say(f"{row.name}: nothing is known of the last {row.age_ms // 1000} s; its source of calls is silent.")
    sys.stdout.flush()
    if arguments.watch:
        await _print_changes(api, {service.id: floor for service, floor in zip(services, floors, strict=True)}, words)


async def _find_services(api: Api, named: str | None) -> list[Service]:
    """Return the services to show. Raises CommandError where there are none."""
    services = (await api.services()).services
    if named is not None:
        found = [service for service in services if service.id == named]
        if not found:
            ids = ", ".join(service.id for service in services)
            raise CommandError(f"there is no service {safe(named)}; there are: {ids}" if ids else NO_SERVICE)
        return found
    found = [service for service in services if Item.TELTICKET in service.items]
    if not found:
        raise CommandError("there is no service with the phone in its contract." if services else NO_SERVICE)
    return found


async def _own_language(api: Api) -> str:
    """Return the language of the caller's settings; Korean for a wall terminal, which has none."""
    try:
        return (await api.me()).language
    except Refused:
        return "ko"


def _with_total(rows: Sequence[FloorRow], words: Words) -> list[FloorRow]:
    if len(rows) == 1:
        return list(rows)
    total = sum_rows(rows)
    return [*rows, FloorRow("", words("Total"), None, total.waiting, total.longest_wait_ms, total.calls, total.agents)]


def floor_json(floors: Sequence[ServiceFloor], at: int) -> dict[str, Any]:
    """Return what `--json` prints of the floors at `at` (epoch ms)."""
    rows = [_row_of_moment(floor_row(floor, at)) for floor in floors]
    return {
        "at": datetime.fromtimestamp(at // 1000, UTC).isoformat().replace("+00:00", "Z"),
        "services": [{"service": row.service, **_figures(row)} for row in rows],
        "total": _figures(sum_rows(rows)),
    }


def _row_of_moment(row: FloorRow) -> FloorRow:
    """Return the row without what is of a moment where that is not known any more: JSON has no place for an age."""
    return FloorRow(row.service, row.name, calls=row.calls) if row.is_old else row


def _figures(row: FloorRow) -> dict[str, int | float | None]:
    calls, agents = row.calls, row.agents
    return {
        "waiting": row.waiting,
        "longest_wait_seconds": _longest_seconds(row),
        "offered": None if calls is None else calls.offered,
        "answered": None if calls is None else calls.answered,
        "abandoned": None if calls is None else calls.abandoned,
        "answered_in_time": None if calls is None else calls.answered_in_time,
        "answer_rate": _share(row.answer_rate),
        "service_level": _share(row.service_level),
        "logged_in": None if agents is None else agents.logged_in,
        "ready": None if agents is None else agents.ready,
        "on_call": None if agents is None else agents.on_call,
        "outbound": None if agents is None else agents.outbound,
        "break_work": None if agents is None else agents.break_work,
    }


def _longest_seconds(row: FloorRow) -> int | None:
    """Return the longest wait: 0 where nobody waits, None where that is unknown."""
    if row.waiting is None:
        return None
    return 0 if row.longest_wait_ms is None else row.longest_wait_ms // 1000


def _share(rate: Rate | None) -> float | None:
    return None if rate is None else round(rate.part / rate.whole, 4)


def _cells(row: FloorRow) -> list[str]:
    figures = _figures(row)
    rates = {"answer_rate": row.answer_rate, "service_level": row.service_level}
    cells = [row.name]
    for name in _LABELS:
        number = figures[name]
        if name in rates:
            rate = rates[name]
            cells.append(_DASH if rate is None else f"{rate.percent} %")
        elif number is None:
            cells.append(_DASH)
        else:
            whole = int(number)
            cells.append(f"{whole // 60:02d}:{whole % 60:02d}" if name == "longest_wait_seconds" else f"{whole:,}")
    return cells


async def _print_changes(api: Api, before: dict[str, ServiceFloor], words: Words) -> None:
    """Print a line for every service in which a number changes, until Ctrl+C."""
    topics = {floor_topic(service): service for service in before}
    etags = dict.fromkeys(topics, "")
    clock = ServerClock()
    while True:
        answer = (await api.live(etags, WAIT_S)).answer
        if answer is None:
            continue
        clock.record_time(answer.as_of)
        for topic, changed in answer.changed.items():
            if topic not in topics:
                continue
            if changed.body is None:
                raise CommandError("these figures may no longer be read.")
            etags[topic] = changed.etag
            service, after = topics[topic], ServiceFloor.model_validate(changed.body)
            line = change_line(before[service], after, words)
            if line:
                print(f"{time_of_day(after.at, after.time_zone)} {line}")
            before[service] = after
        sys.stdout.flush()


def change_line(before: ServiceFloor, after: ServiceFloor, words: Words) -> str:
    """Return the numbers of a service that differ, in one line; "" where only a wait goes on."""
    old, new = (_cells(floor_row(floor, floor.at)) for floor in (before, after))
    changed = [
        f"{words(label)} {cell}"
        for (name, label), was, cell in zip(_LABELS.items(), old[1:], new[1:], strict=True)
        if was != cell and name != "longest_wait_seconds"
    ]
    return f"{after.name}: {', '.join(changed)}" if changed else ""
