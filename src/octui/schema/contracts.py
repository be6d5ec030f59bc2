"""Contracted services: the services of the organization and the switches of their contract."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_NAME, LONGEST_SERVICE_ID, Answer, Sent


class Item(StrEnum):
    """Contract items (domain.md 9)."""

    TICKET = "ticket"
    TELTICKET = "telticket"
    CHAT = "chat"
    ENDUSERMANAGEMENT = "endusermanagement"
    CALLBACK = "callback"
    HELPDOC = "helpdoc"
    KNOWLEDGE = "knowledge"
    TICKETEVALUATION = "ticketevaluation"


class ServiceType(StrEnum):
    """consultation (1) or issue (2)."""

    CONSULTATION = "consultation"
    ISSUE = "issue"


class NewService(Sent):
    """A service to add; without a time zone it follows from the language (domain.md 3)."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z]+$", max_length=LONGEST_SERVICE_ID)]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    type: ServiceType = ServiceType.CONSULTATION
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "ko"
    time_zone: str | None = None
    phone: bool = False


class Service(Answer):
    """A service of the organization; `items` are the contract items switched on."""

    id: str
    name: str
    type: ServiceType
    language: str
    time_zone: str
    active: bool
    items: list[Item]


class Services(Answer):
    """The services the caller may see."""

    services: list[Service]
