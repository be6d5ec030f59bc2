"""Columns and rows of the CTI log's sheet (rules.md 21)."""

from octui.schema.cti import CtiLogEntry
from octui.ui.locale import N_, Words
from octui.ui.words.times import date_and_time

COLUMNS = (N_("Date and time"), N_("Event"), N_("ID"), N_("Name"), N_("CTI ID"), N_("Call"), N_("Detail"))


def column_titles(t: Words) -> list[str]:
    """Return the titles of the sheet."""
    return [t(title) for title in COLUMNS]


def row_texts(entry: CtiLogEntry, zone: str) -> list[str]:
    """Return a CTI log entry as a row, with its time to the millisecond."""
    at = f"{date_and_time(entry.at, zone)}.{entry.at % 1000:03}"
    return [at, entry.type, entry.account, entry.name, entry.cti_id, entry.call, entry.detail]
