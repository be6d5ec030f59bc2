"""Text from outside: made harmless for a terminal (`safe`), or refused with a reason (`find_refusal`).

Every string from outside passes `safe` before it reaches a widget, a log line or the output of a command. The client
does that once, with `safe_json`, where JSON becomes a model.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

REPLACEMENT = "\ufffd"
MARKS_PER_BASE = 2
DEPTH = 64

# Unicode calls these letters, marks or symbols, but terminals draw nothing; isprintable() accepts them all.
_INVISIBLE = frozenset(
    chr(point)
    for start, end in (
        (0x034F, 0x034F),  # combining grapheme joiner
        (0x115F, 0x1160),  # Hangul fillers
        (0x17B4, 0x17B5),  # Khmer inherent vowels
        (0x180B, 0x180F),  # Mongolian variation selectors
        (0x2800, 0x2800),  # blank Braille pattern
        (0x3164, 0x3164),  # Hangul filler
        (0xFE00, 0xFE0F),  # variation selectors
        (0xFFA0, 0xFFA0),  # half-width Hangul filler
        (0x16FE4, 0x16FE4),  # Khitan filler
        (0x1D159, 0x1D159),  # musical null notehead
        (0xE0000, 0xE0FFF),  # tags, more variation selectors
    )
    for point in range(start, end + 1)
)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BAD_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Conjoining vowels and finals, and skin colors, are not marks, but take no cell of their own and pile up like marks.
_JOINING = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff\U0001f3fb-\U0001f3ff]").match
# Composed and visible characters, of which nearly every string consists: those need no work.
_COMMON = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2015\u2018-\u201f\u2026\u2190-\u2193\u3001-\u3029\u3041-\u3096\u309b-\u30ff"
    "\u3131-\u3163\u4e00-\u9fef\uac00-\ud7a3\uff01-\uff9d]*"
).fullmatch
_MARK_RUN_BEFORE_NFC = 8


class _Replacements(dict[int, str]):
    """Table for `str.translate` that finds a character's replacement on first use."""

    def __init__(self, allowed: str) -> None:
        super().__init__({ord(character): character for character in allowed})

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if character in "\t\n\r":
            replacement = " "
        elif character in _INVISIBLE:
            replacement = REPLACEMENT
        else:
            category = unicodedata.category(character)
            replacement = REPLACEMENT if category in _BAD_CATEGORIES else " " if category == "Zs" else character
        if len(self) < 20_000:  # hostile text must not fill the memory
            self[point] = replacement
        return replacement


_ONE_LINE = _Replacements("")
_LINES = _Replacements("\n\t")


def nfc(text: str) -> str:
    """Return the text in NFC, never in NFKC, which would turn the jamo ㄱ of a search into another character."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or _JOINING(character) is not None


def _limit_marks(text: str, most: int) -> str:
    """Return the text with at most `most` combining marks on each base, because more take quadratic time."""
    characters: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if character > "\u02ff" and _is_mark(character) else 0
        if run <= most:
            characters.append(character)
    return "".join(characters)


def _replace_loose_marks(text: str) -> str:
    """Replace combining marks at a line's start, which a terminal would draw on the cell before."""
    return "\n".join(REPLACEMENT + line[1:] if line and _is_mark(line[0]) else line for line in text.split("\n"))


def safe(text: str, *, limit: int = 4096, multiline: bool = False) -> str:
    """Return the text made safe for a terminal: NFC, one line, no control, invisible or reordering characters.

    Control, format, surrogate, private, unassigned characters, line separators, fillers and variation selectors become
    U+FFFD (replaced, not removed: removing can join two halves of a sequence); other spaces, tabs and line breaks
    become a space, unless `multiline`, which keeps tabs and makes every line break ``\\n``. More than two combining
    marks on one base are dropped. Longer than `limit` characters is cut, with … as the last. safe(safe(x)) == safe(x).
    """
    if len(text) <= limit and _COMMON(text):
        return text
    cut = len(text) > limit * 8
    text = text[: limit * 8].replace("\r\n", "\n").replace("\r", "\n")
    text = nfc(_limit_marks(text, _MARK_RUN_BEFORE_NFC)).translate(_LINES if multiline else _ONE_LINE)
    text = _limit_marks(_replace_loose_marks(text), MARKS_PER_BASE)
    if cut or len(text) > limit:
        return text[: max(limit - 1, 0)] + "…"[:limit]
    return text


