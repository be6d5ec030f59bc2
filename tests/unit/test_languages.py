"""The help-center languages are exactly those of the product's list (rules.md 2, 3)."""

import csv
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from octui.schema.languages import LANGUAGES, Language, proposed_time_zone
from octui.server.core import validation
from octui.text.safe import find_refusal, safe
from octui.text.width import cell_width

LISTED = list(
    csv.DictReader((Path(__file__).parents[1] / "data" / "languages.csv").read_text(encoding="utf-8").splitlines())
)


def test_rule_2_there_are_exactly_184_languages() -> None:
    assert len(LISTED) == len(LANGUAGES) == 184
    assert set(LANGUAGES) == {row["code"] for row in LISTED}
    assert "bh" in LANGUAGES
    for row in LISTED:
        language = LANGUAGES[row["code"]]
        assert (language.code, language.english, language.main) == (row["code"], row["english"], row["main"] == "yes")
        assert row["korean_of_main"] in ("", language.korean)


def test_rule_2_the_17_main_languages_come_first() -> None:
    order = [language.main for language in LANGUAGES.values()]
    assert order == [True] * 17 + [False] * 167


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_has_a_name_in_the_three_languages_that_fits_a_cell(language: Language) -> None:
    for reader in ("ko", "en", "ja"):
        name = language.name_in(reader)
        assert find_refusal(name, longest=100) is None
        assert safe(name) == name
        assert cell_width(name) > 0
    assert len({language.name_in(reader) for reader in ("ko", "en", "ja")}) == 3


def test_language_names_are_unique() -> None:
    for reader in ("ko", "en", "ja"):
        assert len({language.name_in(reader) for language in LANGUAGES.values()}) == 184


@pytest.mark.parametrize(
    ("language", "zone"),
    [
        ("ko", "Asia/Seoul"),
        ("ja", "Asia/Tokyo"),
        ("en", "America/New_York"),
        ("zh", "Asia/Shanghai"),
        ("de", "Europe/Berlin"),
        ("pt", "America/Sao_Paulo"),
        ("ru", "Europe/Moscow"),
        ("vi", "Asia/Ho_Chi_Minh"),
        ("bh", "Asia/Kolkata"),
        ("eo", "UTC"),
        ("xx", "UTC"),
    ],
)
def test_rule_3_language_proposes_the_time_zone(language: str, zone: str) -> None:
    assert proposed_time_zone(language) == zone


def test_rule_3_every_language_proposes_a_known_time_zone() -> None:
    for language in LANGUAGES:
        zone = proposed_time_zone(language)
        assert validation.validate_time_zone(zone) == ZoneInfo(zone).key
