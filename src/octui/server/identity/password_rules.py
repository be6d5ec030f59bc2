"""Which passwords are taken (security.md 1.2, R15): long ones that are not among the first a guesser tries.

No composition rules and no expiry. Characters as RFC 8265 (OpaqueString) has them: NFC, any space is U+0020, nothing
that cannot be seen.

A password is too common when, apart from its guessable pieces (the person's own account, names, e-mail and
organization; the words, phrases and keyboard runs of password_words.py; years; repetitions), fewer than 8 characters
or fewer than 5 different ones are left. What is written with 0 for o, @ for a and the like is read as the letters too,
and Hangul also as its keys on a keyboard in Latin mode.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from octui.schema.problems import FieldCode, FieldProblem
from octui.server.identity.common_passwords import PHRASES, RUNS, WORDS
from octui.text.choseong import fold_case
from octui.text.safe import RefusalCode, find_refusal, nfc

SHORTEST = 15
LONGEST = 256
_LEAST_LEFT = 8
_LEAST_DIFFERENT = 5
_SHORTEST_RUN = 4
_SHORTEST_OWN = 3
_ADVICE = "A few words that have nothing to do with each other or with you make a good one."

_REFUSED = {
    RefusalCode.CONTROL: FieldCode.CONTROL_CHARACTER,
    RefusalCode.EMPTY: FieldCode.CONTROL_CHARACTER,  # tabs and line breaks
    RefusalCode.INVISIBLE: FieldCode.INVISIBLE_CHARACTER,
    RefusalCode.BIDI: FieldCode.DIRECTION_CHARACTER,
    RefusalCode.UNKNOWN: FieldCode.INVISIBLE_CHARACTER,
    RefusalCode.REPLACED: FieldCode.CONTROL_CHARACTER,
}
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
    """The form that is hashed: NFC, every space U+0020."""
    return nfc("".join(" " if unicodedata.category(c) == "Zs" else c for c in password))


def latin_keys(text: str) -> str:
    """Hangul as the keys it is typed with (dubeolsik), folded: 김민수 → rlaalstn."""
    return "".join(_keys(character) for character in text).lower()


def _keys(character: str) -> str:
    at = ord(character) - 0xAC00
    if 0 <= at < 11_172:
        initial, rest = divmod(at, 588)
        vowel, final = divmod(rest, 28)
        return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
    return _LETTERS.get(character, character)


def password_problem(field: str, password: str, own: Iterable[str] = ()) -> FieldProblem | None:
    """Why a new password is not taken, or None. `password` as prepared; `own`: what is known of the person: account,
    names, e-mail, organization, domain."""
    for at, character in enumerate(password[:LONGEST]):
        refusal = None if character == " " else find_refusal(character, longest=1)
        if refusal is not None and refusal.code in _REFUSED:
            code = _REFUSED[refusal.code]
            return _problem(field, code, f"The password holds a character that cannot be seen, at character {at + 1}.")
    if len(password) < SHORTEST:
        return _problem(field, FieldCode.TOO_SHORT, f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        return _problem(field, FieldCode.TOO_LONG, f"A password has at most {LONGEST} characters.")
    if is_common(password, own):
        return _problem(field, FieldCode.COMMON, f"This password is too easily guessed. {_ADVICE}")
    return None


def _problem(field: str, code: FieldCode, message: str) -> FieldProblem:
    return FieldProblem(field=field, code=code.value, message=message)


def is_common(password: str, own: Iterable[str] = ()) -> bool:
    """Whether too little of it is left beside what everybody guesses."""
    folded = fold_case(password).replace(" ", "")
    pieces = _own_pieces(own) | _words()
    return any(_is_thin(_left(written, pieces)) for written in {folded, folded.translate(_LEET), latin_keys(folded)})


def _is_thin(left: str) -> bool:
    return len(left) < _LEAST_LEFT or len(set(left)) < _LEAST_DIFFERENT


def _own_pieces(own: Iterable[str]) -> frozenset[str]:
    pieces: set[str] = set()
    for text in own:
        folded = fold_case(text)
        for part in {folded.replace(" ", ""), folded[::-1], *re.split(r"[\s@._\-]+", folded)}:
            if len(part) >= _SHORTEST_OWN or (len(part) == 2 and not part.isascii()):
                pieces |= {part, latin_keys(part)}
    return frozenset(pieces)


@cache
def _words() -> frozenset[str]:
    words = {*WORDS, *PHRASES}
    return frozenset(words | {latin_keys(word) for word in words if not word.isascii()})


@cache
def _runs() -> frozenset[str]:
    """Every piece of a run of the shortest length, forwards and backwards."""
    lines = [*RUNS, *(run[::-1] for run in RUNS)]
    return frozenset(line[at : at + _SHORTEST_RUN] for line in lines for at in range(len(line) - _SHORTEST_RUN + 1))


def _left(password: str, pieces: frozenset[str]) -> str:
    """The characters that no guessable piece covers."""
    covered = bytearray(len(password))
    for piece in pieces:
        at = password.find(piece)
        while at >= 0:
            _cover(covered, at, len(piece))
            at = password.find(piece, at + 1)
    for at in range(len(password) - _SHORTEST_RUN + 1):
        if password[at : at + _SHORTEST_RUN] in _runs():
            _cover(covered, at, _SHORTEST_RUN)
    for found in _YEAR.finditer(password):
        _cover(covered, found.start(), len(found[0]))
    for found in _REPEATED.finditer(password):
        _cover(covered, found.start(), len(found[0]))
    period = next((at for at in range(1, len(password)) if password.startswith(password[at:])), len(password))
    if period <= len(password) // 2:
        _cover(covered, period, len(password) - period)
    return "".join(character for character, hidden in zip(password, covered, strict=True) if not hidden)


def _cover(covered: bytearray, at: int, length: int) -> None:
    covered[at : at + length] = b"\1" * length
