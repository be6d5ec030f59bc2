"""The second reckoner against figures that the rules state or a person has worked out (rules.md 37–46)."""

import pytest

from server.log_cases import CASES
from server.log_lines import EPOCH_S, read_lines
from server.reckoner import Reckoning, reckon


def figures_of(found: Reckoning) -> str:
    """Return seconds and counts by state, as `ready 600/2, inbound_calls 400/2`, and the stretches of login."""
    seconds: dict[str, int] = {}
    counts: dict[str, int] = {}
    for stroke, after in zip(found.phone, [*found.phone[1:], None], strict=True):
        if stroke.state is not None:
            end = after.at if after else stroke.at
            seconds[stroke.state] = seconds.get(stroke.state, 0) + (end - stroke.at) // 1000
    for (_, channel, state), count in found.counts.items():
        if channel == "phone":
            counts[state] = counts.get(state, 0) + count
    shown = [
        f"{state} {seconds.get(state, 0)}/{counts.get(state, 0)}" for state in sorted(seconds.keys() | counts.keys())
    ]
    logins = [
        f"{begin // 1000 - EPOCH_S}-{end // 1000 - EPOCH_S if end is not None else ''}{'?' if assumed else ''}"
        for begin, end, assumed in found.login
    ]
    return "; ".join((", ".join(shown), " ".join(logins)))


@pytest.mark.parametrize("name", CASES)
def test_reckoner_gives_the_figures_of_the_rule(name: str) -> None:
    lines, expected = CASES[name]
    assert figures_of(reckon(read_lines(lines), "Asia/Seoul")) == expected


def test_reckoner_tells_the_state_of_a_second() -> None:
    found = reckon(read_lines(CASES["40 several calls at once"][0]), "Asia/Seoul")
    seconds = [99, 100, 299, 300, 499, 500, 900]
    states = [found.state_at((EPOCH_S + second) * 1000) for second in seconds]
    assert states == ["ready", *["inbound_calls"] * 4, "ready", None]
