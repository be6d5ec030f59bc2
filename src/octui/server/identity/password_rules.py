"""Rules for new passwords (security.md 1.2, R15): long, and not easily guessed.

There are no composition rules and no expiry. Characters follow RFC 8265 (OpaqueString): NFC, any space is U+0020,
nothing invisible.

A password is too common when, apart from its guessable pieces (the person's own account, names, e-mail and
organization; the words, phrases and keyboard runs of common_passwords.py; years; repetitions), fewer than 8 characters
or fewer than 5 different ones are left. 0 for o, @ for a and the like are read as the letters too, and Hangul also as
its keys on a keyboard in Latin mode.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from octui.schema.problems import FieldCode, FieldProblem
from octui.server.identity.common_passwords import PHRASES, RUNS, WORDS
from octui.text.choseong import fold_case
from octui.text.field_codes import FIELD_CODES
from octui.text.safe import RefusalCode, find_refusal, nfc

SHORTEST = 15
LONGEST = 256
_FEWEST_REMAINING = 8
_FEWEST_DIFFERENT = 5
_SHORTEST_RUN = 4
_SHORTEST_PERSONAL = 3
_ADVICE = "A few words that have nothing to do with each other or with you make a good one."

# The other refusal codes apply to names alone: a password may have spaces and combining marks.
_REFUSED = frozenset(RefusalCode[name] for name in ("CONTROL", "EMPTY", "INVISIBLE", "BIDI", "UNKNOWN", "REPLACED"))
_LEET = str.maketrans("0134578@$!|", "oieastbasii")
_YEAR = re.compile(r"(?:19|20)\d\d")
_REPEATED = re.compile(r"(.{1,7}?)\1{2,}")

# The keys of each jamo, in the order of the syllables' code points.
_KEYS = (
    "r R s e E f a q Q t T d w W c z x v g",
    "k o i O j p u P h hk ho hl y n nj np nl b m ml l",
    "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g",
)
_INITIALS, _VOWELS, _SOME_FINALS = (keys.split() for keys in _KEYS)
_FINALS = ["", *_SOME_FINALS]
_LETTERS = dict(zip("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", _INITIALS, strict=True)) | dict(
    zip("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ", _VOWELS, strict=True)
)


def normalize_password(password: str) -> str:
    """Return the form of a password that is hashed: NFC, every space U+0020."""
    return nfc("".join(" " if unicodedata.category(c) == "Zs" else c for c in password))


def latin_keys(text: str) -> str:
    """Return Hangul as the Latin keys it is typed with (dubeolsik), folded: 김민수 → rlaalstn."""
    return "".join(_typed_keys(character) for character in text).lower()


def _typed_keys(character: str) -> str:
    index = ord(character) - 0xAC00
    if 0 <= index < 11_172:
        initial, rest = divmod(index, 588)
        vowel, final = divmod(rest, 28)
        return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
    return _LETTERS.get(character, character)


def password_problem(field: str, password: str, personal: Iterable[str] = ()) -> FieldProblem | None:
    """Return why a new password is refused, or None.

    `password` is normalized; `personal` are the person's account, names, e-mail, organization and domain.
    """
    for at, character in enumerate(password[:LONGEST]):
        refusal = None if character == " " else find_refusal(character, longest=1)
        if refusal is not None and refusal.code in _REFUSED:
            is_break = refusal.code is RefusalCode.EMPTY  # a tab or a line break, alone
            code = FieldCode.CONTROL_CHARACTER if is_break else FIELD_CODES[refusal.code]
            return _field_problem(
                field, code, f"The password holds a character that cannot be seen, at character {at + 1}."
            )
    if len(password) < SHORTEST:
        return _field_problem(field, FieldCode.TOO_SHORT, f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        return _field_problem(field, FieldCode.TOO_LONG, f"A password has at most {LONGEST} characters.")
    if is_common(password, personal):
        return _field_problem(field, FieldCode.COMMON, f"This password is too easily guessed. {_ADVICE}")
    return None


def _field_problem(field: str, code: FieldCode, message: str) -> FieldProblem:
    return FieldProblem(field=field, code=code.value, message=message)


def is_common(password: str, personal: Iterable[str] = ()) -> bool:
    """Return whether too few characters of a password remain apart from its guessable pieces."""
    folded = fold_case(password).replace(" ", "")
    pieces = _personal_pieces(personal) | _common_words()
    readings = {folded, folded.translate(_LEET), latin_keys(folded)}
    return any(_is_too_little(_remaining(reading, pieces)) for reading in readings)


def _is_too_little(remaining: str) -> bool:
    return len(remaining) < _FEWEST_REMAINING or len(set(remaining)) < _FEWEST_DIFFERENT


def _personal_pieces(personal: Iterable[str]) -> frozenset[str]:
    pieces: set[str] = set()
    for text in personal:
        folded = fold_case(text)
        for part in {folded.replace(" ", ""), folded[::-1], *re.split(r"[\s@._\-]+", folded)}:
            if len(part) >= _SHORTEST_PERSONAL or (len(part) == 2 and not part.isascii()):
                pieces |= {part, latin_keys(part)}
    return frozenset(pieces)


@cache
def _common_words() -> frozenset[str]:
    words = {*WORDS, *PHRASES}
    return frozenset(words | {latin_keys(word) for word in words if not word.isascii()})


@cache
def _keyboard_runs() -> frozenset[str]:
    """Return every piece of a keyboard run that has the shortest length, forwards and backwards."""
    lines = [*RUNS, *(run[::-1] for run in RUNS)]
    return frozenset(line[at : at + _SHORTEST_RUN] for line in lines for at in range(len(line) - _SHORTEST_RUN + 1))


def _remaining(password: str, pieces: frozenset[str]) -> str:
    """Return the characters that no guessable piece covers."""
    covered = bytearray(len(password))
    for piece in pieces:
        at = password.find(piece)
        while at >= 0:
            _mark_covered(covered, at, len(piece))
            at = password.find(piece, at + 1)
    for at in range(len(password) - _SHORTEST_RUN + 1):
        if password[at : at + _SHORTEST_RUN] in _keyboard_runs():
            _mark_covered(covered, at, _SHORTEST_RUN)
    for pattern in (_YEAR, _REPEATED):
        for match in pattern.finditer(password):
            _mark_covered(covered, match.start(), len(match[0]))
    period = next((at for at in range(1, len(password)) if password.startswith(password[at:])), len(password))
    if period <= len(password) // 2:
        _mark_covered(covered, period, len(password) - period)
    return "".join(character for character, flag in zip(password, covered, strict=True) if not flag)


def _mark_covered(covered: bytearray, start: int, length: int) -> None:
    covered[start : start + length] = b"\1" * length
