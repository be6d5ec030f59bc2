"""The CTI settings screen, by keyboard: the form, agents ready for phone, opening the first missing condition."""

from pathlib import Path

import pytest
from textual.events import Key

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.cti import CtiSettings, CtiVersion, Step
from octui.text.width import cell_width
from octui.ui.locale import Words
from octui.ui.screens.agents import AgentsScreen
from octui.ui.screens.cti.screen import CtiScreen
from octui.ui.screens.cti_settings.screen import CtiSettingsScreen
from octui.ui.screens.cti_settings.words import fields_of
from octui.ui.screens.members import MembersScreen
from octui.ui.widgets.fields import Typed
from octui.ui.widgets.search_line import SearchLine
from ui.fake_cti_settings import ready
from ui.fake_floor import agent
from ui.fakes import HOSTILE, FakeApi, cti_agent, me
from ui.person import Person, at

MENU = "cti_settings"


def fake_server(*, admin: bool = True, role: Role | None = Role.ADMIN) -> FakeApi:
    """Return a server with four agents: ready, without permission, without numbers, with neither."""
    rows = [
        cti_agent("kim", "김민수", "oc1", "7001"),
        cti_agent("lee", "이영희", "oc2"),
        cti_agent("park", "박철수"),
        cti_agent("choi", "최지우", "oc4", "7004"),
    ]
    api = FakeApi(me(admin=admin, role=role), rows)
    api.seat(*(agent(row.account, row.name, phone=row.account not in ("park", "choi")) for row in rows))
    api.set_cti_settings(cti_version=CtiVersion.IPCC, tenant_id="acme-1", tenant_name="Acme", monitoring=True)
    api.readiness = [
        ready("kim", "김민수"),
        ready("lee", "이영희", Step.NUMBERS),
        ready("park", "박철수", Step.PERMISSION, Step.NUMBERS),
        ready("choi", "최지우", Step.PERMISSION),
    ]
    return api


async def load_all(person: Person) -> None:
    """Let the feed report every topic the screen follows."""
    person.desk.tell_cti_settings()
    person.desk.tell_cti()
    person.desk.tell_agents()
    await person.settled()


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
    return [str(source.key_at(i)) for i in range(source.count())]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_form_and_list_are_shown_with_unready_agents_first(size: tuple[int, int], tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, MENU, size=size) as person:
        await load_all(person)
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


async def test_tab_cycles_through_form_and_list(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, MENU, size=(80, 24)) as person:
        await load_all(person)
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


async def test_text_typed_right_after_tab_goes_to_the_next_field(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, MENU) as person:
        await load_all(person)
        for key in ("tab", "tab", "x"):
            person.app.post_message(Key(key, key if len(key) == 1 else None))
        await person.until(lambda: field_line(person, "tenant_id").value == "acme-1x")


