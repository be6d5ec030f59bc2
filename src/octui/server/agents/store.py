"""SQL of the agents: the members' roles and channel permissions in one service (rules.md 14–16, 23, 24)."""

from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, union, update

from octui.schema.agents import Agent, AgentChange, AgentPage, NewAgent, Role
from octui.schema.audit import Action, AgentRights
from octui.schema.common import LONGEST_ACCOUNT, Head
from octui.schema.live import CTI_ROWS, agents_topic
from octui.schema.problems import FieldCode
from octui.server.agents import rules
from octui.server.core.errors import already_exists, invalid_field, not_found, version_mismatch
from octui.server.core.topics import me_topic
from octui.server.core.validation import validate_text
from octui.server.cti import store as cti_store
from octui.server.database import listing, people_search, tables
from octui.server.database.unit_of_work import Change
from octui.server.services import store as services_store
from octui.server.services.store import ServiceRow
from octui.server.stats import store as stats_store

_a, _m, _state = tables.agent, tables.member, tables.agent_state

_COLUMNS = (*people_search.PEOPLE, _a.c.role, _a.c.ticket, _a.c.chat, _a.c.phone, _a.c.version)


def _select_agents(service: ServiceRow) -> Select[Any]:
    joined = _a.join(_m, _m.c.id == _a.c.member_id).outerjoin(
        _state, (_state.c.service_id == _a.c.service_id) & (_state.c.member_id == _a.c.member_id)
    )
    return select(*_COLUMNS, _state.c.state, _state.c.context).select_from(joined).where(_a.c.service_id == service.id)


def _agent_from_row(row: Row[Any], service: ServiceRow, now: int) -> Agent:
    values = row._asdict()
    stored = values.pop("context")
    if values.pop("state") is None:
        return Agent(**values)
    return Agent(**values, **stats_store.shown_state(stored, service.time_zone, now))


def list_agents(
    connection: Connection, code: str, now: int, *, query: str, after: str | None, changed_since: int | None, limit: int
) -> AgentPage:
    """Return a page of a service's agents by account, with their phone states at `now` (epoch ms).

    With `changed_since` it holds only those whose rights or state changed after that revision; the first page also
    names the agents removed since then.
    """
    service = services_store.find_service(connection, code)
    topic = agents_topic(code)
    statement = _select_agents(service)
    removed: list[str] = []
    if changed_since is not None:
        # Two look-ups by index are faster than one OR over all agents of the service.
        changed = union(
            select(_a.c.member_id).where(_a.c.service_id == service.id, _a.c.changed > changed_since),
            select(_state.c.member_id).where(_state.c.service_id == service.id, _state.c.changed > changed_since),
        )
        statement = statement.where(_a.c.member_id.in_(changed))
        if after is None:
            removed = listing.removed_keys(connection, topic, changed_since)
    revision = listing.topic_revision(connection, topic)
    rows, following = people_search.search_people(connection, statement, query=query, after=after, limit=limit)
    return AgentPage(
        agents=[_agent_from_row(row, service, now) for row in rows], removed=removed, revision=revision, next=following
    )


def agents_head(connection: Connection, code: str) -> Head:
    """Return the revision and the number of a service's agents."""
    service = services_store.find_service(connection, code)
    count = connection.scalar(select(func.count()).select_from(_a).where(_a.c.service_id == service.id))
    return Head(revision=listing.topic_revision(connection, agents_topic(code)), count=count or 0)


def _find_agent(connection: Connection, service: ServiceRow, account: str) -> Row[Any]:
    row = connection.execute(_select_agents(service).where(_m.c.account == account)).one_or_none()
    if row is None:
        raise not_found()
    return row


def _rights_from_row(row: Row[Any]) -> AgentRights:
    return AgentRights(role=Role(row.role), ticket=row.ticket, chat=row.chat, phone=row.phone)


def rights_columns(rights: AgentRights, revision: int) -> dict[str, Any]:
    """Return the columns of an agent's row that hold rights changed at `revision` of the list."""
    return {**rights.model_dump(mode="json", exclude={"kind"}), "changed": revision}


