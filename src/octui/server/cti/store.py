"""SQL of the CTI agents: CTI ID, CTI NO and PBX names of every agent of the organization (rules.md 19, 22, 36)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from octui.schema.audit import Action, CtiIdentity
from octui.schema.common import Head
from octui.schema.cti import Column, CtiAgent, CtiAgentPage, CtiBatch, CtiBatchResult
from octui.schema.live import CTI_ROWS
from octui.server.cti import rules
from octui.server.database import listing, people_search, tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.unit_of_work import Change
from octui.server.events.alias_store import forget_matched_names
from octui.server.services import store as services_store
from octui.text.pbx_names import fold_name, join_names, split_names

_c, _m, _a, _s, _n = tables.cti_agent, tables.member, tables.agent, tables.service, tables.pbx_name

NewValues = dict[str, dict[Column, str | None]]
"""New values of the cells to save, by account."""

_JOINED = _c.join(_m, _m.c.id == _c.c.member_id)


def _services_by_member(connection: Connection, member_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the service IDs of each member's roles, in order."""
    services: dict[int, list[str]] = {}
    statement = "SELECT a.member_id, s.code FROM agent a JOIN service s ON s.id = a.service_id WHERE a.member_id "
    for member_id, code in _run_with_list(connection, statement + "{among} ORDER BY a.member_id, s.code", member_ids):
        services.setdefault(member_id, []).append(code)
    return services


