"""SQL that matches names in events with agents, and stores evidence for names that match none (rules.md 36)."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict
from functools import lru_cache

from sqlalchemy import Connection

from octui.schema.common import LONGEST_PBX_NAME
from octui.schema.cti import UnmatchedName, UnmatchedNames
from octui.server.database import tables
from octui.server.database.driver import Insert, Query
from octui.server.events import alias_rules
from octui.server.events.alias_rules import Evidence, Memory, Sighting
from octui.server.events.queue_log_rules import PREFIX
from octui.server.events.rules import IncomingEvent, candidate_names, is_interface
from octui.server.services import store as services_store
from octui.text.choseong import fold_case
from octui.text.pbx_names import fold_name, holds_separator
from octui.text.safe import find_refusal, normalize_name

MOST_NAMES = 1_000
"""Limit of the names kept for a service; more are only counted in the result of their batch."""
_ACCOUNT, _CTI_ID, _CTI_NO, _PBX_NAME = range(4)
_QUEUE_ORDER = (_CTI_ID, _CTI_NO, _PBX_NAME, _ACCOUNT)
_ORDER = (_ACCOUNT, _CTI_ID, _CTI_NO, _PBX_NAME)

_AGENTS = Query(
    f"SELECT {_ACCOUNT}, m.account, m.id, m.account FROM member m "
    "JOIN agent a ON a.member_id = m.id AND a.service_id = {p} WHERE m.account {texts} "
    f"UNION ALL SELECT {_CTI_ID}, c.cti_id, m.id, m.account FROM cti_agent c "
    "JOIN agent a ON a.member_id = c.member_id AND a.service_id = {p} JOIN member m ON m.id = c.member_id "
    "WHERE c.cti_id {texts} "
    f"UNION ALL SELECT {_CTI_NO}, c.cti_no, m.id, m.account FROM cti_agent c "
    "JOIN agent a ON a.member_id = c.member_id AND a.service_id = {p} JOIN member m ON m.id = c.member_id "
    "WHERE c.cti_no {texts} "
    f"UNION ALL SELECT {_PBX_NAME}, n.folded, m.id, m.account FROM pbx_name n "
    "JOIN agent a ON a.member_id = n.member_id AND a.service_id = {p} JOIN member m ON m.id = n.member_id "
    "WHERE n.folded {texts}"
)
_NAMESAKES = Query(
    "SELECT m.folded, m.id FROM member m JOIN agent a ON a.member_id = m.id AND a.service_id = {p} "
    "WHERE m.folded {texts} "
    "UNION SELECT m.nickname, m.id FROM member m JOIN agent a ON a.member_id = m.id AND a.service_id = {p} "
    "WHERE m.nickname {texts}"
)
_NAMED = Query(
    "SELECT n.name, n.member_id FROM pbx_name n JOIN agent a ON a.member_id = n.member_id AND a.service_id = {p}"
)
_MEMBERS = Query("SELECT id, account, name FROM member WHERE id {ints}")
_LOAD = Query(
    "SELECT name, count, first_at, last_at, evidence FROM unmatched_name WHERE service_id = {p} AND name {texts}"
)
_LOAD_ALL = Query(
    "SELECT name, count, first_at, last_at, evidence FROM unmatched_name WHERE service_id = {p} "
    "ORDER BY count DESC, name"
)
_COUNT = Query("SELECT count(*) FROM unmatched_name WHERE service_id = {p}")
_SERVICES = Query("SELECT DISTINCT service_id FROM unmatched_name")
_DELETE = Query("DELETE FROM unmatched_name WHERE service_id = {p} AND name {texts}")
_SAVE = Insert(
    tables.unmatched_name,
    "ON CONFLICT (service_id, name) DO UPDATE SET count = excluded.count, first_at = excluded.first_at, "
    "last_at = excluded.last_at, evidence = excluded.evidence",
)
_LOAD_MEMORY = Query("SELECT at, memory FROM alias_memory WHERE service_id = {p}")
_SAVE_MEMORY = Insert(
    tables.alias_memory, "ON CONFLICT (service_id) DO UPDATE SET at = excluded.at, memory = excluded.memory"
)

People = dict[tuple[bool, str], tuple[int, str]]
"""Member ID and account by (whether the name comes from a queue, the name)."""


@lru_cache(maxsize=8192)
def _forms(name: str) -> tuple[tuple[str, str], ...]:
    """Return the forms under which a name is looked up, each as written and case-folded."""
    return tuple((candidate, fold_name(candidate)) for candidate in candidate_names(name))


def match_names(connection: Connection, service_id: int, names: Set[tuple[bool, str]]) -> People:
    """Return the agents of the service to whom these names belong, by name; unmatched names are left out.

    Names from a queue are looked up as CTI IDs first, other names as accounts first; whole names come before names
    without a prefix.
    """
    if not names:
        return {}
    forms = {form for _, name in names for form in _forms(name)}
    exact, folded = (sorted(set(texts)) for texts in zip(*forms, strict=True))
    values = [part for texts in (exact, exact, exact, folded) for part in (service_id, texts)]
    found = {(kind, text): (member, account) for kind, text, member, account in _AGENTS.fetch_rows(connection, *values)}
    people: People = {}
    for of_queue, name in names:
        order = _QUEUE_ORDER if of_queue else _ORDER
        keys = ((kind, folded if kind == _PBX_NAME else exact) for exact, folded in _forms(name) for kind in order)
        match = next((found[key] for key in keys if key in found), None)
        if match is not None:
            people[of_queue, name] = match
    return people


def note_names(
    connection: Connection, service_id: int, events: Sequence[IncomingEvent], unmatched: Mapping[str, Sequence[int]]
) -> None:
    """Store the names in a batch of events that match no agent, with the batch's evidence about them.

    `unmatched`: the times (epoch ms) of their events. Events between the first and the last time known of a name were
    counted before: the file is being read again.
    """
    rows = {row[0]: row for row in _LOAD.fetch_rows(connection, service_id, sorted(unmatched))} if unmatched else {}
    unknown = {
        name: [at for at in times if name not in rows or not rows[name][2] <= at <= rows[name][3]]
        for name, times in unmatched.items()
    }
    wanted = {name: times for name, times in unknown.items() if times}
    if not wanted and not any(event.type in alias_rules.MEMBERSHIPS for event in events):
        return
    observed = {
        name
        for name, times in wanted.items()
        if alias_rules.looks_at_queue(rows[name][1] if name in rows else 0, len(times))
    }
    found = _collect(connection, service_id, events, wanted.keys(), observed)
    if not wanted:
        return
    free = MOST_NAMES - _COUNT.fetch_rows(connection, service_id)[0][0] if wanted.keys() - rows.keys() else 0
    saved = []
    for name, times in sorted(wanted.items()):
        if name not in rows:
            free -= 1
            if free < 0:
                continue
        _, count, first, last, evidence = rows.get(name, (name, 0, times[0], times[0], "{}"))
        if name in found:
            merged = alias_rules.merge_evidence(alias_rules.parse_evidence(json.loads(evidence)), found[name])
            evidence = json.dumps(alias_rules.evidence_json(merged), ensure_ascii=False)
        saved.append((service_id, name, count + len(times), min(first, *times), max(last, *times), evidence))
    _SAVE.run(connection, saved)


def _collect(
    connection: Connection,
    service_id: int,
    events: Sequence[IncomingEvent],
    wanted: Set[str],
    observed: Set[str],
) -> dict[str, Evidence]:
    """Return a batch's evidence about names, and store the facts that later batches need."""
    memory = _load_memory(connection, service_id)
    before = asdict(memory)
    sightings = (
        Sighting(
            event.at,
            event.type.removeprefix(PREFIX),
            event.data.get("call"),
            event.data.get("queue", ""),
            event.agent or "",
            event.data.get("args", []),
        )
        for event in events
        if event.type.startswith(PREFIX) and (wanted or event.type in alias_rules.MEMBERSHIPS)
    )
    found = alias_rules.collect_evidence(memory, sightings, wanted, observed)
    after = asdict(memory)
    if after != before:
        at = after.pop("at")
        _SAVE_MEMORY.run(connection, [(service_id, at, json.dumps(after, ensure_ascii=False))])
    return found


