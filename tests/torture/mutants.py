"""Mutants of the program's rules: does the comparison with the second reckoner catch each of them?

`python tests/torture/mutants.py [--streams N]`. A mutant is a copy of the rules with one place of their text changed.
It is caught when it differs from the reckoner on a case of the rules or on one of N random streams. Exit code 1 when
one is not caught, and when the text of one does not occur exactly once in the source any more.
"""

import argparse
import importlib
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import ModuleType
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from server.comparison import DifferenceError, compare  # noqa: E402
from server.log_cases import CASES, FOUND  # noqa: E402
from server.log_lines import EPOCH_S, read_lines  # noqa: E402
from server.program import end_everything, fold  # noqa: E402
from server.reckoner import Reckoning, reckon  # noqa: E402
from server.reckoner_facts import Event  # noqa: E402
from server.streams import HORIZON_S, random_stream, told_to  # noqa: E402
from torture.mutant_list import MUTANTS, Mutant  # noqa: E402

PACKAGE = "octui.server.events."
MODULES = ("timeline_rules", "queue_log_rules")
"""The modules that interpret events, each after those it imports."""
STREAMS = 500
ZONE = "Asia/Seoul"


class Case(NamedTuple):
    """A stream and what the reckoner says of it."""

    zone: str
    events: list[Event]
    found: Reckoning


class StaleMutantError(AssertionError):
    """The text of a mutant does not occur exactly once in the source."""


def make_cases(count: int) -> list[Case]:
    """Return the cases of the rules and that many random streams with their reckonings, always the same."""
    random = Random("mutants")
    cases = []
    for lines in [*(lines for lines, _ in CASES.values()), *FOUND.values()]:
        events = read_lines(lines) + end_everything((EPOCH_S + HORIZON_S) * 1000)
        cases.append(Case(ZONE, events, reckon(events, ZONE)))
    for _ in range(count):
        zone, start, told = random_stream(random)
        events = told_to("kim", told) + end_everything(start + HORIZON_S * 1000)
        cases.append(Case(zone, events, reckon(events, zone)))
    return cases


@contextmanager
def mutated(mutant: Mutant) -> Iterator[dict[str, ModuleType]]:
    """Load the rules anew with the mutant in them."""
    names = [PACKAGE + name for name in MODULES]
    kept = {name: importlib.import_module(name) for name in names}
    fresh: dict[str, ModuleType] = {}
    package = importlib.import_module(PACKAGE.removesuffix("."))
    try:
        for name, module in zip(names, kept.values(), strict=True):
            path = Path(str(module.__file__))
            source = path.read_text(encoding="utf-8")
            if name == PACKAGE + mutant.module:
                if source.count(mutant.text) != 1:
                    raise StaleMutantError(f"{mutant.rule}: not exactly once in the source: {mutant.text}")
                source = source.replace(mutant.text, mutant.instead)
            sys.modules[name] = fresh[name] = ModuleType(name)
            setattr(package, name.removeprefix(PACKAGE), fresh[name])
            exec(compile(source, str(path), "exec"), vars(fresh[name]))
        yield {name.removeprefix(PACKAGE): module for name, module in fresh.items()}
    finally:
        for name, module in kept.items():
            sys.modules[name] = module
            setattr(package, name.removeprefix(PACKAGE), module)


def is_caught(mutant: Mutant, cases: Sequence[Case]) -> bool:
    """Whether one of the streams shows the mutant: a difference, or a failure."""
    with mutated(mutant) as rules:
        for case in cases:
            try:
                rows = fold(case.events, case.zone, rules["timeline_rules"], rules["queue_log_rules"])
                compare(rows, case.found, case.zone)
            except DifferenceError:
                return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=10 * STREAMS)
    cases = make_cases(parser.parse_args().streams)
    caught = 0
    for mutant in MUTANTS:
        began = time.perf_counter()
        found = is_caught(mutant, cases)
        caught += found
        print(f"{'caught' if found else 'MISSED'} {time.perf_counter() - began:6.2f} s  {mutant.rule}")
    print(f"{caught} of {len(MUTANTS)} mutants caught")
    return caught < len(MUTANTS)


if __name__ == "__main__":
    sys.exit(main())
