"""The CTI settings screen, by keyboard: the form, agents ready for phone, opening the first missing condition."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from textual.events import Key

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.contracts import ItemTerms
from octui.schema.cti import CtiSettings, CtiVersion
from octui.schema.items import Item, ServiceState
from octui.schema.organization import NewOrganizationAdmin, OrganizationChange
from octui.server.database import tables
from octui.text.width import cell_width
from octui.ui.locale import Words
from octui.ui.screens.agents import AgentsScreen
from octui.ui.screens.cti.screen import CtiScreen
from octui.ui.screens.cti_settings.screen import CtiSettingsScreen
from octui.ui.screens.cti_settings.words import fields_of
from octui.ui.screens.members import MembersScreen
from octui.ui.widgets.fields import Typed
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import HOSTILE, SERVICE, Center, Seed, seed_organization, seed_service

MENU = "cti_settings"


async def seed(center: Center) -> None:
    """Make four agents: ready, without permission, without numbers, with neither; and complete settings."""
    await seed_service(center)
    for account, name, phone in (
        ("kim", "김민수", True),
        ("lee", "이영희", True),
        ("park", "박철수", False),
        ("choi", "최지우", False),
    ):
        await center.add_agent(account, name, phone=phone)
    await center.set_cti("kim", cti_id="oc1", cti_no="7001")
    await center.set_cti("lee", cti_id="oc2")
    await center.set_cti("choi", cti_id="oc4", cti_no="7004")
    await center.operator.change_organization(OrganizationChange(ipcc_agreed=True))
    await center.set_cti_settings(cti_version="ipcc", tenant_id="acme-1", tenant_name="Acme", monitoring=True)


async def add_service_admin(center: Center) -> None:
    """Make `jung` an admin of the service, whose screens are in English."""
    await center.add_agent("jung", "정하윤", role=Role.ADMIN, phone=False)
    await center.set_language("en", "jung")


async def settings(center: Center) -> CtiSettings:
    return await center.operator.cti_settings(SERVICE)


def heading_text(person: Person) -> str:
    assert isinstance(person.screen, CtiSettingsScreen)
    return person.screen._heading.text


def field_line(person: Person, name: str) -> Typed:
    assert isinstance(person.screen, CtiSettingsScreen)
    found = person.screen.form.fields._inputs[name]
    assert isinstance(found, Typed)
    return found


async def go_to_field(person: Person, name: str) -> None:
    assert isinstance(person.screen, CtiSettingsScreen)
    person.screen.form.fields.go_to(name)
    await person.pilot.pause()


def shown_names(person: Person) -> list[str]:
    source = person.grid.source
    return [str(source.key_at(i)) for i in range(source.row_count())]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_form_and_list_are_shown_with_unready_agents_first(size: tuple[int, int], center: Center) -> None:
    async with at(center, MENU, size=size) as person:
        for text in ("[IPCC (Private)]", "Mobile Contact - not activated", "acme-1", "Acme", "[On]", "complete"):
            assert text in person.text
        assert "IPCC agreed: yes   Mobile Contact activated: no" in person.text
        assert shown_names(person) == ["choi", "park", "lee", "kim"]
        for text in ("No phone permission", "No CTI ID or NO", "ready"):
            assert text in person.text
        assert "1 of 4 agents are ready for phone" in person.text
        assert {"^S", "F8"} <= person.keys_off


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
@pytest.mark.parametrize("chosen", [None, CtiVersion.IPCC])
@pytest.mark.parametrize("allowed", [False, True])
def test_versions_fit_on_80_columns(language: str, chosen: CtiVersion | None, allowed: bool) -> None:
    settings = CtiSettings(
        cti_version=chosen,
        tenant_id="",
        tenant_name="",
        monitoring=False,
        retention_years=2,
        ipcc_agreed=allowed,
        mobile_contact_activated=allowed,
        complete=False,
        version=1,
    )
    lines = fields_of(settings, Words(language))
    label = max(cell_width(person.label) for person in lines)
    assert label + sum(cell_width(text) + 2 for _, text in lines[0].options) <= 80 - 4


async def test_tab_cycles_through_form_and_list(center: Center) -> None:
    async with at(center, MENU, size=(80, 24)) as person:
        assert person.app.focused is person.grid
        seen = []
        for _ in range(7):
            await person.press("tab")
            focused = person.app.focused
            seen.append(focused.field.name if hasattr(focused, "field") else type(focused).__name__)
        lines = ["cti_version", "tenant_id", "tenant_name", "monitoring", "retention_years"]
        assert seen == [*lines, "SearchLine", "Grid"]
        await person.press("tab", "shift+tab")
        assert person.app.focused is person.grid


async def test_text_typed_right_after_tab_goes_to_the_next_field(center: Center) -> None:
    async with at(center, MENU) as person:
        for key in ("tab", "tab", "x"):
            person.app.post_message(Key(key, key if len(key) == 1 else None))
        await person.until(lambda: field_line(person, "tenant_id").value == "acme-1x")


async def test_only_changed_fields_are_saved_with_the_shown_version(center: Center) -> None:
    async with at(center, MENU) as person:
        await go_to_field(person, "tenant_id")
        await person.press(*"-9")
        assert "1 changed: ^S saves" in heading_text(person)
        await person.press("ctrl+s")
        await person.settled()
        assert [request.body for request in center.sent("change_cti_settings")] == [{"tenant_id": "acme-1-9"}]
        assert (await settings(center)).tenant_id == "acme-1-9"
        assert "recorded" in person.said
        assert "complete" in heading_text(person)


async def test_version_without_its_flag_explains_what_to_do(center: Center) -> None:
    async with at(center, MENU, size=(80, 24)) as person:
        await go_to_field(person, "cti_version")
        await person.press("right")
        await person.pilot.pause()
        assert "--mobile-contact-activated yes" in person.text
        await person.press("ctrl+s")
        await person.settled()
        assert (await settings(center)).cti_version is CtiVersion.IPCC
        assert "--mobile-contact-activated yes" in person.text
        await person.press("f8")
        await person.pilot.pause()
        assert "--mobile-contact-activated" not in person.text


@pytest.mark.parametrize("years", ["0", "101", "999", "", "two", "9999999", "-1", "1.5"])
async def test_years_out_of_bounds_are_refused_at_the_field(years: str, center: Center) -> None:
    async with at(center, MENU) as person:
        await go_to_field(person, "retention_years")
        field_line(person, "retention_years").value = years
        await person.press("ctrl+s")
        await person.settled()
        assert "is out of range" in person.text or "is a number of years from 1 to 100" in person.text
        assert (await settings(center)).retention_years == 2
        assert field_line(person, "retention_years").value == years


async def test_version_conflict_shows_theirs_and_keeps_typed_values(center: Center) -> None:
    async with at(center, MENU) as person:
        await go_to_field(person, "tenant_name")
        field_line(person, "tenant_name").value = "Mine"
        await person.pilot.pause()
        await center.set_cti_settings(tenant_name="Theirs", tenant_id="acme-2")
        await person.press("ctrl+s")
        await person.settled()
        assert "Somebody else changed it meanwhile" in person.said
        assert "saved by somebody else meanwhile: Theirs" in person.text
        assert "acme-2" in person.text
        assert field_line(person, "tenant_name").value == "Mine"
        await person.press("ctrl+s")
        await person.settled()
        assert (await settings(center)).tenant_name == "Mine"
        assert "meanwhile" not in person.text


async def test_settings_saved_by_others_appear(center: Center) -> None:
    async with at(center, MENU) as person:
        await center.set_cti_settings(tenant_id="other")
        await person.update()
        assert "other" in person.text
        assert "changed" not in heading_text(person)


async def test_edits_survive_another_menu_and_a_restart(center: Center) -> None:
    async with at(center, MENU) as person:
        await go_to_field(person, "tenant_id")
        await person.press(*"x")
        person.app.switch_mode("members")
        await person.pilot.pause()
        person.app.switch_mode(MENU)
        await person.pilot.pause()
        await person.update()
        assert "1 changed" in heading_text(person)
        person.app.save_all()
    await center.set_cti_settings(tenant_id="theirs")
    async with at(center, MENU) as person:
        assert field_line(person, "tenant_id").value == "acme-1x"
        assert "saved by somebody else meanwhile: theirs" in person.text
        await person.press("f8")
        await person.pilot.pause()
        assert field_line(person, "tenant_id").value == "theirs"
    assert not (center.folder / "cti_settings-draft.json").exists()


async def test_service_admin_sees_a_read_only_form_with_the_reason(center: Center) -> None:
    await add_service_admin(center)
    async with at(center, MENU, account="jung", size=(80, 24)) as person:
        assert "only organization admins change them" in person.text
        assert "acme-1" in person.text
        await person.press("tab", "x", "tab")
        assert field_line(person, "tenant_id").value == "acme-1"
        await person.press("ctrl+s")
        assert person.said == "Only organization admins change the CTI settings."
        assert "change_cti_settings" not in center.operations


async def test_form_follows_lost_and_regained_rights(center: Center) -> None:
    await center.add_agent("admin", role=Role.ADMIN)
    await center.operator.add_organization_admin(NewOrganizationAdmin(account="kim"))
    async with at(center, MENU) as person:
        await center.api("kim").remove_organization_admin("admin")
        await person.update()
        await person.passes(1)
        assert field_line(person, "tenant_id").disabled
        await center.api("kim").add_organization_admin(NewOrganizationAdmin(account="admin"))
        await person.update()
        await person.passes(1)
        await go_to_field(person, "tenant_id")
        await person.press("x")
        assert "1 changed" in heading_text(person)


async def test_menu_is_off_without_phone_in_the_contract(make_center: Callable[[Seed], Center]) -> None:
    center = make_center(seed_organization)
    await center.add_service(SERVICE, "상담", ItemTerms(item=Item.TICKET))
    async with at(center, MENU) as person:
        assert not isinstance(person.screen, CtiSettingsScreen)
        assert "CTI settings" not in person.lines[0]


# --- Enter opens the first unmet condition ---------------------------------------------------------------------------


async def test_enter_opens_the_missing_permission_of_the_agent(center: Center) -> None:
    async with at(center, MENU) as person:
        person.grid.move_to("park", "name")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, AgentsScreen))
        await person.feed.poll_once()
        await person.until(lambda: person.grid.cursor == ("park", "phone"))


@pytest.mark.parametrize(("account", "column"), [("lee", "cti_no"), ("han", "cti_id")])
async def test_enter_opens_the_empty_cell_of_the_agent(account: str, column: str, center: Center) -> None:
    await center.add_agent("han", "한서연")
    async with at(center, MENU) as person:
        person.grid.move_to(account, "name")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, CtiScreen))
        await person.feed.poll_once()
        await person.until(lambda: person.grid.cursor == (account, column))


async def test_enter_clears_a_remembered_search_that_hides_the_agent(center: Center) -> None:
    async with at(center, "cti") as person:
        await person.update()
        await person.search("김민수")
        person.app.switch_mode(MENU)
        await person.pilot.pause()
        await person.update()
        person.grid.move_to("lee", "name")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, CtiScreen))
        await person.until(lambda: person.grid.cursor == ("lee", "cti_no"))
        assert person.screen.query_one(SearchLine).value == ""


async def test_enter_opens_the_first_incomplete_setting(center: Center) -> None:
    await center.set_cti_settings(tenant_name="")
    async with at(center, MENU) as person:
        assert "not complete yet" in heading_text(person)
        await person.press("enter")
        await person.settled()
        assert person.app.focused is field_line(person, "tenant_name")


async def test_enter_on_a_ready_agent_reports_ready(center: Center) -> None:
    async with at(center, MENU) as person:
        person.grid.move_to("kim")
        await person.press("enter")
        await person.settled()
        assert person.said == "김민수 is ready for phone."


async def test_enter_opens_the_contract_only_for_organization_admins(center: Center) -> None:
    await add_service_admin(center)
    await center.switch_service(SERVICE, ServiceState.SUSPENDED)
    async with at(center, MENU, account="jung") as person:
        await person.press("enter")
        await person.settled()
        assert isinstance(person.screen, CtiSettingsScreen)
        assert "organization admins" in person.said


async def test_service_not_in_use_is_named_as_the_cause(center: Center) -> None:
    await center.switch_service(SERVICE, ServiceState.SUSPENDED)
    async with at(center, MENU, size=(80, 24)) as person:
        assert "Service not in use" in person.text


# --- what is loaded again -------------------------------------------------------------------------------------------


async def test_list_reloads_after_changed_rights_and_not_after_states(center: Center) -> None:
    async with at(center, MENU) as person:
        count = center.operations.count("cti_readiness")
        await center.set_state("kim", "ready")
        await person.update()
        assert center.operations.count("cti_readiness") == count
        await center.change_agent("choi", phone=True)
        await person.update()
        assert "2 of 4 agents are ready for phone" in person.text
        await center.remove_agent("park")
        await person.update()
        assert shown_names(person) == ["lee", "choi", "kim"]


async def test_every_page_is_loaded_and_a_failure_is_retried(center: Center) -> None:
    center.faults.largest_page = 1
    center.faults.only, center.faults.failure = "cti_readiness", Unreachable("connect", "?")
    async with at(center, MENU) as person:
        assert "cannot be reached" in person.text
        center.faults.failure = None
        await person.passes(5)
        await person.settled()
        assert len(shown_names(person)) == 4


async def test_search_and_order_are_remembered(center: Center) -> None:
    async with at(center, MENU) as person:
        await person.search("ㅊㅈㅇ")
        assert shown_names(person) == ["choi"]
        assert "1 shown" in person.text
        person.grid.move_to("choi", "account")
        await person.press("f5")
    async with at(center, MENU) as person:
        assert shown_names(person) == ["choi"]
        await person.search("")
        assert shown_names(person) == ["choi", "kim", "lee", "park"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, center: Center) -> None:
    center.overwrite(update(tables.cti_settings).values(tenant_name=name, tenant_id=name[:50]))
    center.overwrite(update(tables.member).where(tables.member.c.account == "lee").values(name=name))
    async with at(center, MENU, size=(80, 24)) as person:
        assert "changed" not in heading_text(person)
        assert "Tenant name" in person.text
        person.app.switch_mode("members")
        await person.until(lambda: isinstance(person.screen, MembersScreen))
