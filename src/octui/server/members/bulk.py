"""A centre's people all at once, into an organization without any: what `octui demo` starts from."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from octui.schema.agents import NewAgent
from octui.schema.audit import Action, CtiIdentity, Membership
from octui.schema.live import CTI_ROWS, agents_topic
from octui.schema.members import MemberState, NewMember
from octui.server.agents import rules as agents_rules
from octui.server.database import tables
from octui.server.database.store import Change
from octui.server.services import store as services_store
from octui.text.choseong import choseong, fold_case


def add_people(
    change: Change,
    members: Sequence[NewMember],
    posts: Sequence[tuple[str, NewAgent]],
    cti: Sequence[tuple[str, str, str]],
) -> None:
    """Members, their roles (service ID, what), and (account, CTI ID, CTI NO), every one of them recorded.

    The names come from octui itself and are not judged again; the database still refuses what is not unique.
    """
    connection = change.connection
    connection.execute(
        insert(tables.member),
        [
            {
                "account": one.account,
                "name": one.name,
                "email": one.email,
                "language": one.language,
                "folded": fold_case(one.name),
                "choseong": choseong(one.name),
            }
            for one in members
        ],
    )
    ids = {row.account: row.id for row in connection.execute(select(tables.member.c.account, tables.member.c.id))}
    names = {one.account: one.name for one in members}
    for one in members:
        change.record(
            Action.MEMBER_ADDED,
            target_account=one.account,
            target_name=one.name,
            after=Membership(state=MemberState.ACTIVE),
        )
    services = {code: services_store.find_service(connection, code) for code in {code for code, _ in posts}}
    revisions = {code: change.touch(agents_topic(code)) for code in sorted(services)}
    connection.execute(
        insert(tables.agent),
        [
            {
                "service_id": services[code].id,
                "member_id": ids[new.account],
                "role": new.role.value,
                "ticket": agents_rules.initial_rights(new).ticket,
                "chat": new.chat,
                "phone": new.phone,
                "version": revisions[code],
                "changed": revisions[code],
            }
            for code, new in posts
        ],
    )
    for code, new in posts:
        change.record(
            Action.AGENT_ADDED,
            target_account=new.account,
            target_name=names[new.account],
            service=code,
            after=agents_rules.initial_rights(new),
        )
    revision = change.touch(CTI_ROWS)
    given = {account: (cti_id, cti_no) for account, cti_id, cti_no in cti}
    service_of = {new.account: code for code, new in reversed(posts)}
    connection.execute(
        insert(tables.cti_agent),
        [
            {
                "member_id": ids[account],
                "cti_id": given.get(account, (None, None))[0],
                "cti_no": given.get(account, (None, None))[1],
                "version": revision,
                "cti_id_version": revision,
                "cti_no_version": revision,
                "changed": revision,
            }
            for account in service_of
        ],
    )
    for account, (cti_id, cti_no) in given.items():
        change.record(
            Action.CTI_CHANGED,
            target_account=account,
            target_name=names[account],
            service=service_of[account],
            before=CtiIdentity(cti_id=None, cti_no=None),
            after=CtiIdentity(cti_id=cti_id, cti_no=cti_no),
        )
