"""The two steps of a service, by keyboard: what is said at once, what is kept, what it costs (rules.md 2–9)."""

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.worker import WorkerError

from octui.client.errors import Unreachable
from octui.schema.contracts import Terms
from octui.schema.items import Item, ServiceState
from octui.schema.live import CONTRACTS
from octui.ui.dialogs.differences import Differences
from octui.ui.dialogs.pick import Pick
from octui.ui.screens.contracts.banner_picture import half_cells
from octui.ui.screens.contracts.wizard.basic import BasicStep
from octui.ui.screens.contracts.wizard.details import DetailsStep
from octui.ui.screens.contracts.wizard.languages import LanguagesDialog
from ui.fake_contracts import MIDNIGHT, FakeContracts, contract
from ui.fakes import me
from ui.person import Person, at

DRAFT, USED, OFF, ENDED = ServiceState.DRAFT, ServiceState.IN_USE, ServiceState.SUSPENDED, ServiceState.TERMINATED


def centre(language: str = "en", **more: Any) -> FakeContracts:
    terms = [Terms(item=Item.TICKET, users=10, volume=0), Terms(item=Item.CHAT, users=5, volume=0)]
    return FakeContracts(me(language=language), contract("chat", "채팅 상담", items=terms, **more))


@asynccontextmanager
async def contracts(api: FakeContracts, folder: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Person]:
    """Somebody at the list of contracts."""
    async with at(api, folder, "contracts", size=size) as one:
        one.desk.feed.tell(CONTRACTS, api.contracts_body())
        await one.settled()
        yield one


async def step_1(one: Person, key: str = "insert") -> BasicStep:
    await one.press(key)
    await one.dialog(BasicStep)
    found = one.app.screen
    assert isinstance(found, BasicStep)
    return found


async def step_2(one: Person, key: str = "f6") -> DetailsStep:
    await one.press(key)
    await one.dialog(DetailsStep)
    found = one.app.screen
    assert isinstance(found, DetailsStep)
    await reckoned(one, found)
    return found


async def reckoned(one: Person, step: DetailsStep) -> None:
    await one.until(lambda: step.estimator.current)
    await one.pilot.pause()


async def sent(one: Person) -> None:
    """What was sent has come back."""
    while busy := [w for w in one.app.workers if w.group in ("send", "banner") and not w.is_finished]:
        with suppress(WorkerError):
            await busy[0].wait()  # a file is read in a thread
    await one.pilot.pause()


def kept(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text())["draft"] for path in sorted((folder / "wizard").glob("[!.]*.json"))]


def png(path: Path, size: tuple[int, int] = (300, 100), kind: str = "PNG") -> Path:
    Image.new("RGB", size, "navy").save(path, kind)
    return path


# --- step 1 -------------------------------------------------------------------------------------------------


async def test_a_service_from_nothing_to_use(tmp_path: Path) -> None:
    """rules.md rules 2, 4, 5: both steps, by keyboard alone."""
    api = centre()
    picture = png(tmp_path / "banner.png")
    async with contracts(api, tmp_path) as one:
        step = await step_1(one)
        await one.press(*"고객 지원", "enter", *"Support", "tab", "tab", "tab")
        await one.paste(str(picture))
        await one.press("tab", "shift+tab")  # who leaves the line sees the banner at once
        await sent(one)
        assert "300×100" in one.text
        await one.press("enter")  # on the last line: saves
        await one.dialog(DetailsStep)
        assert api.contracted["Support"].state is DRAFT
        assert api.banners["Support"].startswith(b"\x89PNG")
        assert step.work.contract is not None
        details = one.app.screen
        assert isinstance(details, DetailsStep)
        await reckoned(one, details)
        assert "begins billing today" in one.text
        await one.press("ctrl+s")
        await one.dialog(Differences)
        assert "Register 고객 지원 (Support)?" in one.text
        assert "10,000 KRW a month" in one.text
        await one.press("enter")
        await one.no_dialog()
        assert api.contracted["Support"].state is USED
        assert "is in use now" in one.said
        assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cs1", "only the letters a–z and A–Z"),
        ("c s", "only the letters a–z and A–Z"),
        ("고객", "only the letters a–z and A–Z"),
        ("a" * 46, "longer than 45 characters"),
        ("CHAT", "taken by 채팅 상담"),
    ],
)
async def test_a_wrong_id_is_said_while_it_is_typed(typed: str, said: str, tmp_path: Path) -> None:
    """rules.md rule 2: letters only, at most 45, unique."""
    async with contracts(centre(), tmp_path) as one:
        step = await step_1(one)
        await one.press("enter", *typed)
        assert said in one.text
        assert step.fields.values["id"] == typed
        await one.press("ctrl+s")
        await sent(one)
        assert isinstance(one.app.screen, BasicStep)
        assert not [call for call in one.api.calls if call.startswith("draft")]
        assert kept(tmp_path)[0]["basic"]["id"] == typed


