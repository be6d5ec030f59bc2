"""Rules of CTI settings and readiness (rules.md 20, 23)."""

import itertools
from typing import Any

import pytest

from octui.schema.audit import CtiSettingsValue
from octui.schema.cti import CtiVersion, Step
from octui.schema.problems import Code, FieldCode
from octui.server.core.errors import ProblemError
from octui.server.cti.readiness_rules import Facts, first_unmet_step, met_steps, require_ready
from octui.server.cti.settings_rules import Flags, changed_settings, first_day_kept, is_complete

NONE, BOTH = Flags(), Flags(ipcc_agreed=True, mobile_contact_activated=True)


def _settings(
    version: CtiVersion | None = None, tenant_id: str = "", tenant_name: str = "", monitoring: bool = False
) -> CtiSettingsValue:
    return CtiSettingsValue(
        cti_version=version,
        tenant_id=tenant_id,
        tenant_name=tenant_name,
        monitoring=monitoring,
        retention_years=2,
    )


IPCC = _settings(CtiVersion.IPCC, "T1", "한빛")


@pytest.mark.parametrize(
    ("settings", "flags", "expected"),
    [
        (_settings(), BOTH, False),
        (IPCC, BOTH, True),
        (IPCC, NONE, False),
        (IPCC, Flags(mobile_contact_activated=True), False),
        (_settings(CtiVersion.MOBILE_CONTACT, "T1", "한빛"), Flags(mobile_contact_activated=True), True),
        (_settings(CtiVersion.MOBILE_CONTACT, "T1", "한빛"), Flags(ipcc_agreed=True), False),
        (_settings(CtiVersion.IPCC, "", "한빛"), BOTH, False),
        (_settings(CtiVersion.IPCC, "T1", ""), BOTH, False),
        (_settings(None, "T1", "한빛"), BOTH, False),
    ],
)
def test_rule_20_complete_settings_need_version_flag_and_tenant(
    settings: CtiSettingsValue, flags: Flags, expected: bool
) -> None:
    assert is_complete(settings, flags) is expected


@pytest.mark.parametrize(
    ("version", "flags", "code", "command"),
    [
        (CtiVersion.IPCC, Flags(mobile_contact_activated=True), FieldCode.NOT_AGREED, "--ipcc-agreed yes"),
        (
            CtiVersion.MOBILE_CONTACT,
            Flags(ipcc_agreed=True),
            FieldCode.NOT_ACTIVATED,
            "--mobile-contact-activated yes",
        ),
    ],
)
def test_rule_20_a_version_without_its_flag_is_refused_with_advice(
    version: CtiVersion, flags: Flags, code: FieldCode, command: str
) -> None:
    with pytest.raises(ProblemError) as refused:
        changed_settings(_settings(), flags, {"cti_version": version})
    (problem,) = refused.value.errors
    assert (refused.value.status, problem.field, problem.code) == (422, "cti_version", code)
    assert command in problem.message


def test_a_version_whose_flag_was_taken_back_does_not_block_other_changes() -> None:
    after = changed_settings(
        IPCC, NONE, {"cti_version": CtiVersion.IPCC, "tenant_name": " 한빛 2 ", "monitoring": True}
    )
    assert after == _settings(CtiVersion.IPCC, "T1", "한빛 2", monitoring=True)


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ({"tenant_id": "T\u202e1"}, "tenant_id", FieldCode.DIRECTION_CHARACTER),
        ({"tenant_id": "   "}, "tenant_id", FieldCode.BLANK),
        ({"tenant_id": "x" * 51}, "tenant_id", FieldCode.TOO_LONG),
        ({"tenant_name": "한\x07빛"}, "tenant_name", FieldCode.CONTROL_CHARACTER),
        ({"tenant_name": "한" * 101}, "tenant_name", FieldCode.TOO_LONG),
    ],
)
def test_hostile_texts_are_refused_by_field(wanted: dict[str, Any], field: str, code: FieldCode) -> None:
    with pytest.raises(ProblemError) as refused:
        changed_settings(_settings(), NONE, wanted)
    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]


def test_a_tenant_can_be_removed_and_none_leaves_it() -> None:
    assert changed_settings(IPCC, BOTH, {"tenant_id": "", "tenant_name": None}) == _settings(
        CtiVersion.IPCC, "", "한빛"
    )


@pytest.mark.parametrize(
    ("today", "years", "first"),
    [
        (20261123, 2, 20241123),
        (20280229, 1, 20270228),
        (20280229, 4, 20240228),
        (20260101, 1, 20250101),
        (19710101, 100, 19700102),
    ],
)
def test_the_oldest_day_kept_depends_on_the_retention(today: int, years: int, first: int) -> None:
    assert first_day_kept(today, years) == first


REFUSED = {
    Step.CONTRACT: (403, Code.NO_PHONE_CONTRACT),
    Step.SETTINGS: (409, Code.NO_CTI_SETTINGS),
    Step.PERMISSION: (403, Code.NO_PHONE_PERMISSION),
    Step.NUMBERS: (409, Code.NO_CTI_NUMBERS),
}


@pytest.mark.parametrize("holds", itertools.product((True, False), repeat=5))
def test_rule_23_the_first_condition_not_met_is_named(holds: tuple[bool, ...]) -> None:
    facts = Facts(*holds)
    contract, settings, permission, cti_id, cti_no = holds
    steps = dict(zip(Step, (contract, settings, permission, cti_id and cti_no), strict=True))
    first = next((step for step, there in steps.items() if not there), None)
    assert first_unmet_step(facts) is first
    assert met_steps(facts) == [step for step, there in steps.items() if there]
    if first is None:
        require_ready(facts)
        return
    with pytest.raises(ProblemError) as refused:
        require_ready(facts)
    assert (refused.value.status, refused.value.code) == REFUSED[first]
    if first is Step.NUMBERS:
        assert ("CTI NO" if cti_id else "CTI ID") in refused.value.detail
