"""Rules for new passwords."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.server.identity.password_rules import (
    LONGEST,
    SHORTEST,
    is_common,
    latin_keys,
    normalize_password,
    password_problem,
)

OWN = ("minsu", "김민수", "민수", "minsu@hanbit.kr", "한빛 고객센터", "hanbit-cs")


@pytest.mark.parametrize(
    "password",
    [
        "xk7-lavender-moon-42",
        "보라색 기린이 커피를 마신다",
        "seven blue chairs sing",
        "correct giraffe under paper",
        "minsu likes his old bicycle",  # what is left is long enough
        "rainy-octopus-Harbour",
        "zT9#qLw!83mVx@Pd",
        "むらさきの きりんが のむ こーひー",
        "🦒 in a purple café 🫖",
        "9f8a7d6c5b4e3210",
        "x" * 3 + "kQ7vLm2ZpTr9Wd",
        "kQ7vLm2ZpTr9Wd#a" * 16,
    ],
)
def test_good_passwords_are_accepted(password: str) -> None:
    assert password_problem("new", normalize_password(password), OWN) is None


@pytest.mark.parametrize(
    "password",
    [
        "123456789012345",
        "1234567890123456",
        "qwertyuiop123456",
        "qwertyuiopasdfghjkl",
        "1q2w3e4r5t6y7u8i9o0p",
        "1qaz2wsx3edc4rfv",
        "poiuytrewqlkjhgfdsa",
        "zaq12wsxcde34rfv",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "abababababababababab",
        "passwordpassword",
        "Password20261123!",
        "P@ssw0rdP@ssw0rd",
        "iloveyou12345678",
        "letmeinletmein1!",
        "Welcome2026!2026",
        "correcthorsebatterystaple",
        "Correct Horse Battery Staple",
        "thequickbrownfox",
        "비밀번호비밀번호1234567",
        "qlalfqjsghqlalfqjsgh",  # 비밀번호비밀번호 with the keyboard in Latin mode
        "사랑해사랑해사랑해사랑해사랑해",
        "tkfkdgo1234567890",
        "ㅂㅈㄷㄱ쇼ㅕㅑㅐㅔㅂㅈㄷㄱ쇼ㅕㅑ",
        "가나다라마바사아자차카타파하가",
        "minsu2026minsu2026",
        "김민수김민수1234567890",
        "rlaalstn-minsu-2026",  # the own name, in Latin mode
        "hanbit-cs-hanbit-cs",
        "한빛고객센터2026!!!!!!",
        "usnim.usnim.usnim",  # backwards
        "q1w2e3r4t5 hanbit",
        "kQ7vLm2kQ7vLm2k",  # over and over
    ],
)
def test_common_passwords_are_refused(password: str) -> None:
    found = password_problem("new", normalize_password(password), OWN)
    assert found is not None
    assert (found.field, found.code) == ("new", "common")
    assert password not in found.message


def test_personal_words_count_only_for_their_person() -> None:
    assert not is_common("rlaalstn jirisan lamp", ("park", "박철수"))
    assert is_common("qkrcjftn.qkrcjftn.99", ("park", "박철수"))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"),
        ("kQ7vLm2ZpTr9Wd", "too_short"),
        ("가나" * 7, "too_short"),
        ("kQ7vLm2ZpTr9Wd#a" * 16 + "x", "too_long"),
        ("seven blue\tchairs sing", "control_character"),
        ("seven blue\x00chairs sing", "control_character"),
        ("seven blue\x1b[2Jchairs", "control_character"),
        ("seven blue\x85chairs sing", "control_character"),
        ("seven blue\u200bchairs sing", "invisible_character"),
        ("seven blue\u3164chairs sing", "invisible_character"),
        ("seven blue\u202echairs sing", "direction_character"),
        ("seven blue\ue000chairs sing", "invisible_character"),
        ("seven blue\ufffdchairs sing", "control_character"),
        ("short\x07", "control_character"),
    ],
)
def test_unfit_passwords_are_refused(password: str, code: str) -> None:
    found = password_problem("new", normalize_password(password))
    assert found is not None
    assert found.code == code


def test_length_is_that_of_the_normalized_password() -> None:
    decomposed = unicodedata.normalize("NFD", "보라색 기린이 커피를 마신")
    assert len(decomposed) > SHORTEST
    assert password_problem("new", normalize_password(decomposed)) is not None
    assert LONGEST >= 64


def test_different_input_of_a_password_is_normalized() -> None:
    typed = "보라색\u3000기린이\u00a0커피를 마신다 é"
    assert (
        normalize_password(unicodedata.normalize("NFD", typed))
        == normalize_password(typed)
        == "보라색 기린이 커피를 마신다 é"
    )
    assert normalize_password("Case Stays") == "Case Stays"
    assert normalize_password("ﬁ") == "ﬁ"  # never NFKC


@given(st.text(max_size=300))
def test_any_text_is_accepted_or_refused(text: str) -> None:
    ready = normalize_password(text)
    assert normalize_password(ready) == ready
    found = password_problem("new", ready, (text, "kim"))
    if found is None:
        assert SHORTEST <= len(ready) <= LONGEST
    if len(ready) < SHORTEST:
        assert found is not None


def test_hangul_is_mapped_to_its_keys() -> None:
    assert latin_keys("김민수 비밀번호 닭 왜 ㅋㅋ ABC") == "rlaalstn qlalfqjsgh ekfr dho zz abc"
