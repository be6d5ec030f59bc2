"""Search of the permission-change log: the first page, by every filter and every pair of filters, on a filled log.

`measure(rows)` fills a new SQLite file (or an empty PostgreSQL database) and times every kind of search on a dozen
different instances of it, warm: the better of two runs, because the machine has other things to do. By hand:
``python tests/bench/audit.py ROWS [URL]``.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from octui.schema.audit import Action, AuditFilter, AuditPage, Log, Via
from octui.server.audit import search
from octui.server.core.principal import Principal
from octui.server.database import audit_log, tables
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.text.choseong import choseong, fold_case

BUDGET_MS = {1_000_000: 60.0, 10_000_000: 100.0}
YEARS = 5
END = 1_782_864_000_000
START = END - YEARS * 365 * 86_400_000
PEOPLE, ADMINS = 40_000, 600
_FAMILIES = (
    "김" * 215
    + "이" * 147
    + "박" * 84
    + "최" * 47
    + "정" * 43
    + "강조윤장임" * 22
    + "한오서신권황안송전홍" * 12
    + "남궁제갈"
)
_SYLLABLES = "민서지현수영준호진우은정성희경미선혜재상태동철기석원용훈빈아연주하윤도예나라"
_SERVICES = {"oc": 30, "chat": 20, "sales": 15, "care": 10, "bank": 8, "shop": 6, "travel": 4, "cards": 3, "games": 2}
_SERVICES |= {"parts": 1, "museum": 0.5, "night": 0.5}
_ACTIONS = {
    Action.AGENT_PERMISSIONS_CHANGED: 40,
    Action.CTI_CHANGED: 30,
    Action.AGENT_ADDED: 10,
    Action.AGENT_ROLE_CHANGED: 8,
    Action.AGENT_REMOVED: 6,
    Action.MEMBER_ADDED: 4,
    Action.MEMBER_REMOVED: 1.5,
    Action.ORGANIZATION_ADMIN_ADDED: 0.2,
    Action.ORGANIZATION_ADMIN_REMOVED: 0.1,
    Action.SERVICE_ADDED: 0.05,
}


class Filling:
    """A seeded log: few people change the rights of many, each from a few addresses and in one or two services."""

    def __init__(self, seed: int = 1) -> None:
        dice = self.dice = random.Random(seed)
        self.people = [(f"user{number:05d}", self._name()) for number in range(PEOPLE)]
        networks = [f"{dice.choice((10, 172, 192))}.{dice.randrange(256)}.{dice.randrange(256)}" for _ in range(120)]
        self.ips = sorted({f"{dice.choice(networks)}.{dice.randrange(1, 255)}" for _ in range(2_600)})
        self.ips += [f"2001:db8:{dice.randrange(65536):x}::{dice.randrange(1, 65536):x}" for _ in range(400)]
        self.services = list(_SERVICES)
        self.actions = list(_ACTIONS)
        services = dice.choices(range(len(self.services)), list(_SERVICES.values()), k=PEOPLE)
        self.of_service: dict[int, list[int]] = {}
        for person, service in enumerate(services):
            self.of_service.setdefault(service, []).append(person)
        self.admins = [
            (
                person,
                [services[person]] * 3 + [dice.randrange(len(self.services))],
                dice.choices(range(len(self.ips)), k=5),
            )
            for person in dice.sample(range(PEOPLE), ADMINS)
        ]
        self.weights = [1 / (place + 1) ** 0.7 for place in range(ADMINS)]

    def _name(self) -> str:
        given = self.dice.choices(_SYLLABLES, k=self.dice.choices((1, 2, 3), (4, 94, 2))[0])
        return self.dice.choice(_FAMILIES) + "".join(given)

    def rows(self, count: int) -> Iterator[tuple[int, int, int, int, int, int, int]]:
        """seq, at, actor, target, action, service, ip (places in the lists)."""
        dice = self.dice
        actions, weights = range(len(self.actions)), list(_ACTIONS.values())
        step = (END - START) / count
        for start in range(0, count, 10_000):
            size = min(10_000, count - start)
            admins = dice.choices(self.admins, self.weights, k=size)
            kinds = dice.choices(actions, weights, k=size)
            for place in range(size):
                actor, services, ips = admins[place]
                service = dice.choice(services)
                target = dice.choice(self.of_service.get(service) or range(PEOPLE))
                seq = start + place + 1
                yield seq, START + int(seq * step), actor, target, kinds[place], service, dice.choice(ips)

    def write(self, change: Change, count: int) -> None:
        """Write the entries in one transaction, hashed as the log hashes them."""
        connection = change.connection
        people = [
            {"account": a, "name": n, "folded_account": fold_case(a), "folded": fold_case(n), "choseong": choseong(n)}
            for a, n in self.people
        ]
        connection.execute(insert(tables.audit_person), people)
        connection.execute(
            insert(tables.audit_ip), [{"ip": ip, "packed": audit_log.pack_address(ip)} for ip in self.ips]
        )
        connection.execute(insert(tables.audit_service), [{"code": code} for code in self.services])
        connection.execute(insert(tables.audit_action), [{"action": action.value} for action in self.actions])
        p, i, s, a = tables.audit_person.c, tables.audit_ip.c, tables.audit_service.c, tables.audit_action.c
        accounts = {row.account: row.id for row in connection.execute(select(p.account, p.id))}
        person_ids = [accounts[account] for account, _ in self.people]
        known = {row.ip: row.id for row in connection.execute(select(i.ip, i.id))}
        ip_ids = [known[ip] for ip in self.ips]
        known = {row.code: row.id for row in connection.execute(select(s.code, s.id))}
        service_ids = [known[code] for code in self.services]
        known = {row.action: row.id for row in connection.execute(select(a.action, a.id))}
        action_ids = [known[action.value] for action in self.actions]
        counts: tuple[Counter[int], ...] = tuple(Counter() for _ in range(5))
        last = (0, 0, b"")
        rights = ("ROLE_FRONT_AGENT ticket", "ROLE_FRONT_AGENT ticket phone", "ROLE_FRONT_AGENT chat")

        def hashed() -> Iterator[tuple[Any, ...]]:
            nonlocal last
            previous = ""
            for seq, at, actor, target, action, service, ip in self.rows(count):
                before, after = rights[seq % 3], rights[seq % 2]
                texts = (self.actions[action].value, *self.people[actor], *self.people[target], self.services[service])
                digest = sha256(
                    audit_log.canonical_form(previous, seq, at, (*texts, self.ips[ip], "screen", before, after))
                ).digest()
                previous = digest.hex()
                last = (seq, at, digest)
                ids = (person_ids[actor], person_ids[target], action_ids[action], service_ids[service], ip_ids[ip])
                for counter, key in zip(counts, ids, strict=True):
                    counter[key] += 1
                yield (seq, at, *ids, "screen", before, after, digest)

        _bulk(connection, hashed())
        columns = (("audit_person", "actor_rows"), ("audit_person", "target_rows"), ("audit_action", "rows"))
        for (name, column), counter in zip(
            (*columns, ("audit_service", "rows"), ("audit_ip", "rows")), counts, strict=True
        ):
            table = tables.metadata.tables[name]
            change_count = update(table).where(table.c.id == bindparam("key")).values({column: bindparam("n")})
            connection.execute(change_count, [{"key": key, "n": n} for key, n in sorted(counter.items())])
        head = {"id": 1, "seq": last[0], "at": last[1], "hash": last[2]}
        if connection.execute(select(tables.audit_head.c.id)).one_or_none() is None:
            connection.execute(insert(tables.audit_head), [head])
        else:
            connection.execute(update(tables.audit_head).values(head))


def _bulk(connection: Connection, rows: Iterator[tuple[Any, ...]]) -> None:
    names = "seq, at, actor_id, target_id, action_id, service_id, ip_id, via, before, after, hash"
    # Indexes made afterwards are the same indexes, made once instead of in ten million places.
    for index in tables.audit.indexes:
        index.drop(connection)
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        cursor.execute("PRAGMA cache_size = -1000000")
        cursor.executemany(f"INSERT INTO audit ({names}) VALUES ({', '.join('?' * 11)})", rows)
    else:
        with cursor.copy(f"COPY audit ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    for index in tables.audit.indexes:
        index.create(connection)


def _filters(filling: Filling) -> dict[str, tuple[str, Callable[[], dict[str, Any]]]]:
    """Return, by kind of filter, the field it uses and a maker of instances."""
    dice = random.Random(7)
    name = lambda: dice.choice(filling.people)[1]  # noqa: E731
    v4 = [ip for ip in filling.ips if "." in ip]

    def day() -> dict[str, Any]:
        start = dice.randrange(START, END - 400 * 86_400_000)
        return {"time_from": start, "time_to": start + 86_400_000}

    def initials() -> str:
        return choseong(name())

    return {
        "last 7 days": ("time", lambda: {"time_from": END - 7 * 86_400_000}),
        "one old day": ("time", day),
        "name": ("name", lambda: {"name": name()}),
        "name, an actor's": ("name", lambda: {"name": filling.people[dice.choice(filling.admins)[0]][1]}),
        "name, 2 syllables": ("name", lambda: {"name": name()[1:]}),
        "name, 1 syllable": ("name", lambda: {"name": name()[0]}),
        "name, rare": ("name", lambda: {"name": dice.choice("남궁제갈")}),
        "name, nobody's": ("name", lambda: {"name": "뷁" + name()}),
        "initials, 3": ("name", lambda: {"name": initials()}),
        "initials, 2": ("name", lambda: {"name": initials()[:2]}),
        "mixed": ("name", lambda: {"name": (n := name())[0] + choseong(n[1:])}),
        "address": ("ip", lambda: {"ip": dice.choice(filling.ips)}),
        "address /24": ("ip", lambda: {"ip": dice.choice(v4).rpartition(".")[0] + ".0/24"}),
        "address /16": ("ip", lambda: {"ip": ".".join(dice.choice(v4).split(".")[:2]) + ".0.0/16"}),
        "address begins": ("ip", lambda: {"ip": dice.choice(filling.ips)[: dice.randrange(1, 6)]}),
        "account": ("account", lambda: {"account": dice.choice(filling.people)[0]}),
        "account, part": ("account", lambda: {"account": f"{dice.randrange(1000):03d}"}),
        "account, all": ("account", lambda: {"account": "user"}),
        "service": ("service", lambda: {"service": dice.choice(filling.services[:4])}),
        "service, rare": ("service", lambda: {"service": dice.choice(filling.services[-4:])}),
        "action": ("action", lambda: {"action": dice.choice(("권한", "CTI", "Permissions", "권한 변경"))}),
        "action, rare": (
            "action",
            lambda: {"action": dice.choice(("조직관리자", "service.added", "会員削除", "역할"))},
        ),
        "word": ("words", lambda: {"words": dice.choice((name(), name()[:2], "10.", "oc", "user0", "CTI"))}),
        "own services": (
            "scope",
            lambda: {"scope": frozenset(dice.sample(filling.services, dice.choice((1, 2))))},
        ),
    }


def measure(
    rows: int = 1_000_000, url: str | None = None, *, instances: int = 12, verbose: bool = False
) -> dict[str, Any]:
    """Return ms at the 95th percentile of each kind and pair of kinds, the worst of them, and the budget."""
    with tempfile.TemporaryDirectory() as folder:
        if url is not None:
            upgrade_database(url)
        store: Store = open_store(url or f"sqlite:///{Path(folder)}/log.db")
        try:
            return _measured(store, rows, instances, verbose)
        finally:
            store.close()


def _measured(store: Store, rows: int, instances: int, verbose: bool) -> dict[str, Any]:
    filling = Filling()
    begun = time.perf_counter()
    present = store.read(lambda connection: search.read_head(connection).seq)
    if present != rows:
        store.write(lambda change: filling.write(change, rows), Principal(None, "", "", operator=True, via=Via.COMMAND))
    filled = time.perf_counter() - begun
    filters = _filters(filling)
    kinds = {(kind,): instances for kind in filters}
    kinds |= {
        (one, two): max(4, instances // 2)
        for one, two in combinations(filters, 2)
        if filters[one][0] != filters[two][0]
    }
    p95: dict[str, float] = {}
    partial: Counter[str] = Counter()
    slowest: tuple[float, AuditFilter | None] = (0.0, None)
    every: list[float] = []
    for kind, times in kinds.items():
        taken = []
        for _ in range(times):
            fields = {name: value for part in kind for name, value in filters[part][1]().items()}
            scope = fields.pop("scope", None)
            query = AuditFilter(log=Log.ALL, **fields)
            ms, page = min((_timed(store, query, scope) for _ in range(2)), key=lambda pair: pair[0])
            taken.append(ms)
            slowest = max(slowest, (ms, query), key=lambda pair: pair[0])
            partial[" + ".join(kind)] += page.searched_back_to is not None
        p95[" + ".join(kind)] = _p95(taken)
        every += taken
    worst = max(p95, key=lambda kind: p95[kind])
    result = {
        "rows": rows,
        "engine": store.dialect,
        "fill_s": round(filled, 1),
        "kinds": len(p95),
        "p50_ms": round(sorted(every)[len(every) // 2], 2),
        "p95_ms": round(_p95(every), 2),
        "worst_kind": worst,
        "worst_kind_p95_ms": round(p95[worst], 2),
        "kinds_above_budget": sum(ms > BUDGET_MS.get(rows, 60.0) for ms in p95.values()),
        "partial_pages": sum(partial.values()),
        "budget_ms": BUDGET_MS.get(rows, 60.0),
    }
    if verbose:
        for label in sorted(p95, key=lambda label: -p95[label])[:40] + list(filters):
            print(f"{p95[label]:8.1f} ms  {label}{'  PARTIAL' if partial[label] else ''}")
        print(slowest)
    return result


def _timed(store: Store, query: AuditFilter, scope: frozenset[str] | None) -> tuple[float, AuditPage]:
    started = time.perf_counter()
    page = store.read(lambda connection: search.search_log(connection, query, scope))
    return (time.perf_counter() - started) * 1000, page


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    print(measure(int(arguments[0]) if arguments else 1_000_000, arguments[1] if arguments[1:] else None, verbose=True))
