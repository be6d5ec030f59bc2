"""Rules that turn a ticket's events into its state and owner (rules.md 29).

unassigned: open without an owner now. open: open with the owner now. solved, closed: by whom and when last. A ticket
solved and closed on one day counts in both; reopening takes both back. An event without a name counts for the owner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

PREFIX = "octui.ticket."
CREATED, ASSIGNED, SOLVED, CLOSED, REOPENED = (
    PREFIX + name for name in ("created", "assigned", "solved", "closed", "reopened")
)
TICKET_TYPES = (CREATED, ASSIGNED, SOLVED, CLOSED, REOPENED)
OPEN_STATE, SOLVED_STATE, CLOSED_STATE = "open", "solved", "closed"


class TicketEvent(NamedTuple):
    """Event of a ticket. `at`: epoch ms. `member`: the agent named in it, or None."""

    at: int
    type: str
    member: int | None


@dataclass(slots=True)
class Ticket:
    """State and owner of a ticket after its events."""

    state: str = OPEN_STATE
    owner: int | None = None
    at: int = 0
    solved_at: int | None = None
    solved_by: int | None = None
    closed_at: int | None = None
    closed_by: int | None = None
    first_at: int = 0

    @property
    def is_unassigned(self) -> bool:
        """Whether the ticket is open without an owner."""
        return self.state == OPEN_STATE and self.owner is None

    def member_ids(self) -> set[int]:
        """Return the members in whose statistics the ticket counts."""
        return {member for member in (self.owner, self.solved_by, self.closed_by) if member is not None}


def fold_ticket(events: Iterable[TicketEvent]) -> Ticket:
    """Return the ticket that results from all its events, given in order."""
    ticket = Ticket()
    for number, event in enumerate(events):
        ticket.at = event.at
        if number == 0:
            ticket.first_at = event.at
        match event.type:
            case "octui.ticket.created" | "octui.ticket.reopened":
                ticket.state = OPEN_STATE
                ticket.owner = event.member if event.member is not None else ticket.owner
                ticket.solved_at = ticket.solved_by = ticket.closed_at = ticket.closed_by = None
            case "octui.ticket.assigned":
                ticket.owner = event.member
            case "octui.ticket.solved":
                ticket.state = SOLVED_STATE
                ticket.solved_at, ticket.solved_by = event.at, _acting_member(event, ticket)
            case "octui.ticket.closed":
                ticket.state = CLOSED_STATE
                ticket.closed_at, ticket.closed_by = event.at, _acting_member(event, ticket)
    return ticket


def _acting_member(event: TicketEvent, ticket: Ticket) -> int | None:
    return event.member if event.member is not None else ticket.owner
