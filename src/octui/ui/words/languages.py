"""The languages of the screens, each named in itself."""

LANGUAGE_NAMES: tuple[tuple[str, str], ...] = (("ko", "한국어"), ("en", "English"), ("ja", "日本語"))


def language_name(code: str) -> str:
    """Return the name of a language in itself, or an unknown code unchanged."""
    return dict(LANGUAGE_NAMES).get(code, code)