def add_agent(change: Change, code: str, new: NewAgent) -> Agent:
    """Give a member a role in a service, and record it. Raises 422 for a non-member, 409 for an agent."""
    service = services_store.find_service(change.connection, code)
    services_store.require_changeable(service)
    validate_text("account", new.account, LONGEST_ACCOUNT)
    member = change.connection.execute(
        # Locked, because another request may be removing this member.
        select(_m.c.id, _m.c.name).where(_m.c.account == new.account).with_for_update(read=True, key_share=True)
    ).one_or_none()
    if member is None:
        raise invalid_field(
            "account", FieldCode.UNKNOWN_VALUE, "There is no member of the organization with this account."
        )
    # Touching locks the topic's row: of two simultaneous additions the second one sees the first.
    revisions = change.touch_all([agents_topic(code), CTI_ROWS, me_topic(new.account)])
    revision = revisions[agents_topic(code)]
    existing = select(_a.c.id).where(_a.c.service_id == service.id, _a.c.member_id == member.id)
    if change.connection.scalar(existing) is not None:
        raise already_exists("account", "This member has a role in the service already.")
    rights = rules.initial_rights(new)
    change.connection.execute(
        insert(_a).values(
            service_id=service.id,
            member_id=member.id,
            version=revision,
            **rights_columns(rights, revision),
        )
    )
    listing.clear_removal(change, agents_topic(code), new.account)
    cti_store.ensure_row(change, member.id, new.account, revisions[CTI_ROWS])
    change.record(
        Action.AGENT_ADDED,
        target_account=new.account,
        target_name=member.name,
        service=code,
        after=rights,
    )
    return _agent_from_row(_find_agent(change.connection, service, new.account), service, change.now)


def _lock_agent(change: Change, service: ServiceRow, account: str, version: int) -> Row[Any]:
    """Return the agent, locked until the transaction ends. Raises 404, and 412 unless `version` is theirs."""
    change.connection.execute(
        select(_a.c.id)
        .where(_a.c.service_id == service.id, _a.c.member_id.in_(select(_m.c.id).where(_m.c.account == account)))
        .with_for_update()
    )
    row = _find_agent(change.connection, service, account)
    if row.version != version:
        raise version_mismatch("The agent was changed meanwhile.", _agent_from_row(row, service, change.now))
    return row


def change_agent(change: Change, code: str, account: str, edit: AgentChange, version: int) -> Agent:
    """Change an agent's role or permissions, based on `version`, and record it in the log with before and after."""
    service = services_store.find_service(change.connection, code)
    services_store.require_changeable(service)
    row = _lock_agent(change, service, account, version)
    before = _rights_from_row(row)
    after = rules.changed_rights(before, edit)
    if after == before:
        return _agent_from_row(row, service, change.now)
    revision = change.touch_all([agents_topic(code), me_topic(account)])[agents_topic(code)]
    change.connection.execute(
        update(_a)
        .where(_a.c.service_id == service.id, _a.c.member_id == row.id)
        .values(version=max(revision, row.version + 1), **rights_columns(after, revision))
    )
    change.record(
        Action.AGENT_ROLE_CHANGED if after.role is not before.role else Action.AGENT_PERMISSIONS_CHANGED,
        target_account=account,
        target_name=row.name,
        service=code,
        before=before,
        after=after,
    )
    return _agent_from_row(_find_agent(change.connection, service, account), service, change.now)


def remove_agent(change: Change, code: str, account: str, version: int) -> None:
    """Take an agent's role away, based on `version`, and record it.

    With the member's last role, their CTI ID and CTI NO become free.
    """
    service = services_store.find_service(change.connection, code)
    row = _lock_agent(change, service, account, version)
    stats_store.log_out(change, service.id, row.id, account)
    revisions = change.touch_all([agents_topic(code), CTI_ROWS, me_topic(account)])
    change.connection.execute(delete(_a).where(_a.c.service_id == service.id, _a.c.member_id == row.id))
    listing.record_removal(change, agents_topic(code), account, revisions[agents_topic(code)])
    change.record(
        Action.AGENT_REMOVED,
        target_account=account,
        target_name=row.name,
        service=code,
        before=_rights_from_row(row),
    )
    still_agent = change.connection.scalar(select(_a.c.id).where(_a.c.member_id == row.id).limit(1)) is not None
    cti_store.release_row(change, row.id, account, row.name, code, revisions[CTI_ROWS], still_agent=still_agent)


def remove_all_agents(change: Change, code: str) -> None:
    """Remove every agent of a service that is about to be deleted."""
    service = services_store.find_service(change.connection, code)
    for row in change.connection.execute(_select_agents(service).order_by(_m.c.account)).all():
        remove_agent(change, code, row.account, row.version)
