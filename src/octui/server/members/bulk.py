"""Add many people at once to an organization that has none yet, as `octui demo` does.

One by one through the stores, 5,000 agents take 18 times as long (28.6 s of processor time, at once 1.6 s): a dozen
statements for each.
"""

from collections.abc import Sequence

from sqlalchemy import insert, select

from octui.schema.agents import NewAgent
from octui.schema.audit import Action, CtiIdentity, Membership
from octui.schema.live import CTI_ROWS, agents_topic
from octui.schema.members import MemberState, NewMember
from octui.server.agents import rules as agents_rules
from octui.server.agents import store as agents_store
from octui.server.cti import store as cti_store
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.members import store
from octui.server.services import store as services_store


def add_people(
    change: Change,
    members: Sequence[NewMember],
    posts: Sequence[tuple[str, NewAgent]],
    cti: Sequence[tuple[str, str, str]],
) -> None:
    """Add members, their roles (service ID, agent) and CTI values (account, CTI ID, CTI NO), and record each.

    The values come from octui itself and are not validated; the database still refuses duplicates.
    """
    connection = change.connection
    member_rows = [store.member_columns(new.account, new.name, new.email, new.language) for new in members]
    connection.execute(insert(tables.member), member_rows)
    ids = {row.account: row.id for row in connection.execute(select(tables.member.c.account, tables.member.c.id))}
    names = {new.account: new.name for new in members}
    for account, name in names.items():
        joined = Membership(state=MemberState.ACTIVE)
        change.record(Action.MEMBER_ADDED, target_account=account, target_name=name, after=joined)
    service_ids = {code: services_store.find_service(connection, code).id for code in {code for code, _ in posts}}
    revisions = {code: change.touch(agents_topic(code)) for code in sorted(service_ids)}
    agent_rows = []
    for code, new in posts:
        rights, revision = agents_rules.initial_rights(new), revisions[code]
        keys = {"service_id": service_ids[code], "member_id": ids[new.account], "version": revision}
        agent_rows.append({**keys, **agents_store.rights_columns(rights, revision)})
        change.record(
            Action.AGENT_ADDED,
            target_account=new.account,
            target_name=names[new.account],
            service=code,
            after=rights,
        )
    connection.execute(insert(tables.agent), agent_rows)
    revision = change.touch(CTI_ROWS)
    nobody = CtiIdentity(cti_id=None, cti_no=None)
    values = {account: CtiIdentity(cti_id=cti_id, cti_no=cti_no) for account, cti_id, cti_no in cti}
    service_of = {new.account: code for code, new in reversed(posts)}
    cti_rows = [
        {
            **cti_store.row_columns(ids[account], revision),
            **values.get(account, nobody).model_dump(include={"cti_id", "cti_no"}),
        }
        for account in service_of
    ]
    connection.execute(insert(tables.cti_agent), cti_rows)
    for account, identity in values.items():
        change.record(
            Action.CTI_CHANGED,
            target_account=account,
            target_name=names[account],
            service=service_of[account],
            before=nobody,
            after=identity,
        )
