"""The permission-change log's one query line: ``이름:김 서비스:oc ip:10.0 since:7d`` or words (rules.md rule 25)."""

import re
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum
from ipaddress import ip_network

from octui.text.choseong import fold_case
from octui.text.durations import format_instant, parse_span
from octui.text.safe import nfc

LONGEST = 1_000  # characters of one line


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; every part given must be found. Texts are parts to find, "" is not asked for.

    Times are epoch milliseconds, `time_to_ms` exclusive. `words` may each be found in any of the fields.
    """

    time_from_ms: int | None = None
    time_to_ms: int | None = None
    action: str = ""
    name: str = ""
    ip: str = ""
    service: str = ""
    account: str = ""
    words: tuple[str, ...] = ()


class QueryErrorCode(StrEnum):
    """What is wrong with a line; the screens have a sentence for each."""

    UNKNOWN_FIELD = "unknown_field"
    EMPTY = "empty_value"
    REPEATED = "repeated_field"
    TIME = "bad_time"
    TIME_ORDER = "time_order"  # begins when or after it ends
    IP = "bad_ip"
    QUOTE = "unclosed_quote"
    TOO_LONG = "too_long"


class QueryError(ValueError):
    """A line that cannot be understood: `position` is the index (in NFC) where it goes wrong."""

    def __init__(self, position: int, code: QueryErrorCode, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.code = code
        self.message = message


# field → the words for it; the first of each language is the one that `format` writes
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "time": {
        "ko": ("일시", "조작일시", "시각", "날짜"),
        "en": ("time", "on", "date"),
        "ja": ("日時", "操作日時", "日付"),
    },
    "since": {"ko": ("부터",), "en": ("since", "from"), "ja": ("から",)},
    "until": {"ko": ("까지",), "en": ("until", "to"), "ja": ("まで",)},
    "action": {"ko": ("조작", "조작내용"), "en": ("action",), "ja": ("操作", "操作内容")},
    "name": {"ko": ("이름",), "en": ("name",), "ja": ("名前",)},
    "ip": {"ko": ("ip",), "en": ("ip",), "ja": ("ip",)},
    "service": {"ko": ("서비스",), "en": ("service",), "ja": ("サービス",)},
    "account": {"ko": ("id", "계정"), "en": ("id", "account"), "ja": ("id", "アカウント")},
}
_FIELD_OF = {
    fold_case(word): field for field, languages in _WORDS.items() for words in languages.values() for word in words
}
# Having said one of these, the others cannot be said as well.
_EXCLUDED = {"time": {"time", "since", "until"}, "since": {"since", "time"}, "until": {"until", "time"}}
_TEXT_FIELDS = ("action", "name", "ip", "service", "account")
# A field is letters before a colon (input methods may type the wide one), so that 10:30 and fe80::1 are plain words.
_FIELD = re.compile(r"([^\W\d_]+)[:：]")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)')
_PLAIN = re.compile(r"\S+")
_IP = re.compile(r"[0-9a-fA-F.:]+(/[0-9]{1,3})?")


def parse_query(line: str, *, now_ms: int, zone: tzinfo) -> Query:
    """Read a query line; raises QueryError. Times are those of `durations.parse_span`, days being days in `zone`.

    Parts are set apart by spaces; ``"quoted words"`` are one part and ``""`` in them is one quote. ``time:`` takes a
    time or ``first..last``, where a day or month as last is within the span.
    """
    if len(line) > LONGEST:
        raise QueryError(LONGEST, QueryErrorCode.TOO_LONG, f"longer than {LONGEST} characters")
    line = nfc(line)
    query = Query()
    seen: set[str] = set()
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        start = at
        match = _FIELD.match(line, at)
        if match is None:
            word, at = _read_value(line, at)
            query = replace(query, words=(*query.words, word)) if word else query
            continue
        field = _FIELD_OF.get(fold_case(match[1]))
        if field is None:
            known = ", ".join(words["en"][0] for words in _WORDS.values())
            raise QueryError(start, QueryErrorCode.UNKNOWN_FIELD, f"no field {match[1]!r}; there are {known}")
        value, at = _read_value(line, match.end())
        if not value:
            raise QueryError(match.end(), QueryErrorCode.EMPTY, f"nothing after {match[1]}:")
        if field in seen:
            raise QueryError(start, QueryErrorCode.REPEATED, f"{match[1]} is asked for twice")
        seen |= _EXCLUDED.get(field, {field})
        query = _set_field(query, field, value, match.end(), now_ms, zone)
    return query


def _read_value(line: str, at: int) -> tuple[str, int]:
    if line[at : at + 1] == '"':
        match = _QUOTED.match(line, at)
        if match is None:
            raise QueryError(at, QueryErrorCode.QUOTE, "the quote is not closed")
        return match[1].replace('""', '"').strip(), match.end()
    match = _PLAIN.match(line, at)
    return (match[0], match.end()) if match else ("", at)


def _set_field(query: Query, field: str, value: str, position: int, now_ms: int, zone: tzinfo) -> Query:
    match field:
        case "action":
            return replace(query, action=value)
        case "name":
            return replace(query, name=value)
        case "service":
            return replace(query, service=value)
        case "account":
            return replace(query, account=value)
        case "ip":
            _check_ip(value, position)
            return replace(query, ip=value.lower())
    try:
        if field == "since":
            query = replace(query, time_from_ms=parse_span(value, now_ms=now_ms, zone=zone)[0])
        elif field == "until":
            query = replace(query, time_to_ms=parse_span(value, now_ms=now_ms, zone=zone)[1])
        else:
            first, dots, last = value.partition("..")
            start, end = parse_span(first, now_ms=now_ms, zone=zone)
            if dots:
                end = parse_span(last, now_ms=now_ms, zone=zone)[1]
            elif start == end:  # an instant alone: since then
                return replace(query, time_from_ms=start)
            query = replace(query, time_from_ms=start, time_to_ms=end)
    except ValueError as error:
        raise QueryError(position, QueryErrorCode.TIME, f"not a time: {value}") from error
    if query.time_from_ms is not None and query.time_to_ms is not None and query.time_from_ms >= query.time_to_ms:
        raise QueryError(position, QueryErrorCode.TIME_ORDER, "ends before it begins")
    return query


def _check_ip(value: str, position: int) -> None:
    fine = _IP.fullmatch(value) is not None
    if fine and "/" in value:
        try:
            ip_network(value, strict=False)
        except ValueError:
            fine = False
    if not fine:
        raise QueryError(position, QueryErrorCode.IP, f"not an address, a part of one or a network: {value}")


def format_query(query: Query, *, zone: tzinfo, language: str = "ko") -> str:
    """The line that `parse` reads back to this query, in the field words of `language` (ko, ja, else en)."""
    language = language if language in ("ko", "ja") else "en"
    parts: list[str] = []
    if query.time_from_ms is not None:
        parts.append(f"{_WORDS['since'][language][0]}:{format_instant(query.time_from_ms, zone)}")
    if query.time_to_ms is not None:
        parts.append(f"{_WORDS['until'][language][0]}:{_end_text(query.time_to_ms, zone)}")
    for field in _TEXT_FIELDS:
        value: str = getattr(query, field)
        if value:
            parts.append(f"{_WORDS[field][language][0]}:{_quote_value(value)}")
    parts.extend(_quote_value(word, alone=True) for word in query.words)
    return " ".join(parts)


def _end_text(to_ms: int, zone: tzinfo) -> str:
    day = format_instant(to_ms - 1, zone)[:10]
    if parse_span(day, now_ms=0, zone=zone)[1] == to_ms:  # the midnight that ends a day is written as that day
        return day
    text = format_instant(to_ms, zone)
    return text + "T00:00" if len(text) == 10 else text


def _quote_value(value: str, *, alone: bool = False) -> str:
    plain = _PLAIN.fullmatch(value) and not value.startswith('"') and not (alone and _FIELD.match(value))
    return value if plain else '"' + value.replace('"', '""') + '"'
