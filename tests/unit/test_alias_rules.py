"""Whose a name is that matches nobody: evidence in the log, and the agents proposed (rules.md 36)."""

import json
import random
from collections import Counter

import pytest

from octui.schema.cti import Reason
from octui.server.events.alias_rules import (
    MOST_PARTNERS,
    OBSERVED,
    Evidence,
    Memory,
    Proposal,
    Sighting,
    collect_evidence,
    evidence_json,
    looks_at_queue,
    merge_evidence,
    parse_evidence,
    partners_of,
    propose_agents,
)
from octui.server.events.rules import candidate_names

T = 1_780_000_000
KIM, LEE, PARK = 1, 2, 3
AGENTS = {"SIP/1001": KIM, "SIP/1002": LEE, "SIP/1003": PARK, "park": PARK}


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("Kim Minsu", ["Kim Minsu"]),
        (" Kim Minsu\u3000", ["Kim Minsu"]),
        ("Agent/1001", ["Agent/1001", "1001"]),
        ("PJSIP/1001", ["PJSIP/1001", "1001"]),
        ("PJSIP/1001-0000001a", ["PJSIP/1001-0000001a", "1001-0000001a", "1001"]),
        ("SIP/kim-lee", ["SIP/kim-lee", "kim-lee"]),
        ("1001-0000001a", ["1001-0000001a"]),  # no channel
        (
            "Local/1001@from-queue/n",
            ["Local/1001@from-queue/n", "1001@from-queue/n", "1001@from-queue", "1001"],
        ),
        (
            "Local/1001@from-queue-0000001a;1",
            ["Local/1001@from-queue-0000001a;1", "1001@from-queue-0000001a;1", "1001@from-queue", "1001"],
        ),
        ("Local/@x", ["Local/@x", "@x"]),
        ("SIP/\u1100\u1161", ["SIP/가", "가"]),
    ],
)
def test_rule_36_forms_of_a_name_are_looked_up_whole_first(name: str, candidates: list[str]) -> None:
    assert list(candidate_names(name)) == candidates


def sightings(text: str) -> list[Sighting]:
    """Parse lines of `seconds|call|queue|agent|EVENT|args`."""
    rows = [line.strip().split("|") for line in text.strip().splitlines()]
    return [
        Sighting((T + int(at)) * 1000, event, None if call == "-" else call, queue, agent, args)
        for at, call, queue, agent, event, *args in rows
    ]


def evidence_of(text: str, *wanted: str, memory: Memory | None = None) -> dict[str, Evidence]:
    return collect_evidence(memory or Memory(), sightings(text), set(wanted), set(wanted))


def proposals(text: str, *wanted: str, named: set[int] | None = None) -> dict[str, tuple[int, Reason]]:
    memory = Memory()
    found = evidence_of(text, *wanted, memory=memory)
    made = propose_agents({name: {} for name in wanted} | found, AGENTS, {}, named or set(), memory.speakers)
    return {name: (proposal.member, proposal.reason) for name, proposal in made.items()}


def test_rule_36_interface_in_the_queue_proposes_its_agent() -> None:
    """The case of the issue: memberships by the interface, calls by the member's name."""
    log = """
        0|-|q1|SIP/1001|ADDMEMBER|
        100|c1|q1|Kim Minsu|CONNECT|1|1780000099.7|3
        160|c1|q1|Kim Minsu|COMPLETECALLER|1|60|1
        900|-|q1|SIP/1001|REMOVEMEMBER|
    """
    assert proposals(log, "Kim Minsu") == {"Kim Minsu": (KIM, Reason.QUEUE)}


def test_rule_36_two_agents_always_together_are_not_told_apart() -> None:
    log = """
        0|-|q1|SIP/1001|ADDMEMBER|
        1|-|q1|SIP/1002|ADDMEMBER|
        100|c1|q1|Kim Minsu|CONNECT|1|1780000099.7|3
        160|c2|q1|Lee Yuna|CONNECT|1|60|1
    """
    assert proposals(log, "Kim Minsu", "Lee Yuna") == {}


