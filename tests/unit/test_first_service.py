"""Which service somebody is connected to who names none."""

import pytest

from octui.cli.screens import default_service
from octui.schema.agents import Role
from octui.schema.items import ServiceState
from octui.schema.organization import KnownService, Me, Organization, ServiceRole

USED, OFF = ServiceState.IN_USE, ServiceState.SUSPENDED


def person(known: dict[str, tuple[ServiceState, bool]], mine: list[str]) -> Me:
    return Me(
        account="hong",
        name="홍길동",
        nickname="",
        email="hong@hanbit.test",
        language="ko",
        organization=Organization(id="o", name="한빛", domain="hanbit", time_zone="Asia/Seoul", url="https://h.test"),
        organization_admin=True,
        services=[ServiceRole(service=one, role=Role.AGENT, ticket=True, chat=False, phone=False) for one in mine],
        known_services=[
            KnownService(service=one, service_name=one, time_zone="Asia/Seoul", phone_contract=phone, state=state)
            for one, (state, phone) in known.items()
        ],
    )


@pytest.mark.parametrize(
    ("known", "mine", "first"),
    [
        ({}, [], ""),
        ({"New": (USED, False), "cs": (USED, True)}, [], "cs"),  # one just made hides no menu
        ({"New": (USED, False), "cs": (OFF, True)}, [], "New"),
        ({"New": (USED, False), "cs": (USED, True)}, ["New"], "New"),
        ({"a": (OFF, True), "b": (USED, False), "c": (USED, True)}, ["a", "b"], "b"),
    ],
)
def test_ones_own_then_one_in_use_then_one_with_phone(
    known: dict[str, tuple[ServiceState, bool]], mine: list[str], first: str
) -> None:
    assert default_service(person(known, mine)) == first
