"""What a contract is about: its items (rules.md 9), and the types and states of services."""

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


class ServiceType(StrEnum):
    """consultation (1) or issue (2)."""

    CONSULTATION = "consultation"
    ISSUE = "issue"


class ServiceState(StrEnum):
    """Draft (미사용), in use, suspended (이용정지: cannot be used, is still billed), terminated."""

    DRAFT = "create"
    IN_USE = "inuse"
    SUSPENDED = "pause"
    TERMINATED = "stop"