def test_rule_36_who_is_there_when_the_other_is_not_is_told_apart() -> None:
    log = """
        0|-|q1|SIP/1001|ADDMEMBER|
        1|-|q1|SIP/1002|ADDMEMBER|
        100|c1|q1|Kim Minsu|CONNECT|1|1780000099.7|3
        110|c2|q1|Lee Yuna|CONNECT|1|60|1
        200|-|q1|SIP/1002|REMOVEMEMBER|
        300|c3|q1|Kim Minsu|CONNECT|1|1780000099.7|3
        400|-|q1|SIP/1002|ADDMEMBER|
        401|-|q1|SIP/1001|REMOVEMEMBER|
        500|c4|q1|Lee Yuna|CONNECT|1|60|1
    """
    assert proposals(log, "Kim Minsu", "Lee Yuna") == {
        "Kim Minsu": (KIM, Reason.QUEUE),
        "Lee Yuna": (LEE, Reason.QUEUE),
    }


@pytest.mark.parametrize(
    "log",
    [
        # Two names for the one agent in the queue: one of them is somebody whose membership is not in the log.
        "0|-|q1|SIP/1001|ADDMEMBER|\n5|c1|q1|Kim Minsu|CONNECT\n9|c2|q1|Lee Yuna|CONNECT",
        # The interface is written in calls itself, so its agent has no other name.
        "0|-|q1|SIP/1001|ADDMEMBER|\n5|c1|q1|Kim Minsu|CONNECT\n9|c2|q1|SIP/1001|CONNECT",
        # Beside the agent there is an interface that matches nobody.
        "0|-|q1|SIP/1001|ADDMEMBER|\n0|-|q1|SIP/9|ADDMEMBER|\n5|c1|q1|Kim Minsu|CONNECT",
        # After a restart and a logoff nobody knows who is in the queue.
        "0|-|q1|SIP/1001|ADDMEMBER|\n3|-||NONE|QUEUESTART\n5|c1|q1|Kim Minsu|CONNECT",
        "0|-|q1|SIP/1001|ADDMEMBER|\n3|-||SIP/1001|AGENTCALLBACKLOGOFF\n5|c1|q1|Kim Minsu|CONNECT",
        # Another queue.
        "0|-|q1|SIP/1001|ADDMEMBER|\n5|c1|q2|Kim Minsu|CONNECT",
    ],
)
def test_rule_36_a_member_alone_in_the_log_is_not_taken_for_somebody_else(log: str) -> None:
    assert proposals(log, "Kim Minsu", "Lee Yuna") == {}


def test_rule_36_an_agent_with_a_pbx_name_is_not_proposed_for_the_queue_alone() -> None:
    log = "0|-|q1|SIP/1001|ADDMEMBER|\n1|-|q1|SIP/1002|ADDMEMBER|\n5|c1|q1|Lee Yuna|CONNECT"
    assert proposals(log, "Lee Yuna") == {}
    log = log.replace("SIP/1001", "SIP/1002")
    assert proposals(log, "Lee Yuna", named={LEE}) == {}


def test_rule_36_pause_of_all_queues_names_the_interface() -> None:
    """Asterisk writes PAUSEALL with the interface, then one PAUSE a queue with the member's name."""
    log = """
        0|-||SIP/1001|PAUSEALL|
        0|-|q1|Kim Minsu|PAUSE|lunch
        0|-|q2|Kim Minsu|PAUSE|lunch
        0|-||SIP/1002|PAUSEALL|
        0|-|q1|Lee Yuna|PAUSE|rest
        9|-||SIP/1001|UNPAUSEALL|
        9|-|q1|Kim Minsu|UNPAUSE|
    """
    assert proposals(log, "Kim Minsu", "Lee Yuna") == {
        "Kim Minsu": (KIM, Reason.PAUSE),
        "Lee Yuna": (LEE, Reason.PAUSE),
    }
    # The other way round: the interface is what matches nobody.
    assert evidence_of(log.replace("Lee Yuna", "park"), "SIP/1002") == {
        "SIP/1002": {Reason.PAUSE: Counter({"park": 1})}
    }


def test_rule_36_several_names_after_one_pause_prove_nothing() -> None:
    log = "0|-||SIP/1001|PAUSEALL|\n0|-|q1|Kim Minsu|PAUSE|\n0|-|q1|Lee Yuna|PAUSE|"
    assert proposals(log, "Kim Minsu", "Lee Yuna") == {}
    later = "0|-||SIP/1001|PAUSEALL|\n1|-|q1|Kim Minsu|PAUSE|"
    assert proposals(later, "Kim Minsu") == {}