def safe_json(value: Any, *, limit: int = 4096) -> Any:
    """Return a copy of decoded JSON with every string in it, keys too, passed through `safe`.

    Raises ValueError when nested deeper than 64 levels.
    """
    return _safe_value(value, limit, DEPTH)


def _safe_value(value: Any, limit: int, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return value if len(value) <= limit and _COMMON(value) else safe(value, limit=limit)
    if kind is dict:
        if not depth:
            raise ValueError("nested too deeply")
        return {
            key if len(key) <= limit and _COMMON(key) else safe(key, limit=limit): (
                _safe_value(member, limit, depth - 1) if type(member) in _DEEP else member
            )
            for key, member in value.items()
        }
    if kind is list:
        if not depth:
            raise ValueError("nested too deeply")
        return [_safe_value(member, limit, depth - 1) if type(member) in _DEEP else member for member in value]
    return value


_DEEP = frozenset((str, dict, list))


class RefusalCode(StrEnum):
    """Why a name is refused; the screens have a sentence for each."""

    EMPTY = "empty"  # nothing, or only spaces
    TOO_LONG = "too_long"
    CONTROL = "control"  # control characters, line breaks, lone surrogates
    INVISIBLE = "invisible"  # zero-width characters, fillers, variation selectors, tags
    BIDI = "bidi"  # characters that turn the direction of writing
    UNKNOWN = "unknown_character"  # unassigned or private: every screen would show something else
    REPLACED = "replaced"  # U+FFFD: a text that something, `safe` too, has already damaged
    SPACE = "space"  # a space that is not U+0020
    MARKS = "marks"  # more than two combining marks on a base, or a mark without a base
    EDGE_SPACE = "edge_space"  # a space at the start or the end
    NOT_NFC = "not_nfc"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a name is refused, and the index of the character that caused it."""

    code: RefusalCode
    at: int


def find_refusal(text: str, *, longest: int) -> Refusal | None:
    """Return why a name or an ID (in NFC) is refused, or None. `longest`: the most characters."""
    if not text or text.isspace():
        return Refusal(RefusalCode.EMPTY, 0)
    if len(text) > longest:
        return Refusal(RefusalCode.TOO_LONG, longest)
    run = 0
    for at, character in enumerate(text):
        code = None if " " <= character <= "~" else _character_refusal(character)
        if code is not None:
            return Refusal(code, at)
        run = run + 1 if character > "\u02ff" and _is_mark(character) else 0
        # Decomposed Hangul is reported below as NOT_NFC: two joining letters on a base are within the limit.
        if run > MARKS_PER_BASE or (run and at == 0):
            return Refusal(RefusalCode.MARKS, at)
    if text[0] == " ":
        return Refusal(RefusalCode.EDGE_SPACE, 0)
    if text[-1] == " ":
        return Refusal(RefusalCode.EDGE_SPACE, len(text) - 1)
    composed = nfc(text)
    if composed != text:
        at = next((i for i, (a, b) in enumerate(zip(text, composed, strict=False)) if a != b), len(composed))
        return Refusal(RefusalCode.NOT_NFC, at)
    return None


def _character_refusal(character: str) -> RefusalCode | None:
    if character in _INVISIBLE:
        return RefusalCode.INVISIBLE
    if character in _BIDI:
        return RefusalCode.BIDI
    if character == REPLACEMENT:
        return RefusalCode.REPLACED
    match unicodedata.category(character):
        case "Cc" | "Cs" | "Zl" | "Zp":
            return RefusalCode.CONTROL
        case "Cf":
            return RefusalCode.INVISIBLE
        case "Cn" | "Co":
            return RefusalCode.UNKNOWN
        case "Zs":
            return None if character == " " else RefusalCode.SPACE
    return None


def normalize_name(text: str) -> str:
    """Return a typed name as it is sent: NFC, every space U+0020, none at the ends."""
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in nfc(text))
    return spaced.strip(" ")
