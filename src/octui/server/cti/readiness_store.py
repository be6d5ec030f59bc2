"""SQL of readiness: which agents of a service can log in to CTI, and what the others need first (rules.md 23)."""

from sqlalchemy import Connection, select

from octui.schema.cti import Readiness, ReadinessPage
from octui.schema.items import ServiceState
from octui.server.cti import readiness_rules as rules
from octui.server.cti import settings_store
from octui.server.cti.readiness_rules import Facts
from octui.server.database import people_search, tables
from octui.server.services import store as services_store

_a, _m, _c = tables.agent, tables.member, tables.cti_agent


def list_readiness(connection: Connection, code: str, *, query: str, after: str | None, limit: int) -> ReadinessPage:
    """Return a page of a service's agents by account, filtered by name, account or e-mail. Raises 403 without phone."""
    service = services_store.find_phone_service(connection, code)
    contract = service.state is ServiceState.IN_USE
    settings = settings_store.is_complete(connection)
    statement = (
        select(*people_search.PEOPLE, _a.c.phone, _c.c.cti_id, _c.c.cti_no)
        .select_from(_a.join(_m, _m.c.id == _a.c.member_id).outerjoin(_c, _c.c.member_id == _a.c.member_id))
        .where(_a.c.service_id == service.id)
    )
    rows, following = people_search.search_people(connection, statement, query=query, after=after, limit=limit)
    agents = []
    for row in rows:
        facts = Facts(contract, settings, row.phone, row.cti_id is not None, row.cti_no is not None)
        agents.append(
            Readiness(
                account=row.account, name=row.name, met=rules.met_steps(facts), unmet=rules.first_unmet_step(facts)
            )
        )
    return ReadinessPage(agents=agents, next=following)