async def test_only_changed_fields_are_saved_with_the_shown_version(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        await go_to_field(person, "tenant_id")
        await person.press(*"-9")
        assert "1 changed: ^S saves" in heading_text(person)
        await person.press("ctrl+s")
        await person.settled()
        assert "change_cti_settings ['tenant_id']" in api.calls
        assert api.cti_settings_now.tenant_id == "acme-1-9"
        assert "recorded" in person.said
        assert "complete" in heading_text(person)


async def test_version_without_its_flag_explains_what_to_do(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, MENU, size=(80, 24)) as person:
        await load_all(person)
        await go_to_field(person, "cti_version")
        await person.press("right")
        await person.pilot.pause()
        assert "--mobile-contact-activated yes" in person.text
        await person.press("ctrl+s")
        await person.settled()
        assert api.cti_settings_now.cti_version is CtiVersion.IPCC
        assert "--mobile-contact-activated yes" in person.text
        await person.press("f8")
        await person.pilot.pause()
        assert "--mobile-contact-activated" not in person.text


@pytest.mark.parametrize("years", ["0", "101", "999", "", "two", "9999999", "-1", "1.5"])
async def test_years_out_of_bounds_are_refused_at_the_field(years: str, tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        await go_to_field(person, "retention_years")
        field_line(person, "retention_years").value = years
        await person.press("ctrl+s")
        await person.settled()
        assert "is out of range" in person.text or "is a number of years from 1 to 100" in person.text
        assert api.cti_settings_now.retention_years == 2
        assert field_line(person, "retention_years").value == years


async def test_version_conflict_shows_theirs_and_keeps_typed_values(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        await go_to_field(person, "tenant_name")
        field_line(person, "tenant_name").value = "Mine"
        await person.pilot.pause()
        api.set_cti_settings(tenant_name="Theirs", tenant_id="acme-2")
        await person.press("ctrl+s")
        await person.settled()
        assert "Somebody else changed it meanwhile" in person.said
        assert "saved by somebody else meanwhile: Theirs" in person.text
        assert "acme-2" in person.text
        assert field_line(person, "tenant_name").value == "Mine"
        await person.press("ctrl+s")
        await person.settled()
        assert api.cti_settings_now.tenant_name == "Mine"
        assert "meanwhile" not in person.text


async def test_settings_saved_by_others_appear(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        api.set_cti_settings(tenant_id="other")
        person.desk.tell_cti_settings()
        await person.settled()
        assert "other" in person.text
        assert "changed" not in heading_text(person)


async def test_edits_survive_another_menu_and_a_restart(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        await go_to_field(person, "tenant_id")
        await person.press(*"x")
        person.app.switch_mode("members")
        await person.pilot.pause()
        person.app.switch_mode(MENU)
        await person.pilot.pause()
        await load_all(person)
        assert "1 changed" in heading_text(person)
        person.app.save_all()
    api.set_cti_settings(tenant_id="theirs")
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        assert field_line(person, "tenant_id").value == "acme-1x"
        assert "saved by somebody else meanwhile: theirs" in person.text
        await person.press("f8")
        await person.pilot.pause()
        assert field_line(person, "tenant_id").value == "theirs"
    assert not (tmp_path / "cti_settings-draft.json").exists()


async def test_service_admin_sees_a_read_only_form_with_the_reason(tmp_path: Path) -> None:
    api = fake_server(admin=False)
    async with at(api, tmp_path, MENU, size=(80, 24)) as person:
        await load_all(person)
        assert "only organization admins change them" in person.text
        assert "acme-1" in person.text
        await person.press("tab", "x", "tab")
        assert field_line(person, "tenant_id").value == "acme-1"
        await person.press("ctrl+s")
        assert person.said == "Only organization admins change the CTI settings."
        assert not [call for call in api.calls if call.startswith("change_cti")]


async def test_form_follows_lost_and_regained_rights(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, MENU) as person:
        await load_all(person)
        person.desk.tell_me(organization_admin=False)
        await person.passes(1)
        assert field_line(person, "tenant_id").disabled
        person.desk.tell_me(organization_admin=True)
        await person.passes(1)
        await go_to_field(person, "tenant_id")
        await person.press("x")
        assert "1 changed" in heading_text(person)


async def test_menu_is_off_without_phone_in_the_contract(tmp_path: Path) -> None:
    api = fake_server()
    api.person = me(phone_contract=False)
    async with at(api, tmp_path, MENU) as person:
        assert not isinstance(person.screen, CtiSettingsScreen)
        assert "CTI settings" not in person.lines[0]


# --- Enter opens the first unmet condition ---------------------------------------------------------------------------


async def test_enter_opens_the_missing_permission_of_the_agent(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, MENU) as person:
        await load_all(person)
        person.grid.move_to("park", "name")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, AgentsScreen))
        person.desk.tell_agents()
        await person.until(lambda: person.grid.cursor == ("park", "phone"))


@pytest.mark.parametrize(("account", "column"), [("lee", "cti_no"), ("han", "cti_id")])
async def test_enter_opens_the_empty_cell_of_the_agent(account: str, column: str, tmp_path: Path) -> None:
    api = fake_server()
    api.put_cti(cti_agent("han", "한서연"))
    api.readiness.append(ready("han", "한서연", Step.NUMBERS))
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        person.grid.move_to(account, "name")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, CtiScreen))
        person.desk.tell_cti()
        await person.until(lambda: person.grid.cursor == (account, column))


async def test_enter_clears_a_remembered_search_that_hides_the_agent(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "cti") as person:
        person.desk.tell_cti()
        await person.settled()
        await person.search("김민수")
        person.app.switch_mode(MENU)
        await person.pilot.pause()
        await load_all(person)
        person.grid.move_to("lee", "name")
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, CtiScreen))
        await person.until(lambda: person.grid.cursor == ("lee", "cti_no"))
        assert person.screen.query_one(SearchLine).value == ""


