"""The user settings screen, by keyboard: changing, saving with a version, language."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from octui.client.errors import Unreachable
from octui.schema.settings import UserSettings
from octui.ui.screens.settings import SettingsScreen
from octui.ui.widgets.fields import Typed
from ui.fakes import HOSTILE, FakeApi, me
from ui.person import Person, at


def fake_server(**more: Any) -> FakeApi:
    api = FakeApi(me(admin=False))
    values = {"nickname": "", "phone": "02-123-4567", "language": "en", "ticket_assignment": True, "version": 3, **more}
    api.own_settings = UserSettings(account="admin", name="관리자", email="admin@acme.example", **values)
    return api


def status_text(person: Person) -> str:
    screen = person.screen
    assert isinstance(screen, SettingsScreen)
    return screen._lines()[1].text


async def test_rule_32_all_settings_are_shown_without_a_role(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, None, size=(80, 24)) as person:
        for text in ("admin", "관리자", "02-123-4567", "admin@acme.example", "[English]", "[On]", "* can be changed"):
            assert text in person.text
        assert {"^S", "F8"} <= person.keys_off
        await person.press("ctrl+s")
        assert person.said == "Nothing has been changed."


async def test_only_changed_fields_are_sent(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "settings") as person:
        await person.press(*"Min")
        assert status_text(person) == "1 changed: ^S saves"
        assert "^S" not in person.keys_off
        await person.press("ctrl+s")
        await person.settled()
        assert api.calls[-1] == "change_settings ['nickname']"
        await person.press("down", "down", "space", "enter")  # on the last line Enter saves
        await person.settled()
        assert api.calls[-1] == "change_settings ['ticket_assignment']"
        assert api.own_settings is not None
        assert (api.own_settings.nickname, api.own_settings.ticket_assignment) == ("Min", False)
        assert person.said == "Saved."


@pytest.mark.parametrize(("language", "word"), [("ko", "사용자 설정"), ("ja", "ユーザー設定")])
async def test_saved_language_redraws_every_screen(language: str, word: str, tmp_path: Path) -> None:
    api = fake_server()
    api.person = api.person.model_copy(update={"organization_admin": True})
    async with at(api, tmp_path, "organization") as person:
        person.desk.tell_admins()
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


async def test_language_changed_elsewhere_is_followed(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "settings") as person:
        person.desk.tell_me(language="ko")
        await person.settled()
        assert "사용자 설정" in person.text


async def test_version_conflict_keeps_typed_values(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "settings") as person:
        await person.press(*"Min")
        assert api.own_settings is not None
        api.own_settings = api.own_settings.model_copy(update={"ticket_assignment": False, "version": 9})
        await person.press("ctrl+s")
        await person.settled()
        assert "Somebody else changed it" in person.said
        assert "[Off]" in person.text
        assert "Min" in person.text
        await person.press("ctrl+s")
        await person.settled()
        assert api.own_settings.nickname == "Min"
        assert not api.own_settings.ticket_assignment


async def test_refused_nickname_is_explained_under_the_field(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "settings") as person:
        focused = person.app.focused
        assert isinstance(focused, Typed)
        focused.value = "x" * 101
        await person.press("ctrl+s")
        await person.until(lambda: "is too long" in person.text)
        assert "xxx" in person.text
        await person.press("f8")
        assert "xxx" not in person.text
        assert "is too long" not in person.text


async def test_typed_values_survive_another_menu_and_a_lost_connection(tmp_path: Path) -> None:
    api = fake_server()
    api.person = api.person.model_copy(update={"organization_admin": True})
    async with at(api, tmp_path, "settings") as person:
        await person.press(*"Min")
        person.app.switch_mode("organization")
        await person.pilot.pause()
        person.app.switch_mode("settings")
        await person.settled()
        assert status_text(person) == "1 changed: ^S saves"
        api.failure = Unreachable("connect", "?")
        await person.press("ctrl+s")
        await person.settled()
        assert "cannot be reached" in person.said
        assert "Min" in person.text


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, tmp_path: Path) -> None:
    async with at(fake_server(nickname=name, phone=name), tmp_path, "settings", size=(80, 24)) as person:
        assert "Nickname" in person.text
        assert status_text(person) == ""


async def test_typed_values_survive_a_restart(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "settings") as person:
        await person.press(*"Min")
        await person.press("ctrl+q")
    assert api.own_settings is not None
    api.own_settings = api.own_settings.model_copy(update={"ticket_assignment": False, "version": 2})
    async with at(api, tmp_path, "settings") as person:
        assert "Min" in person.text
        assert "[Off]" in person.text
        assert status_text(person) == "1 changed: ^S saves"
        await person.press("ctrl+s")
        await person.settled()
        assert api.own_settings.nickname == "Min"
    assert not list(tmp_path.glob("settings-draft*"))


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1, "owner": ["org1", "kim"], "cells": []}', "\xff"])
async def test_unreadable_draft_does_not_block_the_form(text: str, tmp_path: Path) -> None:
    (tmp_path / "settings-draft.json").write_text(text, "latin-1")
    async with at(fake_server(), tmp_path, "settings") as person:
        assert "cannot be read" in person.said
        await person.press(*"Min")
        assert status_text(person) == "1 changed: ^S saves"


async def test_draft_of_an_unknown_value_is_ignored(tmp_path: Path) -> None:
    cells = [["settings", "language", "xx", "en"], ["settings", "nickname", "Min", ""], ["settings", "gone", "1", ""]]
    held = {"format": 1, "owner": ["org1", "admin"], "cells": cells}
    (tmp_path / "settings-draft.json").write_text(json.dumps(held))
    async with at(fake_server(), tmp_path, "settings") as person:
        assert status_text(person) == "1 changed: ^S saves"
        assert "[English]" in person.text
        await person.press("f8")
        await person.pilot.pause()
        assert status_text(person) == ""


async def test_text_typed_while_saving_is_kept(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "settings") as person:
        await person.press(*"Min")
        api.gate = asyncio.Semaphore(0)
        await person.press("ctrl+s")
        await person.until(lambda: any(call.startswith("change_settings") for call in api.calls))
        await person.press(*"su")
        api.gate.release()
        await person.settled()
        assert api.own_settings is not None
        assert api.own_settings.nickname == "Min"
        assert "Minsu" in person.text
        assert status_text(person) == "1 changed: ^S saves"
