"""The harness itself, on programs of a few lines."""

import signal
import sys

import pytest

from e2e.terminal import Terminal

ECHO = "print('ready'); print('<' + input() + '>')"
TEXTUAL = """
from textual.app import App
from textual.widgets import Input, Static
class Small(App):
    def compose(self):
        yield Input(id="in")
        yield Static(id="out", markup=False)
    def on_resize(self, event): self.query_one("#out", Static).update(f"{event.size.width} wide {self._sync_available}")
Small().run()
"""


def run_python(source: str, **options: object) -> Terminal:
    return Terminal([sys.executable, "-c", source], **options)  # type: ignore[arg-type]


def test_program_reads_what_is_typed_and_ends() -> None:
    with run_python(ECHO) as terminal:
        terminal.wait_for("ready")
        before = terminal.byte_count
        terminal.type("김민수\r")
        terminal.wait_for("^<김민수>$")
        assert terminal.byte_count > before
        assert terminal.wait_exit() == 0


def test_failed_wait_shows_the_screen() -> None:
    with run_python("print('one line'); raise SystemExit(3)") as terminal:
        with pytest.raises(TimeoutError, match=r"(?s)ended with 3.*one line"):
            terminal.wait_for("another", timeout=5)
        assert terminal.exit_code == 3


def test_textual_program_is_driven_and_resized() -> None:
    with run_python(TEXTUAL, size=(60, 20)) as terminal:
        terminal.wait_for("60 wide")
        terminal.type("한글 abc")
        terminal.send("left", "backspace")
        terminal.wait_for(r"한글 ac")
        terminal.paste("붙임\n둘째")
        terminal.wait_for("붙임")
        terminal.resize(90, 24)
        terminal.wait_for("90 wide True")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
        assert not {1049, 1000, 2004} & terminal.modes


def test_hangup_and_signals_end_a_program() -> None:
    for end, code in ((Terminal.hangup, -signal.SIGHUP), (lambda t: t.kill(signal.SIGTERM), -signal.SIGTERM)):
        with run_python(ECHO) as terminal:
            terminal.wait_for("ready")
            end(terminal)
            assert terminal.wait_exit() == code


def test_signal_is_ignored_from_the_start() -> None:
    source = "import signal; print(signal.getsignal(signal.SIGHUP).name)"
    with run_python(source, ignore=[signal.SIGHUP]) as terminal:
        terminal.wait_for("SIG_IGN")
