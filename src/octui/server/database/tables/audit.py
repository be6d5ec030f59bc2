"""The permission-change log."""

from sqlalchemy import Column, Index, Integer, LargeBinary, UniqueConstraint, text

from octui.server.database.tables.base import BIG, KEY, MS, Text, key, table

# A person as named then: a renamed person gets a second row.
audit_person = table(
    "audit_person",
    key(),
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("folded_account", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("choseong", Text, nullable=False),
    Column("actor_rows", BIG, nullable=False, server_default=text("0")),  # entries, for the planner of the search
    Column("target_rows", BIG, nullable=False, server_default=text("0")),
    UniqueConstraint("account", "name"),
)

audit_ip = table(
    "audit_ip",
    key(),
    Column("ip", Text, nullable=False, unique=True),
    Column("packed", LargeBinary, nullable=False, index=True),  # 16 bytes big-endian, IPv4 mapped; empty: no address
    Column("rows", BIG, nullable=False, server_default=text("0")),
)

audit_service = table(
    "audit_service",
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("rows", BIG, nullable=False, server_default=text("0")),
)

audit_action = table(
    "audit_action",
    key(),
    Column("action", Text, nullable=False, unique=True),
    Column("rows", BIG, nullable=False, server_default=text("0")),
)

audit = table(
    "audit",
    Column("seq", KEY, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap; `at` follows it
    Column("at", MS, nullable=False),
    Column("actor_id", KEY, nullable=False),
    Column("target_id", KEY, nullable=False),
    Column("action_id", KEY, nullable=False),
    Column("service_id", KEY, nullable=False),
    Column("ip_id", KEY, nullable=False),
    Column("via", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index(None, "at"),
    # Service and action are carried along, so that these filters need no look at the entries themselves.
    Index(None, "actor_id", "seq", "service_id", "action_id"),
    Index(None, "target_id", "seq", "service_id", "action_id"),
    Index(None, "ip_id", "seq", "service_id", "action_id"),
    Index(None, "action_id", "seq"),
    Index(None, "service_id", "action_id", "seq"),
)

audit_head = table(
    "audit_head",
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1; locked last in a transaction
    Column("seq", BIG, nullable=False),
    Column("at", MS, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
