"""Names, rights and time zones (server/core/validation.py, server/agents/rules.py)."""

import pytest

from octui.schema.agents import AgentChange, NewAgent, Role
from octui.schema.audit import AgentRights
from octui.server.agents.rules import changed_rights, initial_rights
from octui.server.core import validation
from octui.server.core.errors import ProblemError
from octui.server.core.validation import validate_text


def refused(field: str, value: str, longest: int = 20) -> str:
    with pytest.raises(ProblemError) as caught:
        validate_text(field, value, longest)
    assert caught.value.status == 422
    assert [problem.field for problem in caught.value.errors] == [field]
    return caught.value.errors[0].code


def test_a_name_is_stored_composed() -> None:
    assert validate_text("name", "김민수".encode().decode(), 20) == "김민수"
    assert validate_text("name", "\u1100\u1175\u11b7", 20) == "김"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "blank"),
        ("   ", "blank"),
        ("a" * 21, "too_long"),
        ("a" * 10_000, "too_long"),
        ("a\x07b", "control_character"),
        ("a\nb", "control_character"),
        ("\ufffd", "control_character"),
        ("a\u202eb", "direction_character"),
        ("a\u200bb", "invisible_character"),
        ("\u3164", "invisible_character"),
        ("a\u00a0b", "invisible_character"),
        ("\ue000", "invisible_character"),
        ("e" + "\u0301" * 4, "combining_marks"),
        (" a", "outer_space"),
        ("a ", "outer_space"),
    ],
)
def test_a_name_is_refused_with_its_reason(value: str, code: str) -> None:
    assert refused("name", value) == code


def test_half_a_character_is_refused() -> None:
    assert refused("name", "a\ud800b") == "control_character"


def test_phone_turns_ticket_on() -> None:
    assert initial_rights(NewAgent(account="kim", role=Role.AGENT, phone=True)) == rights("ticket phone")


def rights(channels: str) -> AgentRights:
    return AgentRights(role=Role.AGENT, ticket="ticket" in channels, chat="chat" in channels, phone="phone" in channels)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("ticket", {"chat": True}, "ticket chat"),
        ("", {"phone": True}, "ticket phone"),
        ("ticket phone", {"phone": False}, "ticket"),
        ("ticket phone", {"ticket": False}, ""),
        ("ticket phone", {"ticket": False, "phone": True}, "ticket phone"),
        ("ticket chat phone", {"ticket": False, "phone": False}, "chat"),
        ("chat", {}, "chat"),
    ],
)
def test_a_change_gives_the_expected_rights(before: str, change: dict[str, bool], after: str) -> None:
    assert changed_rights(rights(before), AgentChange.model_validate(change)) == rights(after)


@pytest.mark.parametrize(
    "zone",
    ["", "KST", "asia/seoul", "Asia", "right/Asia/Seoul", "posix/UTC", "Factory", "/etc/localtime", "Asia/Seoul\n"],
)
def test_unknown_time_zones_are_refused(zone: str) -> None:
    with pytest.raises(ProblemError):
        validation.validate_time_zone(zone)
