"""The tables, the same on SQLite and PostgreSQL. Times are epoch milliseconds UTC, days are YYYYMMDD integers."""

from typing import Any

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Flag(TypeDecorator[bool]):
    """True or false: BOOLEAN on PostgreSQL, 0 or 1 in an INTEGER column of a STRICT table."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


# STRICT tables know INTEGER (64 bits) alone, and number a key by themselves only when it is spelled so.
_BIG: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
_KEY = _BIG
_MS = _BIG

# By code point on both engines, whatever the language of the PostgreSQL database: keys page in the same order.
Text: TypeEngine[str] = sqlalchemy.Text().with_variant(sqlalchemy.Text(collation="C"), "postgresql")


def _key() -> Column[int]:
    return Column("id", _KEY, primary_key=True, autoincrement=True)


def _table(name: str, *parts: Any, natural_key: bool = False, never_reused: bool = False) -> Table:
    """A STRICT table on SQLite; `natural_key` keeps the rows in the order of the primary key, `never_reused` gives no
    key to a second row (PostgreSQL never does)."""
    return Table(
        name,
        metadata,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=not natural_key,
        sqlite_autoincrement=never_reused,
    )


# --- organization, members, services ---------------------------------------------------------------------------
organization = _table(
    "organization",
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: one organization a database
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("owner_account", Text, nullable=False),  # the person an embedded service speaks for when nobody is named
)

member = _table(
    "member",
    _key(),
    Column("account", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("nickname", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default="ko"),
    Column("folded", Text, nullable=False),  # NFC, casefolded name, for look-ups by part
    Column("choseong", Text, nullable=False),
    Column("version", _BIG, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False, server_default="active"),  # invited: no way in before it is accepted
    Column("ticket_assignment", Flag, nullable=False, server_default=sqlalchemy.true()),
    never_reused=True,  # figures and intervals keep the ids of members who were removed
)

organization_admin = _table(
    "organization_admin",
    Column("member_id", _KEY, ForeignKey("member.id"), primary_key=True, autoincrement=False),
)

service = _table(
    "service",
    _key(),
    Column("code", Text, nullable=False, unique=True),  # the service ID of the screens, letters only
    Column("name", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("active", Flag, nullable=False),
)

contract_item = _table(
    "contract_item",
    Column("service_id", _KEY, ForeignKey("service.id"), primary_key=True, autoincrement=False),
    Column("item", Text, primary_key=True),
    natural_key=True,
)

agent = _table(
    "agent",
    _key(),
    Column("service_id", _KEY, ForeignKey("service.id"), nullable=False),
    Column("member_id", _KEY, ForeignKey("member.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("ticket", Flag, nullable=False),
    Column("chat", Flag, nullable=False),
    Column("phone", Flag, nullable=False),
    Column("version", _BIG, nullable=False),  # for If-Match
    Column("changed", _BIG, nullable=False),  # revision of agents_topic(service) at the last change
    UniqueConstraint("service_id", "member_id"),
    Index(None, "member_id"),
    Index(None, "service_id", "changed"),
)

# --- CTI ------------------------------------------------------------------------------------------------------
cti_settings = _table(
    "cti_settings",
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("cti_version", Text),
    Column("tenant_id", Text, nullable=False, server_default=""),
    Column("tenant_name", Text, nullable=False, server_default=""),
    Column("monitoring", Flag, nullable=False),
    Column("version", _BIG, nullable=False, server_default=text("1")),
)

# One row for every member who is an agent somewhere; unique among agents, compared case-sensitively (domain.md 22).
cti_agent = _table(
    "cti_agent",
    Column("member_id", _KEY, ForeignKey("member.id"), primary_key=True, autoincrement=False),
    Column("cti_id", Text, unique=True),
    Column("cti_no", Text, unique=True),
    Column("version", _BIG, nullable=False),
    Column("cti_id_version", _BIG, nullable=False, server_default=text("0")),  # the version that changed the cell last
    Column("cti_no_version", _BIG, nullable=False, server_default=text("0")),
    Column("changed", _BIG, nullable=False, index=True),  # revision of CTI_ROWS at the last change
)

# Rows that left a list, so that `changed_since` can say so.
removal = _table(
    "removal",
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", _BIG, nullable=False),
    natural_key=True,
)

# --- live -----------------------------------------------------------------------------------------------------
revision = _table(
    "revision",
    Column("topic", Text, primary_key=True),
    Column("revision", _BIG, nullable=False),
    natural_key=True,
)

idempotency = _table(
    "idempotency",
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of method, path and body
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", _MS, nullable=False, index=True),
)

# A way in over the network: a session begun with a password, or a token of `octui token`.
token = _table(
    "token",
    Column("hash", LargeBinary, primary_key=True),  # SHA-256 of the token; the token itself is nowhere
    Column("id", Text, nullable=False, unique=True),  # names it in lists; opens nothing
    Column("member_id", _KEY, ForeignKey("member.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("device", Text, nullable=False, server_default=""),
    Column("ip", Text, nullable=False, server_default=""),
    Column("created", _MS, nullable=False),
    Column("last_used", _MS, nullable=False),  # right to a minute
    Column("expires", _MS, nullable=False),
    Column("idle", _BIG),  # ms it may be unused; None: no limit
    natural_key=True,
)

password = _table(
    "password",
    Column("member_id", _KEY, ForeignKey("member.id"), primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),  # argon2id with its parameters
    Column("changed", _MS, nullable=False),
)

# A member's one-time code to set a password with; gone when it is accepted or revoked.
invitation = _table(
    "invitation",
    Column("id", Text, primary_key=True),
    Column("member_id", _KEY, ForeignKey("member.id"), nullable=False, unique=True),
    Column("invited_by", Text, nullable=False),
    Column("created", _MS, nullable=False),
    Column("code", LargeBinary, unique=True),  # SHA-256; None: the mail that brings the code makes it
    Column("expires", _MS),
    natural_key=True,
)

# Mail to be sent, written in the transaction of what it is about; a worker sends it. No secrets in it.
mail = _table(
    "mail",
    _key(),
    Column("recipient", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False, unique=True),  # the invitation's id
    Column("params", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),  # waiting, sent, failed
    Column("tries", Integer, nullable=False),
    Column("since", _MS, nullable=False),
    Column("next_try", _MS, nullable=False),
    Column("last_error", Text, nullable=False, server_default=""),
    Index(
        "ix_mail_waiting",
        "next_try",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

# Failed sign-ins by account (known or not) and by address: rules/attempts.py.
attempt = _table(
    "attempt",
    Column("bucket", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", _MS, nullable=False),
    Column("until", _MS, nullable=False),  # no attempt before
    Column("forgotten", _MS, nullable=False, index=True),  # the row may go
    natural_key=True,
)

# --- events, intervals, figures -------------------------------------------------------------------------------
source = _table("source", _key(), Column("name", Text, nullable=False, unique=True))

event = _table(
    "event",
    _key(),  # order of arrival
    Column("source_id", _KEY, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("service_id", _KEY, nullable=False),
    Column("member_id", _KEY),  # 0: concerns everybody in the service; None: nobody
    Column("at", _MS, nullable=False),
    Column("sequence", _BIG, nullable=False, server_default=text("0")),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON
    Column("ticket", Text),
    UniqueConstraint("service_id", "source_id", "event_id"),  # two services may live on one log
    Index(None, "service_id", "member_id", "at"),
    Index(
        "ix_event_ticket",
        "service_id",
        "ticket",
        sqlite_where=text("ticket IS NOT NULL"),
        postgresql_where=text("ticket IS NOT NULL"),
    ),
)

# The running states of an agent: what the rules need to go on with the next event (rules/timeline.py).
agent_state = _table(
    "agent_state",
    Column("service_id", _KEY, primary_key=True, autoincrement=False),
    Column("member_id", _KEY, primary_key=True, autoincrement=False),
    Column("at", _MS, nullable=False),  # of the last event taken in
    Column("state", Text),  # phone state of the moment; None: not logged in
    Column("since", _MS),
    Column("context", Text, nullable=False),  # JSON
    Column("changed", _BIG, nullable=False),  # revision of agents_topic(service)
    natural_key=True,
)

# The context an agent began a day with, so that a late event can rebuild from that day on.
agent_day = _table(
    "agent_day",
    Column("service_id", _KEY, primary_key=True, autoincrement=False),
    Column("member_id", _KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("opening", Text, nullable=False),  # JSON
    Column("time_zone", Text, nullable=False),  # as it was then: a later change never re-cuts an old day
    natural_key=True,
)

figure = _table(
    "figure",
    Column("service_id", _KEY, primary_key=True, autoincrement=False),
    Column("member_id", _KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),  # phone, chat, login
    Column("state", Text, primary_key=True),
    Column("count", _BIG, nullable=False),
    Column("ms", _BIG, nullable=False),
    natural_key=True,
)

interval = _table(
    "interval",
    _key(),
    Column("service_id", _KEY, nullable=False),
    Column("member_id", _KEY, nullable=False),
    Column("day", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("start", _MS, nullable=False),
    Column("end", _MS, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("call", Text),
    Column("emitted", Integer, nullable=False),  # day of the event that ended it; the day shown is that of its piece
    Index(None, "service_id", "member_id", "day"),
)

ticket = _table(
    "ticket",
    Column("service_id", _KEY, primary_key=True, autoincrement=False),
    Column("ticket", Text, primary_key=True),
    Column("state", Text, nullable=False),  # open, solved, closed
    Column("owner_id", _KEY),
    Column("at", _MS, nullable=False),
    Column("solved_at", _MS),
    Column("solved_by", _KEY),
    Column("closed_at", _MS),
    Column("closed_by", _KEY),
    Index(None, "service_id", "owner_id", "state"),
    Index(None, "service_id", "solved_by", "solved_at"),
    Index(None, "service_id", "closed_by", "closed_at"),
    natural_key=True,
)

# --- the permission-change log --------------------------------------------------------------------------------
# A person as named then: a renamed person gets a second row.
audit_person = _table(
    "audit_person",
    _key(),
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("folded_account", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("choseong", Text, nullable=False),
    Column("actor_rows", _BIG, nullable=False, server_default=text("0")),  # entries, for the planner of the search
    Column("target_rows", _BIG, nullable=False, server_default=text("0")),
    UniqueConstraint("account", "name"),
)

audit_ip = _table(
    "audit_ip",
    _key(),
    Column("ip", Text, nullable=False, unique=True),
    Column("packed", LargeBinary, nullable=False, index=True),  # 16 bytes big-endian, IPv4 mapped; empty: no address
    Column("rows", _BIG, nullable=False, server_default=text("0")),
)

audit_service = _table(
    "audit_service",
    _key(),
    Column("code", Text, nullable=False, unique=True),
    Column("rows", _BIG, nullable=False, server_default=text("0")),
)

audit_action = _table(
    "audit_action",
    _key(),
    Column("action", Text, nullable=False, unique=True),
    Column("rows", _BIG, nullable=False, server_default=text("0")),
)

audit = _table(
    "audit",
    Column("seq", _KEY, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap; `at` follows it
    Column("at", _MS, nullable=False),
    Column("actor_id", _KEY, nullable=False),
    Column("target_id", _KEY, nullable=False),
    Column("action_id", _KEY, nullable=False),
    Column("service_id", _KEY, nullable=False),
    Column("ip_id", _KEY, nullable=False),
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

audit_head = _table(
    "audit_head",
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1; locked last in a transaction
    Column("seq", _BIG, nullable=False),
    Column("at", _MS, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
