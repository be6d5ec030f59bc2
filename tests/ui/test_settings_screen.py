"""The user settings screen, by keyboard: changing, saving with a version, language."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import update

from octui.client.errors import Unreachable
from octui.schema.settings import SettingsChange
from octui.server.database import tables
from octui.ui.screens.settings import SettingsScreen
from octui.ui.widgets.fields import Typed
from ui.person import Person, at
from ui.server import HOSTILE, Center


@pytest.fixture
async def center(center: Center) -> Center:
    """A center with a member without role, whose screens these are."""
    await center.add_members(kim="김민수")
    await center.set_language("en", "kim")
    center.overwrite(update(tables.member).values(phone="02-123-4567"))
    return center


async def change_elsewhere(center: Center, **values: Any) -> None:
    """Change the member's settings from another machine."""
    kim = center.api("kim")
    await kim.change_settings(SettingsChange(**values), (await kim.settings()).version)


async def nickname(center: Center) -> str:
    return (await center.api("kim").settings()).nickname


def status_text(person: Person) -> str:
    screen = person.screen
    assert isinstance(screen, SettingsScreen)
    return screen._status_lines()[1].text


async def test_rule_32_all_settings_are_shown_without_a_role(center: Center) -> None:
    async with at(center, None, account="kim", size=(80, 24)) as person:
        for text in ("kim", "김민수", "02-123-4567", "kim@acme.example", "[English]", "[On]", "* can be changed"):
            assert text in person.text
        assert {"^S", "F8"} <= person.keys_off
        await person.press("ctrl+s")
        assert person.said == "Nothing has been changed."


async def test_only_changed_fields_are_sent(center: Center) -> None:
    async with at(center, "settings", account="kim") as person:
        await person.press(*"Min")
        assert status_text(person) == "1 changed: ^S saves"
        assert "^S" not in person.keys_off
        await person.press("ctrl+s")
        await person.settled()
        assert center.sent("change_settings")[-1].body == {"nickname": "Min"}
        await person.press("down", "down", "space", "enter")  # on the last line Enter saves
        await person.settled()
        assert center.sent("change_settings")[-1].body == {"ticket_assignment": False}
        settings = await center.api("kim").settings()
        assert (settings.nickname, settings.ticket_assignment) == ("Min", False)
        assert person.said == "Saved."


@pytest.mark.parametrize(("language", "word"), [("ko", "사용자 설정"), ("ja", "ユーザー設定")])
async def test_saved_language_redraws_every_screen(language: str, word: str, center: Center) -> None:
    async with at(center, "organization") as person:
        person.app.switch_mode("settings")
        await person.until(lambda: isinstance(person.screen, SettingsScreen))
        await person.settled()
        await person.press("down", "left" if language == "ko" else "right", "ctrl+s")
        await person.until(lambda: word in person.text)
        await person.settled()
        assert person.app.words.language == language
        await person.press("f3")
        await person.pilot.pause()
        assert "Settings" not in person.text


async def test_language_changed_elsewhere_is_followed(center: Center) -> None:
    async with at(center, "settings", account="kim") as person:
        await center.set_language("ko", "kim")
        await person.update()
        assert "사용자 설정" in person.text


async def test_version_conflict_keeps_typed_values(center: Center) -> None:
    async with at(center, "settings", account="kim") as person:
        await person.press(*"Min")
        await change_elsewhere(center, ticket_assignment=False)
        await person.press("ctrl+s")
        await person.settled()
        assert "Somebody else changed it" in person.said
        assert "[Off]" in person.text
        assert "Min" in person.text
        await person.press("ctrl+s")
        await person.settled()
        settings = await center.api("kim").settings()
        assert (settings.nickname, settings.ticket_assignment) == ("Min", False)


async def test_refused_nickname_is_explained_under_the_field(center: Center) -> None:
    async with at(center, "settings", account="kim") as person:
        focused = person.app.focused
        assert isinstance(focused, Typed)
        focused.value = "x" * 101
        await person.press("ctrl+s")
        await person.until(lambda: "is too long" in person.text)
        assert "xxx" in person.text
        await person.press("f8")
        assert "xxx" not in person.text
        assert "is too long" not in person.text


async def test_typed_values_survive_another_menu_and_a_lost_connection(center: Center) -> None:
    async with at(center, "settings") as person:
        await person.press(*"Min")
        person.app.switch_mode("organization")
        await person.pilot.pause()
        person.app.switch_mode("settings")
        await person.settled()
        assert status_text(person) == "1 changed: ^S saves"
        center.faults.failure = Unreachable("connect", "?")
        await person.press("ctrl+s")
        await person.settled()
        assert "cannot be reached" in person.said
        assert "Min" in person.text


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, center: Center) -> None:
    center.overwrite(update(tables.member).values(nickname=name, phone=name))
    async with at(center, "settings", account="kim", size=(80, 24)) as person:
        assert "Nickname" in person.text
        assert status_text(person) == ""


async def test_typed_values_survive_a_restart(center: Center) -> None:
    async with at(center, "settings", account="kim") as person:
        await person.press(*"Min")
        await person.press("ctrl+q")
    await change_elsewhere(center, ticket_assignment=False)
    async with at(center, "settings", account="kim") as person:
        assert "Min" in person.text
        assert "[Off]" in person.text
        assert status_text(person) == "1 changed: ^S saves"
        await person.press("ctrl+s")
        await person.settled()
        assert await nickname(center) == "Min"
    assert not list(center.folder.glob("settings-draft*"))


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1, "owner": ["org1", "kim"], "cells": []}', "\xff"])
async def test_unreadable_draft_does_not_block_the_form(text: str, center: Center) -> None:
    (center.folder / "settings-draft.json").write_text(text, "latin-1")
    async with at(center, "settings", account="kim") as person:
        assert "cannot be read" in person.said
        await person.press(*"Min")
        assert status_text(person) == "1 changed: ^S saves"


async def test_draft_of_an_unknown_value_is_ignored(center: Center) -> None:
    cells = [["settings", "language", "xx", "en"], ["settings", "nickname", "Min", ""], ["settings", "gone", "1", ""]]
    organization = (await center.operator.organization()).id
    held = {"format": 1, "owner": [organization, "kim"], "cells": cells}
    (center.folder / "settings-draft.json").write_text(json.dumps(held))
    async with at(center, "settings", account="kim") as person:
        assert status_text(person) == "1 changed: ^S saves"
        assert "[English]" in person.text
        await person.press("f8")
        await person.pilot.pause()
        assert status_text(person) == ""


async def test_text_typed_while_saving_is_kept(center: Center) -> None:
    async with at(center, "settings", account="kim") as person:
        await person.press(*"Min")
        center.faults.gate = asyncio.Semaphore(0)
        await person.press("ctrl+s")
        await person.until(lambda: "change_settings" in center.operations)
        await person.press(*"su")
        center.faults.gate.release()
        await person.settled()
        assert await nickname(center) == "Min"
        assert "Minsu" in person.text
        assert status_text(person) == "1 changed: ^S saves"
