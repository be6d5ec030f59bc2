"""Bodies that another version of octui wrote are still read."""

from typing import Any

import pytest

from octui.schema.audit import AgentRights, AuditEntry, LegacyText
from octui.schema.charges import ChargeLine

ENTRY = dict.fromkeys(("actor_account", "actor_name", "target_account", "target_name", "service", "ip", "hash"), "")
RIGHTS = {"kind": "agent_rights", "role": "ROLE_FRONT_AGENT", "ticket": True, "chat": False, "phone": False}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("ROLE_FRONT_AGENT ticket", LegacyText(text="ROLE_FRONT_AGENT ticket")),
        ({"kind": "of a newer version", "x": 1}, LegacyText(text='{"kind": "of a newer version", "x": 1}')),
        (RIGHTS, AgentRights.model_validate(RIGHTS)),
    ],
)
def test_log_value_of_another_version_is_shown_as_text(value: Any, expected: object) -> None:
    entry = AuditEntry.model_validate(
        {**ENTRY, "seq": 1, "at": 1, "action": "agent.added", "via": "api", "before": value, "after": None}
    )
    assert entry.before == expected
    assert AuditEntry.model_validate_json(entry.model_dump_json()) == entry


def test_discount_of_a_month_closed_by_0_1_0_keeps_its_sum() -> None:
    stored = {"item": None, "kind": "discount", "quantity": 1000, "unit_price": 0, "amount": -500, "used": 5000}
    line = ChargeLine.model_validate(stored)
    assert (line.discounted, line.used) == (5000, 0)
    assert ChargeLine.model_validate_json(line.model_dump_json()) == line
