"""A log that version 0.1.0 began with sentences for values, and this version continues."""

import pytest

from octui.schema.agents import Role
from octui.schema.audit import (
    Action,
    AgentRights,
    AuditFilter,
    AuditPage,
    AuditValue,
    LegacyText,
    Log,
    OrganizationFacts,
    Via,
)
from octui.server.audit.search import search_log
from octui.server.audit.verification import verify_chain
from octui.server.database.audit_log import NewEntry, append_entries, parse_value, value_text
from octui.server.database.unit_of_work import Change
from octui.ui.locale import Words
from octui.ui.screens.audit.words import entry_texts

from .conftest import OPERATOR, Center, Clock, Store

# As the writers at commit 60d89fe wrote them.
OLD_CTI_SETTINGS = "version {} tenant ID {} tenant name {} monitoring {} kept 2 years"
OLD = (
    (Action.ORGANIZATION_CREATED, "", "aB3dE5gH7jK9mN1p acme Asia/Seoul"),
    (Action.MEMBER_INVITED, "", "invited"),
    (Action.ORGANIZATION_ADMIN_ADDED, "", "organization_admin"),
    (Action.SERVICE_ADDED, "", "consultation ko,ja Asia/Seoul {상담} 채널"),
    (Action.SERVICE_REGISTERED, "", "ticket telticket:users=20"),
    (Action.AGENT_ADDED, "", "ROLE_FRONT_AGENT ticket phone"),
    (Action.AGENT_ROLE_CHANGED, "ROLE_FRONT_AGENT ticket phone", "ROLE_FRONT_ADMIN ticket"),
    (Action.CTI_CHANGED, "CTI ID - CTI NO -", "CTI ID 7001 CTI NO {}"),
    (Action.CTI_SETTINGS_CHANGED, OLD_CTI_SETTINGS.format(*"---", "off"), OLD_CTI_SETTINGS.format("ipcc", 1, 2, "on")),
    (Action.RATES_ADDED, "chat monthly=10000 per_day=333 per_user free=3000 tier1=50", "chat monthly=9000 per_day=300"),
    (Action.DISCOUNT_CHANGED, "0%", "33.33% 2026-12-01"),
    (Action.BANNER_CHANGED, "image/png 40x30 0a1b2c3d4e5f", ""),
    (Action.SERVICE_SUSPENDED, "inuse", "pause"),
    (Action.ORGANIZATION_CHANGED, "domain=acme name=Acme 고객센터", "domain=acme-2 name={}"),
    (Action.ORGANIZATION_KEY_MADE, "", "••••12ab"),
    (Action.CTI_LOG_PURGED, "3 entries up to 2026-06-30", "-"),
)
RIGHTS = AgentRights(role=Role.AGENT, ticket=True, chat=False, phone=True)


@pytest.fixture
def mixed_log(store: Store, center: Center, clock: Clock) -> Store:
    """Old entries and, after them, one that this version wrote."""
    entries = [
        NewEntry(action, "admin", "관리자", "kim", "김민수", "oc", "10.0.0.1", Via.SCREEN, before, after)
        for action, before, after in OLD
    ]
    store.write(lambda change: append_entries(change.connection, entries, change.now), OPERATOR)

    def add_agent(change: Change) -> None:
        change.record(Action.AGENT_ADDED, target_account="lee", target_name="이영희", service="oc", after=RIGHTS)

    store.write(add_agent, center.principal("admin"))
    return store


def _read_page(store: Store, query: AuditFilter) -> AuditPage:
    page = store.read(lambda connection: search_log(connection, query))
    return AuditPage.model_validate_json(page.model_dump_json())


def test_old_values_are_shown_as_they_were_written(mixed_log: Store) -> None:
    newest, *older = _read_page(mixed_log, AuditFilter(log=Log.ALL)).entries
    assert (newest.before, newest.after) == (None, RIGHTS)
    expected = [((before and LegacyText(text=before)) or None, (after and LegacyText(text=after)) or None)
                for _, before, after in OLD]  # fmt: skip
    assert [(entry.before, entry.after) for entry in reversed(older)] == expected
    exported = [entry_texts(entry, "Asia/Seoul", Words("ko"), whole=True)[6] for entry in (newest, *reversed(older))]
    assert exported == ["- -> 상담원 티켓 전화", *(f"{before or '-'} -> {after or '-'}" for _, before, after in OLD)]


def test_old_and_new_entries_are_found_alike(mixed_log: Store) -> None:
    for query, seqs in (
        (AuditFilter(action="상담원 추가"), [17, 6]),
        (AuditFilter(words="agent.added 관리자"), [17, 6]),
        (AuditFilter(name="ㄱㅁㅅ", log=Log.PERMISSIONS), [8, 7, 6, 3, 2]),
        (AuditFilter(account="lee", service="oc"), [17]),
        # Values were never searched.
        (AuditFilter(words="ROLE_FRONT_AGENT"), []),
    ):
        assert [entry.seq for entry in _read_page(mixed_log, query).entries] == seqs, query


def test_chain_of_old_and_new_entries_is_verified(mixed_log: Store) -> None:
    verification = mixed_log.read(verify_chain)
    assert (verification.ok, verification.entries) == (True, len(OLD) + 1)


@pytest.mark.parametrize(
    "value",
    [
        None,
        RIGHTS,
        OrganizationFacts(name='Kim "M" \\ 민수 {}', ipcc_agreed=False),
        LegacyText(text="as it was"),
    ],
)
def test_stored_value_is_read_back(value: AuditValue | None) -> None:
    assert parse_value(value_text(value)) == value


def test_stored_value_is_json_in_a_fixed_order() -> None:
    assert value_text(RIGHTS) == (
        '{"chat":false,"kind":"agent_rights","phone":true,"role":"ROLE_FRONT_AGENT","ticket":true}'
    )


@pytest.mark.parametrize("text", ["{}", "{상담}", '{"kind":"of a later version"}', '{"kind":"membership"}'])
def test_text_that_is_no_known_value_is_shown_as_it_is(text: str) -> None:
    assert parse_value(text) == LegacyText(text=text)
