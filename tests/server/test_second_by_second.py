"""The program says of every second what the second reckoner says (rules.md 28–30 and 37–46)."""

import pytest
from hypothesis import given, note, settings

from server.comparison import compare, describe_stream
from server.log_cases import CASES, FOUND
from server.log_lines import EPOCH_S, read_lines
from server.program import end_everything, fold
from server.reckoner import reckon
from server.streams import FAST, FLAVORS, HORIZON_S, Told, streams, told_to
from torture.mutant_list import MUTANTS, Mutant
from torture.mutants import STREAMS, Case, StaleMutantError, is_caught, make_cases


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return make_cases(STREAMS)


@pytest.mark.parametrize("flavor", FLAVORS)
def test_program_agrees_with_the_reckoner_second_by_second(flavor: str) -> None:
    @settings(FAST, max_examples=25)
    @given(streams((flavor,)))
    def run(stream: tuple[str, int, list[Told]]) -> None:
        zone, start, told = stream
        events = told_to("kim", told) + end_everything(start + HORIZON_S * 1000)
        note(f"{zone}\n{describe_stream(events, start)}")
        compare(fold(events, zone), reckon(events, zone), zone)

    run()


@pytest.mark.parametrize("name", [*CASES, *FOUND])
def test_program_agrees_with_the_reckoner_on_the_case(name: str) -> None:
    events = read_lines(FOUND.get(name) or CASES[name][0]) + end_everything((EPOCH_S + HORIZON_S) * 1000)
    compare(fold(events, "Asia/Seoul"), reckon(events, "Asia/Seoul"), "Asia/Seoul")


def test_program_agrees_with_the_reckoner_on_random_streams(cases: list[Case]) -> None:
    for zone, events, found in cases:
        compare(fold(events, zone), found, zone)


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.rule for mutant in MUTANTS])
def test_mutant_of_the_rules_is_caught(mutant: Mutant, cases: list[Case]) -> None:
    assert is_caught(mutant, cases)


def test_mutant_whose_text_is_gone_is_reported(cases: list[Case]) -> None:
    with pytest.raises(StaleMutantError, match="37 gone: not exactly once in the source"):
        is_caught(Mutant("37 gone", "timeline_rules", "no such text", ""), cases)
