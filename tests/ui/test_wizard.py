"""The two wizard steps of a service, by keyboard: validation, drafts, estimate (rules.md 2–9)."""

import asyncio
import io
import json
import sys
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.worker import WorkerError

from octui.client.errors import Unreachable
from octui.schema.charges import NewDiscount
from octui.schema.contracts import BasicChange, ItemTerms
from octui.schema.items import Item, ServiceState
from octui.ui.dialogs.differences import Differences
from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.screens.contracts.banner_picture import half_cells
from octui.ui.screens.contracts.wizard.basic_step import BasicStep
from octui.ui.screens.contracts.wizard.contract_step import ContractStep
from octui.ui.screens.contracts.wizard.languages_dialog import LanguagesDialog
from ui.person import Person, at
from ui.server import MIDNIGHT, STARTED, Center, seed_organization

TICKETS, CHATS = ItemTerms(item=Item.TICKET, users=10), ItemTerms(item=Item.CHAT, users=5)
DRAFT, USED, OFF, ENDED = ServiceState.DRAFT, ServiceState.IN_USE, ServiceState.SUSPENDED, ServiceState.TERMINATED


async def seed(center: Center) -> None:
    """Make a service in use, whose contract has not been edited today."""
    await seed_organization(center)
    center.clock.set_time("2026-06-20 09:00")
    await center.add_service("chat", "채팅 상담", TICKETS, CHATS)


def open_contracts(center: Center, size: tuple[int, int] = (80, 24)) -> AbstractAsyncContextManager[Person]:
    """Open the contracts screen."""
    return at(center, "contracts", size=size)


async def open_step_1(person: Person, key: str = "insert") -> BasicStep:
    await person.press(key)
    await person.dialog(BasicStep)
    found = person.app.screen
    assert isinstance(found, BasicStep)
    return found


async def open_step_2(person: Person, key: str = "f6") -> ContractStep:
    await person.press(key)
    await person.dialog(ContractStep)
    found = person.app.screen
    assert isinstance(found, ContractStep)
    await wait_for_estimate(person, found)
    return found


async def wait_for_estimate(person: Person, step: ContractStep) -> None:
    await person.until(lambda: step.estimator.is_current)
    await person.pilot.pause()


async def wait_for_answer(person: Person) -> None:
    """Wait until the request is answered."""
    while busy := [w for w in person.app.workers if w.group in ("send", "banner") and not w.is_finished]:
        with suppress(WorkerError):
            await busy[0].wait()  # a file is read in a thread
    await person.pilot.pause()


def saved_drafts(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text())["draft"] for path in sorted((folder / "wizard").glob("[!.]*.json"))]


def write_png(path: Path, size: tuple[int, int] = (300, 100), kind: str = "PNG") -> Path:
    Image.new("RGB", size, "navy").save(path, kind)
    return path


# --- step 1 -------------------------------------------------------------------------------------------------


async def test_service_is_created_and_registered_by_keyboard(center: Center) -> None:
    """Both steps by keyboard alone (rules.md 2, 4, 5)."""
    picture = write_png(center.folder / "banner.png")
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press(*"고객 지원", "enter", *"Support", "tab", "tab", "tab")
        await person.paste(str(picture))
        await person.press("tab", "shift+tab")  # who leaves the line sees the banner at once
        await wait_for_answer(person)
        assert "300x100" in person.text
        await person.press("enter")  # on the last line: saves
        await person.dialog(ContractStep)
        assert (await center.contract("Support")).state is DRAFT
        assert (await center.operator.banner("Support") or b"").startswith(b"\x89PNG")
        assert step.context.contract is not None
        details = person.app.screen
        assert isinstance(details, ContractStep)
        await wait_for_estimate(person, details)
        assert "begins billing today" in person.text
        await person.press("ctrl+s")
        await person.dialog(Differences)
        assert "Register 고객 지원 (Support)?" in person.text
        assert "10,000 KRW a month" in person.text
        await person.press("enter")
        await person.no_dialog()
        assert (await center.contract("Support")).state is USED
        assert "is in use now" in person.said
        assert saved_drafts(center.folder) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cs1", "only the letters a-z and A-Z"),
        ("c s", "only the letters a-z and A-Z"),
        ("고객", "only the letters a-z and A-Z"),
        ("a" * 46, "longer than 45 characters"),
        ("CHAT", "taken by 채팅 상담"),
    ],
)
async def test_invalid_id_is_explained_while_typing(typed: str, said: str, center: Center) -> None:
    """Letters only, at most 45, unique (rules.md 2)."""
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press("enter", *typed)
        assert said in person.text
        assert step.fields.values["id"] == typed
        await person.press("ctrl+s")
        await wait_for_answer(person)
        assert isinstance(person.app.screen, BasicStep)
        assert "draft_service" not in center.operations
        assert saved_drafts(center.folder)[0]["basic"]["id"] == typed


