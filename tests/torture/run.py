"""The long run: shifts of many agents through the program and the second reckoner, compared second by second.

`python tests/torture/run.py [--hours N] [--seed TEXT] [--state FILE]`. The tally is kept in the state file every few
seconds: a run that was stopped goes on from there. Exit code 1 at the first difference, with the seed and the shortest
part of its stream that still differs.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from server.comparison import DifferenceError, compare, describe_stream  # noqa: E402
from server.program import end_everything, fold  # noqa: E402
from server.reckoner import reckon  # noqa: E402
from server.reckoner_facts import Event  # noqa: E402
from torture.shifts import make_stream  # noqa: E402
from torture.stored import StoredCenter  # noqa: E402

DAYS = 5
STORED = 20
"""Of so many agents one is taken in by the real store as well."""
HOUR_MS = 3_600_000
BEGINNINGS = {  # zone → first date: half of them about a change of the clock
    "Asia/Seoul": (2026, 7, 1),
    "America/New_York": (2026, 10, 30),
    "Europe/Berlin": (2026, 3, 27),
    "Australia/Lord_Howe": (2026, 10, 2),
}


@dataclass
class Tally:
    """What has been compared so far."""

    seed: str
    agents: int = 0
    events: int = 0
    hours: float = 0.0
    stored_agents: int = 0
    seconds: float = 0.0

    def describe(self) -> str:
        return (
            f"{self.hours:,.0f} agent-hours agree second by second: {self.agents:,} agents over {DAYS} days, "
            f"{self.events:,} events, {self.stored_agents:,} agents through the store; {self.seconds:,.0f} s"
        )


def stream_of(seed: str) -> tuple[str, list[Event]]:
    """Return the zone and the events of one agent, up to the end of everything."""
    zone = Random(seed).choice(sorted(BEGINNINGS))
    first = datetime(*BEGINNINGS[zone], tzinfo=ZoneInfo(zone)).astimezone(UTC)
    events = make_stream(seed, int(first.timestamp()), DAYS)
    end = first + timedelta(days=DAYS + 3)
    return zone, events + end_everything(int(end.timestamp()) * 1000)


def shrink(zone: str, events: list[Event]) -> list[Event]:
    """Return a short part of a stream that still differs."""
    size = len(events) // 2
    while size:
        place = 0
        while place < len(events) - 2:
            shorter = events[:place] + events[min(place + size, len(events) - 2) :]
            if differs(zone, shorter):
                events = shorter
            else:
                place += size
        size //= 2
    return events


def differs(zone: str, events: list[Event]) -> str:
    """Return the difference of a stream as text, or nothing."""
    try:
        compare(fold(events, zone), reckon(events, zone), zone)
    except DifferenceError as error:
        return str(error)
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=200_000, help="agent-hours to compare")
    parser.add_argument("--seed", default="octui")
    parser.add_argument("--state", type=Path, default=Path(".torture.json"), help="the tally of a run, to go on with")
    arguments = parser.parse_args()
    tally = Tally(arguments.seed)
    if arguments.state.exists():
        kept = Tally(**json.loads(arguments.state.read_text(encoding="utf-8")))
        tally = kept if kept.seed == arguments.seed else tally
    with StoredCenter() as center:
        return run(tally, arguments.hours, arguments.state, center)


def run(tally: Tally, hours: float, state: Path, center: StoredCenter) -> int:
    """Compare agent after agent until so many hours agree. Return the exit code."""
    shown = began = time.perf_counter()
    before = tally.seconds
    while tally.hours < hours:
        seed = f"{tally.seed}-{tally.agents}"
        zone, events = stream_of(seed)
        found = reckon(events, zone)
        try:
            compare(fold(events, zone), found, zone)
        except DifferenceError:
            short = shrink(zone, events)
            print(f"seed {seed}, {zone}: {differs(zone, short)}", describe_stream(short, short[0][0]), sep="\n")
            return 1
        if tally.agents % STORED == 0:
            try:
                compare(center.take_in(seed, zone, events), found, zone)
            except DifferenceError as error:
                print(f"seed {seed}, {zone}: the rules agree, the store does not: {error}")
                return 1
            tally.stored_agents += 1
        tally.agents += 1
        tally.events += len(events)
        tally.hours += worked_hours(events)
        tally.seconds = before + time.perf_counter() - began
        if time.perf_counter() - shown > 10:
            shown = time.perf_counter()
            state.write_text(json.dumps(asdict(tally)), encoding="utf-8")
            print(tally.describe(), flush=True)
    state.write_text(json.dumps(asdict(tally)), encoding="utf-8")
    print(tally.describe())
    return 0


def worked_hours(events: list[Event]) -> float:
    """Return the hours of a stream's shifts: not the nights, though they are compared as well."""
    gaps = (after[0] - before[0] for before, after in pairwise(events))
    return sum(gap for gap in gaps if gap < HOUR_MS) / HOUR_MS


if __name__ == "__main__":
    sys.exit(main())
