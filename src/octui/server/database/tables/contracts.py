"""Services and their contracts (rules.md 1–9)."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, text

from octui.server.database.tables.base import BIG, KEY, MS, Text, key, table

service = table(
    "service",
    key(),
    Column("code", Text, nullable=False, unique=True),  # the service ID of the screens, letters only
    Column("name", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("language", Text, nullable=False),  # the first of its help-center languages
    Column("time_zone", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="inuse"),  # schema.contracts.ServiceState
    Column("version", BIG, nullable=False, server_default=text("1")),  # for If-Match
    # Days of the organization (YYYYMMDD): the contract was registered, edited last, ended.
    Column("registered_day", Integer),
    Column("edited_day", Integer),
    Column("terminated_day", Integer),
)

service_language = table(
    "service_language",
    Column("service_id", KEY, ForeignKey("service.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),  # 0 is the first language
    Column("language", Text, nullable=False),
    natural_key=True,
)

service_banner = table(
    "service_banner",
    Column("service_id", KEY, ForeignKey("service.id"), primary_key=True, autoincrement=False),
    Column("image", LargeBinary, nullable=False),  # encoded again by the server, never the uploaded bytes
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("changed", MS, nullable=False),
)

# The present contract: the items that are on. A draft has none.
contract_item = table(
    "contract_item",
    Column("service_id", KEY, ForeignKey("service.id"), primary_key=True, autoincrement=False),
    Column("item", Text, primary_key=True),
    Column("users", Integer, nullable=False, server_default=text("1")),  # charged for where the item is per user
    Column("volume", BIG, nullable=False, server_default=text("0")),  # expected a month, for estimates alone
    natural_key=True,
)

# The contract as it was from `day` (of the organization) on, up to the next day that has rows: what is charged for.
contract_version = table(
    "contract_version",
    Column("service_id", KEY, ForeignKey("service.id"), primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("item", Text, primary_key=True),
    Column("users", Integer, nullable=False),
    natural_key=True,
)