async def test_what_is_missing_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        step = await step_1(one)
        await one.press("ctrl+s")
        await one.until(lambda: "is missing" in one.text)
        assert step.fields.at == "name"
        assert not [call for call in one.api.calls if call.startswith("draft")]


async def test_a_name_taken_at_the_same_moment_keeps_everything(tmp_path: Path) -> None:
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_1(one)
        await one.press(*"새 서비스", "enter", *"Neu")
        api.contracted["other"] = contract("other", "새 서비스")  # the feed has not told yet
        await one.press("ctrl+s")
        await one.until(lambda: "taken by other" in one.text)
        assert step.fields.values["name"] == "새 서비스"
        assert step.fields.at == "name"
        await one.press("2", "ctrl+s")
        await one.dialog(DetailsStep)
        assert api.contracted["Neu"].name == "새 서비스2"


async def test_the_first_language_proposes_the_zone_until_one_is_chosen(tmp_path: Path) -> None:
    """rules.md rule 3."""
    async with contracts(centre("ko"), tmp_path) as one:
        step = await step_1(one)
        assert "Asia/Seoul" in one.text
        await one.press("tab", "tab", "ㅇ", "ㅂ", "ㅇ")
        await one.dialog(LanguagesDialog)
        await one.until(lambda: "일본어" in one.text)
        await one.press("enter", "f6", "enter")
        await one.dialog(BasicStep)
        assert step.fields.values["languages"] == "ja ko"
        assert step.fields.values["time_zone"] == "Asia/Tokyo"
        assert "제안됨" in one.text
        await one.press("tab", *"london")
        await one.dialog(Pick)
        await one.until(lambda: "Europe/London" in one.text)
        await one.press("enter")
        await one.dialog(BasicStep)
        assert step.fields.values["time_zone"] == "Europe/London"
        await one.press("shift+tab", "space")
        await one.dialog(LanguagesDialog)
        await one.press("space", "enter")  # 일본어 off: 한국어 is the first now
        await one.dialog(BasicStep)
        assert step.fields.values["languages"] == "ko"
        assert step.fields.values["time_zone"] == "Europe/London"


@pytest.mark.parametrize("typed", ["america/new_york", "newyork", "new york"])
async def test_a_zone_is_found_by_its_own_name_and_one_enter_takes_it(typed: str, tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        step = await step_1(one)
        await one.press("tab", "tab", "tab", *["space" if key == " " else key for key in typed])
        await one.dialog(Pick)
        await one.press("enter")
        await one.dialog(BasicStep)
        assert step.fields.values["time_zone"] == "America/New_York"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("kor", "ko"), ("韓国", "ko"), ("ㅎㄱㅇ", "ko"), ("독일", "de"), ("german", "de"), ("ドイツ", "de"), ("bh", "bh")],
)
async def test_a_language_is_found_by_code_and_by_name_in_three_languages(
    typed: str, code: str, tmp_path: Path
) -> None:
    """rules.md rule 2."""
    async with contracts(centre("ja"), tmp_path) as one:
        step = await step_1(one)
        await one.press("tab", "tab", "space")
        await one.dialog(LanguagesDialog)
        await one.press("space")  # the Japanese that a Japanese reader begins with goes
        await one.press("enter")
        assert isinstance(one.app.screen, LanguagesDialog)  # at least one is needed
        await one.press(*typed, "space", "enter")
        await one.dialog(BasicStep)
        assert step.fields.values["languages"] == code


