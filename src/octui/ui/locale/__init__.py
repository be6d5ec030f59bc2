"""Texts in the reader's language: message catalogs and dates; English texts are the message IDs."""

import gettext
from datetime import date
from pathlib import Path

from octui.text.glyphs import shown_text

LANGUAGES = ("ko", "en", "ja")

_WEEKDAYS = {"ko": "월화수목금토일", "ja": "月火水木金土日"}
_ENGLISH_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def N_(message: str) -> str:
    """Mark a message for extraction and return it unchanged; `t` translates it where it is drawn."""
    return message


class Words:
    """Translator into one language: `t("{count} rows", count=3)`; untranslated messages stay English.

    Their signs are those that the terminal shows; the values keep theirs, because people typed them.
    """

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._catalog = gettext.translation("octui", str(Path(__file__).parent), [self.language], fallback=True)

    def __call__(self, message: str, /, **values: object) -> str:
        text = shown_text(self._catalog.gettext(message)) if message else ""
        return text.format(**values) if values else text

    def date(self, iso: str) -> str:
        """Return a calendar date `YYYY-MM-DD` with its weekday, as the reader writes it."""
        day = date.fromisoformat(iso)
        if self.language == "ko":
            return f"{day.year}년 {day.month}월 {day.day}일 ({_WEEKDAYS['ko'][day.weekday()]})"
        if self.language == "ja":
            return f"{day.year}年{day.month}月{day.day}日 ({_WEEKDAYS['ja'][day.weekday()]})"
        return f"{_ENGLISH_WEEKDAYS[day.weekday()]}, {iso}"
