"""Propose the agent to whom an unknown name in a log belongs, from simultaneous events (rules.md 36).

A PBX writes some events with an interface (`PJSIP/1001`) and others with a queue member's name (`Kim Minsu`). Two names
that belong together are *partners*; what shows it is counted by reason and partner. Partners are kept as names and not
as agents, so that the evidence still holds when CTI IDs and PBX names are set later.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from octui.schema.cti import Reason
from octui.server.events.queue_log_rules import PREFIX

OBSERVED = ""
"""Beside the partners of the reason QUEUE: how often it was looked at who was in the queue."""
MOST_PARTNERS = 40
"""Limit of the partners kept for a reason. A queue with more members is not looked at: the right one might be lost."""
MOST_CALLS = 500
MOST_QUEUES = 200
MOST_MEMBERS = 200
MOST_SPEAKERS = 500
"""Limits of what is remembered between batches: open calls, queues, members of a queue, and members who speak."""
_OBSERVATIONS = 4
"""How often at most the members of a queue are looked at for one name in one batch; the same members only once."""
_ALL_OBSERVED = 16
"""Events of a name from which on only every so many-th looks at the queue: other days tell more than the same shift."""

_WEIGHTS = {Reason.CHANNEL: 5, Reason.CALL: 4, Reason.PAUSE: 4, Reason.SECOND: 3}
"""Weight of each time that a reason was seen."""
_NAME_WEIGHT = 6
_ALWAYS = 0.95
"""Share of the observations at which a partner must have been in the queue."""
_CLEARLY = 2
"""How many times the evidence of the next best agent the best one needs."""

_PAUSES = {"PAUSE": "PAUSEALL", "UNPAUSE": "UNPAUSEALL"}
_ENDS = frozenset(("COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER"))
_LOGOFFS = frozenset(("AGENTLOGOFF", "AGENTCALLBACKLOGOFF"))
_PRESENT = frozenset(("CONNECT", "RINGNOANSWER", "PAUSE", "UNPAUSE"))
MEMBERSHIPS = frozenset(PREFIX + name for name in ("ADDMEMBER", "REMOVEMEMBER", "QUEUESTART", *_LOGOFFS))
"""Events that say who is in a queue, remembered also where every name matches."""


class Sighting(NamedTuple):
    """Queue event used as evidence for whose name it has: time (epoch ms), type, call, queue, name, arguments."""

    at: int
    event: str
    call: str | None
    queue: str
    name: str
    args: list[str]


Evidence = dict[Reason, Counter[str]]
"""How often each reason suggested each partner."""


@dataclass
class Memory:
    """Facts carried from one batch of events to the next: who is in which queue, and recent calls.

    `queues`: the names in each queue. `calls`: who answered the calls under way. `speakers`: names that join queues
    and are also written in calls and pauses, so that their agent needs no other name.
    """

    at: int = 0
    queues: dict[str, list[str]] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    speakers: list[str] = field(default_factory=list)

    def end_membership(self, name: str, queue: str | None = None) -> None:
        """Remove a name from a queue, or from all queues."""
        for members in self.queues.values() if queue is None else [self.queues.get(queue, [])]:
            if name in members:
                members.remove(name)


@dataclass(frozen=True)
class Proposal:
    """Agent to whom an unmatched name probably belongs, and the strongest reason."""

    member: int
    reason: Reason


class _Collector:
    def __init__(self, memory: Memory, wanted: Set[str], observed: Set[str]) -> None:
        self.memory, self.wanted, self.observed = memory, wanted, observed
        self.found: dict[str, Evidence] = {}
        self._second = -1
        self._changed: dict[str, set[str]] = {}  # queue → names that joined or left it in this second
        self._paused: dict[str, set[str]] = {}  # queue → names of single pauses in this second
        self._all: tuple[str, str] | None = None  # the PAUSEALL or UNPAUSEALL that single ones may follow
        self._singles: set[str] = set()
        self._observations: dict[str, set[tuple[str, ...]]] = {}

    def add_pair(self, reason: Reason, one: str, other: str) -> None:
        for name, partner in ((one, other), (other, one)):
            if name != partner and name in self.wanted:
                self._count(name, reason)[partner] += 1

    def _count(self, name: str, reason: Reason) -> Counter[str]:
        return self.found.setdefault(name, {}).setdefault(reason, Counter())

    def end_second(self) -> None:
        self.end_pause()
        for queue, changed in self._changed.items():
            paused = self._paused.get(queue, set()) - changed
            if len(changed) == 1 and len(paused) == 1:
                self.add_pair(Reason.SECOND, *changed, *paused)
        self._changed.clear()
        self._paused.clear()

    def end_pause(self) -> None:
        if self._all is not None and len(self._singles) == 1:
            self.add_pair(Reason.PAUSE, self._all[1], *self._singles)
        self._all = None
        self._singles.clear()

    def see(self, sighting: Sighting) -> None:
        second = sighting.at // 1000
        if second != self._second:
            self.end_second()
            self._second = second
        event, name, queue = sighting.event, sighting.name, sighting.queue
        if event in _PRESENT:
            self._look_at_queue(name, queue)
        if event in _PAUSES.values():
            self.end_pause()
            self._all = event, name
        elif event in _PAUSES:
            self._paused.setdefault(queue, set()).add(name)
            if self._all is not None and self._all[0] == _PAUSES[event]:
                self._singles.add(name)
        elif event in ("ADDMEMBER", "REMOVEMEMBER"):
            self._change_membership(event, name, queue)
        else:
            self._follow_call(sighting)

    def _change_membership(self, event: str, name: str, queue: str) -> None:
        queues = self.memory.queues
        self._changed.setdefault(queue, set()).add(name)
        self.memory.end_membership(name, queue)
        if event == "ADDMEMBER" and (queue in queues or len(queues) < MOST_QUEUES):
            members = queues.setdefault(queue, [])
            if len(members) < MOST_MEMBERS:
                members.append(name)

    def _follow_call(self, sighting: Sighting) -> None:
        memory, event, call = self.memory, sighting.event, sighting.call
        if event == "QUEUESTART":
            memory.queues.clear()
            memory.calls.clear()
        elif event in _LOGOFFS:
            memory.end_membership(sighting.name)
        elif event == "CONNECT":
            channel = sighting.args[1] if len(sighting.args) > 1 else ""
            if "/" in channel:
                self.add_pair(Reason.CHANNEL, sighting.name, channel)
            if call is not None:
                memory.calls[call] = sighting.name
                if len(memory.calls) > MOST_CALLS:
                    del memory.calls[next(iter(memory.calls))]
        elif event in _ENDS and call is not None:
            answered_by = memory.calls.pop(call, None)
            if answered_by is not None:
                self.add_pair(Reason.CALL, answered_by, sighting.name)

    def _look_at_queue(self, name: str, queue: str) -> None:
        members, speakers = self.memory.queues.get(queue, []), self.memory.speakers
        if name in members:
            if name not in speakers and len(speakers) < MOST_SPEAKERS:
                speakers.append(name)
            return
        if not 0 < len(members) < MOST_PARTNERS or name not in self.observed:
            return
        seen = self._observations.setdefault(name, set())
        if len(seen) >= _OBSERVATIONS or tuple(members) in seen:
            return
        seen.add(tuple(members))
        partners = self._count(name, Reason.QUEUE)
        partners[OBSERVED] += 1
        for member in members:
            partners[member] += 1


def looks_at_queue(count: int, more: int) -> bool:
    """Return whether to collect queue members as evidence for a name with `count` old and `more` new events."""
    return count < _ALL_OBSERVED or (count + more) // _ALL_OBSERVED > count // _ALL_OBSERVED


def collect_evidence(
    memory: Memory, sightings: Iterable[Sighting], wanted: Set[str], observed: Set[str]
) -> dict[str, Evidence]:
    """Return what a batch says about who the names `wanted` are; `memory` is updated in the log's order.

    `observed`: those of them for which it is looked at who is in the queue. A batch that begins before the last event
    remembered is another part of the log: nothing is known of its beginning.
    """
    collector = _Collector(memory, wanted, observed)
    first = True
    for sighting in sightings:
        if first and sighting.at < memory.at:
            memory.queues.clear()
            memory.calls.clear()
        first = False
        collector.see(sighting)
        memory.at = sighting.at
    collector.end_second()
    return collector.found


def merge_evidence(evidence: Evidence, more: Evidence) -> Evidence:
    """Return two evidences of a name added up; of very many names for one reason, the most frequent ones."""
    merged: Evidence = {}
    for reason in (*evidence, *more):
        counts = evidence.get(reason, Counter()) + more.get(reason, Counter())
        merged[reason] = Counter(dict(counts.most_common(MOST_PARTNERS)))
    return merged


def evidence_json(evidence: Evidence) -> dict[str, dict[str, int]]:
    """Return a name's evidence as JSON, for storing."""
    return {reason.value: dict(counts) for reason, counts in evidence.items()}


