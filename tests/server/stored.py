"""Services for streams of events, and what is stored of an agent, as rows that can be compared."""

from typing import Any

from sqlalchemy import Connection, insert, select

from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.text.pbx_names import fold_name
from server.comparison import Row, figures_from
from server.streams import AGENTS

NAMES = {  # each agent under several names (rules.md 36): account, CTI ID, CTI NO, PBX name, and within a channel
    "kim": ("kim", "1001", "501", "Kim Minsu", "Agent/1001", "Local/1001@from-queue/n"),
    "lee": ("lee", "1002", "502", "이 영희", "SIP/1002", "PJSIP/502"),
}


def add_service(zone: str, change: Change) -> tuple[str, int, dict[str, int]]:
    """Add a service for one example."""
    run = change.connection.execute
    count = len(run(select(tables.service.c.id)).all())
    code = "x" + "".join("abcdefghij"[int(digit)] for digit in str(count))
    service = run(
        insert(tables.service)
        .values(code=code, name=code, type="consultation", language="ko", time_zone=zone)
        .returning(tables.service.c.id)
    ).scalar_one()
    members = {}
    for account in AGENTS:
        found = run(select(tables.member.c.id).where(tables.member.c.account == account)).scalar()
        if found is None:
            found = run(
                insert(tables.member)
                .values(account=account, name=account, email="a@b", folded=account, choseong=account)
                .returning(tables.member.c.id)
            ).scalar_one()
            _, cti_id, cti_no, name, *_ = NAMES[account]
            row = {"member_id": found, "cti_id": cti_id, "cti_no": cti_no, "version": 1, "changed": 0}
            run(insert(tables.cti_agent).values(**row))
            run(insert(tables.pbx_name).values(folded=fold_name(name), name=name, member_id=found))
        members[account] = found
        rights = {"role": "ROLE_FRONT_AGENT", "ticket": True, "chat": True, "phone": True, "version": 1, "changed": 0}
        run(insert(tables.agent).values(service_id=service, member_id=found, **rights))
    return code, service, members


def stored_rows(service: int, member: int, connection: Connection) -> list[Row]:
    """Return the stored intervals, after checking that the figures are their sums."""
    of, fig = tables.interval.c, tables.figure.c
    found = connection.execute(
        select(of.day, of.channel, of.state, of.start, of.end, of.counted)
        .where(of.service_id == service, of.member_id == member)
        .order_by(of.start, of.end, of.channel, of.id)
    ).all()
    rows = [Row(*each) for each in found]
    figures = connection.execute(
        select(fig.day, fig.channel, fig.state, fig.count, fig.ms).where(
            fig.service_id == service, fig.member_id == member
        )
    ).all()
    sums = {(day, channel, state): (count, ms) for day, channel, state, count, ms in figures}
    assert sums == figures_from(rows)
    return rows


def stored_timeline(service: int, member: int, connection: Connection) -> tuple[Any, ...]:
    """Return intervals, and what is running."""
    of = tables.agent_state.c
    running = connection.execute(
        select(of.state, of.since).where(of.service_id == service, of.member_id == member)
    ).first()
    return sorted(stored_rows(service, member, connection), key=repr), running and tuple(running)
