"""Tables of the rate cards, the discounts, and the charges of closed months (rules.md 9, 10)."""

from sqlalchemy import Column, ForeignKey, Integer

from octui.server.database.tables.base import BIG, KEY, MS, Flag, Text, table

# A rate card is all rows of one `valid_from`: the first day of the first month it is valid for.
rate = table(
    "rate",
    Column("valid_from", Integer, primary_key=True, autoincrement=False),
    Column("item", Text, primary_key=True),
    Column("monthly", BIG, nullable=False),  # KRW
    Column("per_day", BIG, nullable=False),  # KRW
    Column("per_user", Flag, nullable=False),
    Column("free_count", BIG),  # None: usage is not charged
    Column("tier1_cap", BIG),  # units charged by tier 1; None: all of them
    Column("tier1_price", BIG),  # thousandths of a KRW a unit
    Column("tier2_price", BIG),
    natural_key=True,
)

discount = table(
    "discount",
    Column("service_id", KEY, ForeignKey("service.id"), primary_key=True, autoincrement=False),
    Column("valid_from", Integer, primary_key=True, autoincrement=False),  # the first day of a month
    Column("basis_points", Integer, nullable=False),  # hundredths of a percent
    natural_key=True,
)

closed_month = table(
    "closed_month",
    Column("month", Integer, primary_key=True, autoincrement=False),  # YYYYMM
    Column("closed", MS, nullable=False),
)

# Charges of a service in a closed month, as they were shown; they are never computed again.
closed_charge = table(
    "closed_charge",
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),  # of the service then
    Column("total", BIG, nullable=False),  # KRW
    Column("body", Text, nullable=False),  # JSON of schema.charges.ServiceCharges
    natural_key=True,
)