def _load_memory(connection: Connection, service_id: int) -> Memory:
    for at, stored in _LOAD_MEMORY.fetch_rows(connection, service_id):
        return Memory(at, **json.loads(stored))
    return Memory()


def list_unmatched(connection: Connection, code: str) -> UnmatchedNames:
    """Return the names in events that still match no agent, with proposals. Raises 404, and 403 without phone."""
    service = services_store.find_phone_service(connection, code)
    rows = {row[0]: row for row in _LOAD_ALL.fetch_rows(connection, service.id)}
    for _, name in match_names(connection, service.id, {(True, name) for name in rows}):
        del rows[name]
    evidence = {name: alias_rules.parse_evidence(json.loads(row[4])) for name, row in rows.items()}
    proposals = _propose(connection, service.id, evidence) if rows else {}
    members = {
        member: (account, name)
        for member, account, name in _MEMBERS.fetch_rows(
            connection, sorted({proposal.member for proposal in proposals.values()})
        )
    }
    names = []
    for name, count, first, last, _ in rows.values():
        proposal = proposals.get(name)
        account, name_of = members[proposal.member] if proposal is not None else (None, None)
        names.append(
            UnmatchedName(
                name=name,
                count=count,
                first_at=first,
                last_at=last,
                account=account,
                name_of=name_of,
                reason=proposal.reason if proposal is not None else None,
            )
        )
    return UnmatchedNames(names=names, time_zone=service.time_zone)


