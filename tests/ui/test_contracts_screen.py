"""The contracts screen, by keyboard: the list, switching, drafts (rules.md 1, 5–8)."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import update

from octui.client.errors import Unreachable
from octui.schema.charges import NewDiscount
from octui.schema.contracts import BasicChange, ItemTerms
from octui.schema.items import Item, ServiceState
from octui.server.database import tables
from octui.ui.dialogs.choice import Choice
from octui.ui.screens.contracts.screen import ContractsScreen
from octui.ui.screens.contracts.service_details_dialog import ServiceDetailsDialog
from octui.ui.screens.contracts.wizard.basic_step import BasicStep
from octui.ui.screens.contracts.wizard.contract_step import ContractStep
from ui.person import Person, at
from ui.server import HOSTILE, STARTED, Center, Seed, seed_organization

DRAFT, USED, OFF, ENDED = ServiceState.DRAFT, ServiceState.IN_USE, ServiceState.SUSPENDED, ServiceState.TERMINATED


async def seed(center: Center) -> None:
    """Make a service in each state; the contract of `chat` has been edited today."""
    await seed_organization(center)
    ticket = ItemTerms(item=Item.TICKET)
    center.clock.set_time("2026-06-20 09:00")
    await center.add_service("chat", "채팅 상담", ticket, languages=["en", "ko"], time_zone="America/New_York")
    await center.add_service("issue", "이슈 관리")
    await center.add_service("old", "옛 서비스", ticket)
    await center.add_service("gone", "끝난 서비스", ticket)
    await center.switch_service("old", OFF)
    await center.switch_service("gone", OFF, ENDED)
    center.clock.seconds = STARTED
    await center.edit_contract("chat", ItemTerms(item=Item.TICKET, users=12, volume=50_000))


async def service_ids(center: Center) -> list[str]:
    return [contract.id for contract in (await center.operator.contracts()).contracts]


def row_text(person: Person, name: str) -> str:
    """Return the row that contains a name; the top line may contain it too."""
    return next(line for line in person.lines[1:] if name in line)


async def go_to_row(person: Person, id: str) -> None:
    assert person.grid.move_to(id)
    await person.pilot.pause()


async def test_rows_show_state_and_the_action_of_each_step(center: Center) -> None:
    await center.set_language("ko")
    async with at(center, "contracts") as person:
        assert row_text(person, "채팅 상담").split()[:1] == ["사용"]
        assert row_text(person, "이슈 관리").split()[:1] == ["미사용"]
        assert row_text(person, "옛 서비스").split()[:1] == ["이용정지"]
        assert row_text(person, "끝난 서비스").split()[:1] == ["해지됨"]
        assert "수정 등록" in " ".join(row_text(person, "이슈 관리").split())  # rules.md rule 5
        assert "수정 수정" in " ".join(row_text(person, "옛 서비스").split())
        assert "등록" not in row_text(person, "끝난 서비스")
        screen = person.screen
        assert isinstance(screen, ContractsScreen)
        tones = {cell.tone for id in await service_ids(center) for cell in screen.row_cells(screen.rows[id])[:1]}
        assert tones == {"good", "watch", "bad", "muted"}
        assert "서비스 4개 중 4개" in screen.foot.text


async def test_next_edit_counts_down(center: Center) -> None:
    center.clock.set_time("2026-11-23 22:57:57")
    async with at(center, "contracts") as person:
        assert "01:02:03" in row_text(person, "채팅 상담")
        assert "now" in row_text(person, "옛 서비스")
        await person.passes(4)
        assert "01:01:59" in row_text(person, "채팅 상담")


@pytest.mark.parametrize(
    ("id", "on", "off"),
    [("chat", 0, "Terminate  (suspend it first)"), ("old", 1, "Suspend  (it is suspended already)")],
)
async def test_disabled_switches_give_the_reason(id: str, on: int, off: str, center: Center) -> None:
    """Terminating is possible only while suspended (rules.md 6)."""
    async with at(center, "contracts") as person:
        await go_to_row(person, id)
        await person.press("f8")
        await person.dialog(Choice)
        assert off in person.text
        await person.press("3" if id == "chat" else "1")
        assert isinstance(person.app.screen, Choice)  # nothing happens
        await person.press("escape")
        await person.no_dialog()
        assert "switch_service" not in center.operations


@pytest.mark.parametrize(
    ("id", "key", "said", "state"),
    [
        ("chat", "1", "billing goes on", OFF),
        ("old", "2", "used again at once", USED),
        ("old", "3", "for good", ENDED),
    ],
)
async def test_switching_needs_confirmation_and_explains_the_effect(
    id: str, key: str, said: str, state: ServiceState, center: Center
) -> None:
    """Suspend, resume and terminate, each after a question (rules.md 1, 6, 8)."""
    async with at(center, "contracts") as person:
        await go_to_row(person, id)
        await person.press("f8")
        await person.dialog(Choice)
        await person.press(key)
        await person.until(lambda: said in person.text)
        await person.press("1")  # no
        await person.no_dialog()
        assert (await center.contract(id)).state is not state
        await person.press("delete")
        await person.dialog(Choice)
        await person.press(key)
        await person.until(lambda: said in person.text)
        await person.press("2")
        await person.no_dialog()
        assert (await center.contract(id)).state is state
        assert "recorded in the change log" in person.said
        assert person.screen.rows[id].contract.state is state  # type: ignore[attr-defined]


async def test_terminated_service_cannot_be_switched(center: Center) -> None:
    async with at(center, "contracts") as person:
        await go_to_row(person, "gone")
        for key in ("enter", "f2", "f8"):
            await person.press(key)
            await person.no_dialog()
            assert "terminated" in person.said


async def test_version_conflict_is_reported(center: Center) -> None:
    async with at(center, "contracts") as person:
        await go_to_row(person, "old")
        await center.operator.change_service("old", BasicChange(name="새 이름"), (await center.contract("old")).version)
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("3")
        await person.until(lambda: "for good" in person.text)
        await person.press("2")
        await person.no_dialog()
        assert "Somebody else changed it" in person.said
        assert (await center.contract("old")).state is OFF


async def test_dropping_a_draft_needs_confirmation(center: Center) -> None:
    async with at(center, "contracts") as person:
        await go_to_row(person, "issue")
        await person.press("f8")
        await person.dialog(Choice)
        assert "Throw the draft 이슈 관리 away?" in person.text
        await person.press("1")
        await person.no_dialog()
        assert "issue" in await service_ids(center)
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("2")
        await person.no_dialog()
        assert "issue" not in await service_ids(center)
        assert "이슈 관리" not in person.text


async def test_enter_continues_a_draft_and_opens_other_services(center: Center) -> None:
    async with at(center, "contracts") as person:
        for id, key, step in (
            ("issue", "enter", ContractStep),
            ("issue", "f2", BasicStep),
            ("chat", "enter", BasicStep),
            ("chat", "f6", ContractStep),
            ("old", "f6", ContractStep),
            ("gone", "f6", ContractStep),
        ):
            await go_to_row(person, id)
            await person.press(key)
            await person.dialog(step)
            await person.press("escape")
            await person.no_dialog()
        assert list((center.folder / "wizard").glob("*")) == []  # nothing was typed


async def test_unsent_service_is_a_row_and_can_be_continued(center: Center) -> None:
    async with at(center, "contracts", size=(160, 40)) as person:
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
        assert list((center.folder / "wizard").iterdir()) == []


async def test_draft_of_an_earlier_session_is_restored(center: Center) -> None:
    async with at(center, "contracts") as person:
        await person.press("insert")
        await person.dialog(BasicStep)
        await person.press(*"어제 쓰던")
        await person.press("escape")
        await person.no_dialog()
    async with at(center, "contracts") as person:
        assert "어제 쓰던" in person.text


async def test_unreadable_draft_is_reported_and_kept(center: Center) -> None:
    folder = center.folder / "wizard"
    folder.mkdir()
    (folder / "broken.json").write_text("{")
    async with at(center, "contracts") as person:
        assert "broken.json" in person.said
        await person.update()
        assert (folder / "broken.json").read_text() == "{"


async def test_detail_dialog_shows_the_whole_service(center: Center) -> None:
    image = io.BytesIO()
    Image.new("RGB", (600, 200), "navy").save(image, "PNG")
    await center.operator.put_banner("chat", image.getvalue())
    await center.operator.change_discount("chat", NewDiscount(valid_from="2026-11-01", basis_points=1000))
    async with at(center, "contracts") as person:
        await go_to_row(person, "chat")
        await person.press("ctrl+d")
        await person.dialog(ServiceDetailsDialog)
        await person.until(lambda: "738,000 KRW a month" in person.text)
        assert "12 users" in person.text
        assert "50,000 tickets" in person.text
        assert "10 %" in person.text
        await person.until(lambda: "600x200" in person.text)
        await person.press("enter")
        await person.no_dialog()


@pytest.mark.parametrize(("key", "there"), [("chat", True), ("gone", False)])
async def test_only_active_contracts_have_a_next_edit(key: str, there: bool, center: Center) -> None:
    async with at(center, "contracts") as person:
        await go_to_row(person, key)
        await person.press("ctrl+d")
        await person.dialog(ServiceDetailsDialog)
        assert "Time zone" in person.text
        assert ("Next edit" in person.text) is there


async def test_unreachable_server_is_reported(center: Center) -> None:
    async with at(center, "contracts") as person:
        await go_to_row(person, "old")
        center.faults.failure = Unreachable("connect", "no way")
        await person.press("f8")
        await person.dialog(Choice)
        await person.press("2")
        await person.until(lambda: "used again" in person.text)
        await person.press("2")
        await person.no_dialog()
        assert "cannot be reached" in person.said


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_hostile_names_are_shown_as_text(size: tuple[int, int], make_center: Callable[[Seed], Center]) -> None:
    letters = "abcdefghij"
    center = make_center(seed_organization)
    for id, name in zip(letters, HOSTILE, strict=True):
        await center.add_service(id, id, ItemTerms(item=Item.TICKET))
        center.overwrite(update(tables.service).where(tables.service.c.code == id).values(name=name))
    async with at(center, "contracts", size=size) as person:
        assert "[/foo]" in person.text
        assert len(person.lines) == size[1]
        for id in letters:
            await go_to_row(person, id)
            await person.press("f6")
            await person.dialog(ContractStep)
            await person.press("escape")
            await person.no_dialog()
            await person.press("f2")
            await person.dialog(BasicStep)
            await person.press("escape")
            await person.no_dialog()


async def test_menu_is_only_for_organization_admins(center: Center) -> None:
    await center.add_members(kim="김민수")
    async with at(center, "contracts", account="kim") as person:
        assert "contracts" not in person.app.current_mode
