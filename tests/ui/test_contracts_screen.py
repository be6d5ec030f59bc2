"""The contracts screen, by keyboard: the list, switching, drafts (rules.md 1, 5–8)."""

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


def fake_server(language: str = "en") -> FakeContracts:
    return FakeContracts(
        me(language=language),
        contract("chat", "채팅 상담", next_edit=NOW + 3_723_000, languages=["en", "ko"], time_zone="America/New_York"),
        contract("issue", "이슈 관리", state=DRAFT),
        contract("old", "옛 서비스", state=OFF),
        contract("gone", "끝난 서비스", state=ENDED, terminated="2026-11-01"),
    )


async def load_contracts(person: Person) -> None:
    assert isinstance(person.api, FakeContracts)
    person.desk.feed.tell(CONTRACTS, person.api.contracts_body())
    await person.settled()


def row_text(person: Person, name: str) -> str:
    return next(line for line in person.lines if name in line)


async def go_to_row(person: Person, id: str) -> None:
    assert person.grid.move_to(id)
    await person.pilot.pause()


async def test_rows_show_state_and_the_action_of_each_step(tmp_path: Path) -> None:
    async with at(fake_server("ko"), tmp_path, "contracts") as person:
        await load_contracts(person)
        assert row_text(person, "채팅 상담").split()[:1] == ["사용"]
        assert row_text(person, "이슈 관리").split()[:1] == ["미사용"]
        assert row_text(person, "옛 서비스").split()[:1] == ["이용정지"]
        assert row_text(person, "끝난 서비스").split()[:1] == ["해지됨"]
        assert "수정 등록" in " ".join(row_text(person, "이슈 관리").split())  # rules.md rule 5
        assert "수정 수정" in " ".join(row_text(person, "옛 서비스").split())
        assert "등록" not in row_text(person, "끝난 서비스")
        tones = {cell.tone for id in person.api.contracted for cell in person.screen.cells(person.screen.rows[id])[:1]}  # type: ignore[attr-defined]
        assert tones == {"good", "watch", "bad", "muted"}
        assert "서비스 4개 중 4개" in person.screen.foot.text  # type: ignore[attr-defined]


async def test_next_edit_counts_down(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "contracts") as person:
        await load_contracts(person)
        assert "01:02:03" in row_text(person, "채팅 상담")
        assert "now" in row_text(person, "옛 서비스")
        await person.passes(4)
        assert "01:01:59" in row_text(person, "채팅 상담")


@pytest.mark.parametrize(
    ("id", "on", "off"),
    [("chat", 0, "Terminate  (suspend it first)"), ("old", 1, "Suspend  (it is suspended already)")],
)
async def test_disabled_switches_give_the_reason(id: str, on: int, off: str, tmp_path: Path) -> None:
    """Terminating is possible only while suspended (rules.md 6)."""
    async with at(fake_server(), tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, id)
        await person.press("f8")
        await person.dialog(Choice)
        assert off in person.text
        await person.press("3" if id == "chat" else "1")
        assert isinstance(person.app.screen, Choice)  # nothing happens
        await person.press("escape")
        await person.no_dialog()
        assert not [call for call in person.api.calls if call.startswith("switch")]


@pytest.mark.parametrize(
    ("id", "key", "said", "state"),
    [
        ("chat", "1", "billing goes on", OFF),
        ("old", "2", "used again at once", USED),
        ("old", "3", "for good", ENDED),
    ],
)
async def test_switching_needs_confirmation_and_explains_the_effect(
    id: str, key: str, said: str, state: ServiceState, tmp_path: Path
) -> None:
    """Suspend, resume and terminate, each after a question (rules.md 1, 6, 8)."""
    api = fake_server()
    async with at(api, tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, id)
        await person.press("f8")
        await person.dialog(Choice)
        await person.press(key)
        await person.until(lambda: said in person.text)
        await person.press("1")  # no
        await person.no_dialog()
        assert api.contracted[id].state is not state
        await person.press("delete")
        await person.dialog(Choice)
        await person.press(key)
        await person.until(lambda: said in person.text)
        await person.press("2")
        await person.no_dialog()
        assert api.contracted[id].state is state
        assert "recorded in the change log" in person.said
        assert person.screen.rows[id].contract.state is state  # type: ignore[attr-defined]


async def test_terminated_service_cannot_be_switched(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, "gone")
        for key in ("enter", "f2", "f8"):
            await person.press(key)
            await person.no_dialog()
            assert "terminated" in person.said


async def test_version_conflict_is_reported(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, "old")
        api.change("old", name="새 이름")
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("3")
        await person.until(lambda: "for good" in person.text)
        await person.press("2")
        await person.no_dialog()
        assert "Somebody else changed it" in person.said
        assert api.contracted["old"].state is OFF


async def test_dropping_a_draft_needs_confirmation(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, "issue")
        await person.press("f8")
        await person.dialog(Choice)
        assert "Throw the draft 이슈 관리 away?" in person.text
        await person.press("1")
        await person.no_dialog()
        assert "issue" in api.contracted
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert "issue" not in api.contracted
        assert "이슈 관리" not in person.text


