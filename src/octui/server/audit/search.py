"""Search of the log through its dictionaries (rules.md 25, architecture.md 4.6), on both engines.

Each text filter is looked up in its small dictionary first, because the log itself holds integers. A statement covers a
window of numbers, newest first, so that none runs long and the time budget holds.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from octui.schema.audit import AuditEntry, AuditFilter, AuditHead, AuditPage, Log
from octui.server.audit import planning
from octui.server.audit.planning import Clause, Member, Plan
from octui.server.database.audit_log import parse_value
from octui.text.action_labels import find_actions
from octui.text.choseong import Matcher, fold_case, is_choseong_query
from octui.text.query import split_words

BUDGET = 0.3  # seconds until a page is returned as far as it got
COUNT_BUDGET = 0.015
MOST_COUNTED = 10_000

_PEOPLE = (("actor_id", "actor_rows"), ("target_id", "target_rows"))
_INDEX = {
    "actor_id": "ix_audit_actor_id_seq_service_id_action_id",
    "target_id": "ix_audit_target_id_seq_service_id_action_id",
    "ip_id": "ix_audit_ip_id_seq_service_id_action_id",
    "action_id": "ix_audit_action_id_seq",
    "service_id": "ix_audit_service_id_action_id_seq",
}
_ENTRY = """
SELECT a.seq, a.at, c.action, f.account AS actor_account, f.name AS actor_name, t.account AS target_account,
t.name AS target_name, s.code AS service, i.ip, a.via, a.before, a.after, a.hash
FROM audit a JOIN audit_action c ON c.id = a.action_id JOIN audit_person f ON f.id = a.actor_id
JOIN audit_person t ON t.id = a.target_id JOIN audit_service s ON s.id = a.service_id JOIN audit_ip i ON i.id = a.ip_id
WHERE a.seq IN ({}) ORDER BY a.seq DESC"""


def read_head(connection: Connection) -> AuditHead:
    """Return the newest entry of the chain."""
    row = connection.exec_driver_sql("SELECT seq, hash, at FROM audit_head WHERE id = 1").one_or_none()
    return (
        AuditHead(seq=0, hash="", at=0) if row is None else AuditHead(seq=row[0], hash=bytes(row[1]).hex(), at=row[2])
    )


def search_log(
    connection: Connection,
    query: AuditFilter,
    scope: frozenset[str] | None = None,
    *,
    budget: float = BUDGET,
    clock: Callable[[], float] = monotonic,
) -> AuditPage:
    """Return a page of entries, newest first. They are counted for the first page only, where that is quick.

    `scope`: the codes of the services that the caller may see; None: all entries. When `budget` (seconds) is spent, the
    page has what was found so far, and how far the search looked.
    """
    return _Search(connection, query, scope, clock).read_page(budget)


@dataclass
class _FoundEntries:
    """Numbers of entries found. All from `back_to` on were searched; `is_finished`: there is nothing older."""

    seqs: list[int]
    back_to: int
    is_finished: bool


class _Search:
    def __init__(
        self, connection: Connection, query: AuditFilter, scope: frozenset[str] | None, clock: Callable[[], float]
    ) -> None:
        self.connection = connection
        self.query = query
        self.scope = scope
        self.clock = clock
        self.sqlite = connection.dialect.name == "sqlite"
        self.costs = planning.COSTS[connection.dialect.name]
        self.total = read_head(connection).seq
        self.actions = [(row[0], row[1], row[2]) for row in self._run_sql("SELECT id, action, rows FROM audit_action")]
        self.services = [(row[0], row[1], row[2]) for row in self._run_sql("SELECT id, code, rows FROM audit_service")]
        if not self.sqlite:
            # A generic plan tests the arrays element by element; JIT compilation takes longer than these statements.
            settings = "set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)"
            self._run_sql(f"SELECT {settings}")

    def read_page(self, budget: float) -> AuditPage:
        query = self.query
        start = self.clock()
        low, high = self._number_bounds()
        clauses = self._build_clauses()
        if high < low or any(not clause.rows for clause in clauses):
            return AuditPage(entries=[], count=0)
        matches = self._find_entries(clauses, low, high, query.limit + 1, start + budget)
        seqs = matches.seqs[: query.limit]
        entries = self._read_entries(seqs)
        count, capped = None, False
        if query.before is None and query.after is None:
            if matches.is_finished:
                count = len(matches.seqs)
            elif len(matches.seqs) > query.limit:
                count = self._count_matches(clauses, low, high, len(matches.seqs) / (high - matches.seqs[-1] + 1))
                capped = count is not None and count > MOST_COUNTED
                count = None if count is None else min(count, MOST_COUNTED)
        if len(matches.seqs) > query.limit:
            return AuditPage(entries=entries, next_before=seqs[-1], count=count, count_capped=capped)
        if matches.is_finished:
            return AuditPage(entries=entries, count=count)
        at = self._run_sql(f"SELECT at FROM audit WHERE seq = {self._placeholder}", (matches.back_to,)).scalar_one()
        return AuditPage(entries=entries, next_before=matches.back_to, searched_back_to=at)

    # --- clauses --------------------------------------------------------------------------------------------

    def _number_bounds(self) -> tuple[int, int]:
        """Return the first and last entry number that may match; numbers rise with time."""
        query = self.query
        low, high = 1, self.total
        if query.time_from is not None:
            low = self._first_number_since(query.time_from)
        if query.time_to is not None:
            high = self._first_number_since(query.time_to) - 1
        if query.before is not None:
            high = min(high, query.before - 1)
        if query.after is not None:
            low = max(low, query.after + 1)
        return low, high

    def _first_number_since(self, at: int) -> int:
        sql = f"SELECT seq FROM audit WHERE at >= {self._placeholder} ORDER BY at, seq LIMIT 1"
        row = self._run_sql(sql, (at,)).one_or_none()
        return self.total + 1 if row is None else int(row[0])

    def _build_clauses(self) -> list[Clause]:
        self._narrow_dictionaries()
        clauses = [Clause(tuple(members)) for members in self._member_lists()]
        # A clause that every entry passes is no filter.
        return [clause for clause in clauses if not any(member.rows >= self.total > 0 for member in clause.members)]

    def _narrow_dictionaries(self) -> None:
        """Restrict the search for free words to the services and actions that a result can have."""
        query = self.query
        of_log = planning.actions_of_log(query.log, (row[1] for row in self.actions))
        self.others = [row for row in self.actions if row[1] not in of_log]
        self.actions = [row for row in self.actions if row[1] in of_log]
        part = fold_case(query.service)
        self.services = [
            row for row in self.services if part in fold_case(row[1]) and (self.scope is None or row[1] in self.scope)
        ]
        if query.action:
            self.actions = self._matching_actions(query.action)

    def _member_lists(self) -> Iterable[list[Member]]:
        query = self.query
        if query.service or self.scope is not None:
            yield self._members_of_rows("service_id", self.services)
        if query.action or query.log is not Log.ALL:
            yield self._members_of_rows("action_id", self.actions)
        if query.ip:
            yield self._address_members(query.ip)
        if query.account:
            yield self._account_members(query.account)
        if query.name:
            yield self._name_members(query.name)
        for word in split_words(query.words)[: planning.MOST_WORDS]:
            everywhere = (
                self._name_members(word),
                self._account_members(word),
                self._address_members(word),
                self._service_members(word),
                self._action_members(word),
            )
            yield [member for members in everywhere for member in members if member.rows]

    def _service_members(self, text: str) -> list[Member]:
        part = fold_case(text)
        return self._members_of_rows("service_id", [row for row in self.services if part in fold_case(row[1])])

    def _action_members(self, text: str) -> list[Member]:
        return self._members_of_rows("action_id", self._matching_actions(text))

    def _matching_actions(self, text: str) -> list[tuple[int, str, int]]:
        codes = set(find_actions(text, (row[1] for row in self.actions)))
        return [row for row in self.actions if row[1] in codes]

    def _members_of_rows(self, column: str, rows: Sequence[tuple[int, str, int]]) -> list[Member]:
        return [Member(column, self._id_list([row[0] for row in rows]), len(rows), sum(row[2] for row in rows))]

    def _address_members(self, text: str) -> list[Member]:
        addresses = planning.parse_addresses(text)
        mark = self._placeholder
        if addresses.low:
            return self._look_up_members(
                "audit_ip", (("ip_id", "rows"),), f"d.packed BETWEEN {mark} AND {mark}", (addresses.low, addresses.high)
            )
        length = len(addresses.prefix)
        probe = f"substr(d.ip, 1, {length}) = {mark}"
        return self._look_up_members("audit_ip", (("ip_id", "rows"),), probe, (addresses.prefix,))

    def _account_members(self, text: str) -> list[Member]:
        return self._look_up_members("audit_person", _PEOPLE, self._contains_sql("folded_account"), (fold_case(text),))

    def _name_members(self, text: str) -> list[Member]:
        # Without the open last syllable: a search for 김민수 must not find 김민숙.
        matcher = Matcher(text, open_last=False)
        if matcher.literal:
            return self._look_up_members("audit_person", _PEOPLE, self._contains_sql("folded"), (matcher.folded,))
        if is_choseong_query(text):
            return self._look_up_members("audit_person", _PEOPLE, self._contains_sql("choseong"), (matcher.cho,))
        rows = self._run_sql(
            "SELECT d.id, d.actor_rows, d.target_rows, d.folded, d.choseong FROM audit_person d "
            f"WHERE {self._contains_sql('choseong')}",
            (matcher.cho,),
        )
        people = [row for row in rows if matcher.matches(row[3], row[4])]
        ids = self._id_list([row[0] for row in people])
        return [
            Member("actor_id", ids, len(people), sum(row[1] for row in people)),
            Member("target_id", ids, len(people), sum(row[2] for row in people)),
        ]

    def _look_up_members(
        self, dictionary: str, columns: Sequence[tuple[str, str]], probe: str, parameters: tuple[Any, ...]
    ) -> list[Member]:
        """Return the IDs of the dictionary rows that match, and the number of entries with them."""
        sums = ", ".join(f"coalesce(sum(d.{rows}), 0)" for _, rows in columns)
        ids = "json_group_array(d.id)" if self.sqlite else "coalesce(array_agg(d.id), '{}')"
        row = self._run_sql(f"SELECT count(*), {ids}, {sums} FROM {dictionary} d WHERE {probe}", parameters).one()
        return [
            Member(column, row[1], row[0], int(row[2 + place]), dictionary, probe, parameters)
            for place, (column, _) in enumerate(columns)
        ]

    # --- finding --------------------------------------------------------------------------------------------

    def _find_entries(self, clauses: list[Clause], low: int, high: int, limit: int, until: float) -> _FoundEntries:
        if not clauses:
            seqs = list(range(high, max(low, high - limit + 1) - 1, -1))
            return _FoundEntries(seqs, seqs[-1], seqs[-1] == low)
        plan = self._choose_plan(clauses, high - low + 1, limit)
        seqs = []
        back_to = high + 1
        for start, end in planning.number_windows(low, high, plan.first, plan.largest):
            if back_to <= high and self.clock() >= until:
                return _FoundEntries(seqs, back_to, False)
            sql, parameters = self._build_statement(plan, start, end)
            sql = f"{sql} ORDER BY seq DESC LIMIT {limit - len(seqs)}"
            seqs += [row[0] for row in self._run_sql(sql, parameters)]
            back_to = start
            if len(seqs) >= limit:
                return _FoundEntries(seqs, back_to, False)
        return _FoundEntries(seqs, low, True)

    def _count_matches(self, clauses: list[Clause], low: int, high: int, density: float) -> int | None:
        """Count matches. Where the filter is only the larger of the two logs, subtract the entries of the other one."""
        rest = Clause(tuple(self._members_of_rows("action_id", self.others)))
        columns = [member.column for clause in clauses for member in clause.members]
        query = self.query
        of_log = query.log is not Log.ALL and not query.action and not query.words and columns == ["action_id"]
        if not of_log or rest.rows >= clauses[0].rows:
            return self._count_clauses(clauses, low, high, density)
        others = self._count_clauses([rest], low, high, 0.0)
        return None if others is None or others > MOST_COUNTED else high - low + 1 - others

    def _count_clauses(self, clauses: list[Clause], low: int, high: int, density: float) -> int | None:
        """Count matches up to one more than MOST_COUNTED; return None if that would take too long."""
        if not clauses:
            return high - low + 1
        if len(clauses) == 1 and len(clauses[0].members) == 1 and (low, high) == (1, self.total):
            return clauses[0].rows
        most = MOST_COUNTED + 1
        plan = self._choose_plan(clauses, high - low + 1, most, density)
        if plan.cost > COUNT_BUDGET * 1e6:
            return None
        until = self.clock() + COUNT_BUDGET
        count = 0
        for start, end in planning.number_windows(low, high, plan.first, plan.largest // 4 + 1):
            sql, parameters = self._build_statement(plan, start, end)
            count += int(self._run_sql(f"SELECT count(*) FROM ({sql} LIMIT {most - count}) n", parameters).scalar_one())
            if count >= most:
                return count
            if self.clock() >= until and start > low:
                return None
        return count

    def _choose_plan(self, clauses: list[Clause], span: int, limit: int, density: float = 0.0) -> Plan:
        return planning.choose_plan(
            clauses,
            total=self.total,
            span=span,
            limit=limit,
            actions=len(self.actions),
            costs=self.costs,
            density=density,
        )

    def _build_statement(self, plan: Plan, low: int, high: int) -> tuple[str, tuple[Any, ...]]:
        """Return the statement for the numbers from `low` to `high` that match, each once, and its parameters."""
        between = f"a.seq BETWEEN {low} AND {high}"
        filters, parameters = self._filter_conditions(plan)
        if plan.driver is None:
            not_indexed = "NOT INDEXED" if self.sqlite else ""
            return f"SELECT a.seq FROM audit a {not_indexed} WHERE {between}{filters}", parameters
        branches = []
        branch_parameters: tuple[Any, ...] = ()
        for member in plan.driver.members:
            branch_parameters += (member.ids,)
            if member.column == "service_id":
                branch_parameters += (self._id_list([row[0] for row in self.actions]),)
            branch_parameters += parameters
            branches.append(self._index_branch(member.column, between, filters))
        # UNION, because an entry may be found through more than one column.
        return (branches[0] if len(branches) == 1 else " UNION ".join(branches)), branch_parameters

    def _index_branch(self, column: str, between: str, filters: str) -> str:
        """Return the SELECT of entry numbers through a column's index; services and actions share one."""
        pairs = column == "service_id"
        where = f"a.{column} = k.value" + (" AND a.action_id = l.value" if pairs else "")
        if self.sqlite:
            keys = "json_each(?) k" + (" CROSS JOIN json_each(?) l" if pairs else "")
            return (
                f"SELECT a.seq AS seq FROM {keys} CROSS JOIN audit a INDEXED BY {_INDEX[column]} "
                f"WHERE {where} AND {between}{filters}"
            )
        keys = "unnest(%s::bigint[]) k (value)" + (" CROSS JOIN unnest(%s::bigint[]) l (value)" if pairs else "")
        # OFFSET 0 keeps the planner from turning it into a scan of the log.
        return (
            f"SELECT f.seq FROM {keys} CROSS JOIN LATERAL "
            f"(SELECT a.seq FROM audit a WHERE {where} AND {between}{filters} OFFSET 0) f"
        )

    def _filter_conditions(self, plan: Plan) -> tuple[str, tuple[Any, ...]]:
        text = ""
        parameters: tuple[Any, ...] = ()
        for members in plan.filters:
            conditions = []
            for member, probing in members:
                if probing:
                    same = f"d.id = a.{member.column} AND {member.probe}"
                    conditions.append(f"EXISTS (SELECT 1 FROM {member.dictionary} d WHERE {same})")
                    parameters += member.parameters
                else:
                    # The addition keeps both engines from using the column's index instead.
                    conditions.append(
                        f"a.{member.column} + 0 IN (SELECT value FROM json_each(?))"
                        if self.sqlite
                        else f"a.{member.column} + 0 = ANY(%s::bigint[])"
                    )
                    parameters += (member.ids,)
            text += f" AND ({' OR '.join(conditions)})"
        return text, parameters

    def _read_entries(self, seqs: list[int]) -> list[AuditEntry]:
        rows = self._run_sql(_ENTRY.format(", ".join(map(str, seqs))), ()) if seqs else []
        return [
            AuditEntry(
                **row._asdict()
                | {
                    "before": parse_value(row.before),
                    "after": parse_value(row.after),
                    "hash": bytes(row.hash).hex(),
                }
            )
            for row in rows
        ]

    # --- the two engines --------------------------------------------------------------------------------------

    @property
    def _placeholder(self) -> str:
        return "?" if self.sqlite else "%s"

    def _contains_sql(self, column: str) -> str:
        return f"instr(d.{column}, ?) > 0" if self.sqlite else f"strpos(d.{column}, %s) > 0"

    def _id_list(self, ids: list[int]) -> Any:
        return json.dumps(ids) if self.sqlite else ids

    def _run_sql(self, sql: str, parameters: tuple[Any, ...] = ()) -> Any:
        return self.connection.exec_driver_sql(sql, parameters)
