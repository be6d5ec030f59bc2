import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.text.safe import Refusal, RefusalCode, find_refusal, nfc, normalize_name, safe, safe_json
from octui.text.width import cell_width

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\r\n\t\u0301\u0323\u0338\u200b\u202e\u3164\ufe0f\u1100\u1161\u11a8가a \u3000\ud800"),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("홍길동", "홍길동"),
        ("山田 太郎 ｱ・ー", "山田 太郎 ｱ・ー"),
        ("[/foo] [@click=app.bell] {x} $y :smile:", "[/foo] [@click=app.bell] {x} $y :smile:"),
        (unicodedata.normalize("NFD", "김민수"), "김민수"),
        ("\x1b]52;c;AAAA\x07", "\ufffd]52;c;AAAA\ufffd"),
        ("\x9b31m\x90q\x9c", "\ufffd31m\ufffdq\ufffd"),
        ("\x1b\x1b[2J", "\ufffd\ufffd[2J"),
        ("a\u202eb\u2066c\u200f", "a\ufffdb\ufffdc\ufffd"),
        ("\u3164\u115f\u1160\uffa0\u2800", "\ufffd" * 5),
        ("❤\ufe0f", "❤\ufffd"),
        ("a\U000e0041\U000e0100\ud800\ue000\U0010ffff", "a" + "\ufffd" * 5),
        ("a\u2028b\u2029c\u0085d", "a\ufffdb\ufffdc\ufffdd"),
        ("a\u00a0b\u3000c\u2003d", "a b c d"),
        ("a\tb\nc\r\nd\re", "a b c d e"),
        ("n\u0303\u0323\u0316\u0317", "ṇ\u0316\u0317"),
        ("e\u0301", "é"),
        ("\u0301a", "\ufffda"),
        ("x" + "\u11a8" * 9, "x\u11a8\u11a8"),
        ("", ""),
    ],
)
def test_safe(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_multiline_keeps_line_breaks() -> None:
    assert safe("a\tb\r\nc\rd\x0b\u2028e", multiline=True) == "a\tb\nc\nd\ufffd\ufffde"
    assert safe("a\n\u0301b", multiline=True) == "a\n\ufffdb"


@pytest.mark.parametrize(("limit", "shown"), [(5, "abcde"), (4, "abc…"), (1, "…"), (0, "")])
def test_text_is_cut_at_the_limit(limit: int, shown: str) -> None:
    assert safe("abcde", limit=limit) == shown


def test_a_million_characters_are_processed() -> None:
    assert safe("가" * 1_000_000) == "가" * 4095 + "…"
    assert safe("a" + "\u0323\u0301" * 500_000) == "ạ\u0323\u0323…"


@given(hostile, st.booleans(), st.integers(0, 50))
def test_result_is_harmless_stable_and_composed(text: str, multiline: bool, limit: int) -> None:
    shown = safe(text, limit=limit, multiline=multiline)
    assert safe(shown, limit=limit, multiline=multiline) == shown
    assert unicodedata.is_normalized("NFC", shown)
    assert len(shown) <= limit
    allowed = {"\n", "\t"} if multiline else set()
    assert all(c in allowed or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in shown)


def test_no_single_character_is_invisible() -> None:
    """Every code point takes one or two cells, passes unchanged or as U+FFFD or a space, and is printable."""
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        shown = safe(character)
        assert cell_width(shown) >= 1, hex(point)
        assert shown in (nfc(character), " ", "\ufffd", "\ufffd" + nfc(character)[1:]), hex(point)
        assert shown.isprintable(), hex(point)


def test_every_hangul_syllable_passes() -> None:
    syllables = "".join(map(chr, range(0xAC00, 0xD7A4)))
    assert safe(syllables, limit=20_000) == syllables
    assert safe(unicodedata.normalize("NFD", syllables), limit=20_000) == syllables


def test_json_is_made_safe_in_a_copy() -> None:
    value = {"na\u200bme": ["\x1b[2J", {"a": "홍길동", "n": 1, "x": [None, True, 1.5]}], "ok": "나"}
    before = json.dumps(value)
    assert safe_json(value) == {
        "na\ufffdme": ["\ufffd[2J", {"a": "홍길동", "n": 1, "x": [None, True, 1.5]}],
        "ok": "나",
    }
    assert json.dumps(value) == before
    assert safe_json("\x07") == "\ufffd"
    assert safe_json("abc", limit=2) == "a…"
    assert safe_json(7) == 7


def test_json_nested_too_deeply_is_refused() -> None:
    value: object = "x"
    for _ in range(65):
        value = [value]
    with pytest.raises(ValueError, match="deep"):
        safe_json(value)


json_values = st.recursive(
    st.one_of(hostile, st.integers(), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(hostile, inner, max_size=4)),
    max_leaves=12,
)


@given(json_values)
def test_safe_json_is_idempotent(value: object) -> None:
    once = safe_json(value)
    assert safe_json(once) == once


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("", RefusalCode.EMPTY, 0),
        ("  \u3000", RefusalCode.EMPTY, 0),
        ("가" * 11, RefusalCode.TOO_LONG, 10),
        ("a\x1bb", RefusalCode.CONTROL, 1),
        ("a\nb", RefusalCode.CONTROL, 1),
        ("a\u2028b", RefusalCode.CONTROL, 1),
        ("ab\ud800", RefusalCode.CONTROL, 2),
        ("홍\u200b길동", RefusalCode.INVISIBLE, 1),
        ("홍길동\u3164", RefusalCode.INVISIBLE, 3),
        ("❤\ufe0f", RefusalCode.INVISIBLE, 1),
        ("a\U000e0041", RefusalCode.INVISIBLE, 1),
        ("a\u202eb", RefusalCode.BIDI, 1),
        ("a\u0378", RefusalCode.UNKNOWN, 1),
        ("\ue000", RefusalCode.UNKNOWN, 0),
        ("홍\ufffd동", RefusalCode.REPLACED, 1),
        ("山田\u3000太郎", RefusalCode.SPACE, 2),
        (" 홍길동", RefusalCode.EDGE_SPACE, 0),
        ("홍길동 ", RefusalCode.EDGE_SPACE, 3),
        ("x\u0316\u0317\u0318", RefusalCode.MARKS, 3),
        ("\u0301a", RefusalCode.MARKS, 0),
        ("ze\u0301", RefusalCode.NOT_NFC, 1),
        (unicodedata.normalize("NFD", "김민"), RefusalCode.NOT_NFC, 0),
    ],
)
def test_bad_names_are_refused_with_a_reason(text: str, code: RefusalCode, at: int) -> None:
    assert find_refusal(text, longest=10) == Refusal(code, at)


@pytest.mark.parametrize(
    "text", ["홍길동", "홍 길동", "O'Brien (서울)", "山田太郎", "Zoë", "x\u0316\u0317", "[/foo]", "가" * 10]
)
def test_good_names_are_accepted(text: str) -> None:
    assert find_refusal(text, longest=15) is None


@given(hostile)
def test_accepted_name_is_shown_unchanged(text: str) -> None:
    if find_refusal(text, longest=100) is None:
        assert safe(text) == text
    else:
        assert find_refusal(text, longest=100) is not None


@given(hostile)
def test_normalized_name_has_no_removable_reason(text: str) -> None:
    why = find_refusal(normalize_name(text), longest=10_000)
    assert why is None or why.code not in {RefusalCode.SPACE, RefusalCode.EDGE_SPACE, RefusalCode.NOT_NFC}


def test_normalize_name_trims_and_composes() -> None:
    assert normalize_name("\u3000山田\u3000太郎 ") == "山田 太郎"
