"""The texts of the log and the menus about contracts, and the sentences of refusals in three languages."""

import re
from pathlib import Path
from typing import Any, cast

import pytest

from octui.client.errors import Refused
from octui.schema.audit import Action
from octui.schema.items import ServiceState
from octui.schema.organization import Me
from octui.schema.problems import Code, FieldCode, FieldProblem, Problem
from octui.ui.locale import Words
from octui.ui.menus import home_of, why_not
from octui.ui.screens.audit.words import changed, rights, whose
from octui.ui.sentences import field_sentence, sentence
from octui.ui.session import Session

REFUSALS = (
    Code.SERVICE_NOT_IN_USE,
    Code.SERVICE_TERMINATED,
    Code.NOT_SUSPENDED,
    Code.NOT_REGISTERED,
    Code.NOT_A_DRAFT,
    Code.CONTRACT_CHANGED_TODAY,
)
FIELDS = (
    FieldCode.ALWAYS_ON,
    FieldCode.COUNTED_BY,
    FieldCode.TOO_LARGE,
    FieldCode.NOT_AN_IMAGE,
    FieldCode.BROKEN_IMAGE,
    FieldCode.TOO_MANY_PIXELS,
    FieldCode.ANIMATED_IMAGE,
)
BASIC = "consultation ko Asia/Seoul"


@pytest.mark.parametrize(
    ("action", "before", "after", "text"),
    [
        (Action.SERVICE_REGISTERED, "", "ticket telticket:users=20", "- -> 티켓, 티켓(전화) ×20"),
        (
            Action.CONTRACT_CHANGED,
            "ticket telticket:users=20 chat",
            "ticket telticket:users=25",
            "티켓(전화) ×20, 채팅 -> 티켓(전화) ×25",
        ),
        (Action.SERVICE_SUSPENDED, "inuse", "pause", "사용 -> 이용정지"),
        (Action.SERVICE_RESUMED, "pause", "inuse", "이용정지 -> 사용"),
        (Action.SERVICE_TERMINATED, "pause", "stop", "이용정지 -> 해지됨"),
        (Action.SERVICE_ADDED, "", f"{BASIC} 채널 chat", "- -> 상담 관리 ko Asia/Seoul 채널 chat"),
        (Action.SERVICE_DRAFT_DROPPED, f"{BASIC} chat", "", "상담 관리 ko Asia/Seoul chat -> -"),
        (Action.SERVICE_CHANGED, f"{BASIC} 상담 하나", f"{BASIC} 상담 둘", "상담 하나 -> 상담 둘"),
        (Action.SERVICE_CHANGED, f"{BASIC} 상담", "issue ko,ja Asia/Seoul 상담", "상담 관리 ko -> 이슈 관리 ko,ja"),
        (Action.BANNER_CHANGED, "", "image/png 40x30", "- -> image/png 40x30"),
    ],
)
def test_contract_entries_are_described(action: Action, before: str, after: str, text: str) -> None:
    assert changed(action, before, after, Words("ko")) == text


CTI = "version {} tenant ID {} tenant name {} monitoring {} kept 2 years"


def test_cti_settings_entry_is_translated() -> None:
    before, after = CTI.format("-", "-", "-", "off"), CTI.format("ipcc", "T 1", "한빛 센터", "on")
    assert rights(Action.CTI_SETTINGS_CHANGED, after, Words("ko")) == (
        "CTI 버전 IPCC (Private), 테넌트 ID T 1, 테넌트 명칭 한빛 센터, CTI Log 모니터링 사용, CTI Log 보관(년) 2"
    )
    assert changed(Action.CTI_SETTINGS_CHANGED, before, CTI.format("-", "-", "-", "on"), Words("en")) == (
        "CTI log monitoring Off -> CTI log monitoring On"
    )
    mixed = CTI.format("ipcc", "a tenant name b", "c", "on")  # nobody can tell what is whose: as it was written
    assert rights(Action.CTI_SETTINGS_CHANGED, mixed, Words("en")) == mixed


def test_person_without_account_has_no_parentheses() -> None:
    found = [whose("한빛", ""), whose("김민수", "minsu"), whose("", ""), whose("", "minsu")]
    assert found == ["한빛", "김민수 (minsu)", "-", "minsu"]


def test_service_entries_of_version_0001_are_still_read() -> None:
    assert rights(Action.SERVICE_ADDED, "ticket telticket", Words("en")) == "Ticket Phone (CTI)"


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
def test_every_refusal_has_its_own_sentence(language: str) -> None:
    t = Words(language)
    said = [sentence(Refused(Problem(title="?", status=409, code=code)), t) for code in REFUSALS]
    said += [field_sentence(FieldProblem(field="x", code=code, message="?"), t) for code in FIELDS]
    assert "?" not in said
    assert len(set(said)) == len(REFUSALS) + len(FIELDS)
    if language != "en":
        assert not any(re.fullmatch(r"[\x00-\x7f]*", one) for one in said)


def session_of(*states: ServiceState, admin: bool = False) -> Session:
    """Return the session of a person with a role in every service, connected to the first."""
    role = {"role": "ROLE_FRONT_AGENT", "ticket": True, "chat": True, "phone": True}
    names = [f"s{'abcd'[at]}" for at in range(len(states))]
    known = [
        {"service": name, "service_name": name, "time_zone": "Asia/Seoul", "phone_contract": True, "state": state}
        for name, state in zip(names, states, strict=True)
    ]
    me: dict[str, Any] = {
        "account": "kim",
        "name": "김",
        "nickname": "",
        "email": "k@x",
        "language": "ko",
        "organization": {"id": "x", "name": "x", "domain": "xxx", "time_zone": "Asia/Seoul"},
        "organization_admin": admin,
        "services": [{"service": name, **role} for name in names],
        "known_services": known,
    }
    return Session(cast(Any, None), cast(Any, None), Me.model_validate(me), names[0], Path())


@pytest.mark.parametrize("state", ServiceState)
def test_rule_8_stats_menu_gives_the_service_state_as_reason(state: ServiceState) -> None:
    session = session_of(state)
    why = why_not("stats", session)
    assert (why is None) == (state is ServiceState.IN_USE)
    assert home_of(session) == ("stats" if why is None else "settings")
    if why is not None:
        for language in ("ko", "ja"):
            assert Words(language)(why) != why
