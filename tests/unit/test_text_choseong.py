import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.text.choseong import Matcher, choseong, fold_case, is_choseong_query, matches, split_clusters

names = st.text(st.sampled_from("김민수미밀이ㄱㅁㅅㄳ aBß.*["), max_size=8)


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        ("김민수", "ㄱㅁㅅ"),
        ("김Min수", "ㄱminㅅ"),
        ("까치 힣", "ㄲㅊ ㅎ"),
        ("", ""),
        ("山田", "山田"),
        (unicodedata.normalize("NFD", "김민수"), "ㄱㅁㅅ"),
        ("\u1100", "ㄱ"),
    ],
)
def test_choseong(text: str, initials: str) -> None:
    assert choseong(text) == initials


@given(st.text())
def test_choseong_has_the_positions_of_the_text(text: str) -> None:
    assert len(choseong(text)) == len(fold_case(text))


def test_every_syllable_has_the_initial_of_its_decomposition() -> None:
    compatible = dict(zip(map(chr, range(0x1100, 0x1113)), "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", strict=True))
    for point in range(0xAC00, 0xD7A4):
        assert choseong(chr(point)) == compatible[unicodedata.normalize("NFD", chr(point))[0]]


def test_fold_case_never_composes_compatibly() -> None:
    assert fold_case("ㄱＡ①") == "ㄱａ①"
    assert fold_case("STRASSE") == fold_case("straße")


def test_clusters_are_split() -> None:
    assert split_clusters("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ") == "ㄱㅅㄴㅈㄴㅎㄹㄱㄹㅁㄹㅂㄹㅅㄹㅌㄹㅍㄹㅎㅂㅅ"
    assert split_clusters("ㄲㅆ값") == "ㄲㅆ값"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("ㄱㅁㅅ", True),
        ("ㄳ", True),
        ("ㄱ ㅁ", True),
        ("김ㅁ", False),
        ("", False),
        (" ", False),
        ("ㅏ", False),
        ("g", False),
    ],
)
def test_is_choseong_query(query: str, answer: bool) -> None:
    assert is_choseong_query(query) is answer


@pytest.mark.parametrize(
    ("query", "text", "answer"),
    [
        ("ㄱㅁㅅ", "김민수", True),
        ("ㅁㅅ", "김민수", True),
        ("ㄱㅅ", "김민수", False),
        ("ㄳ", "박근수", True),
        ("ㅄ", "이방석", True),
        ("김ㅁㅅ", "김민수", True),
        ("김ㅁㅅ", "강민수", False),
        ("ㄱ민", "김민수", True),
        ("김민ㅅ", "김민수", True),
        ("미", "김민수", True),
        ("김미", "김민수", True),
        ("김미", "김밀라", True),
        ("김미", "김문수", False),
        ("미수", "김민수", False),
        ("민", "김미수", False),
        ("ㄱ", "까치", False),
        ("ㄲ", "까치", True),
        ("MIN", "김Min수", True),
        ("ㄱm", "김Min수", True),
        ("ㄱ.", "김x", False),
        ("ㄱ.", "김.", True),
        ("김 ㅁ", "김 민수", True),
        ("", "아무나", True),
        (unicodedata.normalize("NFD", "김민"), "김민수", True),
        ("김민", unicodedata.normalize("NFD", "김민수"), True),
    ],
)
def test_matches(query: str, text: str, answer: bool) -> None:
    assert matches(query, text) is answer


def test_last_syllable_can_be_closed() -> None:
    assert not Matcher("미", open_last=False).matches(fold_case("민"), choseong("민"))
    assert Matcher("ㄱ미", open_last=False).matches(fold_case("김미"), choseong("김미"))


def _matches_slowly(query: str, text: str) -> bool:
    wanted, have, initials = split_clusters(fold_case(query)), fold_case(text), choseong(text)

    def one(at: int, index: int) -> bool:
        character = wanted[index]
        if have[at] == character or ("ㄱ" <= character <= "ㅎ" and initials[at] == character):
            return True
        syllable = "가" <= character <= "힣" and (ord(character) - 0xAC00) % 28 == 0
        return index == len(wanted) - 1 and syllable and 0 <= ord(have[at]) - ord(character) < 28

    return any(
        all(one(start + index, index) for index in range(len(wanted))) for start in range(len(have) - len(wanted) + 1)
    )


@given(names, names)
def test_matcher_agrees_with_comparing_characters(query: str, text: str) -> None:
    assert matches(query, text) is _matches_slowly(query, text)


@given(names, names)
def test_every_match_passes_the_first_filter(query: str, text: str) -> None:
    matcher = Matcher(query)
    if matcher.matches(fold_case(text), choseong(text)):
        assert matcher.cho in choseong(text)