def parse_evidence(stored: Mapping[str, Any]) -> Evidence:
    """Return the evidence in a JSON that `evidence_json` wrote, without reasons unknown to this version."""
    known = {reason.value: reason for reason in Reason}
    return {known[name]: Counter(counts) for name, counts in stored.items() if name in known}


def partners_of(evidence: Evidence) -> set[str]:
    """Return every other name that by the evidence belongs to the same agent."""
    return {partner for counts in evidence.values() for partner in counts if partner != OBSERVED}


def propose_agents(
    evidence: Mapping[str, Evidence],
    agents: Mapping[str, int],
    namesakes: Mapping[str, int],
    named: Set[int],
    speakers: Iterable[str] = (),
) -> dict[str, Proposal]:
    """Return the proposed agent of each name for which there is a proposal.

    `evidence`: by name that matches nobody. `agents`: the agent whom a partner matches. `namesakes`: the one agent who
    is called as the name says. `named`: the agents who have a member's name already. Only an agent with clearly more
    evidence than any other is proposed. Having been in the queue alone counts only where nothing else speaks for
    anybody, for one name alone, and for an agent who has no member's name and whose interface is not written in calls
    (`speakers`): else somebody whose membership is not in the log would be taken for the one whose is.
    """
    excluded = named | {agents[partner] for partner in speakers if partner in agents}
    proposals: dict[str, Proposal] = {}
    alone: dict[int, list[str]] = {}
    for name, found in evidence.items():
        weights: dict[int, Counter[Reason]] = {}
        for reason, weight in _WEIGHTS.items():
            for partner, count in found.get(reason, {}).items():
                if partner in agents:
                    weights.setdefault(agents[partner], Counter())[reason] += weight * count
        if name in namesakes:
            weights.setdefault(namesakes[name], Counter())[Reason.NAME] += _NAME_WEIGHT
        ranked = sorted(((counts.total(), -member) for member, counts in weights.items()), reverse=True)
        if ranked:
            best = -ranked[0][1]
            if len(ranked) == 1 or ranked[0][0] >= _CLEARLY * ranked[1][0]:
                proposals[name] = Proposal(best, max(weights[best], key=lambda reason: weights[best][reason]))
            continue
        member = _always_in_queue(found.get(Reason.QUEUE, Counter()), agents)
        if member is not None and member not in excluded:
            alone.setdefault(member, []).append(name)
    taken = {proposal.member for proposal in proposals.values()}
    for member, names in alone.items():
        if len(names) == 1 and member not in taken:
            proposals[names[0]] = Proposal(member, Reason.QUEUE)
    return proposals


def _always_in_queue(counts: Counter[str], agents: Mapping[str, int]) -> int | None:
    """Return the only agent who was in the queue at (nearly) all events of a name, or None."""
    least = _ALWAYS * counts[OBSERVED]
    found = {agents.get(partner) for partner, count in counts.items() if partner != OBSERVED and count >= least}
    return found.pop() if len(found) == 1 else None
