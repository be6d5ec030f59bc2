"""What the log's entries say in the reader's language."""

import pytest

from octui.schema.audit import (
    Action,
    AuditValue,
    BannerFacts,
    CtiSettingsValue,
    DiscountValue,
    LegacyText,
    MaskedKey,
    OrganizationAdminRight,
    OrganizationFacts,
    PurgedEntries,
    RateRows,
)
from octui.schema.charges import Rate
from octui.schema.cti import CtiVersion
from octui.schema.items import Item
from octui.text.action_labels import action_label
from octui.text.query import QueryErrorCode
from octui.ui.locale import Words
from octui.ui.screens.audit.words import QUERY_ERRORS, describe_change, describe_value, person_text
from server.audit_values import INVITED, MEMBER, basics, cti, items, rights, service_state


def cti_settings(version: CtiVersion | None, tenant_id: str, tenant_name: str, monitoring: bool) -> CtiSettingsValue:
    return CtiSettingsValue(
        cti_version=version,
        tenant_id=tenant_id,
        tenant_name=tenant_name,
        monitoring=monitoring,
        retention_years=2,
    )


TELTICKET = Rate(
    item=Item.TELTICKET,
    monthly=70_000,
    per_day=2_333,
    per_user=True,
    free_count=6_000,
    tier1_cap=40_000,
    tier1_price=3_000,
    tier2_price=1_500,
)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (rights("agent ticket"), rights("agent ticket chat"), "- -> 채팅"),
        (rights("agent ticket"), rights("admin ticket"), "상담원 -> 관리자"),
        (rights("agent ticket"), rights("admin"), "상담원 티켓 -> 관리자"),
        (rights("agent ticket"), rights("agent"), "티켓 -> -"),
        (None, rights("agent ticket phone"), "- -> 상담원 티켓 전화"),
        (rights("admin"), None, "관리자 -> -"),
        (INVITED, INVITED, "초대됨 -> 초대됨"),
        (INVITED, MEMBER, "초대됨 -> 회원"),
        (None, OrganizationAdminRight(), "- -> 조직관리자"),
        (None, cti("chat", "phone"), "- -> CTI ID chat CTI NO phone"),
        (
            cti("1001", None),
            cti("2001", None),
            "CTI ID 1001 CTI NO - -> CTI ID 2001 CTI NO -",
        ),
        (
            cti("1001", None),
            cti("1001", None, "Kim", "김민수"),
            "CTI ID 1001 CTI NO - -> CTI ID 1001 CTI NO - PBX 이름 Kim; 김민수",
        ),
        (None, items(ticket=1, telticket=20), "- -> 티켓, 티켓(전화) × 20"),
        (
            items(ticket=1, telticket=20, chat=1),
            items(ticket=1, telticket=25),
            "티켓(전화) × 20, 채팅 -> 티켓(전화) × 25",
        ),
        (service_state("inuse"), service_state("pause"), "사용 -> 이용정지"),
        (service_state("pause"), service_state("inuse"), "이용정지 -> 사용"),
        (service_state("pause"), service_state("stop"), "이용정지 -> 해지됨"),
        (None, basics("채널 chat"), "- -> 상담 관리 ko Asia/Seoul 채널 chat"),
        (basics("chat"), None, "상담 관리 ko Asia/Seoul chat -> -"),
        (basics("상담 하나"), basics("상담 둘"), "상담 하나 -> 상담 둘"),
        (basics("상담"), basics("상담", "ko", "ja", kind="issue"), "상담 관리 ko -> 이슈 관리 ko,ja"),
        (
            None,
            BannerFacts(media_type="image/png", width=40, height=30, digest="0a1b2c3d4e5f"),
            "- -> image/png 40x30 0a1b2c3d4e5f",
        ),
        (PurgedEntries(count=3_000, last_day="2026-06-30"), None, "2026-06-30까지 3,000건 -> -"),
        (None, MaskedKey(masked="••••12ab"), "- -> ••••12ab"),
        (
            DiscountValue(basis_points=0),
            DiscountValue(basis_points=3_333, valid_from="2026-12-01"),
            "0% -> 33.33% 2026-12-01",
        ),
        (
            RateRows(rates=[TELTICKET]),
            None,
            "티켓(전화) 월 70,000 / 일 2,333 / 사용자당 / 6,000 무료 / "
            "사용량 1구간 3 / 40,000까지 / 사용량 2구간 1.5 -> -",
        ),
        (
            OrganizationFacts(domain="a1b"),
            OrganizationFacts(domain="chat"),
            "조직 도메인 a1b -> 조직 도메인 chat",
        ),
        (
            LegacyText(text="ROLE_FRONT_AGENT ticket"),
            LegacyText(text="ROLE_FRONT_AGENT ticket chat"),
            "ROLE_FRONT_AGENT ticket -> ROLE_FRONT_AGENT ticket chat",
        ),
    ],
)
def test_change_is_described_in_the_readers_language(
    before: AuditValue | None, after: AuditValue | None, text: str
) -> None:
    assert describe_change(before, after, Words("ko")) == text


def test_whole_change_repeats_what_stays_the_same() -> None:
    text = describe_change(rights("agent ticket"), rights("agent ticket chat"), Words("en"), whole=True)
    assert text == "Agent Ticket -> Agent Ticket Chat"


def test_cti_settings_are_described_in_the_readers_language() -> None:
    before = cti_settings(None, "", "", monitoring=False)
    after = cti_settings(CtiVersion.IPCC, "T 1", "한빛 센터", monitoring=True)
    assert describe_value(after, Words("ko")) == (
        "CTI 버전 IPCC (Private), 테넌트 ID T 1, 테넌트 명칭 한빛 센터, CTI Log 모니터링 사용, CTI Log 보관(년) 2"
    )
    assert describe_change(before, before.model_copy(update={"monitoring": True}), Words("en")) == (
        "CTI log monitoring Off -> CTI log monitoring On"
    )


def test_tenant_named_like_a_label_is_described_as_it_is() -> None:
    settings = cti_settings(CtiVersion.IPCC, "a tenant name b", "c", monitoring=True)
    assert "Tenant ID a tenant name b, Tenant name c" in describe_value(settings, Words("en"))


def test_organization_facts_are_described_with_labels() -> None:
    facts = OrganizationFacts(domain="acme", ipcc_agreed=True, mobile_contact_activated=False, name="no name=yes")
    expected = "Domain acme, IPCC (Private) yes, Mobile Contact no, Organization name no name=yes"
    assert describe_value(facts, Words("en")) == expected
    created = OrganizationFacts(id="x1", domain="member", time_zone="Asia/Seoul")
    assert describe_value(created, Words("en")) == "ID x1, Domain member, Time zone Asia/Seoul"


def test_nothing_is_described_by_a_dash() -> None:
    assert describe_value(None, Words("en")) == "-"


def test_person_without_account_has_no_parentheses() -> None:
    people = [person_text("한빛", ""), person_text("김민수", "minsu"), person_text("", ""), person_text("", "minsu")]
    assert people == ["한빛", "김민수 (minsu)", "-", "minsu"]


def test_every_action_and_every_query_error_has_a_sentence() -> None:
    for language in ("ko", "en", "ja"):
        assert all(action_label(action, language) for action in Action)
    assert set(QUERY_ERRORS) == {code.value for code in QueryErrorCode}
