"""Search of the log, compared with a search of plain lists, on both engines."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from octui.schema.audit import ADMINISTRATION, Action, AuditEntry, AuditFilter, Log, Via
from octui.server.audit.planning import parse_addresses
from octui.server.audit.search import read_head, search_log
from octui.server.database.audit_log import NewEntry, append_entries, pack_address
from octui.text.action_labels import ACTION_LABELS, find_actions
from octui.text.choseong import Matcher, choseong, fold_case
from octui.text.query import split_words
from server.conftest import NOW, OPERATOR, Store

NAMES = ("김민수", "김민숙", "이영희", "남궁민수", "Kim Minsu", "박ㅁ", "田中太郎", "O'Neil 100%_", "최지우")
IPS = ("10.0.0.1", "10.0.0.12", "10.1.2.3", "172.16.0.9", "2001:db8::7", "::ffff:192.168.0.4", "pipe")
SERVICES = ("oc", "chat", "OcSub", "")
ACTIONS = (
    *(Action.AGENT_PERMISSIONS_CHANGED, Action.AGENT_ROLE_CHANGED, Action.AGENT_ADDED, Action.AGENT_REMOVED),
    *(Action.CTI_CHANGED, Action.ORGANIZATION_ADMIN_ADDED, Action.MEMBER_ADDED, Action.SERVICE_ADDED),
    Action.ORGANIZATION_KEY_SHOWN,
)
COUNT = 1_500
Scope = frozenset[str] | None


def _random_entry(dice: random.Random) -> NewEntry:
    actor, target = dice.randrange(len(NAMES)), dice.randrange(len(NAMES))
    return NewEntry(
        action=dice.choice(ACTIONS[: dice.choice((2, len(ACTIONS)))]),
        actor_account=f"user{actor}",
        actor_name=NAMES[actor],
        target_account=f"User{target}x" if dice.random() < 0.1 else f"user{target}",
        target_name=NAMES[target],
        service=dice.choice(SERVICES),
        ip=dice.choice(IPS),
        via=Via.API,
        before="",
        after="ROLE_FRONT_AGENT",
    )


@pytest.fixture
def log(store: Store) -> Store:
    """COUNT entries in transactions of 1 to 20 entries, mostly some minutes apart, sometimes at one time or back."""
    dice = random.Random(5)
    entries = [_random_entry(dice) for _ in range(COUNT)]

    def write() -> Iterator[tuple[list[NewEntry], int]]:
        at, start = NOW, 0
        while start < COUNT:
            size = dice.randrange(1, 20)
            yield entries[start : start + size], at
            start += size
            at += dice.choice((600_000, 60_000, 0, -30_000))

    for some, at in write():
        store.write(lambda change, some=some, at=at: append_entries(change.connection, some, at), OPERATOR)
    return store


def _all_entries(store: Store) -> list[AuditEntry]:
    def read_pages(connection: Connection) -> list[AuditEntry]:
        newest = search_log(connection, AuditFilter(log=Log.ALL, limit=1000), budget=60)
        rest = AuditFilter(log=Log.ALL, limit=1000, before=newest.next_before)
        return newest.entries + search_log(connection, rest, budget=60).entries

    entries = store.read(read_pages)
    assert [entry.seq for entry in entries] == list(range(COUNT, 0, -1))
    return entries


def _ip_fits(query: str, ip: str) -> bool:
    wanted = parse_addresses(query)
    return wanted.low <= pack_address(ip) <= wanted.high if wanted.low else ip.startswith(wanted.prefix)


def _filter_of(**fields: Any) -> AuditFilter:
    """Return a filter of both logs."""
    return AuditFilter(**{"log": Log.ALL, **fields})


def _does_fit(query: AuditFilter, entry: AuditEntry, scope: Scope = None) -> bool:
    def name(text: str) -> bool:
        matcher = Matcher(text, open_last=False)
        return any(matcher.matches(fold_case(n), choseong(n)) for n in (entry.actor_name, entry.target_name))

    def account(text: str) -> bool:
        return fold_case(text) in fold_case(entry.actor_account) or fold_case(text) in fold_case(entry.target_account)

    def service(text: str) -> bool:
        return fold_case(text) in fold_case(entry.service)

    def action(text: str) -> bool:
        return bool(find_actions(text, [entry.action.value]))

    def ip(text: str) -> bool:
        return _ip_fits(text, entry.ip)

    return (
        (query.time_from is None or entry.at >= query.time_from)
        and (query.time_to is None or entry.at < query.time_to)
        and (query.before is None or entry.seq < query.before)
        and (query.after is None or entry.seq > query.after)
        and (scope is None or entry.service in scope)
        and (query.log is Log.ALL or (entry.action in ADMINISTRATION) is (query.log is Log.ADMINISTRATION))
        and (not query.name or name(query.name))
        and (not query.account or account(query.account))
        and (not query.service or service(query.service))
        and (not query.action or action(query.action))
        and (not query.ip or ip(query.ip))
        and all(name(w) or account(w) or service(w) or action(w) or ip(w) for w in split_words(query.words))
    )


FIELDS: dict[str, tuple[object, ...]] = {
    "name": ("김민수", "김", "ㄱㅁㅅ", "김ㅁㅅ", "ㅁㅅ", "kim min", "뷁", "田中", "100%_", "남궁", "ㅁ"),
    "account": ("user3", "USER", "r7", "x", "%"),
    "service": ("oc", "C", "chat", "none"),
    "action": ("권한", "permissions", "agent.", "ㄱㅎ ㅂㄱ", "オペレーター", "cti", "nothing"),
    "ip": ("10.0.0.1", "10.0", "10.0.*", "10.0.0.0/24", "::/0", "2001:DB8", "192.168.0.4", "0.0.0.0/0", "9", "pipe"),
    "words": ("김", "10.0 oc", "user1 ㄱㅁㅅ", '"권한 변경"', "nothing", "o'neil user"),
    "scope": (frozenset({"oc"}), frozenset({"oc", "chat"}), frozenset(), frozenset(SERVICES)),
    "log": (Log.PERMISSIONS, Log.ADMINISTRATION),
    "time_from": (NOW, NOW + 9_000_000, NOW + 10**12),
    "time_to": (NOW + 20_000_000, NOW + 60_000_000, NOW),
    "before": (COUNT // 2, 3, 1),
    "after": (COUNT // 3, COUNT - 2, COUNT),
}


def _random_queries() -> list[tuple[AuditFilter, Scope]]:
    dice = random.Random(11)
    single = [{field: value} for field, values in FIELDS.items() for value in values]
    several = [
        {field: dice.choice(FIELDS[field]) for field in dice.sample(list(FIELDS), dice.randrange(2, 5))}
        for _ in range(150)
    ]
    scopes = [fields.pop("scope", None) for fields in (*single, *several)]
    filters = [_filter_of(**fields, limit=dice.choice((1, 7, 50))) for fields in (*single, *several)]
    return list(zip(filters, scopes, strict=True))


def test_search_finds_what_a_plain_search_finds(log: Store) -> None:
    everything = _all_entries(log)
    found_something = 0
    for query, scope in _random_queries():
        expected = [entry for entry in everything if _does_fit(query, entry, scope)]
        page = log.read(lambda connection, query=query, scope=scope: search_log(connection, query, scope, budget=60))
        assert page.entries == expected[: query.limit], query
        more = len(expected) > query.limit
        assert page.next_before == (expected[query.limit - 1].seq if more else None), query
        if query.before is None and query.after is None:
            assert page.count == len(expected), query
            assert not page.count_capped
        else:
            assert page.count in (None, len(expected))
        found_something += bool(expected)
    assert found_something > 60


def test_pages_contain_every_entry_once(log: Store) -> None:
    expected = [entry.seq for entry in _all_entries(log) if _does_fit(_filter_of(name="김", words="oc"), entry)]
    seqs: list[int] = []
    before = None
    while True:
        query = _filter_of(name="김", words="oc", before=before, limit=17)
        page = log.read(lambda connection, query=query: search_log(connection, query))
        seqs += [entry.seq for entry in page.entries]
        if page.next_before is None:
            break
        before = page.next_before
    assert seqs == expected
    assert len(seqs) > 100


def test_search_out_of_time_continues_where_it_stopped(log: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = _all_entries(log)
    query = _filter_of(name="이영희", action="조직관리자", ip="172.16")
    expected = [entry.seq for entry in everything if _does_fit(query, entry)]
    # Small statements, and a clock that has spent the budget after the first of them.
    monkeypatch.setattr("octui.server.audit.planning.number_windows", _windows_of_hundred)
    ticks = iter(range(10**6))
    seqs: list[int] = []
    pages = 0
    before = None
    while True:
        asked = _filter_of(name=query.name, action=query.action, ip=query.ip, before=before)
        page = log.read(
            lambda connection, asked=asked: search_log(connection, asked, budget=0, clock=lambda: float(next(ticks)))
        )
        seqs += [entry.seq for entry in page.entries]
        pages += 1
        if page.next_before is None:
            assert page.searched_back_to is None
            break
        assert page.searched_back_to == everything[COUNT - page.next_before].at
        before = page.next_before
    assert pages == COUNT // 100
    assert seqs == expected != []


def _windows_of_hundred(low: int, high: int, first: int, largest: int) -> Iterator[tuple[int, int]]:
    for end in range(high, low - 1, -100):
        yield max(low, end - 99), end


def test_count_stops_at_ten_thousand(store: Store) -> None:
    entry = NewEntry(Action.CTI_CHANGED, "a", "가", "b", "나", "oc", "10.0.0.1", Via.API, "", "")
    other = NewEntry(Action.AGENT_ADDED, "b", "나", "b", "나", "chat", "10.0.0.2", Via.API, "", "")
    store.write(lambda change: append_entries(change.connection, [entry] * 10_050 + [other] * 10, NOW), OPERATOR)
    for query, count, capped in (
        (_filter_of(), 10_000, True),
        (_filter_of(action="cti"), 10_000, True),
        (_filter_of(name="가"), 10_000, True),
        (_filter_of(account="a", limit=1000), 10_000, True),
        (_filter_of(service="chat", limit=3), 10, False),
    ):
        page = store.read(lambda connection, query=query: search_log(connection, query))
        # Not counted is allowed where the machine is too slow for it.
        assert page.count is None or (page.count, page.count_capped) == (count, capped), query


def test_each_log_is_counted_within_a_time_range(store: Store) -> None:
    permission = NewEntry(Action.CTI_CHANGED, "a", "가", "b", "나", "oc", "10.0.0.1", Via.API, "", "")
    administration = NewEntry(Action.SERVICE_ADDED, "b", "나", "b", "나", "chat", "10.0.0.2", Via.API, "", "")
    for at in range(3):
        rows = [permission] * 2_000 + [administration] * 7 + [permission] * 5
        store.write(lambda change, at=at, rows=rows: append_entries(change.connection, rows, NOW + at), OPERATOR)
    for query, count in (
        (_filter_of(log=Log.PERMISSIONS), 6_015),
        (_filter_of(log=Log.ADMINISTRATION), 21),
        (_filter_of(log=Log.PERMISSIONS, time_from=NOW + 1), 4_010),
        (_filter_of(log=Log.PERMISSIONS, time_from=NOW + 1, time_to=NOW + 2), 2_005),
        (_filter_of(log=Log.ADMINISTRATION, time_to=NOW + 2, limit=5), 14),
        (_filter_of(log=Log.PERMISSIONS, action="cti"), 6_015),
        (_filter_of(log=Log.ADMINISTRATION, action="cti"), 0),
        (_filter_of(log=Log.PERMISSIONS, words="b"), 6_015),
    ):
        page = store.read(lambda connection, query=query: search_log(connection, query))
        assert page.count is None or page.count == count, query
        expected = Log.ADMINISTRATION if query.log is Log.ADMINISTRATION else Log.PERMISSIONS
        assert all((entry.action in ADMINISTRATION) is (expected is Log.ADMINISTRATION) for entry in page.entries)
        assert len(page.entries) == min(count, query.limit)
    nothing = store.read(
        lambda connection: search_log(connection, AuditFilter(log=Log.PERMISSIONS), frozenset({"chat"}))
    )
    assert (nothing.entries, nothing.count) == ([], 0)


def test_empty_log_has_no_entries(store: Store) -> None:
    assert store.read(read_head).seq == 0
    page = store.read(lambda connection: search_log(connection, _filter_of(name="김", words="x")))
    assert (page.entries, page.next_before, page.count) == ([], None, 0)


def test_times_increase_with_numbers(log: Store) -> None:
    times = [entry.at for entry in _all_entries(log)]
    assert times == sorted(times, reverse=True)


def test_action_is_found_by_code_and_by_label() -> None:
    assert set(ACTION_LABELS) == set(Action)
    for action, labels in ACTION_LABELS.items():
        for label in (action.value, *labels):
            assert action.value in find_actions(label, [each.value for each in Action])
    assert find_actions("agent.role", [each.value for each in Action]) == ["agent.role_changed"]
    assert find_actions("", ["a.new.one"]) == ["a.new.one"]


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
        ("10.0.0.1", "10.0.0.1", "10.0.0.12"),
        ("10.1", "10.10.0.1", "110.1.0.1"),
        ("10.1.", "10.1.0.1", "10.10.0.1"),
        ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
        ("2001:DB8", "2001:db8::1", "2001:d::1"),
    ],
)
def test_address_query_matches_addresses(query: str, inside: str, outside: str) -> None:
    assert _ip_fits(query, inside)
    assert not _ip_fits(query, outside)
