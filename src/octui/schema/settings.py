"""User settings (rules.md 32)."""

from typing import Annotated

from pydantic import Field

from octui.schema.common import LONGEST_NAME, Answer, RequestBody


class UserSettings(Answer):
    """The caller's own settings. `ticket_assignment`: whether tickets may be assigned to the person."""

    account: str
    name: str
    nickname: str
    phone: str
    email: str
    language: str
    ticket_assignment: bool
    version: int


class SettingsChange(RequestBody):
    """The settings to change; a field left out stays. An empty nickname removes it."""

    nickname: Annotated[str | None, Field(max_length=LONGEST_NAME)] = None
    language: Annotated[str | None, Field(pattern=r"^(ko|en|ja)$")] = None
    ticket_assignment: bool | None = None
