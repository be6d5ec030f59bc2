import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.text.query import Query, QueryError, QueryErrorCode, format_query, parse_query
from octui.text.safe import nfc

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")
NOW = int(datetime(2026, 11, 4, tzinfo=UTC).timestamp()) * 1000
DAY = 86_400_000


def kst(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=SEOUL).timestamp()) * 1000  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("", Query()),
        ("   ", Query()),
        ("김민수", Query(words=("김민수",))),
        ("김 관리자", Query(words=("김", "관리자"))),
        (
            "이름:김 서비스:oc ip:10.0 since:7d 조작:역할 id:kim01",
            Query(NOW - 7 * DAY, None, "역할", "김", "10.0", "oc", "kim01"),
        ),
        ("名前:山田 サービス:oc 操作:役割", Query(action="役割", name="山田", service="oc")),
        ("NAME:Kim Account：x", Query(name="Kim", account="x")),
        (unicodedata.normalize("NFD", "이름:김"), Query(name="김")),
        (unicodedata.normalize("NFD", "サービス:ガ"), Query(service="ガ")),
        ('이름:"홍 길동" "old ""x"" words" 끝', Query(name="홍 길동", words=('old "x" words', "끝"))),
        ('이름:김"x', Query(name='김"x')),
        ("조작일시:2026-11-01", Query(kst(2026, 11, 1), kst(2026, 11, 2))),
        ("time:2026-11-01..2026-11-03 x", Query(kst(2026, 11, 1), kst(2026, 11, 4), words=("x",))),
        ("日時:2026-10", Query(kst(2026, 10, 1), kst(2026, 11, 1))),
        ("time:3h", Query(NOW - DAY // 8)),
        ("부터:2026-11-01 까지:2026-11-03", Query(kst(2026, 11, 1), kst(2026, 11, 4))),
        ("until:2026-11-03T14:00", Query(None, kst(2026, 11, 3, 14))),
        ("since:오늘", Query(kst(2026, 11, 4))),
        ("ip:10.0.0.0/8", Query(ip="10.0.0.0/8")),
        ("ip:FE80::", Query(ip="fe80::")),
        ("10:30 fe80::1 a_b:c", Query(words=("10:30", "fe80::1", "a_b:c"))),
        ('"이름:김"', Query(words=("이름:김",))),
    ],
)
def test_parse(line: str, query: Query) -> None:
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
def test_errors_say_where(line: str, position: int, code: QueryErrorCode) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(line, now_ms=NOW, zone=SEOUL)
    assert (caught.value.position, caught.value.code) == (position, code)
    assert caught.value.message


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("ko", '부터:2026-11-01 까지:2026-11-03 조작:역할 이름:"홍 길동" ip:10.0 서비스:oc id:kim "이름:x" y'),
        ("ja", 'から:2026-11-01 まで:2026-11-03 操作:역할 名前:"홍 길동" ip:10.0 サービス:oc id:kim "이름:x" y'),
        ("en", 'since:2026-11-01 until:2026-11-03 action:역할 name:"홍 길동" ip:10.0 service:oc id:kim "이름:x" y'),
    ],
)
def test_format(language: str, line: str) -> None:
    query = Query(kst(2026, 11, 1), kst(2026, 11, 4), "역할", "홍 길동", "10.0", "oc", "kim", ("이름:x", "y"))
    assert format_query(query, zone=SEOUL, language=language) == line


part = st.text(st.sampled_from('가a":：" .1'), min_size=1, max_size=6).map(lambda s: nfc(s.strip()))
moment = st.integers(1, 4_000_000_000_000)


@given(
    st.builds(
        Query,
        time_from_ms=st.none(),
        time_to_ms=st.none(),
        action=part,
        name=part,
        ip=st.sampled_from(["", "10.0", "fe80::1", "10.0.0.0/8"]),
        service=part,
        account=part,
        words=st.lists(part.filter(bool), max_size=3).map(tuple),
    ),
    st.one_of(st.none(), st.tuples(moment, moment).filter(lambda pair: pair[0] != pair[1])),
    st.sampled_from(["ko", "en", "ja"]),
    st.sampled_from([SEOUL, NEW_YORK, UTC]),
)
def test_format_is_read_back(query: Query, span: tuple[int, int] | None, language: str, zone: ZoneInfo) -> None:
    if span:
        query = Query(
            min(span), max(span), query.action, query.name, query.ip, query.service, query.account, query.words
        )
    assert parse_query(format_query(query, zone=zone, language=language), now_ms=NOW, zone=zone) == query


@given(moment.map(lambda ms: ms // DAY * DAY), st.sampled_from([SEOUL, NEW_YORK, UTC]), st.booleans())
def test_round_times_are_read_back(at: int, zone: ZoneInfo, start: bool) -> None:
    query = Query(at, None) if start else Query(None, at + DAY)
    assert parse_query(format_query(query, zone=zone), now_ms=NOW, zone=zone) == query


@given(st.text(st.sampled_from('이름ip since:"7d.2026- 0'), max_size=20))
def test_any_line_is_read_or_refused_with_a_place(line: str) -> None:
    position = 0
    try:
        parse_query(line, now_ms=NOW, zone=SEOUL)
    except QueryError as error:
        position = error.position
    assert 0 <= position <= len(line)
