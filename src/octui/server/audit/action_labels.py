"""The words by which an action of the permission-change log is found: its code and its labels (rules.md 25)."""

from collections.abc import Iterable

from octui.schema.audit import Action
from octui.text.choseong import Matcher, choseong, fold_case

# Korean, English, Japanese: what the screens call the action, so that what is read there is found.
LABELS: dict[Action, tuple[str, str, str]] = {
    Action.ORGANIZATION_CREATED: ("조직 생성", "Org. created", "組織作成"),
    Action.ORGANIZATION_ADMIN_ADDED: ("조직관리자 추가", "Org. admin added", "組織管理者追加"),
    Action.ORGANIZATION_ADMIN_REMOVED: ("조직관리자 해제", "Org. admin removed", "組織管理者解除"),
    Action.MEMBER_ADDED: ("회원 추가", "Member added", "会員追加"),
    Action.MEMBER_REMOVED: ("회원 삭제", "Member removed", "会員削除"),
    Action.MEMBER_INVITED: ("회원 초대", "Member invited", "会員招待"),
    Action.MEMBER_JOINED: ("초대 수락", "Invitation accepted", "招待承諾"),
    Action.INVITATION_REVOKED: ("초대 취소", "Invitation revoked", "招待取消"),
    Action.SERVICE_ADDED: ("서비스 추가", "Service added", "サービス追加"),
    Action.SERVICE_REGISTERED: ("서비스 등록", "Service registered", "サービス登録"),
    Action.SERVICE_CHANGED: ("서비스 기본정보 수정", "Service changed", "サービス修正"),
    Action.CONTRACT_CHANGED: ("계약 수정", "Contract changed", "契約修正"),
    Action.SERVICE_SUSPENDED: ("서비스 이용정지", "Service suspended", "サービス利用停止"),
    Action.SERVICE_RESUMED: ("서비스 이용재개", "Service resumed", "サービス利用再開"),
    Action.SERVICE_TERMINATED: ("서비스 해지", "Service terminated", "サービス解約"),
    Action.SERVICE_DRAFT_DROPPED: ("미사용 서비스 삭제", "Draft dropped", "未使用サービス削除"),
    Action.BANNER_CHANGED: ("서비스 배너 변경", "Service banner changed", "サービスバナー変更"),
    Action.AGENT_ADDED: ("상담원 추가", "Agent added", "オペレーター追加"),
    Action.AGENT_ROLE_CHANGED: ("역할 변경", "Role changed", "役割変更"),
    Action.AGENT_PERMISSIONS_CHANGED: ("권한 변경", "Permissions changed", "権限変更"),
    Action.AGENT_REMOVED: ("상담원 삭제", "Agent removed", "オペレーター削除"),
    Action.DISCOUNT_CHANGED: ("할인 변경", "Discount changed", "割引変更"),
    Action.RATES_ADDED: ("요금표 변경", "Rate card changed", "料金表変更"),
    Action.CTI_CHANGED: ("CTI ID 변경", "CTI ID changed", "CTI ID変更"),
    Action.CTI_SETTINGS_CHANGED: ("CTI 설정 변경", "CTI settings changed", "CTI設定変更"),
    Action.CTI_LOG_PURGED: ("CTI Log 파기", "CTI log purged", "CTI Log破棄"),
    Action.ORGANIZATION_CHANGED: ("조직 정보 변경", "Organization changed", "組織情報変更"),
    Action.ORGANIZATION_KEY_MADE: ("조직 Key 발급", "Organization key made", "組織Key発行"),
    Action.ORGANIZATION_KEY_SHOWN: ("조직 Key 조회", "Organization key shown", "組織Key照会"),
    Action.ORGANIZATION_KEY_CHANGED: ("API Key 변경", "Organization key changed", "API Key変更"),
}

_SPELLINGS = {
    action.value: tuple((fold_case(text), choseong(text)) for text in (action.value, *labels))
    for action, labels in LABELS.items()
}


def actions_found(query: str, codes: Iterable[str]) -> list[str]:
    """Those of `codes` whose code or label in any language has `query` as a part; initials (ㄱㅎ ㅂㄱ) count too."""
    matcher = Matcher(query, open_last=False)
    return [code for code in codes if any(matcher.matches(*spelling) for spelling in _spellings(code))]


def _spellings(code: str) -> tuple[tuple[str, str], ...]:
    return _SPELLINGS.get(code) or ((fold_case(code), choseong(code)),)
