"""Contracted services, by keyboard: the list, switching, drafts (rules.md 1, 5–8)."""

from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.contracts import Banner, Terms
from octui.schema.items import Item, ServiceState
from octui.schema.live import CONTRACTS
from octui.ui.dialogs.choice import Choice
from octui.ui.screens.contracts.service_details_dialog import ContractShown
from octui.ui.screens.contracts.wizard.basic import BasicStep
from octui.ui.screens.contracts.wizard.details import DetailsStep
from ui.fake_contracts import MIDNIGHT, FakeContracts, contract
from ui.fake_floor import NOW
from ui.fakes import HOSTILE, me
from ui.person import Person, at

DRAFT, USED, OFF, ENDED = ServiceState.DRAFT, ServiceState.IN_USE, ServiceState.SUSPENDED, ServiceState.TERMINATED


def centre(language: str = "en") -> FakeContracts:
    return FakeContracts(
        me(language=language),
        contract("chat", "채팅 상담", next_edit=NOW + 3_723_000, languages=["en", "ko"], time_zone="America/New_York"),
        contract("issue", "이슈 관리", state=DRAFT),
        contract("old", "옛 서비스", state=OFF),
        contract("gone", "끝난 서비스", state=ENDED, terminated="2026-11-01"),
    )


async def told(one: Person) -> None:
    assert isinstance(one.api, FakeContracts)
    one.desk.feed.tell(CONTRACTS, one.api.contracts_body())
    await one.settled()


def row(one: Person, name: str) -> str:
    return next(line for line in one.lines if name in line)


async def go(one: Person, id: str) -> None:
    assert one.grid.move_to(id)
    await one.pilot.pause()


async def test_every_state_is_a_word_of_its_own_and_each_step_says_what_it_does(tmp_path: Path) -> None:
    async with at(centre("ko"), tmp_path, "contracts") as one:
        await told(one)
        assert row(one, "채팅 상담").split()[:1] == ["사용"]
        assert row(one, "이슈 관리").split()[:1] == ["미사용"]
        assert row(one, "옛 서비스").split()[:1] == ["이용정지"]
        assert row(one, "끝난 서비스").split()[:1] == ["해지됨"]
        assert "수정 등록" in " ".join(row(one, "이슈 관리").split())  # rules.md rule 5
        assert "수정 수정" in " ".join(row(one, "옛 서비스").split())
        assert "등록" not in row(one, "끝난 서비스")
        tones = {cell.tone for id in one.api.contracted for cell in one.screen.cells(one.screen.rows[id])[:1]}  # type: ignore[attr-defined]
        assert tones == {"good", "watch", "bad", "muted"}
        assert "서비스 4개 중 4개" in one.screen.foot.text  # type: ignore[attr-defined]


async def test_the_next_edit_is_counted_down(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "contracts") as one:
        await told(one)
        assert "01:02:03" in row(one, "채팅 상담")
        assert "now" in row(one, "옛 서비스")
        await one.passes(4)
        assert "01:01:59" in row(one, "채팅 상담")


@pytest.mark.parametrize(
    ("id", "on", "off"),
    [("chat", 0, "Terminate  (suspend it first)"), ("old", 1, "Suspend  (it is suspended already)")],
)
async def test_what_cannot_be_switched_says_why(id: str, on: int, off: str, tmp_path: Path) -> None:
    """rules.md rule 6: terminating only while suspended."""
    async with at(centre(), tmp_path, "contracts") as one:
        await told(one)
        await go(one, id)
        await one.press("f8")
        await one.dialog(Choice)
        assert off in one.text
        await one.press("3" if id == "chat" else "1")
        assert isinstance(one.app.screen, Choice)  # nothing happens
        await one.press("escape")
        await one.no_dialog()
        assert not [call for call in one.api.calls if call.startswith("switch")]


@pytest.mark.parametrize(
    ("id", "key", "said", "state"),
    [
        ("chat", "1", "billing goes on", OFF),
        ("old", "2", "used again at once", USED),
        ("old", "3", "for good", ENDED),
    ],
)
async def test_switching_asks_and_says_what_it_means(
    id: str, key: str, said: str, state: ServiceState, tmp_path: Path
) -> None:
    """rules.md rules 1, 6, 8."""
    api = centre()
    async with at(api, tmp_path, "contracts") as one:
        await told(one)
        await go(one, id)
        await one.press("f8")
        await one.dialog(Choice)
        await one.press(key)
        await one.until(lambda: said in one.text)
        await one.press("1")  # no
        await one.no_dialog()
        assert api.contracted[id].state is not state
        await one.press("delete")
        await one.dialog(Choice)
        await one.press(key)
        await one.until(lambda: said in one.text)
        await one.press("2")
        await one.no_dialog()
        assert api.contracted[id].state is state
        assert "recorded in the change log" in one.said
        assert one.screen.rows[id].contract.state is state  # type: ignore[attr-defined]


async def test_what_is_terminated_stays_as_it_is(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "contracts") as one:
        await told(one)
        await go(one, "gone")
        for key in ("enter", "f2", "f8"):
            await one.press(key)
            await one.no_dialog()
            assert "terminated" in one.said


async def test_somebody_else_was_faster(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "contracts") as one:
        await told(one)
        await go(one, "old")
        api.change("old", name="새 이름")
        await one.press("f8")
        await one.dialog(Choice)
        await one.press("3")
        await one.until(lambda: "for good" in one.text)
        await one.press("2")
        await one.no_dialog()
        assert "Somebody else changed it" in one.said
        assert api.contracted["old"].state is OFF


