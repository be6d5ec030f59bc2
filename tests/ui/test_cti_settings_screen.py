"""CTI settings: the form in place, who is ready for phone, and the way to the first thing that is missing."""

from pathlib import Path

import pytest
from textual.events import Key

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.cti import CtiSettings, CtiVersion, Step
from octui.text.width import width
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


def centre(*, admin: bool = True, role: Role | None = Role.ADMIN) -> FakeApi:
    """Four agents: one ready, one without permission, one without numbers, one with neither."""
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


async def told(one: Person) -> None:
    """The feed has told of everything the screen follows."""
    one.desk.tell_cti_settings()
    one.desk.tell_cti()
    one.desk.tell_agents()
    await one.settled()


def heading(one: Person) -> str:
    assert isinstance(one.screen, CtiSettingsScreen)
    return one.screen._heading.text


def line(one: Person, name: str) -> Typed:
    assert isinstance(one.screen, CtiSettingsScreen)
    found = one.screen.form.fields._inputs[name]
    assert isinstance(found, Typed)
    return found


async def go_to(one: Person, name: str) -> None:
    assert isinstance(one.screen, CtiSettingsScreen)
    one.screen.form.fields.go_to(name)
    await one.pilot.pause()


def names(one: Person) -> list[str]:
    source = one.grid.source
    return [str(source.key_at(i)) for i in range(source.count())]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_form_and_list_are_both_there_and_who_is_not_ready_comes_first(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with at(centre(), tmp_path, MENU, size=size) as one:
        await told(one)
        for text in ("[IPCC (Private)]", "Mobile Contact - not activated", "acme-1", "Acme", "[On]", "complete"):
            assert text in one.text
        assert "IPCC agreed: yes   Mobile Contact activated: no" in one.text
        assert names(one) == ["choi", "park", "lee", "kim"]
        for text in ("No phone permission", "No CTI ID or NO", "ready"):
            assert text in one.text
        assert "1 of 4 agents are ready for phone" in one.text
        assert {"^S", "F8"} <= one.keys_off


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
@pytest.mark.parametrize("chosen", [None, CtiVersion.IPCC])
@pytest.mark.parametrize("allowed", [False, True])
def test_the_versions_fit_on_80_columns(language: str, chosen: CtiVersion | None, allowed: bool) -> None:
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
    label = max(width(one.label) for one in lines)
    assert label + sum(width(text) + 2 for _, text in lines[0].options) <= 80 - 4


async def test_tab_goes_through_the_form_to_the_list_and_round(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, MENU, size=(80, 24)) as one:
        await told(one)
        assert one.app.focused is one.grid
        seen = []
        for _ in range(7):
            await one.press("tab")
            focused = one.app.focused
            seen.append(focused.field.name if hasattr(focused, "field") else type(focused).__name__)
        lines = ["cti_version", "tenant_id", "tenant_name", "monitoring", "retention_years"]
        assert seen == [*lines, "SearchLine", "Grid"]
        await one.press("tab", "shift+tab")
        assert one.app.focused is one.grid


async def test_what_is_typed_right_after_tab_goes_where_tab_leads(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, MENU) as one:
        await told(one)
        for key in ("tab", "tab", "x"):
            one.app.post_message(Key(key, key if len(key) == 1 else None))
        await one.until(lambda: line(one, "tenant_id").value == "acme-1x")


async def test_only_what_was_changed_is_saved_as_of_the_version_shown(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        await go_to(one, "tenant_id")
        await one.press(*"-9")
        assert "1 changed: ^S saves" in heading(one)
        await one.press("ctrl+s")
        await one.settled()
        assert "change_cti_settings ['tenant_id']" in api.calls
        assert api.cti_settings_now.tenant_id == "acme-1-9"
        assert "recorded" in one.said
        assert "complete" in heading(one)


async def test_a_version_without_its_flag_can_be_seen_and_says_what_to_do(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, MENU, size=(80, 24)) as one:
        await told(one)
        await go_to(one, "cti_version")
        await one.press("right")
        await one.pilot.pause()
        assert "--mobile-contact-activated yes" in one.text
        await one.press("ctrl+s")
        await one.settled()
        assert api.cti_settings_now.cti_version is CtiVersion.IPCC
        assert "--mobile-contact-activated yes" in one.text
        await one.press("f8")
        await one.pilot.pause()
        assert "--mobile-contact-activated" not in one.text


@pytest.mark.parametrize("years", ["0", "101", "999", "", "two", "9999999", "-1", "1.5"])
async def test_years_out_of_bounds_are_refused_at_the_field(years: str, tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        await go_to(one, "retention_years")
        line(one, "retention_years").value = years
        await one.press("ctrl+s")
        await one.settled()
        assert "is out of range" in one.text or "is a number of years from 1 to 100" in one.text
        assert api.cti_settings_now.retention_years == 2
        assert line(one, "retention_years").value == years


async def test_somebody_was_faster_theirs_is_shown_and_what_was_typed_stays(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        await go_to(one, "tenant_name")
        line(one, "tenant_name").value = "Mine"
        await one.pilot.pause()
        api.set_cti_settings(tenant_name="Theirs", tenant_id="acme-2")
        await one.press("ctrl+s")
        await one.settled()
        assert "Somebody else changed it meanwhile" in one.said
        assert "saved by somebody else meanwhile: Theirs" in one.text
        assert "acme-2" in one.text
        assert line(one, "tenant_name").value == "Mine"
        await one.press("ctrl+s")
        await one.settled()
        assert api.cti_settings_now.tenant_name == "Mine"
        assert "meanwhile" not in one.text


async def test_what_others_save_is_shown_at_once(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        api.set_cti_settings(tenant_id="other")
        one.desk.tell_cti_settings()
        await one.settled()
        assert "other" in one.text
        assert "changed" not in heading(one)


async def test_edits_survive_another_menu_and_leaving(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        await go_to(one, "tenant_id")
        await one.press(*"x")
        one.app.switch_mode("members")
        await one.pilot.pause()
        one.app.switch_mode(MENU)
        await one.pilot.pause()
        await told(one)
        assert "1 changed" in heading(one)
        one.app.save_all()
    api.set_cti_settings(tenant_id="theirs")
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        assert line(one, "tenant_id").value == "acme-1x"
        assert "saved by somebody else meanwhile: theirs" in one.text
        await one.press("f8")
        await one.pilot.pause()
        assert line(one, "tenant_id").value == "theirs"
    assert not (tmp_path / "cti_settings-draft.json").exists()


async def test_an_admin_of_the_service_sees_it_fixed_with_the_reason(tmp_path: Path) -> None:
    api = centre(admin=False)
    async with at(api, tmp_path, MENU, size=(80, 24)) as one:
        await told(one)
        assert "only organization admins change them" in one.text
        assert "acme-1" in one.text
        await one.press("tab", "x", "tab")
        assert line(one, "tenant_id").value == "acme-1"
        await one.press("ctrl+s")
        assert one.said == "Only organization admins change the CTI settings."
        assert not [call for call in api.calls if call.startswith("change_cti")]


async def test_lost_rights_fix_the_form_and_new_ones_free_it(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, MENU) as one:
        await told(one)
        one.desk.tell_me(organization_admin=False)
        await one.passes(1)
        assert line(one, "tenant_id").disabled
        one.desk.tell_me(organization_admin=True)
        await one.passes(1)
        await go_to(one, "tenant_id")
        await one.press("x")
        assert "1 changed" in heading(one)


async def test_without_phone_in_the_contract_there_is_no_such_menu(tmp_path: Path) -> None:
    api = centre()
    api.person = me(phone_contract=False)
    async with at(api, tmp_path, MENU) as one:
        assert not isinstance(one.screen, CtiSettingsScreen)
        assert "CTI settings" not in one.lines[0]


# --- the first unmet step is one key away ---------------------------------------------------------------------------


async def test_enter_leads_to_the_permission_of_that_agent(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, MENU) as one:
        await told(one)
        one.grid.move_to("park", "name")
        await one.press("enter")
        await one.until(lambda: isinstance(one.screen, AgentsScreen))
        one.desk.tell_agents()
        await one.until(lambda: one.grid.cursor == ("park", "phone"))


@pytest.mark.parametrize(("account", "column"), [("lee", "cti_no"), ("han", "cti_id")])
async def test_enter_leads_to_the_empty_cell_of_that_agent(account: str, column: str, tmp_path: Path) -> None:
    api = centre()
    api.put_cti(cti_agent("han", "한서연"))
    api.readiness.append(ready("han", "한서연", Step.NUMBERS))
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        one.grid.move_to(account, "name")
        await one.press("enter")
        await one.until(lambda: isinstance(one.screen, CtiScreen))
        one.desk.tell_cti()
        await one.until(lambda: one.grid.cursor == (account, column))


async def test_the_row_is_found_though_the_search_of_last_time_hides_it(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "cti") as one:
        one.desk.tell_cti()
        await one.settled()
        await one.search("김민수")
        one.app.switch_mode(MENU)
        await one.pilot.pause()
        await told(one)
        one.grid.move_to("lee", "name")
        await one.press("enter")
        await one.until(lambda: isinstance(one.screen, CtiScreen))
        await one.until(lambda: one.grid.cursor == ("lee", "cti_no"))
        assert one.screen.query_one(SearchLine).value == ""


async def test_enter_leads_to_the_first_incomplete_line(tmp_path: Path) -> None:
    api = centre()
    api.set_cti_settings(tenant_name="")
    api.readiness = [ready("kim", "김민수", Step.SETTINGS)]
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        assert "not complete yet" in heading(one)
        await one.press("enter")
        await one.settled()
        assert one.app.focused is line(one, "tenant_name")


async def test_enter_on_who_is_ready_says_so(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, MENU) as one:
        await told(one)
        one.grid.move_to("kim")
        await one.press("enter")
        await one.settled()
        assert one.said == "김민수 is ready for phone."


async def test_only_organization_admins_are_led_to_the_contract(tmp_path: Path) -> None:
    api = centre(admin=False)
    api.readiness = [ready("kim", "김민수", Step.CONTRACT, Step.SETTINGS)]
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        await one.press("enter")
        await one.settled()
        assert isinstance(one.screen, CtiSettingsScreen)
        assert "organization admins" in one.said


async def test_a_service_that_is_not_in_use_is_said_so(tmp_path: Path) -> None:
    api = centre()
    api.readiness = [ready("kim", "김민수", Step.CONTRACT)]
    async with at(api, tmp_path, MENU, size=(80, 24)) as one:
        await told(one)
        assert "Service not in use" in one.text


# --- what is loaded again -------------------------------------------------------------------------------------------


async def test_states_of_the_floor_are_no_reason_to_load_again_but_rights_are(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, MENU) as one:
        await told(one)
        count = api.calls.count("cti_readiness")
        api.seat(api.floor["kim"].model_copy(update={"state": "ready", "since": 1}))
        one.desk.tell_agents()
        await one.settled()
        assert api.calls.count("cti_readiness") == count
        api.seat(api.floor["choi"].model_copy(update={"phone": True}))
        api.readiness[3] = ready("choi", "최지우")
        one.desk.tell_agents()
        await one.settled()
        assert "2 of 4 agents are ready for phone" in one.text
        api.unseat("park")
        del api.readiness[2]
        one.desk.tell_agents()
        await one.settled()
        assert names(one) == ["lee", "choi", "kim"]


async def test_every_page_is_loaded_and_a_failure_is_tried_again(tmp_path: Path) -> None:
    api = centre()
    api.page_size = 1
    api.failure = None
    async with at(api, tmp_path, MENU) as one:
        api.failure = Unreachable("connect", "?")
        await told(one)
        assert "cannot be reached" in one.text
        api.failure = None
        await one.passes(5)
        await one.settled()
        assert len(names(one)) == 4


async def test_search_sort_and_order_stay(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, MENU) as one:
        await told(one)
        await one.search("ㅊㅈㅇ")
        assert names(one) == ["choi"]
        assert "1 shown" in one.text
        one.grid.move_to("choi", "account")
        await one.press("f5")
    async with at(centre(), tmp_path, MENU) as one:
        await told(one)
        assert names(one) == ["choi"]
        await one.search("")
        assert names(one) == ["choi", "kim", "lee", "park"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_only_names(name: str, tmp_path: Path) -> None:
    api = centre()
    api.set_cti_settings(tenant_name=name, tenant_id=name[:50])
    api.readiness = [ready("kim", name, Step.NUMBERS)]
    async with at(api, tmp_path, MENU, size=(80, 24)) as one:
        await told(one)
        assert "changed" not in heading(one)
        assert "Tenant name" in one.text
        one.app.switch_mode("members")
        await one.until(lambda: isinstance(one.screen, MembersScreen))
