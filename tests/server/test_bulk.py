"""Adding many people at once gives the same rows and log as adding them one by one, on both engines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from octui.schema.contracts import NewService
from octui.schema.cti import Column, CtiBatch, CtiEdit
from octui.schema.live import CTI_ROWS, agents_topic
from octui.server.agents import store as agents_store
from octui.server.audit.verification import verify_chain
from octui.server.contracts import store as contracts_store
from octui.server.cti import store as cti_store
from octui.server.database import tables
from octui.server.database.engine import open_store
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.members import store as members_store
from octui.server.members.bulk import add_people
from octui.server.organization import store as organization_store
from octui.sim.center import Center, build_center
from server.conftest import OPERATOR, Clock
from server.test_people import log_lines


def create_center(change: Change, center: Center) -> None:
    organization_store.create_organization(change, center.organization)
    for code in sorted({post.service for post in center.posts}):
        contracts_store.add_service(change, NewService(id=code, name=code, phone=code != "shop"))


def add_at_once(change: Change, center: Center) -> None:
    add_people(change, center.members, [(post.service, post.agent) for post in center.posts], center.cti)


def add_one_by_one(change: Change, center: Center) -> None:
    for member in center.members:
        members_store.add_member(change, member)
    for post in center.posts:
        agents_store.add_agent(change, post.service, post.agent)
    service_of = {post.agent.account: post.service for post in reversed(center.posts)}
    for account, cti_id, cti_no in center.cti:
        version = next(
            one.version
            for one in cti_store.list_agents(
                change.connection, "cs", query=account, after=None, changed_since=None, limit=1000
            ).agents
            if one.account == account
        )
        edit = CtiEdit(account=account, version=version, set={Column.CTI_ID: cti_id, Column.CTI_NO: cti_no})
        assert cti_store.save_batch(change, service_of[account], CtiBatch(edits=[edit])).saved == 2


def rows(connection: Connection) -> list[list[tuple[Any, ...]]]:
    """Return people, their rights and CTI IDs, without revisions, which depend on the number of writes."""
    m, a, s, c = tables.member, tables.agent, tables.service, tables.cti_agent
    people = select(m.c.account, m.c.name, m.c.email, m.c.language, m.c.folded, m.c.choseong, m.c.version)
    rights = select(s.c.code, m.c.account, a.c.role, a.c.ticket, a.c.chat, a.c.phone)
    rights = rights.select_from(a.join(s, s.c.id == a.c.service_id).join(m, m.c.id == a.c.member_id))
    given = select(m.c.account, c.c.cti_id, c.c.cti_no).select_from(c.join(m, m.c.id == c.c.member_id))
    return [sorted(tuple(row) for row in connection.execute(wanted)) for wanted in (people, rights, given)]


def log_entries(store: Store, center: Center, way: Callable[[Change, Center], None]) -> Any:
    def write(change: Change) -> None:
        create_center(change, center)
        way(change, center)

    store.write(write, OPERATOR)
    # The first entry has the organization's code, which is drawn by lot.
    return store.read(rows), log_lines(store)[1:]


def test_people_added_at_once_have_the_same_rows_and_log(store: Store, clock: Clock, tmp_path: Path) -> None:
    center = build_center(60, seed=7)
    other = open_store(f"sqlite:///{tmp_path}/other.db", clock=clock)
    try:
        expected = log_entries(other, center, add_one_by_one)
    finally:
        other.close()
    assert log_entries(store, center, add_at_once) == expected
    outcome = store.read(verify_chain)
    assert outcome.ok
    assert outcome.entries == len(expected[1]) + 1 > 150


def test_people_added_at_once_touch_topics_and_show_as_changed(store: Store) -> None:
    center = build_center(20)
    store.write(lambda change: create_center(change, center), OPERATOR)
    topics = [agents_topic("cs"), CTI_ROWS]
    before = store.revisions(topics)
    woken: dict[str, int] = {}
    store.on_commit(woken.update)
    store.write(lambda change: add_at_once(change, center), OPERATOR)
    after = store.revisions(topics)
    assert all(after[topic] > before[topic] for topic in topics)
    assert {topic: woken[topic] for topic in topics} == after

    def changed(connection: Connection) -> int:
        found = cti_store.list_agents(
            connection, "cs", query="", after=None, changed_since=before[CTI_ROWS], limit=1000
        )
        return len(found.agents)

    assert store.read(changed) == len({post.agent.account for post in center.posts})


def test_a_taken_account_refuses_all_people(store: Store) -> None:
    center = build_center(20)
    store.write(lambda change: create_center(change, center), OPERATOR)
    before = log_lines(store)
    center.cti[3] = (center.cti[3][0], center.cti[4][1], "unlike")
    with pytest.raises(IntegrityError):
        store.write(lambda change: add_at_once(change, center), OPERATOR)
    assert log_lines(store) == before
    people, rights, _ = store.read(rows)
    assert [row[0] for row in people] == [center.organization.admin_account]
    assert rights == []
