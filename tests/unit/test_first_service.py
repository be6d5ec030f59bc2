"""The service of a person who names none."""

import pytest

from octui.cli.screens import default_service
from octui.schema.agents import Role
from octui.schema.items import ServiceState
from octui.schema.organization import KnownService, Me, Organization, ServiceRole

USED, OFF = ServiceState.IN_USE, ServiceState.SUSPENDED


def person(known: dict[str, tuple[ServiceState, bool]], own: list[str]) -> Me:
    return Me(
        account="hong",
        name="홍길동",
        nickname="",
        email="hong@hanbit.test",
        language="ko",
        organization=Organization(id="o", name="한빛", domain="hanbit", time_zone="Asia/Seoul", url="https://h.test"),
        organization_admin=True,
        services=[
            ServiceRole(service=service, role=Role.AGENT, ticket=True, chat=False, phone=False) for service in own
        ],
        known_services=[
            KnownService(
                service=service, service_name=service, time_zone="Asia/Seoul", phone_contract=phone, state=state
            )
            for service, (state, phone) in known.items()
        ],
    )


@pytest.mark.parametrize(
    ("known", "own", "first"),
    [
        ({}, [], ""),
        ({"New": (USED, False), "cs": (USED, True)}, [], "cs"),  # a new one without phone hides no menu
        ({"New": (USED, False), "cs": (OFF, True)}, [], "New"),
        ({"New": (USED, False), "cs": (USED, True)}, ["New"], "New"),
        ({"a": (OFF, True), "b": (USED, False), "c": (USED, True)}, ["a", "b"], "b"),
    ],
)
def test_own_service_comes_first_then_one_in_use_then_one_with_phone(
    known: dict[str, tuple[ServiceState, bool]], own: list[str], first: str
) -> None:
    assert default_service(person(known, own)) == first
