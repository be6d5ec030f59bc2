"""The organization, its members, and their passwords, tokens and invitations."""

import sqlalchemy
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, text

from octui.server.database.tables.base import BIG, KEY, MS, Flag, Text, key, partial_index, table

organization = table(
    "organization",
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: one organization a database
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("owner_account", Text, nullable=False),  # whom a local operator acts as
    # Set by the operator alone (rules.md 20): what a CTI version needs before it can be chosen.
    Column("ipcc_agreed", Flag, nullable=False, server_default=sqlalchemy.false()),
    Column("mobile_contact_activated", Flag, nullable=False, server_default=sqlalchemy.false()),
)

# The organization key, which signs requests of the machine API: encrypted with a key outside the database.
organization_key = table(
    "organization_key",
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: the old key stops at once
    Column("sealed", LargeBinary, nullable=False),
    Column("tail", Text, nullable=False),  # its last characters, to know it by
    Column("changed", MS, nullable=False),
    Column("shown", MS),  # when it was shown in full, once; None: not yet
    Column("version", BIG, nullable=False),
)

member = table(
    "member",
    key(),
    Column("account", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("nickname", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default="ko"),
    Column("folded", Text, nullable=False),  # NFC, casefolded name, for look-ups by part
    Column("choseong", Text, nullable=False),
    Column("version", BIG, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False, server_default="active"),  # active, invited
    Column("ticket_assignment", Flag, nullable=False, server_default=sqlalchemy.true()),
    never_reused=True,  # figures and intervals keep the ids of members who were removed
)

organization_admin = table(
    "organization_admin",
    Column("member_id", KEY, ForeignKey("member.id"), primary_key=True, autoincrement=False),
)

token = table(
    "token",
    Column("hash", LargeBinary, primary_key=True),  # SHA-256 of the token; the token itself is stored nowhere
    Column("id", Text, nullable=False, unique=True),  # its public name in lists
    Column("member_id", KEY, ForeignKey("member.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("device", Text, nullable=False, server_default=""),
    Column("ip", Text, nullable=False, server_default=""),
    Column("created", MS, nullable=False),
    Column("last_used", MS, nullable=False),  # exact to a minute
    Column("expires", MS, nullable=False),
    Column("idle", BIG),  # ms it may be unused; None: no limit
    natural_key=True,
)

# Tokens of wall terminals (rules.md 52). They belong to the organization, not to a member.
wall_token = table(
    "wall_token",
    Column("hash", LargeBinary, primary_key=True),  # SHA-256 of the token
    Column("id", Text, nullable=False, unique=True),
    Column("place", Text, nullable=False),
    Column("services", Text, nullable=False),  # JSON list of service IDs
    Column("network", Text, nullable=False),  # from which it may be used, such as 10.1.0.0/16
    Column("created", MS, nullable=False),
    Column("last_used", MS, nullable=False),  # exact to a minute; 0: not used so far
    Column("expires", MS, nullable=False),
    natural_key=True,
)

password = table(
    "password",
    Column("member_id", KEY, ForeignKey("member.id"), primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),  # argon2id with its parameters
    Column("changed", MS, nullable=False),
)

# A member's one-time code to set a password with; gone when it is accepted or revoked.
invitation = table(
    "invitation",
    Column("id", Text, primary_key=True),
    Column("member_id", KEY, ForeignKey("member.id"), nullable=False, unique=True),
    Column("invited_by", Text, nullable=False),
    Column("created", MS, nullable=False),
    Column("code", LargeBinary, unique=True),  # SHA-256; None: the mail that brings the code makes it
    Column("expires", MS),
    natural_key=True,
)

# Mail to be sent, written in the transaction of what it is about; a worker sends it. No secrets in it.
mail = table(
    "mail",
    key(),
    Column("recipient", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False, unique=True),  # the invitation's id
    Column("params", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),  # waiting, sent, failed
    Column("tries", Integer, nullable=False),
    Column("since", MS, nullable=False),
    Column("next_try", MS, nullable=False),
    Column("last_error", Text, nullable=False, server_default=""),
    partial_index("ix_mail_waiting", "next_try", where="state = 'waiting'"),
)

# Failed sign-ins by account (known or not) and by address: identity/throttle_rules.py.
attempt = table(
    "attempt",
    Column("bucket", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", MS, nullable=False),
    Column("until", MS, nullable=False),  # no attempt before
    Column("forgotten", MS, nullable=False, index=True),  # the row may go
    natural_key=True,
)