async def test_enter_opens_the_first_incomplete_setting(tmp_path: Path) -> None:
    api = fake_server()
    api.set_cti_settings(tenant_name="")
    api.readiness = [ready("kim", "김민수", Step.SETTINGS)]
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        assert "not complete yet" in heading_text(person)
        await person.press("enter")
        await person.settled()
        assert person.app.focused is field_line(person, "tenant_name")


async def test_enter_on_a_ready_agent_reports_ready(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, MENU) as person:
        await load_all(person)
        person.grid.move_to("kim")
        await person.press("enter")
        await person.settled()
        assert person.said == "김민수 is ready for phone."


async def test_enter_opens_the_contract_only_for_organization_admins(tmp_path: Path) -> None:
    api = fake_server(admin=False)
    api.readiness = [ready("kim", "김민수", Step.CONTRACT, Step.SETTINGS)]
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        await person.press("enter")
        await person.settled()
        assert isinstance(person.screen, CtiSettingsScreen)
        assert "organization admins" in person.said


async def test_service_not_in_use_is_named_as_the_cause(tmp_path: Path) -> None:
    api = fake_server()
    api.readiness = [ready("kim", "김민수", Step.CONTRACT)]
    async with at(api, tmp_path, MENU, size=(80, 24)) as person:
        await load_all(person)
        assert "Service not in use" in person.text


# --- what is loaded again -------------------------------------------------------------------------------------------


async def test_list_reloads_after_changed_rights_and_not_after_states(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, MENU) as person:
        await load_all(person)
        count = api.calls.count("cti_readiness")
        api.seat(api.floor["kim"].model_copy(update={"state": "ready", "since": 1}))
        person.desk.tell_agents()
        await person.settled()
        assert api.calls.count("cti_readiness") == count
        api.seat(api.floor["choi"].model_copy(update={"phone": True}))
        api.readiness[3] = ready("choi", "최지우")
        person.desk.tell_agents()
        await person.settled()
        assert "2 of 4 agents are ready for phone" in person.text
        api.unseat("park")
        del api.readiness[2]
        person.desk.tell_agents()
        await person.settled()
        assert shown_names(person) == ["lee", "choi", "kim"]


async def test_every_page_is_loaded_and_a_failure_is_retried(tmp_path: Path) -> None:
    api = fake_server()
    api.page_size = 1
    api.failure = None
    async with at(api, tmp_path, MENU) as person:
        api.failure = Unreachable("connect", "?")
        await load_all(person)
        assert "cannot be reached" in person.text
        api.failure = None
        await person.passes(5)
        await person.settled()
        assert len(shown_names(person)) == 4


async def test_search_and_order_are_remembered(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, MENU) as person:
        await load_all(person)
        await person.search("ㅊㅈㅇ")
        assert shown_names(person) == ["choi"]
        assert "1 shown" in person.text
        person.grid.move_to("choi", "account")
        await person.press("f5")
    async with at(fake_server(), tmp_path, MENU) as person:
        await load_all(person)
        assert shown_names(person) == ["choi"]
        await person.search("")
        assert shown_names(person) == ["choi", "kim", "lee", "park"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_as_text(name: str, tmp_path: Path) -> None:
    api = fake_server()
    api.set_cti_settings(tenant_name=name, tenant_id=name[:50])
    api.readiness = [ready("kim", name, Step.NUMBERS)]
    async with at(api, tmp_path, MENU, size=(80, 24)) as person:
        await load_all(person)
        assert "changed" not in heading_text(person)
        assert "Tenant name" in person.text
        person.app.switch_mode("members")
        await person.until(lambda: isinstance(person.screen, MembersScreen))