def _names_by_member(connection: Connection, member_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return each member's PBX names, in order."""
    names: dict[int, list[str]] = {}
    statement = "SELECT n.member_id, n.name FROM pbx_name n WHERE n.member_id {among} ORDER BY n.member_id, n.folded"
    for member_id, name in _run_with_list(connection, statement, member_ids):
        names.setdefault(member_id, []).append(name)
    return names


def _run_with_list(connection: Connection, statement: str, values: Iterable[Any], kind: str = "bigint") -> Any:
    """Run a statement in which `{among}` stands for a list of values of any length."""
    items = list(values)
    if connection.dialect.name == "sqlite":
        among = "IN (SELECT value FROM json_each(?))"
        return connection.exec_driver_sql(statement.format(among=among), (json.dumps(items),))
    return connection.exec_driver_sql(statement.format(among=f"= ANY(%s::{kind}[])"), (items,))


def list_agents(
    connection: Connection, code: str, *, query: str, after: str | None, changed_since: int | None, limit: int
) -> CtiAgentPage:
    """Return a page of all agents of the organization by account. Raises 403 unless the service has phone.

    `query` matches part of name, account, e-mail, CTI ID, CTI NO, PBX names or service. With `changed_since` the page
    holds only rows changed after that revision; the first page also names the accounts removed since then.
    """
    services_store.find_phone_service(connection, code)
    statement = select(*people_search.PEOPLE, _c.c.cti_id, _c.c.cti_no, _c.c.version).select_from(_JOINED)
    removed: list[str] = []
    if changed_since is not None:
        statement = statement.where(_c.c.changed > changed_since)
        if after is None:
            removed = listing.removed_keys(connection, CTI_ROWS, changed_since)
    revision = listing.topic_revision(connection, CTI_ROWS)
    searched_columns = (func.coalesce(_c.c.cti_id, ""), func.coalesce(_c.c.cti_no, ""))
    rows, next_page = people_search.search_people(
        connection, statement, query=query, after=after, limit=limit, others=searched_columns, wider=_in_name_or_service
    )
    ids = [row.id for row in rows]
    services, names = _services_by_member(connection, ids), _names_by_member(connection, ids)
    agents = [
        CtiAgent(**row._asdict(), pbx_names=names.get(row.id, []), services=services.get(row.id, [])) for row in rows
    ]
    return CtiAgentPage(agents=agents, removed=removed, revision=revision, next=next_page)


def _in_name_or_service(dialect: str, part: str) -> ColumnElement[bool]:
    is_match = or_(
        *(people_search.contains_text(dialect, func.lower(column), part) for column in (_s.c.code, _s.c.name))
    )
    in_name = people_search.contains_text(dialect, _n.c.folded, part)
    return or_(
        _c.c.member_id.in_(select(_a.c.member_id).join(_s, _s.c.id == _a.c.service_id).where(is_match)),
        _c.c.member_id.in_(select(_n.c.member_id).where(in_name)),
    )


def table_head(connection: Connection, code: str) -> Head:
    """Return the revision of the table and its number of rows. Raises 403 without phone."""
    services_store.find_phone_service(connection, code)
    count = connection.scalar(select(func.count()).select_from(_c))
    return Head(revision=listing.topic_revision(connection, CTI_ROWS), count=count or 0)


def ensure_row(change: Change, member_id: int, account: str, revision: int) -> None:
    """Add the CTI row of a member who was given a role, or mark it as changed."""
    touched = change.connection.execute(update(_c).where(_c.c.member_id == member_id).values(changed=revision))
    if not touched.rowcount:
        change.connection.execute(insert(_c).values(**row_columns(member_id, revision)))
        listing.clear_removal(change, CTI_ROWS, account)


def row_columns(member_id: int, revision: int) -> dict[str, int]:
    """Return a new row without values, added at `revision` of the table.

    Its version begins there, so that it never accepts an edit of a row that the member had earlier.
    """
    cells = (f"{column.value}_version" for column in Column)
    versions = dict.fromkeys(("version", *cells, "changed"), revision)
    return {"member_id": member_id, **versions}


def release_row(
    change: Change, member_id: int, account: str, name: str, service: str, revision: int, *, still_agent: bool
) -> None:
    """Delete the CTI row of a member who lost their last role, and record which values became free.

    With `still_agent` the member has another role: the row stays and is marked as changed.
    """
    if still_agent:
        change.connection.execute(update(_c).where(_c.c.member_id == member_id).values(changed=revision))
        return
    row = change.connection.execute(select(_c.c.cti_id, _c.c.cti_no).where(_c.c.member_id == member_id)).one_or_none()
    names = _names_by_member(change.connection, [member_id]).get(member_id, [])
    change.connection.execute(delete(_n).where(_n.c.member_id == member_id))
    change.connection.execute(delete(_c).where(_c.c.member_id == member_id))
    listing.record_removal(change, CTI_ROWS, account, revision)
    if row is not None and (row.cti_id is not None or row.cti_no is not None or names):
        change.record(
            Action.CTI_CHANGED,
            target_account=account,
            target_name=name,
            service=service,
            before=CtiIdentity(cti_id=row.cti_id, cti_no=row.cti_no, pbx_names=names),
            after=CtiIdentity(cti_id=None, cti_no=None),
        )


_NAMED = (
    "SELECT m.account, m.name, m.email, c.member_id, c.cti_id, c.cti_no, c.version, c.cti_id_version, "
    "c.cti_no_version, c.pbx_names_version FROM member m JOIN cti_agent c ON c.member_id = m.id WHERE m.account {among}"
)
_HOLDERS = {
    column: f"SELECT c.{column}, m.account FROM cti_agent c JOIN member m ON m.id = c.member_id WHERE c.{column} "
    "{among}"
    for column in (Column.CTI_ID, Column.CTI_NO)
}
_NAME_HOLDERS = "SELECT n.{column}, m.account FROM pbx_name n JOIN member m ON m.id = n.member_id WHERE n.{column} "


def _find_holders(connection: Connection, claimed: dict[Column, set[str]]) -> dict[rules.Claim, str]:
    """Return the account of the agent who holds each of these values now, where there is one."""
    holders: dict[rules.Claim, str] = {}
    for column, texts in claimed.items():
        if not texts:
            continue
        by_name = _NAME_HOLDERS.format(column="folded" if column is Column.PBX_NAMES else "name") + "{among}"
        for statement in (_HOLDERS[column], by_name) if column in _HOLDERS else (by_name,):
            for text, account in _run_with_list(connection, statement, sorted(texts), "text"):
                holders[column, text] = account
    return holders


class _JudgedBatch:
    """A validated batch of edits, with the rows that it names and the present holders of its values."""

    def __init__(self, connection: Connection, batch: CtiBatch) -> None:
        self._connection = connection
        accounts = {edit.account for edit in batch.edits if "\0" not in edit.account}
        self.rows = {row.account: row for row in _run_with_list(connection, _NAMED, sorted(accounts), "text")}
        names = _names_by_member(connection, [row.member_id for row in self.rows.values()])
        self.values: dict[str, dict[Column, str | None]] = {
            account: {
                Column.CTI_ID: row.cti_id,
                Column.CTI_NO: row.cti_no,
                Column.PBX_NAMES: join_names(names.get(row.member_id, ())) or None,
            }
            for account, row in self.rows.items()
        }
        holders = _find_holders(connection, rules.sent_claims(batch.edits))
        rows = {
            account: rules.Row(
                self.values[account], {column: getattr(row, f"{column.value}_version") for column in Column}
            )
            for account, row in self.rows.items()
        }
        self.judgement = rules.judge_batch(batch.edits, rows, holders, all_or_nothing=batch.all_or_nothing)

    def batch_result(self, saved: int, new: NewValues, revision: int) -> CtiBatchResult:
        """Return the verdicts, and the rows as they are after saving the batch."""
        services = _services_by_member(self._connection, [row.member_id for row in self.rows.values()])
        agents = [
            CtiAgent(
                account=account,
                name=row.name,
                email=row.email,
                services=services.get(row.member_id, []),
                version=_next_version(row, revision) if account in new else row.version,
                **_identity(self.values[account] | new.get(account, {})).model_dump(exclude={"kind"}),
            )
            for account, row in sorted(self.rows.items())
        ]
        return CtiBatchResult(saved=saved, verdicts=self.judgement.verdicts, agents=agents, revision=revision)


def _identity(values: dict[Column, str | None]) -> CtiIdentity:
    return CtiIdentity(
        cti_id=values[Column.CTI_ID],
        cti_no=values[Column.CTI_NO],
        pbx_names=list(split_names(values[Column.PBX_NAMES] or "")),
    )


def try_batch(connection: Connection, code: str, batch: CtiBatch) -> CtiBatchResult:
    """Judge a batch without saving: `saved` is 0, and the verdicts say what would be saved."""
    services_store.require_changeable(services_store.find_phone_service(connection, code))
    return _JudgedBatch(connection, batch).batch_result(0, {}, listing.topic_revision(connection, CTI_ROWS))


def save_batch(change: Change, code: str, batch: CtiBatch) -> CtiBatchResult:
    """Judge a batch as a whole, save its good cells in this transaction and record each changed agent in the log.

    `saved` counts cells. Raises 403 without phone, and 409 from a terminated service.
    """
    services_store.require_changeable(services_store.find_phone_service(change.connection, code))
    lock_until_commit(change, CTI_ROWS)
    table = _JudgedBatch(change.connection, batch)
    new_values: NewValues = {}
    for (account, column), value in table.judgement.save.items():
        new_values.setdefault(account, {})[column] = value
    if not new_values:
        return table.batch_result(0, {}, listing.topic_revision(change.connection, CTI_ROWS))
    revision = change.touch(CTI_ROWS)
    for column in Column:
        cells = [(table.rows[account], cell[column]) for account, cell in new_values.items() if column in cell]
        if cells and column is Column.PBX_NAMES:
            _write_names(change.connection, cells, revision)
        elif cells:
            _write_column(change.connection, column, cells, revision)
    forget_matched_names(change.connection)
    for account, cells_of in sorted(new_values.items()):
        change.record(
            Action.CTI_CHANGED,
            target_account=account,
            target_name=table.rows[account].name,
            service=code,
            before=_identity(table.values[account]),
            after=_identity(table.values[account] | cells_of),
        )
    return table.batch_result(len(table.judgement.save), new_values, revision)


def _next_version(row: Any, revision: int) -> int:
    """Return the version of a row that changes at `revision` of the table."""
    return max(revision, int(row.version) + 1)


def _write_column(connection: Connection, column: Column, cells: list[tuple[Any, str | None]], revision: int) -> None:
    """Write new values of one column for several agents; clear them first, so that two can be swapped."""
    name = column.value
    cleared = sorted((row.member_id, _next_version(row, revision)) for row, _ in cells)
    assigned = sorted((row.member_id, value) for row, value in cells if value is not None)
    if connection.dialect.name == "sqlite":
        clear = f"UPDATE cti_agent SET {name} = NULL, version = ?, {name}_version = ?, changed = ? WHERE member_id = ?"
        connection.exec_driver_sql(clear, [(version, version, revision, member_id) for member_id, version in cleared])
        if assigned:
            assign = f"UPDATE cti_agent SET {name} = ? WHERE member_id = ?"
            connection.exec_driver_sql(assign, [(value, member_id) for member_id, value in assigned])
        return
    source = "FROM unnest(%s::bigint[], %s::{kind}[]) AS n (id, value) WHERE c.member_id = n.id"
    clear = f"SET {name} = NULL, version = n.value, {name}_version = n.value, changed = {revision:d} "
    for work, kind, rows in ((clear, "bigint", cleared), (f"SET {name} = n.value ", "text", assigned)):
        if rows:
            lists = ([row[0] for row in rows], [row[1] for row in rows])
            connection.exec_driver_sql("UPDATE cti_agent AS c " + work + source.format(kind=kind), lists)


def _write_names(connection: Connection, cells: list[tuple[Any, str | None]], revision: int) -> None:
    """Replace the PBX names of these members. Deletes first, since a name may move from one to another."""
    columns = ("version", "pbx_names_version", "changed")
    new = [(_next_version(row, revision), _next_version(row, revision), revision, row.member_id) for row, _ in cells]
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    assignments = ", ".join(f"{column} = {mark}" for column in columns)
    connection.exec_driver_sql(f"UPDATE cti_agent SET {assignments} WHERE member_id = {mark}", new)
    _run_with_list(connection, "DELETE FROM pbx_name WHERE member_id {among}", [row.member_id for row, _ in cells])
    rows = [
        {"folded": fold_name(name), "name": name, "member_id": row.member_id}
        for row, value in cells
        for name in split_names(value or "")
    ]
    if rows:
        connection.execute(insert(_n), rows)
