"""Names of the screens' languages, each in its own language."""

LANGUAGE_NAMES: tuple[tuple[str, str], ...] = (("ko", "한국어"), ("en", "English"), ("ja", "日本語"))


def language_name(code: str) -> str:
    """Return a language's name in that language, or an unknown code unchanged."""
    return dict(LANGUAGE_NAMES).get(code, code)
