"""Items of contracts (rules.md 9), and the types and states of services."""

from enum import StrEnum


class Item(StrEnum):
    """A feature that a contract switches on or off."""

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
    """Type of a service: consultation (1) or issue (2)."""

    CONSULTATION = "consultation"
    ISSUE = "issue"


class ServiceState(StrEnum):
    """State of a service: draft (미사용), in use, suspended (이용정지: unusable, still billed), terminated."""

    DRAFT = "create"
    IN_USE = "inuse"
    SUSPENDED = "pause"
    TERMINATED = "stop"
