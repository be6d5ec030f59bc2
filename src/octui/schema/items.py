"""Contract items (domain.md 9)."""

from enum import StrEnum


class Item(StrEnum):
    """What a contract switches on and off."""

    TICKET = "ticket"
    TELTICKET = "telticket"
    CHAT = "chat"
    ENDUSERMANAGEMENT = "endusermanagement"
    CALLBACK = "callback"
    HELPDOC = "helpdoc"
    KNOWLEDGE = "knowledge"
    TICKETEVALUATION = "ticketevaluation"


COUNTED = frozenset((Item.TICKET, Item.TELTICKET, Item.CHAT))
"""Items with a counter of usage: tickets, call seconds, chats."""
