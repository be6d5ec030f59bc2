"""`octui floor`: the figures of services as a table, as JSON and as lines."""

import json
import re
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from e2e.commands import Home

FIGURES = [
    *("waiting", "longest_wait_seconds", "offered", "answered", "abandoned", "answered_in_time", "answer_rate"),
    *("service_level", "logged_in", "ready", "on_call", "outbound", "break_work"),
]


def queue_event(seconds_ago: float, name: str, call: str, *args: str, agent: str = "") -> dict[str, Any]:
    """An event of a call in a queue, so many seconds ago."""
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    data: dict[str, Any] = {"call": call, "queue": "q", "args": list(args)}
    if agent:
        data["agent"] = agent
    event = {"specversion": "1.0", "source": "pbx", "id": f"{name}-{call}", "type": f"octui.queue.{name}"}
    return event | {"time": at.isoformat(), "data": data}


def send(home: Home, *events: dict[str, Any]) -> None:
    home.run_ok("ingest", "events", "-", "--service", "cs", stdin=json.dumps(events))


def send_morning(home: Home) -> None:
    """Three calls: answered in time by minsu, abandoned, and one that has waited for 12 s."""
    send(
        home,
        queue_event(25, "ENTERQUEUE", "a"),
        queue_event(20, "CONNECT", "a", "5", "x", "1", agent="7001"),
        queue_event(19, "ENTERQUEUE", "b"),
        queue_event(15, "ABANDON", "b", "1", "1", "4"),
        queue_event(12, "ENTERQUEUE", "c"),
    )


def test_floor_without_events_has_no_numbers(home: Home) -> None:
    result = home.run_ok("floor", "--json").json
    assert list(result) == ["at", "services", "total"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(result["at"])) < timedelta(minutes=1)
    assert result["services"] == [{"service": "cs"} | dict.fromkeys(FIGURES)]
    assert result["total"] == dict.fromkeys(FIGURES)
    assert home.run_ok("floor", "--language", "en").out.splitlines()[2].split() == ["고객상담", *["–"] * 12]


def test_floor_counts_calls_waits_and_agents(home: Home) -> None:
    send_morning(home)
    result = home.run_ok("floor", "--service", "cs", "--json").json
    service = result["services"][0]
    assert list(service) == ["service", *FIGURES]
    assert 12 <= service.pop("longest_wait_seconds") < 60
    assert service == {
        "service": "cs",
        "waiting": 1,
        "offered": 3,
        "answered": 1,
        "abandoned": 1,
        "answered_in_time": 1,
        "answer_rate": 0.3333,
        "service_level": 0.3333,
        "logged_in": 1,
        "ready": 0,
        "on_call": 1,
        "outbound": 0,
        "break_work": 0,
    }
    table = home.run_ok("floor", "--language", "en").out.splitlines()
    assert re.split(r"  +", table[1])[:4] == ["Service", "Waiting", "Longest", "Offered"]
    assert re.fullmatch(r"고객상담 +1 +00:\d\d +3 +1 +1 +33 % +33 % +1 +0 +1 +0 +0", table[2])


def test_floor_of_the_past_is_that_of_its_minute(home: Home) -> None:
    send_morning(home)
    past = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    service = home.run_ok("floor", "--at", past, "--json").json["services"][0]
    assert service == {"service": "cs"} | dict.fromkeys(FIGURES)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-27T10:30:00", "0001-01-01T00:00:00Z", "9999-99-99"])
def test_a_time_without_meaning_is_refused(home: Home, text: str) -> None:
    result = home.run("floor", "--at", text)
    assert result.code == 2
    assert "no time with an offset" in result.err


def test_an_unknown_service_is_named(home: Home) -> None:
    result = home.run("floor", "--service", "nix")
    assert (result.code, result.err) == (1, "octui: there is no service nix; there are: cs\n")


def test_watch_prints_a_line_for_every_change(home: Home) -> None:
    process = home.start("floor", "--watch", "--language", "en")
    try:
        assert process.stdout is not None
        assert len([process.stdout.readline() for _ in range(3)]) == 3
        send(home, queue_event(0, "ENTERQUEUE", "a"))
        line = process.stdout.readline()
        assert re.fullmatch(r"\d\d:\d\d:\d\d 고객상담: Waiting 1, Offered 1, .*Logged in 0.*\n", line)
        send(home, queue_event(0, "ABANDON", "a"))
        assert "Waiting 0, Abandoned 1" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "octui: stopped.\n")