async def test_a_draft_is_thrown_away_after_asking(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "contracts") as one:
        await told(one)
        await go(one, "issue")
        await one.press("f8")
        await one.dialog(Choice)
        assert "Throw the draft 이슈 관리 away?" in one.text
        await one.press("1")
        await one.no_dialog()
        assert "issue" in api.contracted
        await one.press("f8")
        await one.dialog(Choice)
        await one.press("2")
        await one.no_dialog()
        assert "issue" not in api.contracted
        assert "이슈 관리" not in one.text


async def test_enter_goes_on_with_a_draft_and_opens_the_rest(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "contracts") as one:
        await told(one)
        for id, key, step in (
            ("issue", "enter", DetailsStep),
            ("issue", "f2", BasicStep),
            ("chat", "enter", BasicStep),
            ("chat", "f6", DetailsStep),
            ("old", "f6", DetailsStep),
            ("gone", "f6", DetailsStep),
        ):
            await go(one, id)
            await one.press(key)
            await one.dialog(step)
            await one.press("escape")
            await one.no_dialog()
        assert list((tmp_path / "wizard").glob("*")) == []  # nothing was typed


async def test_an_unsent_service_is_a_row_and_goes_on(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "contracts", size=(160, 40)) as one:
        await told(one)
        await one.press("insert")
        await one.dialog(BasicStep)
        await one.press(*"새로")
        await one.press("escape")
        await one.no_dialog()
        assert "only on this machine" in row(one, "새로")
        assert "Draft" in row(one, "새로")
        await one.press("f6")
        assert "Step 1 comes first" in one.said
        await one.press("enter")
        await one.dialog(BasicStep)
        assert "새로" in one.text
        await one.press("escape")
        await one.no_dialog()
        await one.press("insert")
        await one.dialog(Choice)
        await one.press("2")  # another one
        await one.dialog(BasicStep)
        assert isinstance(step := one.app.screen, BasicStep)
        assert step.fields.values["name"] == ""
        await one.press("escape")
        await one.no_dialog()
        assert "Draft 2" in one.screen.foot.text  # type: ignore[attr-defined]
        await one.press("f8")
        await one.dialog(Choice)
        await one.press("2")
        await one.no_dialog()
        assert "새로" not in one.text
        assert list((tmp_path / "wizard").iterdir()) == []


async def test_the_draft_of_another_day_is_there_again(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "contracts") as one:
        await told(one)
        await one.press("insert")
        await one.dialog(BasicStep)
        await one.press(*"어제 쓰던")
        await one.press("escape")
        await one.no_dialog()
    async with at(centre(), tmp_path, "contracts") as one:
        await told(one)
        assert "어제 쓰던" in one.text


async def test_a_draft_that_cannot_be_read_is_said_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "wizard"
    folder.mkdir()
    (folder / "broken.json").write_text("{")
    async with at(centre(), tmp_path, "contracts") as one:
        assert "broken.json" in one.said
        await told(one)
        assert (folder / "broken.json").read_text() == "{"


async def test_everything_of_a_service_can_be_read(tmp_path: Path) -> None:
    api = centre()
    api.contracted["chat"] = api.contracted["chat"].model_copy(
        update={
            "items": [Terms(item=Item.TICKET, users=12, volume=50_000)],
            "banner": Banner(width=600, height=200, media_type="image/png", changed=1),
            "next_edit": MIDNIGHT,
            "discount": 1000,
        }
    )
    async with at(api, tmp_path, "contracts") as one:
        await told(one)
        await go(one, "chat")
        await one.press("ctrl+d")
        await one.dialog(ContractShown)
        await one.until(lambda: "738,000 KRW a month" in one.text)
        assert "12 users" in one.text
        assert "50,000 tickets" in one.text
        assert "10 %" in one.text
        await one.until(lambda: "600×200" in one.text)
        await one.press("enter")
        await one.no_dialog()


@pytest.mark.parametrize(("key", "there"), [("chat", True), ("old", False)])
async def test_only_a_contract_that_lives_has_a_next_edit(key: str, there: bool, tmp_path: Path) -> None:
    api = centre()
    api.contracted["old"] = api.contracted["old"].model_copy(update={"state": ServiceState.TERMINATED})
    async with at(api, tmp_path, "contracts") as one:
        await told(one)
        await go(one, key)
        await one.press("ctrl+d")
        await one.dialog(ContractShown)
        assert "Time zone" in one.text
        assert ("Next edit" in one.text) is there


async def test_the_service_cannot_be_reached(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "contracts") as one:
        await told(one)
        await go(one, "old")
        api.failure = Unreachable("connect", "no way")
        await one.press("f8")
        await one.dialog(Choice)
        await one.press("2")
        await one.until(lambda: "used again" in one.text)
        await one.press("2")
        await one.no_dialog()
        assert "cannot be reached" in one.said


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_hostile_names_are_only_text(size: tuple[int, int], tmp_path: Path) -> None:
    letters = "abcdefghij"
    api = FakeContracts(me(), *(contract(letters[i], name) for i, name in enumerate(HOSTILE)))
    async with at(api, tmp_path, "contracts", size=size) as one:
        await told(one)
        assert "[/foo]" in one.text
        assert len(one.lines) == size[1]
        for id in letters:
            await go(one, id)
            await one.press("f6")
            await one.dialog(DetailsStep)
            await one.press("escape")
            await one.no_dialog()
            await one.press("f2")
            await one.dialog(BasicStep)
            await one.press("escape")
            await one.no_dialog()


async def test_who_does_not_manage_the_organization_has_no_such_menu(tmp_path: Path) -> None:
    async with at(FakeContracts(me(admin=False)), tmp_path, "contracts") as one:
        assert "contracts" not in one.app.current_mode
