"""The demo center is the same for the same seed, and its traffic is valid."""

from datetime import UTC, datetime

import pytest

from octui.schema.events import CloudEvent
from octui.sim.center import ADMIN, AGENT, SUPERVISOR, build_center
from octui.sim.traffic import Traffic
from server.queue_reckoner import reckon_calls
from server.reckoner_facts import Event

START = 1_760_000_000_000
HOUR = 3_600_000


def _all(seed: int, cuts: list[int]) -> list[tuple[str, str, str]]:
    traffic = Traffic(build_center(20, seed), START, seed)
    found = []
    for cut in cuts:
        for service, events in traffic.events_until(START + cut):
            found.extend((service, event["id"], event["type"]) for event in events)
    return sorted(found)


def test_same_seed_gives_the_same_center() -> None:
    assert build_center(50, 3) == build_center(50, 3)
    assert build_center(50, 3) != build_center(50, 4)


def test_accounts_and_cti_ids_are_unique() -> None:
    center = build_center(5_000)
    accounts = [member.account for member in center.members] + [center.organization.admin_account]
    assert len(set(accounts)) == len(accounts)
    assert len({cti_id for _, cti_id, _ in center.cti}) == len(center.cti)
    assert len({cti_no for _, _, cti_no in center.cti}) == len(center.cti)


def test_center_has_the_three_people_of_the_demo() -> None:
    center = build_center(1)
    assert {member.account for member in center.members} == {SUPERVISOR, AGENT}
    assert center.organization.admin_account == ADMIN
    assert [cti[0] for cti in center.cti] == [AGENT]


def test_traffic_does_not_depend_on_the_steps() -> None:
    assert _all(7, [HOUR]) == _all(7, [1_000, 60_000, HOUR // 2, HOUR])


def test_events_are_cloud_events_with_unique_ids() -> None:
    traffic = Traffic(build_center(20), START)
    events = [event for _, batch in traffic.events_until(START + HOUR) for event in batch]
    assert len(events) > 200
    for event in events:
        CloudEvent.model_validate(event)
    assert len({event["id"] for event in events}) == len(events)


def test_released_agent_is_not_simulated() -> None:
    traffic = Traffic(build_center(5), START)
    list(traffic.events_until(START + HOUR))
    traffic.release_agent(AGENT)
    later = [event for _, batch in traffic.events_until(START + 3 * HOUR) for event in batch]
    assert later
    assert not [e for e in later if e["type"].startswith("octui.phone.") and e["subject"] == AGENT]


def _events_of_a_day(agents: int) -> dict[str, list[Event]]:
    """The events of each service from 08:00 to 17:00 in Seoul."""
    start = int(datetime(2026, 11, 25, 23, tzinfo=UTC).timestamp()) * 1000
    found: dict[str, list[Event]] = {}
    for service, events in Traffic(build_center(agents), start).events_until(start + 9 * HOUR):
        for event in events:
            at = round(datetime.fromisoformat(event["time"]).timestamp() * 1000)
            found.setdefault(service, []).append((at, event["type"], event.get("data", {})))
    return found


@pytest.mark.parametrize("agents", [40, 150])
def test_calls_wait_and_are_answered_as_in_a_center(agents: int) -> None:
    for service, events in _events_of_a_day(agents).items():
        calls = [call for call in reckon_calls(events) if call.offered is not None]
        if service == "shop":
            assert not calls
            continue
        in_time = [call for call in calls if call.answered is not None and call.answered - call.offered <= 20_000]
        assert 0.7 < len(in_time) / len(calls) < 0.99
        assert sum(call.abandoned is not None for call in calls) > 0
        assert any(len(call.waits) > 1 for call in calls)
        lost = [call for call in calls if call.answered is None and call.abandoned is None]
        assert all(events[-1][0] - call.offered < 10 * 60_000 for call in lost)
