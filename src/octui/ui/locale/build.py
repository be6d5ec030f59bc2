"""Renew the message catalogs: extract from the sources, merge into the .po files, compile to .mo.

Run by `make catalogs`; `--check` only says whether anything would change or is left untranslated (exit 1).
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
SOURCES = HERE.parent.parent
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {"t": None, "words": None, "N_": None}
TRANSLATED = ("ko", "ja")


def message_template() -> Catalog:
    """Return a catalog of every message in the sources, sorted."""
    catalog = Catalog(project="octui", charset="utf-8")
    for filename, line, message, comments, context in extract_from_dir(
        str(SOURCES), [("**.py", "python")], keywords=KEYWORDS, comment_tags=()
    ):
        catalog.add(message, None, [(filename, line)], auto_comments=comments, context=context)
    return catalog


def merged_catalog(language: str, messages: Catalog) -> Catalog:
    """Return the language's catalog with exactly the messages of the sources."""
    path = HERE / language / "LC_MESSAGES" / "octui.po"
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    else:
        catalog = Catalog(locale=language, project="octui", charset="utf-8")
    catalog.update(messages, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def rendered(catalog: Catalog) -> tuple[bytes, bytes]:
    """Return a catalog as .po and .mo files, without dates and source lines, so that they change only with texts."""
    catalog.creation_date = catalog.revision_date = _SOME_DAY
    text, binary = io.BytesIO(), io.BytesIO()
    write_po(text, catalog, no_location=True, omit_header=False, sort_output=True, width=0, ignore_obsolete=True)
    write_mo(binary, catalog)
    return text.getvalue(), binary.getvalue()


def untranslated_messages(catalog: Catalog) -> list[str]:
    """Return the messages without a translation in this language, or with one marked fuzzy."""
    return [str(message.id) for message in catalog if message.id and (not message.string or message.fuzzy)]


def main() -> int:
    check = "--check" in sys.argv[1:]
    messages, wrong = message_template(), 0
    for language in TRANSLATED:
        catalog = merged_catalog(language, messages)
        for message in untranslated_messages(catalog):
            print(f"{language}: not translated: {message}")  # noqa: T201
            wrong = 1
        folder = HERE / language / "LC_MESSAGES"
        for suffix, data in zip(("po", "mo"), rendered(catalog), strict=True):
            path = folder / f"octui.{suffix}"
            if check and (not path.exists() or path.read_bytes() != data):
                print(f"{path.relative_to(SOURCES)}: not up to date, run: make catalogs")  # noqa: T201
                wrong = 1
            elif not check:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    return wrong if check else 0


if __name__ == "__main__":
    sys.exit(main())