def _propose(
    connection: Connection, service_id: int, evidence: Mapping[str, Evidence]
) -> dict[str, alias_rules.Proposal]:
    speakers = _load_memory(connection, service_id).speakers
    partners = {partner for found in evidence.values() for partner in alias_rules.partners_of(found)}
    people = match_names(connection, service_id, {(True, name) for name in partners | set(speakers)})
    return alias_rules.propose_agents(
        {name: found for name, found in evidence.items() if _is_valid_pbx_name(name)},
        {name: member for (_, name), (member, _) in people.items()},
        _find_namesakes(connection, service_id, evidence),
        {member for name, member in _NAMED.fetch_rows(connection, service_id) if not is_interface(name)},
        speakers,
    )


def _is_valid_pbx_name(name: str) -> bool:
    """Return whether a name can be stored as a PBX name: undamaged, and without a separator."""
    return not holds_separator(name) and find_refusal(normalize_name(name), longest=LONGEST_PBX_NAME) is None


def _find_namesakes(connection: Connection, service_id: int, names: Iterable[str]) -> dict[str, int]:
    """Return, by name, the agent who is the only one with that name or nickname."""
    candidates = {name: candidate_names(name) for name in names}
    exact = {candidate for forms in candidates.values() for candidate in forms}
    folded = sorted(set(map(fold_case, exact)))
    members: dict[str, set[int]] = {}
    for text, member in _NAMESAKES.fetch_rows(connection, service_id, folded, service_id, sorted(exact)):
        members.setdefault(fold_case(text), set()).add(member)
    namesakes: dict[str, int] = {}
    for name, forms in candidates.items():
        found = next((members[key] for key in map(fold_case, forms) if key in members), set())
        if len(found) == 1:
            namesakes[name] = next(iter(found))
    return namesakes


def forget_matched_names(connection: Connection) -> None:
    """Delete stored unmatched names that match an agent by now."""
    for (service_id,) in _SERVICES.fetch_rows(connection):
        names = {row[0] for row in _LOAD_ALL.fetch_rows(connection, service_id)}
        matched = [name for _, name in match_names(connection, service_id, {(True, name) for name in names})]
        if matched:
            _DELETE.run(connection, service_id, sorted(matched))
