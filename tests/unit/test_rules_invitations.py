"""Codes of invitations, their letters, and the times at which a mail is retried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.server.mail import letters
from octui.server.mail import rules as mail_rules
from octui.server.members import invitation_codes

HOUR = 3_600_000


def test_codes_are_long_and_never_the_same() -> None:
    made = {invitation_codes.generate_code() for _ in range(2_000)}
    assert len(made) == 2_000
    assert {len(code) for code in made} == {34}
    characters = {character for code in made for character in code}
    assert len(characters) == 33
    assert not characters & set("ILOU")
    assert len({invitation_codes.code_digest(code) for code in made}) == 2_000


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=28, max_size=28), st.data())
def test_a_code_is_the_same_in_any_spelling(code: str, data: st.DataObject) -> None:
    typed = ""
    for character in code:
        alike = {"0": "0Oo", "1": "1IiLl"}.get(character, character + character.lower())
        typed += data.draw(st.sampled_from(alike)) + data.draw(st.sampled_from(["", " ", "-", "\t"]))
    assert invitation_codes.code_digest(typed) == invitation_codes.code_digest(code) != None  # noqa: E711


@given(st.text())
def test_an_invalid_code_has_no_digest(text: str) -> None:
    digest = invitation_codes.code_digest(text)
    assert digest is None or len(digest) == 32


@pytest.mark.parametrize("text", ["", "0" * 27, "0" * 29, "U" + "0" * 27, "０" * 28, "é" + "0" * 27, "ß" * 14])
def test_texts_that_are_no_codes_have_no_digest(text: str) -> None:
    assert invitation_codes.code_digest(text) is None


@pytest.mark.parametrize("language", ["ko", "en", "ja", "xx"])
def test_a_letter_holds_code_account_and_url(language: str) -> None:
    parts = {"organization": "{o}", "sender": "홍길동", "account": "mina", "name": "이미나 {code}", "code": "7K3M"}
    letter = letters.invitation_letter(language, **parts, url="https://x.example", days=7)
    assert "\n" not in letter.subject
    assert "{o}" in letter.subject
    for part in ("홍길동", "mina", "이미나 {code}", "octui accept --url https://x.example 7K3M", "7"):
        assert part in letter.body
    assert "--url" not in letters.invitation_letter(language, **parts, url="", days=7).body
    nobody = letters.invitation_letter(language, **(parts | {"sender": ""}), url="", days=7)
    assert nobody.body.count("{o}") == 2


def test_pauses_double_up_to_an_hour_and_end_after_three_days() -> None:
    assert [(mail_rules.next_try(tries, 0, 5) or 0) - 5 for tries in range(1, 9)] == [60_000 << n for n in range(6)] + [
        HOUR
    ] * 2
    assert mail_rules.next_try(10_000, 0, mail_rules.GIVEN_UP_AFTER_MS - 1) == mail_rules.GIVEN_UP_AFTER_MS - 1 + HOUR
    assert mail_rules.next_try(1, 0, mail_rules.GIVEN_UP_AFTER_MS) is None
