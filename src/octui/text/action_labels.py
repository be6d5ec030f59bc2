"""Labels of the log's actions in three languages, for screens and search (rules.md 25)."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from octui.schema.audit import Action
from octui.text.choseong import Matcher, choseong, fold_case


class Labels(NamedTuple):
    """Name of a log action in each language of the screens."""

    ko: str
    en: str
    ja: str


ACTION_LABELS: dict[Action, Labels] = {
    Action.ORGANIZATION_CREATED: Labels("조직 생성", "Org. created", "組織作成"),
    Action.ORGANIZATION_ADMIN_ADDED: Labels("조직관리자 추가", "Org. admin added", "組織管理者追加"),
    Action.ORGANIZATION_ADMIN_REMOVED: Labels("조직관리자 해제", "Org. admin removed", "組織管理者解除"),
    Action.MEMBER_ADDED: Labels("회원 추가", "Member added", "会員追加"),
    Action.MEMBER_REMOVED: Labels("회원 삭제", "Member removed", "会員削除"),
    Action.MEMBER_INVITED: Labels("회원 초대", "Member invited", "会員招待"),
    Action.MEMBER_JOINED: Labels("초대 수락", "Invitation accepted", "招待承諾"),
    Action.INVITATION_REVOKED: Labels("초대 취소", "Invitation revoked", "招待取消"),
    Action.SERVICE_ADDED: Labels("서비스 추가", "Service added", "サービス追加"),
    Action.SERVICE_REGISTERED: Labels("서비스 등록", "Service registered", "サービス登録"),
    Action.SERVICE_CHANGED: Labels("서비스 기본정보 수정", "Service changed", "サービス修正"),
    Action.CONTRACT_CHANGED: Labels("계약 수정", "Contract changed", "契約修正"),
    Action.SERVICE_SUSPENDED: Labels("서비스 이용정지", "Service suspended", "サービス利用停止"),
    Action.SERVICE_RESUMED: Labels("서비스 이용재개", "Service resumed", "サービス利用再開"),
    Action.SERVICE_TERMINATED: Labels("서비스 해지", "Service terminated", "サービス解約"),
    Action.SERVICE_DRAFT_DROPPED: Labels("미사용 서비스 삭제", "Draft dropped", "未使用サービス削除"),
    Action.BANNER_CHANGED: Labels("서비스 배너 변경", "Service banner changed", "サービスバナー変更"),
    Action.AGENT_ADDED: Labels("상담원 추가", "Agent added", "オペレーター追加"),
    Action.AGENT_ROLE_CHANGED: Labels("역할 변경", "Role changed", "役割変更"),
    Action.AGENT_PERMISSIONS_CHANGED: Labels("권한 변경", "Permissions changed", "権限変更"),
    Action.AGENT_REMOVED: Labels("상담원 삭제", "Agent removed", "オペレーター削除"),
    Action.DISCOUNT_CHANGED: Labels("할인 변경", "Discount changed", "割引変更"),
    Action.RATES_ADDED: Labels("요금표 변경", "Rate card changed", "料金表変更"),
    Action.CTI_CHANGED: Labels("CTI ID 변경", "CTI ID changed", "CTI ID変更"),
    Action.CTI_SETTINGS_CHANGED: Labels("CTI 설정 변경", "CTI settings changed", "CTI設定変更"),
    Action.CTI_LOG_PURGED: Labels("CTI Log 파기", "CTI log purged", "CTI Log破棄"),
    Action.ORGANIZATION_CHANGED: Labels("조직 정보 변경", "Organization changed", "組織情報変更"),
    Action.ORGANIZATION_KEY_MADE: Labels("조직 Key 발급", "Organization key made", "組織Key発行"),
    Action.ORGANIZATION_KEY_SHOWN: Labels("조직 Key 조회", "Organization key shown", "組織Key照会"),
    Action.ORGANIZATION_KEY_CHANGED: Labels("API Key 변경", "Organization key changed", "API Key変更"),
    Action.SERVICE_LIMITS_CHANGED: Labels("서비스 한도 변경", "Service limits changed", "サービス限度変更"),
    Action.WALL_ADDED: Labels("전광판 추가", "Wall added", "ウォールボード追加"),
    Action.WALL_REMOVED: Labels("전광판 해제", "Wall removed", "ウォールボード解除"),
}


def action_label(action: Action, language: str) -> str:
    """Return the label of a log action in a language of the screens (ko, en, ja)."""
    label: str = getattr(ACTION_LABELS[action], language)
    return label


def find_actions(query: str, codes: Iterable[str]) -> list[str]:
    """Return those of the actions `codes` whose code or label contains `query`, or its initials (ㄱㅎ ㅂㄱ)."""
    matcher = Matcher(query, open_last=False)
    return [code for code in codes if any(matcher.matches(*spelling) for spelling in _search_forms(code))]


@cache
def _search_forms(code: str) -> tuple[tuple[str, str], ...]:
    """Return all labels of a log action for the search: case-folded, and as initials."""
    labels = ACTION_LABELS[Action(code)] if code in list(Action) else ()
    return tuple((fold_case(text), choseong(text)) for text in (code, *labels))
