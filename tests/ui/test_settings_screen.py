"""User settings, by keyboard: what may be changed, saved as of a version, and the language at once."""

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


def centre(**more: Any) -> FakeApi:
    api = FakeApi(me(admin=False))
    values = {"nickname": "", "phone": "02-123-4567", "language": "en", "ticket_assignment": True, "version": 3, **more}
    api.own_settings = UserSettings(account="admin", name="관리자", email="admin@acme.example", **values)
    return api


def status(one: Person) -> str:
    screen = one.screen
    assert isinstance(screen, SettingsScreen)
    return screen._lines()[1].text


async def test_everything_of_rule_32_is_shown_even_to_who_has_no_role(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, None, size=(80, 24)) as one:
        for text in ("admin", "관리자", "02-123-4567", "admin@acme.example", "[English]", "[On]", "* can be changed"):
            assert text in one.text
        assert {"^S", "F8"} <= one.keys_off
        await one.press("ctrl+s")
        assert one.said == "Nothing has been changed."


async def test_only_what_was_changed_is_sent(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "settings") as one:
        await one.press(*"Min")
        assert status(one) == "1 changed: ^S saves"
        assert "^S" not in one.keys_off
        await one.press("ctrl+s")
        await one.settled()
        assert api.calls[-1] == "change_settings ['nickname']"
        await one.press("down", "down", "space", "enter")  # on the last line Enter saves
        await one.settled()
        assert api.calls[-1] == "change_settings ['ticket_assignment']"
        assert api.own_settings is not None
        assert (api.own_settings.nickname, api.own_settings.ticket_assignment) == ("Min", False)
        assert one.said == "Saved."


@pytest.mark.parametrize(("language", "word"), [("ko", "사용자 설정"), ("ja", "ユーザー設定")])
async def test_the_language_changes_every_screen_at_once(language: str, word: str, tmp_path: Path) -> None:
    api = centre()
    api.person = api.person.model_copy(update={"organization_admin": True})
    async with at(api, tmp_path, "organization") as one:
        one.desk.tell_admins()
        one.app.switch_mode("settings")
        await one.until(lambda: isinstance(one.screen, SettingsScreen))
        await one.settled()
        await one.press("down", "left" if language == "ko" else "right", "ctrl+s")
        await one.until(lambda: word in one.text)
        await one.settled()
        assert one.app.words.language == language
        await one.press("f3")
        await one.pilot.pause()
        assert "Settings" not in one.text


async def test_a_language_changed_elsewhere_is_followed(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "settings") as one:
        one.desk.tell_me(language="ko")
        await one.settled()
        assert "사용자 설정" in one.text


async def test_somebody_was_faster_and_what_was_typed_stays(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "settings") as one:
        await one.press(*"Min")
        assert api.own_settings is not None
        api.own_settings = api.own_settings.model_copy(update={"ticket_assignment": False, "version": 9})
        await one.press("ctrl+s")
        await one.settled()
        assert "Somebody else changed it" in one.said
        assert "[Off]" in one.text
        assert "Min" in one.text
        await one.press("ctrl+s")
        await one.settled()
        assert api.own_settings.nickname == "Min"
        assert not api.own_settings.ticket_assignment


async def test_a_refused_nickname_says_why_under_the_line(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "settings") as one:
        focused = one.app.focused
        assert isinstance(focused, Typed)
        focused.value = "x" * 101
        await one.press("ctrl+s")
        await one.until(lambda: "is too long" in one.text)
        assert "xxx" in one.text
        await one.press("f8")
        assert "xxx" not in one.text
        assert "is too long" not in one.text


async def test_what_was_typed_survives_another_menu_and_a_lost_connection(tmp_path: Path) -> None:
    api = centre()
    api.person = api.person.model_copy(update={"organization_admin": True})
    async with at(api, tmp_path, "settings") as one:
        await one.press(*"Min")
        one.app.switch_mode("organization")
        await one.pilot.pause()
        one.app.switch_mode("settings")
        await one.settled()
        assert status(one) == "1 changed: ^S saves"
        api.failure = Unreachable("connect", "?")
        await one.press("ctrl+s")
        await one.settled()
        assert "cannot be reached" in one.said
        assert "Min" in one.text


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_only_names(name: str, tmp_path: Path) -> None:
    async with at(centre(nickname=name, phone=name), tmp_path, "settings", size=(80, 24)) as one:
        assert "Nickname" in one.text
        assert status(one) == ""


async def test_what_was_typed_survives_leaving_and_the_next_start(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "settings") as one:
        await one.press(*"Min")
        await one.press("ctrl+q")
    assert api.own_settings is not None
    api.own_settings = api.own_settings.model_copy(update={"ticket_assignment": False, "version": 2})
    async with at(api, tmp_path, "settings") as one:
        assert "Min" in one.text
        assert "[Off]" in one.text
        assert status(one) == "1 changed: ^S saves"
        await one.press("ctrl+s")
        await one.settled()
        assert api.own_settings.nickname == "Min"
    assert not list(tmp_path.glob("settings-draft*"))


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1, "owner": ["org1", "kim"], "cells": []}', "\xff"])
async def test_a_draft_that_cannot_be_read_keeps_nobody_from_working(text: str, tmp_path: Path) -> None:
    (tmp_path / "settings-draft.json").write_text(text, "latin-1")
    async with at(centre(), tmp_path, "settings") as one:
        assert "cannot be read" in one.said
        await one.press(*"Min")
        assert status(one) == "1 changed: ^S saves"


async def test_a_draft_of_a_value_that_does_not_exist_is_passed_over(tmp_path: Path) -> None:
    cells = [["settings", "language", "xx", "en"], ["settings", "nickname", "Min", ""], ["settings", "gone", "1", ""]]
    held = {"format": 1, "owner": ["org1", "admin"], "cells": cells}
    (tmp_path / "settings-draft.json").write_text(json.dumps(held))
    async with at(centre(), tmp_path, "settings") as one:
        assert status(one) == "1 changed: ^S saves"
        assert "[English]" in one.text
        await one.press("f8")
        await one.pilot.pause()
        assert status(one) == ""


async def test_what_is_typed_while_saving_stays(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "settings") as one:
        await one.press(*"Min")
        api.gate = asyncio.Semaphore(0)
        await one.press("ctrl+s")
        await one.until(lambda: any(call.startswith("change_settings") for call in api.calls))
        await one.press(*"su")
        api.gate.release()
        await one.settled()
        assert api.own_settings is not None
        assert api.own_settings.nickname == "Min"
        assert "Minsu" in one.text
        assert status(one) == "1 changed: ^S saves"
