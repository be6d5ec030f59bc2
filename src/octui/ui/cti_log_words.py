"""The CTI log in the reader's words: its columns, and an entry as texts."""

from octui.schema.cti import CtiLogEntry
from octui.ui.locale import N_
from octui.ui.times import milliseconds

TITLES = (
    N_("Day"),
    N_("Time"),
    N_("Event"),
    N_("ID"),
    N_("Name"),
    N_("CTI ID"),
    N_("Call"),
    N_("Detail"),
)
"""The columns of the file; translate each."""


def texts(entry: CtiLogEntry, zone: str) -> tuple[str, ...]:
    """One entry in the order of TITLES; the time in `zone`. Events keep the names they came with."""
    return (
        entry.day,
        milliseconds(entry.at, zone),
        entry.type.removeprefix("octui."),
        entry.account,
        entry.name,
        entry.cti_id,
        entry.call,
        entry.detail,
    )
