"""Every text is translated, the catalogs are up to date, and placeholders agree."""

import ast
import re
import string
from pathlib import Path

import pytest

from octui.ui.locale import Words, build


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", build.TRANSLATED)
def test_every_message_is_translated(language: str) -> None:
    assert build.untranslated_messages(build.merged_catalog(language, build.message_template())) == []


@pytest.mark.parametrize("language", build.TRANSLATED)
def test_catalogs_are_up_to_date(language: str) -> None:
    po, mo = build.rendered(build.merged_catalog(language, build.message_template()))
    folder = build.HERE / language / "LC_MESSAGES"
    assert (folder / "octui.po").read_bytes() == po, "run: make catalogs"
    assert (folder / "octui.mo").read_bytes() == mo, "run: make catalogs"


@pytest.mark.parametrize("language", build.TRANSLATED)
def test_placeholders_agree(language: str) -> None:
    for message in build.merged_catalog(language, build.message_template()):
        if message.id:
            assert _placeholders(str(message.id)) == _placeholders(str(message.string)), message.id


@pytest.mark.parametrize("source", sorted(build.SOURCES.rglob("*.py")), ids=lambda path: path.stem)
def test_messages_are_never_f_strings(source: Path) -> None:
    """Before Python 3.12 the extraction does not look into them, and nobody would miss the translation."""
    inside = [part for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.JoinedStr)
              for part in ast.walk(node)]  # fmt: skip
    for call in inside:
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            assert name not in build.KEYWORDS, f"{source}:{call.lineno}"


def test_dates_follow_the_language() -> None:
    assert Words("ko").date("2026-11-23") == "2026년 11월 23일 (월)"
    assert Words("ja").date("2026-11-23") == "2026年11月23日 (月)"
    assert Words("en").date("2026-11-23") == "Mon, 2026-11-23"


def test_languages_do_not_mix_scripts() -> None:
    scripts = {"ko": r"[\u3041-\u30ff]", "ja": r"[\uac00-\ud7a3]"}
    for language, foreign in scripts.items():
        texts = [
            str(message.string) for message in build.merged_catalog(language, build.message_template()) if message.id
        ]
        assert [text for text in texts if re.search(foreign, text)] == []
