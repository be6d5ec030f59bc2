"""The environment that Textual sees, and which terminals are refused."""

import os

import pytest

from octui.ui.terminal import prepare_environment, refusal_reason


def test_textual_variables_are_removed() -> None:
    environ = {
        "TEXTUAL_DRIVER": "evil:Driver",
        "TEXTUAL_LOG": "/tmp/keys",
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_PRESS": "ctrl+s",
        "TEXTUAL_SCREENSHOT_LOCATION": "/tmp",
        "TEXTUAL_DEVTOOLS_HOST": "example.org",
        "TEXTUAL": "devtools",
        "TEXTUAL_COLOR_SYSTEM": "256",
        "HOME": "/home/kim",
    }
    prepared = prepare_environment(environ=environ)
    assert environ == {
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TEXTUAL_COLOR_SYSTEM": "256",
        "ESCDELAY": "50",
        "HOME": "/home/kim",
    }
    assert not prepared.no_color


@pytest.mark.parametrize(
    ("environ", "delay"),
    [({}, "50"), ({"TMUX": "/tmp/t"}, "25"), ({"ESCDELAY": "200"}, "200"), ({"ESCDELAY": "0"}, "50")]
    + [({"ESCDELAY": bad}, "50") for bad in ("-1", "x", "1001", "٣")],
)
def test_delay_after_escape_is_set(environ: dict[str, str], delay: str) -> None:
    prepare_environment(environ=environ)
    assert environ["ESCDELAY"] == delay


def test_kitty_keys_and_no_color_are_respected() -> None:
    environ = {"NO_COLOR": "1", "TEXTUAL_COLOR_SYSTEM": "anything"}
    assert prepare_environment(kitty_keys=True, environ=environ).no_color
    assert "TEXTUAL_DISABLE_KITTY_KEY" not in environ
    assert "TEXTUAL_COLOR_SYSTEM" not in environ


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"TERM": "dumb"}, "TERM"),
        ({}, "TERM"),
        ({"TERM": "xterm", "LANG": "ko_KR.EUC-KR"}, "UTF-8"),
        ({"TERM": "xterm", "LANG": "ko_KR.UTF-8", "LC_ALL": "ja_JP.eucJP@x"}, "UTF-8"),
        ({"TERM": "xterm", "LANG": "ko_KR.UTF-8"}, None),
        ({"TERM": "xterm", "LANG": "C", "LC_CTYPE": "C.utf8"}, None),
        ({"TERM": "xterm", "LC_ALL": "", "LANG": "C"}, None),
    ],
)
def test_unsuitable_terminal_is_refused(
    environ: dict[str, str], word: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "isatty", lambda number: True)
    reason = refusal_reason(environ)
    assert (reason is None) if word is None else (reason is not None and word in reason)


@pytest.mark.parametrize(("number", "name"), [(0, "standard input"), (2, "standard error output")])
def test_stream_without_terminal_is_named(number: int, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda stream: stream != number)
    assert name in (refusal_reason({"TERM": "xterm"}) or "")