async def test_enter_continues_a_draft_and_opens_other_services(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "contracts") as person:
        await load_contracts(person)
        for id, key, step in (
            ("issue", "enter", DetailsStep),
            ("issue", "f2", BasicStep),
            ("chat", "enter", BasicStep),
            ("chat", "f6", DetailsStep),
            ("old", "f6", DetailsStep),
            ("gone", "f6", DetailsStep),
        ):
            await go_to_row(person, id)
            await person.press(key)
            await person.dialog(step)
            await person.press("escape")
            await person.no_dialog()
        assert list((tmp_path / "wizard").glob("*")) == []  # nothing was typed


async def test_unsent_service_is_a_row_and_can_be_continued(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "contracts", size=(160, 40)) as person:
        await load_contracts(person)
        await person.press("insert")
        await person.dialog(BasicStep)
        await person.press(*"새로")
        await person.press("escape")
        await person.no_dialog()
        assert "only on this machine" in row_text(person, "새로")
        assert "Draft" in row_text(person, "새로")
        await person.press("f6")
        assert "Step 1 comes first" in person.said
        await person.press("enter")
        await person.dialog(BasicStep)
        assert "새로" in person.text
        await person.press("escape")
        await person.no_dialog()
        await person.press("insert")
        await person.dialog(Choice)
        await person.press("2")  # another one
        await person.dialog(BasicStep)
        assert isinstance(step := person.app.screen, BasicStep)
        assert step.fields.values["name"] == ""
        await person.press("escape")
        await person.no_dialog()
        assert "Draft 2" in person.screen.foot.text  # type: ignore[attr-defined]
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert "새로" not in person.text
        assert list((tmp_path / "wizard").iterdir()) == []


async def test_draft_of_an_earlier_session_is_restored(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "contracts") as person:
        await load_contracts(person)
        await person.press("insert")
        await person.dialog(BasicStep)
        await person.press(*"어제 쓰던")
        await person.press("escape")
        await person.no_dialog()
    async with at(fake_server(), tmp_path, "contracts") as person:
        await load_contracts(person)
        assert "어제 쓰던" in person.text


async def test_unreadable_draft_is_reported_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "wizard"
    folder.mkdir()
    (folder / "broken.json").write_text("{")
    async with at(fake_server(), tmp_path, "contracts") as person:
        assert "broken.json" in person.said
        await load_contracts(person)
        assert (folder / "broken.json").read_text() == "{"


async def test_detail_dialog_shows_the_whole_service(tmp_path: Path) -> None:
    api = fake_server()
    api.contracted["chat"] = api.contracted["chat"].model_copy(
        update={
            "items": [Terms(item=Item.TICKET, users=12, volume=50_000)],
            "banner": Banner(width=600, height=200, media_type="image/png", changed=1),
            "next_edit": MIDNIGHT,
            "discount": 1000,
        }
    )
    async with at(api, tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, "chat")
        await person.press("ctrl+d")
        await person.dialog(ContractShown)
        await person.until(lambda: "738,000 KRW a month" in person.text)
        assert "12 users" in person.text
        assert "50,000 tickets" in person.text
        assert "10 %" in person.text
        await person.until(lambda: "600×200" in person.text)
        await person.press("enter")
        await person.no_dialog()


@pytest.mark.parametrize(("key", "there"), [("chat", True), ("old", False)])
async def test_only_active_contracts_have_a_next_edit(key: str, there: bool, tmp_path: Path) -> None:
    api = fake_server()
    api.contracted["old"] = api.contracted["old"].model_copy(update={"state": ServiceState.TERMINATED})
    async with at(api, tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, key)
        await person.press("ctrl+d")
        await person.dialog(ContractShown)
        assert "Time zone" in person.text
        assert ("Next edit" in person.text) is there


async def test_unreachable_server_is_reported(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "contracts") as person:
        await load_contracts(person)
        await go_to_row(person, "old")
        api.failure = Unreachable("connect", "no way")
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("2")
        await person.until(lambda: "used again" in person.text)
        await person.press("2")
        await person.no_dialog()
        assert "cannot be reached" in person.said


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_hostile_names_are_shown_as_text(size: tuple[int, int], tmp_path: Path) -> None:
    letters = "abcdefghij"
    api = FakeContracts(me(), *(contract(letters[i], name) for i, name in enumerate(HOSTILE)))
    async with at(api, tmp_path, "contracts", size=size) as person:
        await load_contracts(person)
        assert "[/foo]" in person.text
        assert len(person.lines) == size[1]
        for id in letters:
            await go_to_row(person, id)
            await person.press("f6")
            await person.dialog(DetailsStep)
            await person.press("escape")
            await person.no_dialog()
            await person.press("f2")
            await person.dialog(BasicStep)
            await person.press("escape")
            await person.no_dialog()


async def test_menu_is_only_for_organization_admins(tmp_path: Path) -> None:
    async with at(FakeContracts(me(admin=False)), tmp_path, "contracts") as person:
        assert "contracts" not in person.app.current_mode
