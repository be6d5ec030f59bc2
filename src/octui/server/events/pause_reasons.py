"""Words that people write as the reason of a pause, each with the phone state that it means (architecture.md 5)."""

import unicodedata
from functools import lru_cache

from octui.schema.stats import PhoneState

_WORDS: dict[PhoneState, str] = {
    PhoneState.REST: "휴식 휴게 휴식중 화장실 이석 자리비움 흡연 개인 rest break pause restroom toilet away personal "
    "bio smoke coffee 休憩 休み 離席",
    PhoneState.MEAL: "식사 점심 점심시간 저녁 중식 석식 식사중 meal lunch dinner supper 食事 昼食 昼休み",
    PhoneState.EDUCATION: "교육 훈련 연수 학습 교육중 education training learning course study 教育 研修",
    PhoneState.REPORT: "취합/보고 취합 보고 업무보고 report reporting 報告",
    PhoneState.MEETING: "회의 미팅 회의중 조회 면담 meeting briefing huddle 会議 ミーティング",
    PhoneState.COACHING: "코칭 코칭중 모니터링 coaching monitoring qa モニター コーチング",
    PhoneState.TICKET_WORK: "티켓처리 티켓 후처리 후처리중 업무처리 업무 ticket tickets ticketwork acw wrapup "
    "aftercall aftercallwork work paperwork email backoffice チケット処理 チケット 後処理",
    PhoneState.CHAT_WORK: "채팅처리 채팅 채팅상담 chat chatwork chatting チャット処理 チャット",
    PhoneState.OTHER: "기타 other misc その他",
}
# A pause is not a call, so it cannot mean a state that counts calls.
PAUSE_STATES = frozenset(PhoneState) - {PhoneState.INBOUND_CALLS, PhoneState.OUTBOUND_CALLS, PhoneState.TRANSFER}
_REASONS = {word: state for state, words in _WORDS.items() for word in words.split()}
_SEPARATORS = str.maketrans("", "", " _-·.")


def _normalize_reason(reason: str) -> str:
    return unicodedata.normalize("NFC", reason).casefold().translate(_SEPARATORS)


_REASONS.update({_normalize_reason(state.value): state for state in PAUSE_STATES})


@lru_cache(maxsize=1024)
def state_of(reason: str) -> PhoneState | None:
    """Return the phone state that a pause reason means, or None for an unknown word.

    Spacing and case are ignored; no reason means rest.
    """
    plain = _normalize_reason(reason)
    return _REASONS.get(plain) if plain else PhoneState.REST


DEFAULT = PhoneState.REST
"""State of an unknown reason."""
