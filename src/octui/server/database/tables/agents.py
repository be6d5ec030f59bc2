"""Agents of services, and their CTI settings."""

from sqlalchemy import Column, ForeignKey, Index, Integer, UniqueConstraint, text

from octui.server.database.tables.base import BIG, KEY, Flag, Text, key, table

agent = table(
    "agent",
    key(),
    Column("service_id", KEY, ForeignKey("service.id"), nullable=False),
    Column("member_id", KEY, ForeignKey("member.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("ticket", Flag, nullable=False),
    Column("chat", Flag, nullable=False),
    Column("phone", Flag, nullable=False),
    Column("version", BIG, nullable=False),  # for If-Match
    Column("changed", BIG, nullable=False),  # revision of agents_topic(service) at the last change
    UniqueConstraint("service_id", "member_id"),
    Index(None, "member_id"),
    Index(None, "service_id", "changed"),
)

cti_settings = table(
    "cti_settings",
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("cti_version", Text),
    Column("tenant_id", Text, nullable=False, server_default=""),
    Column("tenant_name", Text, nullable=False, server_default=""),
    Column("monitoring", Flag, nullable=False),
    Column("retention_years", Integer, nullable=False, server_default=text("2")),  # of the CTI log
    Column("version", BIG, nullable=False, server_default=text("1")),
)

# One row for every member who is an agent somewhere; unique among agents, compared case-sensitively (rules.md 22).
cti_agent = table(
    "cti_agent",
    Column("member_id", KEY, ForeignKey("member.id"), primary_key=True, autoincrement=False),
    Column("cti_id", Text, unique=True),
    Column("cti_no", Text, unique=True),
    Column("version", BIG, nullable=False),
    Column("cti_id_version", BIG, nullable=False, server_default=text("0")),  # the version that changed the cell last
    Column("cti_no_version", BIG, nullable=False, server_default=text("0")),
    Column("changed", BIG, nullable=False, index=True),  # revision of CTI_ROWS at the last change
    Column("pbx_names_version", BIG, nullable=False, server_default=text("0")),
)

# Further names under which a PBX knows an agent, such as a queue member's name (rules.md 36).
pbx_name = table(
    "pbx_name",
    Column("folded", Text, primary_key=True),  # as it is compared: NFC, casefolded
    Column("name", Text, nullable=False, index=True),  # as it was typed
    Column("member_id", KEY, ForeignKey("member.id"), nullable=False, index=True),
    natural_key=True,
)
