"""The tables, the same on SQLite and PostgreSQL. Times are epoch milliseconds UTC, days are YYYYMMDD integers."""

from octui.server.database.tables.agents import agent, cti_agent, cti_settings
from octui.server.database.tables.audit import audit, audit_action, audit_head, audit_ip, audit_person, audit_service
from octui.server.database.tables.base import Flag, Text, metadata
from octui.server.database.tables.charges import closed_charge, closed_month, discount, rate
from octui.server.database.tables.contracts import (
    contract_item,
    contract_version,
    service,
    service_banner,
    service_language,
)
from octui.server.database.tables.events import (
    agent_day,
    agent_state,
    cti_log_day,
    cti_log_floor,
    event,
    figure,
    interval,
    source,
    steady_clock,
    ticket,
)
from octui.server.database.tables.live import idempotency, removal, revision
from octui.server.database.tables.people import (
    attempt,
    invitation,
    mail,
    member,
    organization,
    organization_admin,
    organization_key,
    password,
    token,
)

__all__ = [
    "Flag",
    "Text",
    "agent",
    "agent_day",
    "agent_state",
    "attempt",
    "audit",
    "audit_action",
    "audit_head",
    "audit_ip",
    "audit_person",
    "audit_service",
    "closed_charge",
    "closed_month",
    "contract_item",
    "contract_version",
    "cti_agent",
    "cti_log_day",
    "cti_log_floor",
    "cti_settings",
    "discount",
    "event",
    "figure",
    "idempotency",
    "interval",
    "invitation",
    "mail",
    "member",
    "metadata",
    "organization",
    "organization_admin",
    "organization_key",
    "password",
    "rate",
    "removal",
    "revision",
    "service",
    "service_banner",
    "service_language",
    "source",
    "steady_clock",
    "ticket",
    "token",
]
