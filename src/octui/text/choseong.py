"""Search by Korean initials (choseong): ㄱㅁㅅ finds 김민수, so do 김ㅁㅅ and 김미 with the last syllable still open.

The server keeps `fold(name)` and `choseong(name)` beside each name; both have as many characters, so a
position in one is the same position in the other.
"""

import re

from octui.text.safe import nfc

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST, _LAST = 0xAC00, 0xD7A3
_FINALS = 28
_PER_INITIAL = 21 * _FINALS
_CLUSTERS = str.maketrans(
    {
        "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ",
        "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
    }
)  # fmt: skip
# A lone initial of decomposed input (macOS) does not compose to anything.
_CONJOINING = {0x1100 + i: initial for i, initial in enumerate(_INITIALS)}
_TO_INITIAL = _CONJOINING | {point: _INITIALS[(point - _FIRST) // _PER_INITIAL] for point in range(_FIRST, _LAST + 1)}
_CONSONANTS_ONLY = re.compile("[ㄱ-ㅎ][ㄱ-ㅎ ]*").fullmatch


def fold_case(text: str) -> str:
    """Return the text in NFC and casefolded, the form in which names are compared."""
    return text.lower() if text.isascii() else nfc(nfc(text).casefold())


def choseong(text: str) -> str:
    """Return the casefolded text with each Hangul syllable replaced by its initial: 김Min수 → ㄱminㅅ."""
    return fold_case(text).translate(_TO_INITIAL)


def split_clusters(text: str) -> str:
    """Split consonant clusters, which an input method makes of typed initials: ㄳ → ㄱㅅ."""
    return text.translate(_CLUSTERS)


def is_choseong_query(query: str) -> bool:
    """Return whether the query consists of initials (and spaces) only, so that only initials need searching."""
    return _CONSONANTS_ONLY(_folded_query(query).strip()) is not None


def _folded_query(query: str) -> str:
    return split_clusters(fold_case(query).translate(_CONJOINING))


class Matcher:
    """A search query prepared for matching many names; a part of the name is enough, the empty query matches all.

    `folded`: the query as compared. `cho`: its initials; every name that matches has `cho` in its choseong, which is
    the cheap first filter of a database. `literal`: plain containment of `folded` in the folded name is the whole test.
    """

    __slots__ = ("_search", "cho", "folded", "literal")

    def __init__(self, query: str, *, open_last: bool = True) -> None:
        """Prepare the query; with `open_last` a last syllable without a final (미) also finds 민 and 밀."""
        self.folded = _folded_query(query)
        self.cho = self.folded.translate(_TO_INITIAL)
        open_last = open_last and bool(self.folded) and _is_open(self.folded[-1])
        mixed = any(character in _INITIALS for character in self.folded)
        self.literal = not mixed and not open_last
        self._search = None
        if not self.literal and not is_choseong_query(query):
            pattern = "".join(map(_initial_pattern, self.folded[:-1]))
            last = self.folded[-1]
            pattern += f"[{last}-{chr(ord(last) + _FINALS - 1)}]" if open_last else _initial_pattern(last)
            self._search = re.compile(pattern).search

    def matches(self, folded: str, cho: str) -> bool:
        """Return whether a name matches, given as `fold(name)` and `choseong(name)`."""
        if self.literal:
            return self.folded in folded
        return self.cho in cho and (self._search is None or self._search(folded) is not None)


def _is_open(character: str) -> bool:
    return _FIRST <= ord(character) <= _LAST and (ord(character) - _FIRST) % _FINALS == 0


def _initial_pattern(character: str) -> str:
    index = _INITIALS.find(character)
    if index < 0:
        return re.escape(character)
    first = _FIRST + index * _PER_INITIAL
    return f"[{character}{chr(first)}-{chr(first + _PER_INITIAL - 1)}]"


def matches(query: str, text: str) -> bool:
    """Return whether `query` is found in `text`; for many texts make a `Matcher` once."""
    return Matcher(query).matches(fold_case(text), choseong(text))