async def test_missing_fields_are_reported_and_nothing_is_sent(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press("ctrl+s")
        await person.until(lambda: "is missing" in person.text)
        assert step.fields.focused_name == "name"
        assert "draft_service" not in center.operations


async def test_name_taken_meanwhile_is_refused_and_keeps_typed_values(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press(*"새 서비스", "enter", *"Neu")
        await center.add_service("other", "새 서비스")  # the feed has not told yet
        await person.press("ctrl+s")
        await person.until(lambda: "taken by other" in person.text)
        assert step.fields.values["name"] == "새 서비스"
        assert step.fields.focused_name == "name"
        await person.press("2", "ctrl+s")
        await person.dialog(ContractStep)
        assert (await center.contract("Neu")).name == "새 서비스2"


async def test_first_language_proposes_the_zone_until_one_is_chosen(center: Center) -> None:
    """The main language proposes its time zone (rules.md 3)."""
    await center.set_language("ko")
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        assert "Asia/Seoul" in person.text
        await person.press("tab", "tab", "ㅇ", "ㅂ", "ㅇ")
        await person.dialog(LanguagesDialog)
        await person.until(lambda: "일본어" in person.text)
        await person.press("enter", "f6", "enter")
        await person.dialog(BasicStep)
        assert step.fields.values["languages"] == "ja ko"
        assert step.fields.values["time_zone"] == "Asia/Tokyo"
        assert "제안됨" in person.text
        await person.press("tab", *"london")
        await person.dialog(SearchableChoice)
        await person.until(lambda: "Europe/London" in person.text)
        await person.press("enter")
        await person.dialog(BasicStep)
        assert step.fields.values["time_zone"] == "Europe/London"
        await person.press("shift+tab", "space")
        await person.dialog(LanguagesDialog)
        await person.press("space", "enter")  # 일본어 off: 한국어 is the first now
        await person.dialog(BasicStep)
        assert step.fields.values["languages"] == "ko"
        assert step.fields.values["time_zone"] == "Europe/London"


@pytest.mark.parametrize("typed", ["america/new_york", "newyork", "new york"])
async def test_zone_is_found_by_name_and_taken_with_enter(typed: str, center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press("tab", "tab", "tab", *["space" if key == " " else key for key in typed])
        await person.dialog(SearchableChoice)
        await person.press("enter")
        await person.dialog(BasicStep)
        assert step.fields.values["time_zone"] == "America/New_York"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("kor", "ko"), ("韓国", "ko"), ("ㅎㄱㅇ", "ko"), ("독일", "de"), ("german", "de"), ("ドイツ", "de"), ("bh", "bh")],
)
async def test_language_is_found_by_code_and_by_name_in_three_languages(typed: str, code: str, center: Center) -> None:
    """Languages are found by code and by name (rules.md 2)."""
    await center.set_language("ja")
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press("tab", "tab", "space")
        await person.dialog(LanguagesDialog)
        await person.press("space")  # the Japanese that a Japanese reader begins with goes
        await person.press("enter")
        assert isinstance(person.app.screen, LanguagesDialog)  # at least one is needed
        await person.press(*typed, "space", "enter")
        await person.dialog(BasicStep)
        assert step.fields.values["languages"] == code


async def test_only_listed_languages_can_be_chosen(center: Center) -> None:
    async with open_contracts(center) as person:
        await open_step_1(person)
        await person.press("tab", "tab", *"zh_TW")
        await person.dialog(LanguagesDialog)
        await person.until(lambda: "No language is called so." in person.text)
        await person.press("space")
        await person.press("escape")
        await person.dialog(BasicStep)


BAD_FILES = {
    "page.png": (b"<html><body>hello</body></html>", "neither a PNG nor a JPEG"),
    "cut.png": (b"", "damaged"),
    "large.png": (b"\x89PNG\r\n\x1a\n" + b"x" * (2 << 20), "larger than 2 MiB"),
    "none.png": (None, "there is no such file"),
}


@pytest.mark.parametrize("name", [*BAD_FILES, "many.png", "folder", "bomb.png"])
async def test_invalid_banner_is_explained_at_the_field(name: str, center: Center) -> None:
    path, said = center.folder / name, ""
    if name == "folder":
        path.mkdir()
        said = "is a folder"
    elif name == "many.png":
        write_png(path, (2001, 2000))
        said = "4 megapixels"
    elif name == "bomb.png":
        raw = bytearray(write_png(path, (1, 1)).read_bytes())
        raw[16:24] = (60_000).to_bytes(4, "big") * 2  # says that it has 3.6 gigapixels
        path.write_bytes(raw)
        said = "4 megapixels|damaged|neither"
    elif name == "cut.png":
        path.write_bytes(write_png(center.folder / "whole.png", (500, 500)).read_bytes()[:-900])
        said = "damaged"
    else:
        body, said = BAD_FILES[name]
        if body is not None:
            path.write_bytes(body)
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press(*"새 서비스", "enter", *"Neu", "tab", "tab", "tab")
        await person.paste(str(path))
        await person.press("ctrl+s")
        await wait_for_answer(person)
        assert any(part in person.text for part in said.split("|"))
        assert step.fields.focused_name == "banner"
        assert step.fields.values["banner"] == str(path)
        assert "draft_service" not in center.operations


async def test_folder_names_are_completed(center: Center) -> None:
    (center.folder / "그림 모음").mkdir()
    picture = write_png(center.folder / "그림 모음" / "배너.png")
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press("tab", "tab", "tab", "tab")
        await person.paste(f"{center.folder}/그")
        line = step.fields.line_of("banner")
        await person.until(lambda: getattr(line, "_suggestion", "").endswith("그림 모음/"))
        await person.press("right", "배")
        await person.until(lambda: getattr(line, "_suggestion", "").endswith("배너.png"))
        await person.press("right")
        assert step.fields.values["banner"] == str(picture)


async def test_refused_banner_keeps_draft_and_field(center: Center) -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    data = io.BytesIO()
    frames[0].save(data, "PNG", save_all=True, append_images=frames[1:])
    path = center.folder / "moving.png"
    path.write_bytes(data.getvalue())
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press(*"새 서비스", "enter", *"Neu", "tab", "tab", "tab")
        await person.paste(str(path))
        await person.press("ctrl+s")
        await wait_for_answer(person)
        assert "put_banner" in center.operations
        if isinstance(person.app.screen, ContractStep):
            return  # this Pillow wrote no second frame
        assert (await center.contract("Neu")).state is DRAFT
        assert step.fields.focused_name == "banner"
        await person.press("ctrl+u", "ctrl+s")
        await person.dialog(ContractStep)
        assert [request.body["id"] for request in center.sent("draft_service")] == ["Neu"]


async def test_conflicting_change_is_shown_beside_the_own_value(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_1(person, "f2")
        await person.press("end", *" 내것")
        change = BasicChange(name="남의 이름", languages=["ja"], time_zone="Asia/Tokyo")
        await center.operator.change_service("chat", change, (await center.contract("chat")).version)
        await person.press("ctrl+s")
        await person.until(lambda: "Somebody else made it: 남의 이름" in person.text)
        assert step.fields.values["name"] == "채팅 상담 내것"  # mine stays
        assert step.fields.values["languages"] == "ja"  # theirs, where I changed nothing
        await person.press("f8")
        assert step.fields.values["name"] == "남의 이름"
        await person.press(*"!", "ctrl+s")
        await person.no_dialog()
        assert (await center.contract("chat")).name == "남의 이름!"
        assert (await center.contract("chat")).languages == ["ja"]


async def test_only_changed_fields_are_sent_and_never_the_id(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_1(person, "f2")
        assert step.fields.line_of("id") is None
        await person.press("end", "2", "ctrl+s")
        await person.no_dialog()
        assert [list(request.body) for request in center.sent("change_service")] == [["name"]]
        assert saved_drafts(center.folder) == []


async def test_unreachable_server_is_reported_and_keeps_typed_values(center: Center) -> None:
    async with open_contracts(center) as person:
        await open_step_1(person)
        await person.press(*"새 서비스", "enter", *"Neu")
        center.faults.failure = Unreachable("connect", "no way")
        await person.press("ctrl+s")
        await person.until(lambda: "cannot be reached" in person.text)
        assert saved_drafts(center.folder)[0]["basic"]["name"] == "새 서비스"
        center.faults.failure = None
        await person.press("ctrl+s")
        await person.dialog(ContractStep)


# --- step 2 -------------------------------------------------------------------------------------------------


async def test_estimate_follows_every_key(center: Center) -> None:
    """The estimate follows the typed numbers (rules.md 4)."""
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        assert "150,000" in person.text
        await person.press("right", "2")
        await wait_for_estimate(person, step)
        assert "70,000" in person.text  # 2 × 10,000 + 5 × 10,000
        await person.press("5")
        await wait_for_estimate(person, step)
        assert "150,000 → 300,000" in person.text
        await person.press("escape")
        await wait_for_estimate(person, step)
        assert "150,000 → 150,000" in person.text
        await person.press("down", "down", "left", "space")
        await wait_for_estimate(person, step)
        assert "150,000 → 100,000" in person.text


async def test_latest_estimate_wins_and_the_outdated_one_is_dimmed(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        center.faults.only, center.faults.gate = "estimate", asyncio.Semaphore(0)
        await person.press("right", "1")
        await person.press("2")
        await person.press("3")
        assert not step.estimator.is_current
        assert "(of before)" in person.text
        assert "150,000 KRW a month" in person.text or "150,000 → 150,000" in person.text  # never blank
        before = center.operations.count("estimate")
        center.faults.gate.release()
        await person.pilot.pause()
        center.faults.gate.release()
        await wait_for_estimate(person, step)
        assert center.operations.count("estimate") == before + 1  # 12 was never asked for
        assert center.sent("estimate")[-1].body["items"][0]["users"] == 123
        assert "(of before)" not in person.text


async def test_failed_estimate_is_reported_and_retried(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        center.faults.failure = Unreachable("connect", "no way")
        await person.press("down", "down", "space")
        await person.until(lambda: "No new estimate" in person.text)
        assert "(of before)" in person.text
        center.faults.failure = None
        for _ in range(3):
            step._tick_second()
        await wait_for_estimate(person, step)
        assert "No new estimate" not in person.text


async def test_ticket_item_cannot_be_switched_off(center: Center) -> None:
    """The ticket item is part of every contract (rules.md 8)."""
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("space")
        assert "part of every contract" in step.status.text
        assert step.items[Item.TICKET].on


async def test_invalid_numbers_are_kept_and_explained(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("right", *"-5", "enter")
        assert "Ticket: a whole number of users" in step.status.text  # the cursor went on
        await person.press("up")
        assert "a whole number of users" in person.text
        assert step.items[Item.TICKET].users == "-5"
        await person.press("ctrl+s")
        assert isinstance(person.app.screen, ContractStep)
        assert "a whole number of users" in step.status.text
        await person.press(*"1,000", "enter")
        assert step.items[Item.TICKET].users == "1000"
        assert step.grid.move_to("chat", "volume")
        await person.press(*"99999999999", "enter")
        await person.press("ctrl+s")
        assert "0 to 1,000,000,000" in step.status.text


async def test_item_charged_once_has_no_users(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        assert step.grid.move_to("callback", "users")
        await person.press("5")
        await person.pilot.pause()
        assert "charged once" in step.status.text
        assert step.items[Item.CALLBACK].users == "1"
        assert step.grid.editing is None


async def test_edit_shows_before_and_after_and_the_next_edit(center: Center) -> None:
    """One edit of the contract a day (rules.md 7)."""
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        assert "Nothing was changed yet." in (step.disabled_reason("wizard.save") or "")
        await person.press("right", *"20", "enter")
        await wait_for_estimate(person, step)
        assert "Saving spends today's edit" in person.text
        await person.press("ctrl+s")
        await person.dialog(Differences)
        changed = next(line for line in person.lines if "→" in line and "users" in line)
        assert "10 users → 20 users" in changed
        assert "expected" not in changed  # what stays is not said again: it would push what changed off the line
        assert "150,000 → 250,000" in person.text
        assert "next edit possible" in person.text
        await person.press("escape")
        await person.dialog(ContractStep)
        assert "edit_contract" not in center.operations
        await person.press("ctrl+s")
        await person.dialog(Differences)
        await person.press("enter")
        await person.no_dialog()
        assert (await center.contract("chat")).items[0].users == 20
        assert (await center.contract("chat")).next_edit == MIDNIGHT
        assert saved_drafts(center.folder) == []


async def test_second_edit_of_a_day_is_a_simulation_that_is_kept(center: Center) -> None:
    await center.edit_contract("chat", ItemTerms(item=Item.TICKET, users=11), CHATS)
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("right", *"20", "enter")
        await wait_for_estimate(person, step)
        assert "Simulation: today's edit is spent" in person.text
        assert "250,000" in person.text
        await person.press("ctrl+s")
        assert "this is a simulation" in step.status.text
        assert "edit_contract" not in center.operations
        await person.press("escape")
        await person.no_dialog()
        assert saved_drafts(center.folder)[0]["items"]["ticket"]["users"] == "20"
        step = await open_step_2(person)
        assert step.items[Item.TICKET].users == "20"


async def test_expected_volumes_are_saved_at_any_time(center: Center) -> None:
    await center.edit_contract("chat", ItemTerms(item=Item.TICKET, users=11), CHATS)
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("right", "right", *"50000", "enter")
        await wait_for_estimate(person, step)
        assert "Expected volumes can be saved at any time" in person.text
        await person.press("ctrl+s")
        await person.dialog(Differences)
        await person.press("enter")
        await person.no_dialog()
        assert (await center.contract("chat")).items[0].volume == 50_000


async def test_edit_spent_by_another_admin_is_reported(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("right", *"20", "enter")
        await wait_for_estimate(person, step)
        await center.edit_contract("chat", ItemTerms(item=Item.TICKET, users=7))
        await person.press("ctrl+s")
        await person.dialog(Differences)
        await person.press("enter")
        await person.dialog(ContractStep)
        await person.until(lambda: "Somebody else changed this contract" in person.text)
        await wait_for_estimate(person, step)
        assert step.items[Item.TICKET].users == "20"  # mine stays
        assert "70,000 → 250,000" in person.text  # beside theirs
        await person.press("ctrl+s")
        assert "this is a simulation" in step.status.text


async def test_terminated_service_is_read_only(center: Center) -> None:
    await center.switch_service("chat", OFF, ENDED)
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("right", *"20", "enter", "ctrl+s")
        assert "terminated" in step.status.text


# --- nothing is lost ----------------------------------------------------------------------------------------


async def test_text_being_edited_is_kept_when_the_terminal_goes_away(center: Center) -> None:
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("right", "4", "2")
        assert step.grid.editing is not None
        person.app.save_all()  # as the hangup handler does
        assert saved_drafts(center.folder)[0]["items"]["ticket"]["users"] == "42"
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        assert step.items[Item.TICKET].users == "42"
        assert step.grid.cursor == ("ticket", "users")


async def test_choice_in_an_open_picker_is_kept(center: Center) -> None:
    await center.set_language("ko")
    async with open_contracts(center) as person:
        step = await open_step_1(person)
        await person.press("tab", "tab", *"en")
        await person.dialog(LanguagesDialog)
        await person.press("space")
        person.app.save_all()  # the terminal goes away
        assert saved_drafts(center.folder)[0]["basic"]["languages"] == "ko en"
        await person.press("escape")
        await person.dialog(BasicStep)
        assert step.fields.values["languages"] == "ko"
        assert step.fields.values["time_zone"] == "Asia/Seoul"


async def test_every_key_is_on_disk_shortly_after(center: Center) -> None:
    async with open_contracts(center) as person:
        await open_step_1(person)
        for length in range(1, 6):
            await person.press("고객 지원"[length - 1])
            await person.until(lambda: bool(saved_drafts(center.folder)))
            for _ in range(300):
                if saved_drafts(center.folder)[0]["basic"]["name"] == "고객 지원"[:length]:
                    break
                await asyncio.sleep(0.01)
            assert saved_drafts(center.folder)[0]["basic"]["name"] == "고객 지원"[:length]


async def test_leaving_a_field_writes_the_draft(center: Center) -> None:
    async with open_contracts(center) as person:
        await open_step_1(person)
        await person.press(*"이름", "tab")
        await person.pilot.pause()
        assert saved_drafts(center.folder)[0]["basic"]["name"] == "이름"


async def test_full_disk_is_reported_and_a_second_esc_leaves(center: Center) -> None:
    (center.folder / "wizard").write_text("a file where the folder should be")
    async with open_contracts(center) as person:
        await open_step_1(person)
        await person.press(*"이름", "tab")
        await person.until(lambda: "cannot be kept on disk" in person.text)
        await person.press("escape")
        assert isinstance(person.app.screen, BasicStep)
        await person.press("escape")
        await person.no_dialog()


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_both_steps_fit_80_by_24_in_three_languages(language: str, center: Center) -> None:
    await center.set_language(language)
    async with open_contracts(center) as person:
        await open_step_1(person, "f2")
        assert len([line for line in person.lines if "…" in line]) == 0
        await person.press("escape")
        await person.no_dialog()
        step = await open_step_2(person)
        await person.press("right", *"20", "enter", "up")
        await wait_for_estimate(person, step)
        assert len([line for line in person.lines if "…" in line]) == 0
        assert "+1→" in person.text  # the column of prices


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_cost_and_discount_are_shown_in_full(language: str, center: Center) -> None:
    await center.set_language(language)
    center.clock.set_time("2026-06-21 09:00")
    await center.edit_contract("chat", ItemTerms(item=Item.TICKET, users=9_000))
    center.clock.seconds = STARTED
    await center.operator.change_discount("chat", NewDiscount(valid_from="2026-11-01", basis_points=500))
    async with open_contracts(center) as person:
        step = await open_step_2(person)
        await person.press("right", *"10000", "enter")
        await wait_for_estimate(person, step)
        await person.press("ctrl+s")
        await person.dialog(Differences)
        assert "-5,000,000" in person.text
        assert len([line for line in person.lines if "…" in line]) == 0
        assert "Enter" in person.lines[-1]


async def test_prices_are_shown_where_there_is_room(center: Center) -> None:
    async with open_contracts(center, size=(120, 40)) as person:
        await open_step_2(person)
        await person.until(lambda: "10,000 a user, 3,000 free, then 50.0 each" in person.text)
        assert "250,000" in next(line for line in person.lines if "End-user" in line)


def test_preview_keeps_proportions_without_asking_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """textual-image queries the terminal on import and reads the answer from the keyboard."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked = Terminal()
    monkeypatch.setattr(sys, "__stdout__", asked)
    for name in [name for name in sys.modules if name.startswith("textual_image")]:
        monkeypatch.delitem(sys.modules, name)
    lines = half_cells(Image.new("RGB", (300, 100), "navy"), 40, 6)
    assert [len(lines), *{sum(segment.cell_length for segment in line) for line in lines}] == [6, 36]
    lines = half_cells(Image.new("RGB", (1000, 10), "navy"), 40, 6)
    assert [len(lines), *{sum(segment.cell_length for segment in line) for line in lines}] == [1, 40]
    assert asked.getvalue() == ""