def test_rule_36_membership_and_pause_of_one_second_belong_together() -> None:
    log = "0|-|q1|SIP/1002|ADDMEMBER|\n0|-|q1|Lee Yuna|PAUSE|\n0|-|q2|Kim Minsu|PAUSE|"
    assert proposals(log, "Kim Minsu", "Lee Yuna") == {"Lee Yuna": (LEE, Reason.SECOND)}


def test_rule_36_one_call_answered_and_ended_belongs_to_one_agent() -> None:
    log = "0|c1|q1|SIP/1001|CONNECT|1|x|2\n0|c2|q1|SIP/1002|CONNECT|1|x|2\n60|c1|q1|Kim Minsu|COMPLETECALLER|1|60|1"
    assert proposals(log, "Kim Minsu") == {"Kim Minsu": (KIM, Reason.CALL)}


def test_rule_36_bridged_channel_names_the_agent() -> None:
    log = "0|c1|q1|Kim Minsu|CONNECT|1|SIP/1001-0000001a|2"
    found = evidence_of(log, "Kim Minsu")
    assert partners_of(found["Kim Minsu"]) == {"SIP/1001-0000001a"}
    made = propose_agents(found, {"SIP/1001-0000001a": KIM}, {}, set())
    assert made == {"Kim Minsu": Proposal(KIM, Reason.CHANNEL)}
    assert (
        evidence_of("0|c1|q1|Kim Minsu|CONNECT|1|1780000099.7|2", "Kim Minsu") == {}
    )  # a unique ID, as Asterisk has it


def test_rule_36_a_namesake_is_proposed_unless_the_log_says_otherwise() -> None:
    assert propose_agents({"김민수": {}}, {}, {"김민수": KIM}, set()) == {"김민수": Proposal(KIM, Reason.NAME)}
    pause = {Reason.PAUSE: Counter({"SIP/1002": 1})}
    assert propose_agents({"김민수": pause}, AGENTS, {"김민수": KIM}, set()) == {}
    often = {Reason.PAUSE: Counter({"SIP/1002": 3})}
    assert propose_agents({"김민수": often}, AGENTS, {"김민수": KIM}, set()) == {"김민수": Proposal(LEE, Reason.PAUSE)}
    both = {Reason.PAUSE: Counter({"SIP/1001": 1})}
    assert propose_agents({"김민수": both}, AGENTS, {"김민수": KIM}, set()) == {"김민수": Proposal(KIM, Reason.NAME)}


def test_rule_36_only_clearly_more_evidence_proposes() -> None:
    found = {Reason.PAUSE: Counter({"SIP/1001": 3, "SIP/1002": 2})}
    assert propose_agents({"x": found}, AGENTS, {}, set()) == {}
    found = {Reason.PAUSE: Counter({"SIP/1001": 4, "SIP/1002": 2})}
    assert propose_agents({"x": found}, AGENTS, {}, set()) == {"x": Proposal(KIM, Reason.PAUSE)}


def test_rule_36_evidence_goes_on_from_batch_to_batch() -> None:
    memory = Memory()
    first = evidence_of("0|-|q1|SIP/1001|ADDMEMBER|", "Kim Minsu", memory=memory)
    assert first == {}
    second = evidence_of("5|c1|q1|Kim Minsu|CONNECT|1|x|2", "Kim Minsu", memory=memory)
    assert second == {"Kim Minsu": {Reason.QUEUE: Counter({OBSERVED: 1, "SIP/1001": 1})}}
    third = evidence_of("60|c1|q1|SIP/1001|COMPLETECALLER|1|x|2", "Kim Minsu", memory=memory)
    assert third == {"Kim Minsu": {Reason.CALL: Counter({"SIP/1001": 1})}}
    earlier = evidence_of("2|c1|q1|Kim Minsu|CONNECT|1|x|2", "Kim Minsu", memory=memory)
    assert earlier == {}  # another part of the log: who was in the queue is not known


