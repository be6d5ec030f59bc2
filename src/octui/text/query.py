"""Parser of the log's query line: ``이름:김 서비스:oc ip:10.0 since:7d``, or plain words (rules.md 25)."""

import math
import re
from collections.abc import Iterable
from datetime import tzinfo
from enum import StrEnum
from ipaddress import ip_network

from octui.schema.audit import AuditFilter, Log
from octui.text.choseong import fold_case
from octui.text.durations import parse_span
from octui.text.safe import nfc

LONGEST = 1_000  # characters of one line


class QueryErrorCode(StrEnum):
    """Kind of fault in a log query line; the screens have a sentence for each."""

    UNKNOWN_FIELD = "unknown_field"
    EMPTY = "empty_value"
    REPEATED = "repeated_field"
    TIME = "bad_time"
    TIME_ORDER = "time_order"  # begins when or after it ends
    IP = "bad_ip"
    QUOTE = "unclosed_quote"
    TOO_LONG = "too_long"


class QueryError(ValueError):
    """Error for a log query line that cannot be parsed; `position`: the fault's index in the NFC text."""

    def __init__(self, position: int, code: QueryErrorCode, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.code = code
        self.message = message


# The words for a field in all languages, the English one first.
_WORDS: dict[str, tuple[str, ...]] = {
    "time": ("time", "on", "date", "일시", "조작일시", "시각", "날짜", "日時", "操作日時", "日付"),
    "since": ("since", "from", "부터", "から"),
    "until": ("until", "to", "까지", "まで"),
    "action": ("action", "조작", "조작내용", "操作", "操作内容"),
    "name": ("name", "이름", "名前"),
    "ip": ("ip",),
    "service": ("service", "서비스", "サービス"),
    "account": ("id", "account", "계정", "アカウント"),
}
_FIELD_OF = {fold_case(word): field for field, words in _WORDS.items() for word in words}
# After one of these, the others are refused as repeated.
_EXCLUDED = {"time": {"time", "since", "until"}, "since": {"since", "time"}, "until": {"until", "time"}}
# A field is letters before a colon (an input method may type the wide one), so 10:30 and fe80::1 are plain words.
_FIELD = re.compile(r"([^\W\d_]+)[:：]")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)')
_PLAIN = re.compile(r"\S+")
_IP = re.compile(r"[0-9a-fA-F.:]+(/[0-9]{1,3})?")
_FREE_WORD = re.compile(r'"((?:[^"]|"")+)"|(\S+)')


def parse_query(line: str, *, now_ms: int, zone: tzinfo, log: Log = Log.PERMISSIONS) -> AuditFilter:
    """Return the log filter that a query line stands for. Raises QueryError.

    Parts are set apart by spaces; ``"quoted words"`` are one part and ``""`` in them is one quote. Times are those of
    `durations.parse_span`, in days of `zone`. ``time:`` takes a time or ``first..last``, where a day or month as last
    is within the span.
    """
    if len(line) > LONGEST:
        raise QueryError(LONGEST, QueryErrorCode.TOO_LONG, f"longer than {LONGEST} characters")
    line = nfc(line)
    texts: dict[str, str] = {}
    times: dict[str, int] = {}
    words: list[str] = []
    excluded: set[str] = set()
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        start = at
        match = _FIELD.match(line, at)
        if match is None:
            word, at = _read_value(line, at)
            words += [word] if word else []
            continue
        field = _FIELD_OF.get(fold_case(match[1]))
        if field is None:
            known = ", ".join(names[0] for names in _WORDS.values())
            raise QueryError(start, QueryErrorCode.UNKNOWN_FIELD, f"no field {match[1]!r}; there are {known}")
        value, at = _read_value(line, match.end())
        if not value:
            raise QueryError(match.end(), QueryErrorCode.EMPTY, f"nothing after {match[1]}:")
        if field in excluded:
            raise QueryError(start, QueryErrorCode.REPEATED, f"{match[1]} is asked for twice")
        excluded |= _EXCLUDED.get(field, {field})
        if field in ("time", "since", "until"):
            times |= _parse_times(field, value, match.end(), now_ms, zone)
            if times.get("time_from", 0) >= times.get("time_to", math.inf):
                raise QueryError(match.end(), QueryErrorCode.TIME_ORDER, "ends before it begins")
        else:
            texts[field] = _check_ip(value, match.end()) if field == "ip" else value
    # A value that is too long is refused by the server, like everybody else's.
    return AuditFilter(log=log).model_copy(update={**texts, **times, "words": join_words(words)})


def _read_value(line: str, at: int) -> tuple[str, int]:
    if line[at : at + 1] == '"':
        match = _QUOTED.match(line, at)
        if match is None:
            raise QueryError(at, QueryErrorCode.QUOTE, "the quote is not closed")
        return match[1].replace('""', '"').strip(), match.end()
    match = _PLAIN.match(line, at)
    return (match[0], match.end()) if match else ("", at)


def _parse_times(field: str, value: str, position: int, now_ms: int, zone: tzinfo) -> dict[str, int]:
    """Return the `time_from` and `time_to` (epoch ms) that a value gives, each None if open."""
    first, dots, last = value.partition("..") if field == "time" else (value, "", "")
    try:
        start, end = parse_span(first, now_ms=now_ms, zone=zone)
        if dots:
            end = parse_span(last, now_ms=now_ms, zone=zone)[1]
    except ValueError as error:
        raise QueryError(position, QueryErrorCode.TIME, f"not a time: {value}") from error
    if field == "since" or (field == "time" and not dots and start == end):  # a moment alone: since then
        return {"time_from": start}
    return {"time_to": end} if field == "until" else {"time_from": start, "time_to": end}


def _check_ip(value: str, position: int) -> str:
    valid = _IP.fullmatch(value) is not None
    if valid and "/" in value:
        try:
            ip_network(value, strict=False)
        except ValueError:
            valid = False
    if not valid:
        raise QueryError(position, QueryErrorCode.IP, f"not an address, a part of one or a network: {value}")
    return value.lower()


def join_words(words: Iterable[str]) -> str:
    """Return free words as a text that `split_words` splits into these words."""
    return " ".join(
        word if _PLAIN.fullmatch(word) and not word.startswith('"') else '"' + word.replace('"', '""') + '"'
        for word in words
    )


def split_words(text: str) -> tuple[str, ...]:
    """Split a query's free words at spaces; ``"김 민수"`` is one word, in which ``""`` is a quote."""
    words = (match[1].replace('""', '"').strip() if match[1] else match[2] for match in _FREE_WORD.finditer(text))
    return tuple(word for word in words if word)
