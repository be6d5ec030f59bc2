"""The texts of the menus about contracts, and the sentences of refusals in three languages."""

import re
from pathlib import Path
from typing import Any, cast

import pytest

from octui.client.errors import Refused
from octui.schema.items import ServiceState
from octui.schema.organization import Me
from octui.schema.problems import Code, FieldCode, FieldProblem, Problem
from octui.ui.connection import Connection
from octui.ui.locale import Words
from octui.ui.menus import home_of, why_not
from octui.ui.sentences import error_sentence, field_sentence

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


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
def test_every_refusal_has_its_own_sentence(language: str) -> None:
    t = Words(language)
    said = [error_sentence(Refused(Problem(title="?", status=409, code=code)), t) for code in REFUSALS]
    said += [field_sentence(FieldProblem(field="x", code=code, message="?"), t) for code in FIELDS]
    assert "?" not in said
    assert len(set(said)) == len(REFUSALS) + len(FIELDS)
    if language != "en":
        assert not any(re.fullmatch(r"[\x00-\x7f]*", one) for one in said)


def connection_of(*states: ServiceState, admin: bool = False) -> Connection:
    """Return the connection of a person with a role in every service, connected to the first."""
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
    return Connection(cast(Any, None), cast(Any, None), Me.model_validate(me), names[0], Path())


@pytest.mark.parametrize("state", ServiceState)
def test_rule_8_stats_menu_gives_the_service_state_as_reason(state: ServiceState) -> None:
    connection = connection_of(state)
    why = why_not("stats", connection)
    assert (why is None) == (state is ServiceState.IN_USE)
    assert home_of(connection) == ("stats" if why is None else "settings")
    if why is not None:
        for language in ("ko", "ja"):
            assert Words(language)(why) != why