def test_rule_36_evidence_is_stored_and_bounded() -> None:
    evidence: Evidence = {Reason.QUEUE: Counter({OBSERVED: 9, "김": 9}), Reason.CALL: Counter({"x": 1})}
    stored = json.loads(json.dumps(evidence_json(evidence)))
    assert parse_evidence(stored | {"telepathy": {"x": 1}}) == evidence
    merged = merge_evidence(evidence, {Reason.QUEUE: Counter({str(number): 1 for number in range(500)})})
    assert len(merged[Reason.QUEUE]) == MOST_PARTNERS
    assert merged[Reason.QUEUE]["김"] == 9
    assert merged[Reason.CALL] == Counter({"x": 1})


def test_rule_36_memory_is_bounded() -> None:
    memory = Memory()
    lines = [Sighting(T * 1000, "ADDMEMBER", None, f"q{n % 300}", f"name{n}", []) for n in range(5000)]
    lines += [Sighting(T * 1000, "CONNECT", f"c{n}", f"q{n % 300}", f"name{n}", []) for n in range(5000)]
    collect_evidence(memory, lines, {"x"}, {"x"})
    assert (len(memory.queues), len(memory.calls), len(memory.speakers)) == (200, 500, 500)


def test_rule_36_full_queues_are_not_looked_at() -> None:
    def log(members: int) -> str:
        joined = [f"0|-|q1|SIP/{number}|ADDMEMBER" for number in range(members)]
        return "\n".join([*joined, "9|c1|q1|Kim Minsu|CONNECT"])

    found = evidence_of(log(MOST_PARTNERS - 1), "Kim Minsu")
    assert len(merge_evidence({}, found["Kim Minsu"])[Reason.QUEUE]) == MOST_PARTNERS
    assert evidence_of(log(MOST_PARTNERS), "Kim Minsu") == {}


def test_rule_36_the_queue_is_looked_at_less_often_for_frequent_names() -> None:
    assert [looks_at_queue(count, 3) for count in (0, 15, 16, 20, 28, 29, 32)] == [
        *(True, True, False, False, False, True, False)
    ]


def week_of_shifts(seed: int, static: frozenset[int]) -> list[Sighting]:
    """Return a week of 12 agents in two queues: memberships by interface but those of `static`, calls by name."""
    dice = random.Random(seed)
    events: list[Sighting] = []
    for day in range(7):
        for number in range(12):
            if dice.random() < 0.15:
                continue
            interface, name, queue = f"SIP/{number}", f"Name {number}", f"q{number % 2}"
            at = T + day * 86_400 + dice.choice((0, 3600, 7200)) + dice.randrange(600)
            end = at + dice.choice((8, 9)) * 3600
            if number not in static:
                events.append(Sighting(at * 1000, "ADDMEMBER", None, queue, interface, []))
                events.append(Sighting(end * 1000, "REMOVEMEMBER", None, queue, interface, []))
            while (at := at + dice.randrange(400, 1500)) < end - 600:
                events.append(Sighting(at * 1000, "CONNECT", f"{number}.{at}", queue, name, []))
                events.append(Sighting((at + 200) * 1000, "COMPLETECALLER", f"{number}.{at}", queue, name, []))
    return sorted(events, key=lambda event: event.at)


@pytest.mark.parametrize(("static", "expected"), [(frozenset(), 12), (frozenset((3, 4)), 10)])
def test_rule_36_a_week_of_shifts_proposes_right_and_never_wrong(static: frozenset[int], expected: int) -> None:
    for seed in range(4):
        events, memory = week_of_shifts(seed, static), Memory()
        evidence: dict[str, Evidence] = {}
        count: Counter[str] = Counter()
        for start in range(0, len(events), 500):
            batch = events[start : start + 500]
            seen = Counter(event.name for event in batch if event.name.startswith("Name"))
            observed = {name for name, more in seen.items() if looks_at_queue(count[name], more)}
            for name, found in collect_evidence(memory, batch, seen.keys(), observed).items():
                evidence[name] = merge_evidence(evidence.get(name, {}), found)
            count.update(seen)
        agents = {f"SIP/{number}": number for number in range(12)}
        made = propose_agents(evidence, agents, {}, set(), memory.speakers)
        assert all(name == f"Name {proposal.member}" for name, proposal in made.items())
        assert len(made) >= expected - 2