async def test_no_language_beside_the_list(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        await step_1(one)
        await one.press("tab", "tab", *"zh_TW")
        await one.dialog(LanguagesDialog)
        await one.until(lambda: "No language is called so." in one.text)
        await one.press("space")
        await one.press("escape")
        await one.dialog(BasicStep)


BAD_FILES = {
    "page.png": (b"<html><body>hello</body></html>", "neither a PNG nor a JPEG"),
    "cut.png": (b"", "damaged"),
    "large.png": (b"\x89PNG\r\n\x1a\n" + b"x" * (2 << 20), "larger than 2 MiB"),
    "none.png": (None, "there is no such file"),
}


@pytest.mark.parametrize("name", [*BAD_FILES, "many.png", "folder", "bomb.png"])
async def test_what_is_no_banner_is_said_at_the_field(name: str, tmp_path: Path) -> None:
    path, said = tmp_path / name, ""
    if name == "folder":
        path.mkdir()
        said = "is a folder"
    elif name == "many.png":
        png(path, (2001, 2000))
        said = "4 megapixels"
    elif name == "bomb.png":
        raw = bytearray(png(path, (1, 1)).read_bytes())
        raw[16:24] = (60_000).to_bytes(4, "big") * 2  # says that it has 3.6 gigapixels
        path.write_bytes(raw)
        said = "4 megapixels|damaged|neither"
    elif name == "cut.png":
        path.write_bytes(png(tmp_path / "whole.png", (500, 500)).read_bytes()[:-900])
        said = "damaged"
    else:
        body, said = BAD_FILES[name]
        if body is not None:
            path.write_bytes(body)
    async with contracts(centre(), tmp_path) as one:
        step = await step_1(one)
        await one.press(*"새 서비스", "enter", *"Neu", "tab", "tab", "tab")
        await one.paste(str(path))
        await one.press("ctrl+s")
        await sent(one)
        assert any(part in one.text for part in said.split("|"))
        assert step.fields.at == "banner"
        assert step.fields.values["banner"] == str(path)
        assert not [call for call in one.api.calls if call.startswith("draft")]


async def test_a_folder_is_completed(tmp_path: Path) -> None:
    (tmp_path / "그림 모음").mkdir()
    picture = png(tmp_path / "그림 모음" / "배너.png")
    async with contracts(centre(), tmp_path) as one:
        step = await step_1(one)
        await one.press("tab", "tab", "tab", "tab")
        await one.paste(f"{tmp_path}/그")
        line = step.fields.line("banner")
        await one.until(lambda: getattr(line, "_suggestion", "").endswith("그림 모음/"))
        await one.press("right", "배")
        await one.until(lambda: getattr(line, "_suggestion", "").endswith("배너.png"))
        await one.press("right")
        assert step.fields.values["banner"] == str(picture)


async def test_a_banner_the_service_refuses_leaves_the_draft_and_the_field(tmp_path: Path) -> None:
    api = centre()
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    data = io.BytesIO()
    frames[0].save(data, "PNG", save_all=True, append_images=frames[1:])
    path = tmp_path / "moving.png"
    path.write_bytes(data.getvalue())
    async with contracts(api, tmp_path) as one:
        step = await step_1(one)
        await one.press(*"새 서비스", "enter", *"Neu", "tab", "tab", "tab")
        await one.paste(str(path))
        await one.press("ctrl+s")
        await sent(one)
        assert "put_banner Neu" in one.api.calls
        if isinstance(one.app.screen, DetailsStep):
            return  # this Pillow wrote no second frame
        assert api.contracted["Neu"].state is DRAFT
        assert step.fields.at == "banner"
        await one.press("ctrl+u", "ctrl+s")
        await one.dialog(DetailsStep)
        assert [call for call in api.calls if call.startswith("draft_service")] == ["draft_service Neu"]


async def test_somebody_elses_change_stands_beside_mine(tmp_path: Path) -> None:
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_1(one, "f2")
        await one.press("end", *" 내것")
        api.change("chat", name="남의 이름", languages=["ja"], time_zone="Asia/Tokyo")
        await one.press("ctrl+s")
        await one.until(lambda: "Somebody else made it: 남의 이름" in one.text)
        assert step.fields.values["name"] == "채팅 상담 내것"  # mine stays
        assert step.fields.values["languages"] == "ja"  # theirs, where I changed nothing
        await one.press("f8")
        assert step.fields.values["name"] == "남의 이름"
        await one.press(*"!", "ctrl+s")
        await one.no_dialog()
        assert api.contracted["chat"].name == "남의 이름!"
        assert api.contracted["chat"].languages == ["ja"]


async def test_only_what_was_changed_is_sent_and_the_id_never(tmp_path: Path) -> None:
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_1(one, "f2")
        assert step.fields.line("id") is None
        await one.press("end", "2", "ctrl+s")
        await one.no_dialog()
        assert "change_service chat name" in api.calls
        assert kept(tmp_path) == []


async def test_the_service_cannot_be_reached_and_everything_stays(tmp_path: Path) -> None:
    api = centre()
    async with contracts(api, tmp_path) as one:
        await step_1(one)
        await one.press(*"새 서비스", "enter", *"Neu")
        api.failure = Unreachable("connect", "no way")
        await one.press("ctrl+s")
        await one.until(lambda: "cannot be reached" in one.text)
        assert kept(tmp_path)[0]["basic"]["name"] == "새 서비스"
        api.failure = None
        await one.press("ctrl+s")
        await one.dialog(DetailsStep)


# --- step 2 -------------------------------------------------------------------------------------------------


async def test_the_estimate_follows_every_key(tmp_path: Path) -> None:
    """rules.md rule 4."""
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        assert "150,000" in one.text
        await one.press("right", "2")
        await reckoned(one, step)
        assert "70,000" in one.text  # 2 × 10,000 + 5 × 10,000
        await one.press("5")
        await reckoned(one, step)
        assert "150,000 → 300,000" in one.text
        await one.press("escape")
        await reckoned(one, step)
        assert "150,000 → 150,000" in one.text
        await one.press("down", "down", "left", "space")
        await reckoned(one, step)
        assert "150,000 → 100,000" in one.text


async def test_the_latest_wins_and_the_old_one_is_dim_until_then(tmp_path: Path) -> None:
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        api.gate = asyncio.Semaphore(0)
        await one.press("right", "1")
        await one.press("2")
        await one.press("3")
        assert not step.estimator.current
        assert "(of before)" in one.text
        assert "150,000 KRW a month" in one.text or "150,000 → 150,000" in one.text  # never blank
        before = len(api.estimated)
        api.gate.release()
        await one.pilot.pause()
        api.gate.release()
        await reckoned(one, step)
        assert len(api.estimated) == before + 1  # 12 was never asked for
        assert api.estimated[-1].items[0].users == 123
        assert "(of before)" not in one.text


async def test_no_estimate_is_said_and_tried_again(tmp_path: Path) -> None:
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        api.failure = Unreachable("connect", "no way")
        await one.press("down", "down", "space")
        await one.until(lambda: "No new estimate" in one.text)
        assert "(of before)" in one.text
        api.failure = None
        for _ in range(3):
            step._tick()
        await reckoned(one, step)
        assert "No new estimate" not in one.text


async def test_the_ticket_stays_on(tmp_path: Path) -> None:
    """rules.md rule 8."""
    async with contracts(centre(), tmp_path) as one:
        step = await step_2(one)
        await one.press("space")
        assert "part of every contract" in step.status.text
        assert step.items[Item.TICKET].on


async def test_numbers_that_are_none_stay_and_say_why(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        step = await step_2(one)
        await one.press("right", *"-5", "enter")
        assert "Ticket: a whole number of users" in step.status.text  # the cursor went on
        await one.press("up")
        assert "a whole number of users" in one.text
        assert step.items[Item.TICKET].users == "-5"
        await one.press("ctrl+s")
        assert isinstance(one.app.screen, DetailsStep)
        assert "a whole number of users" in step.status.text
        await one.press(*"1,000", "enter")
        assert step.items[Item.TICKET].users == "1000"
        assert step.grid.move_to("chat", "volume")
        await one.press(*"99999999999", "enter")
        await one.press("ctrl+s")
        assert "0 to 1,000,000,000" in step.status.text


async def test_an_item_charged_once_has_no_users(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        step = await step_2(one)
        assert step.grid.move_to("callback", "users")
        await one.press("5")
        await one.pilot.pause()
        assert "charged once" in step.status.text
        assert step.items[Item.CALLBACK].users == "1"
        assert step.grid.editing is None


async def test_an_edit_says_now_and_new_and_when_the_next_one_is(tmp_path: Path) -> None:
    """rules.md rule 7."""
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        assert "Nothing was changed yet." in (step.reason("send") or "")
        await one.press("right", *"20", "enter")
        await reckoned(one, step)
        assert "Saving spends today's edit" in one.text
        await one.press("ctrl+s")
        await one.dialog(Differences)
        changed = next(line for line in one.lines if "→" in line and "users" in line)
        assert "10 users → 20 users" in changed
        assert "expected" not in changed  # what stays is not said again: it would push what changed off the line
        assert "150,000 → 250,000" in one.text
        assert "next edit possible" in one.text
        await one.press("escape")
        await one.dialog(DetailsStep)
        assert "edit_contract chat" not in api.calls
        await one.press("ctrl+s")
        await one.dialog(Differences)
        await one.press("enter")
        await one.no_dialog()
        assert api.contracted["chat"].items[0].users == 20
        assert api.contracted["chat"].next_edit == MIDNIGHT
        assert kept(tmp_path) == []


async def test_a_second_edit_is_a_simulation_that_stays(tmp_path: Path) -> None:
    api = centre(next_edit=MIDNIGHT)
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        await one.press("right", *"20", "enter")
        await reckoned(one, step)
        assert "Simulation: today's edit is spent" in one.text
        assert "250,000" in one.text
        await one.press("ctrl+s")
        assert "this is a simulation" in step.status.text
        assert "edit_contract chat" not in api.calls
        await one.press("escape")
        await one.no_dialog()
        assert kept(tmp_path)[0]["items"]["ticket"]["users"] == "20"
        step = await step_2(one)
        assert step.items[Item.TICKET].users == "20"


async def test_expected_volumes_are_saved_at_any_time(tmp_path: Path) -> None:
    api = centre(next_edit=MIDNIGHT)
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        await one.press("right", "right", *"50000", "enter")
        await reckoned(one, step)
        assert "Expected volumes can be saved at any time" in one.text
        await one.press("ctrl+s")
        await one.dialog(Differences)
        await one.press("enter")
        await one.no_dialog()
        assert api.contracted["chat"].items[0].volume == 50_000


async def test_an_edit_spent_by_somebody_else_meanwhile(tmp_path: Path) -> None:
    api = centre()
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        await one.press("right", *"20", "enter")
        await reckoned(one, step)
        api.change("chat", items=[Terms(item=Item.TICKET, users=7, volume=0)], next_edit=MIDNIGHT)
        await one.press("ctrl+s")
        await one.dialog(Differences)
        await one.press("enter")
        await one.dialog(DetailsStep)
        await one.until(lambda: "Somebody else changed this contract" in one.text)
        await reckoned(one, step)
        assert step.items[Item.TICKET].users == "20"  # mine stays
        assert "70,000 → 250,000" in one.text  # beside theirs
        await one.press("ctrl+s")
        assert "this is a simulation" in step.status.text


async def test_a_terminated_service_is_only_looked_at(tmp_path: Path) -> None:
    async with contracts(centre(state=ENDED), tmp_path) as one:
        step = await step_2(one)
        await one.press("right", *"20", "enter", "ctrl+s")
        assert "terminated" in step.status.text


# --- nothing is lost ----------------------------------------------------------------------------------------


async def test_what_is_under_edit_is_kept_when_the_terminal_goes(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        step = await step_2(one)
        await one.press("right", "4", "2")
        assert step.grid.editing is not None
        one.app.save_all()  # as the hangup handler does
        assert kept(tmp_path)[0]["items"]["ticket"]["users"] == "42"
    async with contracts(centre(), tmp_path) as one:
        step = await step_2(one)
        assert step.items[Item.TICKET].users == "42"
        assert step.grid.cursor == ("ticket", "users")


async def test_what_is_chosen_in_an_open_picker_is_kept_too(tmp_path: Path) -> None:
    async with contracts(centre("ko"), tmp_path) as one:
        step = await step_1(one)
        await one.press("tab", "tab", *"en")
        await one.dialog(LanguagesDialog)
        await one.press("space")
        one.app.save_all()  # the terminal goes away
        assert kept(tmp_path)[0]["basic"]["languages"] == "ko en"
        await one.press("escape")
        await one.dialog(BasicStep)
        assert step.fields.values["languages"] == "ko"
        assert step.fields.values["time_zone"] == "Asia/Seoul"


async def test_every_key_is_on_disk_a_moment_later(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        await step_1(one)
        for length in range(1, 6):
            await one.press("고객 지원"[length - 1])
            await one.until(lambda: bool(kept(tmp_path)))
            for _ in range(300):
                if kept(tmp_path)[0]["basic"]["name"] == "고객 지원"[:length]:
                    break
                await asyncio.sleep(0.01)
            assert kept(tmp_path)[0]["basic"]["name"] == "고객 지원"[:length]


async def test_leaving_a_field_keeps_at_once(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path) as one:
        await step_1(one)
        await one.press(*"이름", "tab")
        await one.pilot.pause()
        assert kept(tmp_path)[0]["basic"]["name"] == "이름"


async def test_a_disk_that_is_full_is_said_and_esc_twice_leaves(tmp_path: Path) -> None:
    (tmp_path / "wizard").write_text("a file where the folder should be")
    async with contracts(centre(), tmp_path) as one:
        await step_1(one)
        await one.press(*"이름", "tab")
        await one.until(lambda: "cannot be kept on disk" in one.text)
        await one.press("escape")
        assert isinstance(one.app.screen, BasicStep)
        await one.press("escape")
        await one.no_dialog()


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_both_steps_fit_80_by_24_in_three_languages(language: str, tmp_path: Path) -> None:
    async with contracts(centre(language), tmp_path) as one:
        await step_1(one, "f2")
        assert len([line for line in one.lines if "…" in line]) == 0
        await one.press("escape")
        await one.no_dialog()
        step = await step_2(one)
        await one.press("right", *"20", "enter", "up")
        await reckoned(one, step)
        assert len([line for line in one.lines if "…" in line]) == 0
        assert "+1→" in one.text  # the column of prices


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_the_cost_and_what_is_off_it_are_said_to_the_end(language: str, tmp_path: Path) -> None:
    terms = [Terms(item=Item.TICKET, users=9_000, volume=0)]
    api = FakeContracts(me(language=language), contract("chat", "채팅 상담", items=terms, discount=500))
    async with contracts(api, tmp_path) as one:
        step = await step_2(one)
        await one.press("right", *"10000", "enter")
        await reckoned(one, step)
        await one.press("ctrl+s")
        await one.dialog(Differences)
        assert "-5,000,000" in one.text
        assert len([line for line in one.lines if "…" in line]) == 0
        assert "Enter" in one.lines[-1]


async def test_where_there_is_room_the_prices_stand_beside_the_items(tmp_path: Path) -> None:
    async with contracts(centre(), tmp_path, size=(120, 40)) as one:
        await step_2(one)
        await one.until(lambda: "10,000 a user, 3,000 free, then 50.0 each" in one.text)
        assert "250,000" in next(line for line in one.lines if "End-user" in line)


def test_a_preview_keeps_its_proportions_and_asks_the_terminal_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """textual-image asks the terminal when it is imported, and takes the answer from the keyboard."""

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
