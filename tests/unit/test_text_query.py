import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.schema.audit import AuditFilter
from octui.text.query import QueryError, QueryErrorCode, join_words, parse_query, split_words

SEOUL = ZoneInfo("Asia/Seoul")
NOW = int(datetime(2026, 11, 4, tzinfo=UTC).timestamp()) * 1000
DAY = 86_400_000


def kst(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=SEOUL).timestamp()) * 1000  # type: ignore[misc,arg-type]


def times(start: int | None, end: int | None = None, **fields: str) -> AuditFilter:
    return AuditFilter(time_from=start, time_to=end, **fields)


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("", AuditFilter()),
        ("   ", AuditFilter()),
        ("김민수", AuditFilter(words="김민수")),
        ("김 관리자", AuditFilter(words="김 관리자")),
        (
            "이름:김 서비스:oc ip:10.0 since:7d 조작:역할 id:kim01",
            times(NOW - 7 * DAY, None, action="역할", name="김", ip="10.0", service="oc", account="kim01"),
        ),
        ("名前:山田 サービス:oc 操作:役割", AuditFilter(action="役割", name="山田", service="oc")),
        ("NAME:Kim Account：x", AuditFilter(name="Kim", account="x")),
        (unicodedata.normalize("NFD", "이름:김"), AuditFilter(name="김")),
        (unicodedata.normalize("NFD", "サービス:ガ"), AuditFilter(service="ガ")),
        ('이름:"홍 길동" "old ""x"" words" 끝', AuditFilter(name="홍 길동", words='"old ""x"" words" 끝')),
        ('이름:김"x', AuditFilter(name='김"x')),
        ("조작일시:2026-11-01", times(kst(2026, 11, 1), kst(2026, 11, 2))),
        ("time:2026-11-01..2026-11-03 x", times(kst(2026, 11, 1), kst(2026, 11, 4), words="x")),
        ("日時:2026-10", times(kst(2026, 10, 1), kst(2026, 11, 1))),
        ("time:3h", times(NOW - DAY // 8)),
        ("부터:2026-11-01 까지:2026-11-03", times(kst(2026, 11, 1), kst(2026, 11, 4))),
        ("until:2026-11-03T14:00", times(None, kst(2026, 11, 3, 14))),
        ("since:오늘", times(kst(2026, 11, 4))),
        ("ip:10.0.0.0/8", AuditFilter(ip="10.0.0.0/8")),
        ("ip:FE80::", AuditFilter(ip="fe80::")),
        ("10:30 fe80::1 a_b:c", AuditFilter(words="10:30 fe80::1 a_b:c")),
        ('"이름:김"', AuditFilter(words="이름:김")),
    ],
)
def test_query_line_is_parsed(line: str, query: AuditFilter) -> None:
    assert parse_query(line, now_ms=NOW, zone=SEOUL) == query


@pytest.mark.parametrize(
    ("line", "position", "code"),
    [
        ("김 나이:3", 2, QueryErrorCode.UNKNOWN_FIELD),
        ("https://x", 0, QueryErrorCode.UNKNOWN_FIELD),
        ("이름:", 3, QueryErrorCode.EMPTY),
        ("이름: 김", 3, QueryErrorCode.EMPTY),
        ('이름:""', 3, QueryErrorCode.EMPTY),
        ("이름:김 name:민", 5, QueryErrorCode.REPEATED),
        ("since:7d time:2026-11-01", 9, QueryErrorCode.REPEATED),
        ("since:soon", 6, QueryErrorCode.TIME),
        ("time:2026-11-01..", 5, QueryErrorCode.TIME),
        ("since:2026-11-03 until:2026-11-01", 23, QueryErrorCode.TIME_ORDER),
        ("time:2026-11-03..2026-11-01", 5, QueryErrorCode.TIME_ORDER),
        ("ip:서울", 3, QueryErrorCode.IP),
        ("ip:10.0.0.0/40", 3, QueryErrorCode.IP),
        ('이름:"김', 3, QueryErrorCode.QUOTE),
        ('a "b"c', 2, QueryErrorCode.QUOTE),
        ("x" * 1001, 1000, QueryErrorCode.TOO_LONG),
    ],
)
def test_fault_is_reported_with_its_position(line: str, position: int, code: QueryErrorCode) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(line, now_ms=NOW, zone=SEOUL)
    assert (caught.value.position, caught.value.code) == (position, code)
    assert caught.value.message


word = st.text(st.sampled_from('가a":：" .1'), min_size=1, max_size=6).map(str.strip).filter(bool)


@given(st.lists(word, max_size=3))
def test_joined_words_are_split_again(words: list[str]) -> None:
    assert split_words(join_words(words)) == tuple(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        (" 김  oc ", ("김", "oc")),
        ('"김 민수" oc', ("김 민수", "oc")),
        ('"a ""b"""', ('a "b"',)),
        ('"open end', ('"open', "end")),
        ('"" x', ('""', "x")),
    ],
)
def test_free_words_are_split(text: str, words: tuple[str, ...]) -> None:
    assert split_words(text) == words


@given(st.text(st.sampled_from('이름ip since:"7d.2026- 0'), max_size=20))
def test_any_line_is_parsed_or_refused_with_a_position(line: str) -> None:
    position = 0
    try:
        parse_query(line, now_ms=NOW, zone=SEOUL)
    except QueryError as error:
        position = error.position
    assert 0 <= position <= len(line)
