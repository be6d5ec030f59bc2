"""How the screens end when the terminal, a signal or an error ends them, in a real pty."""

import os
import resource
import signal
import sys
from pathlib import Path

import psutil
import pytest

from e2e.terminal import Terminal

PROGRAM = """
import os, sys
from pathlib import Path
from octui.ui.terminal import prepare_environment, refusal_reason, watch_hangup
prepare_environment()
reason = refusal_reason()
if reason:
    sys.exit(reason)
assert "textual" not in sys.modules
from textual.widgets import Input, Static
from octui.ui.crash import Crash
from octui.ui.wire import Wire
place = Path(sys.argv[1])
class Small(Crash[None], Wire[None]):
    crash_folder = place / "log"
    BINDINGS = [("f2", "fail"), ("f3", "suspend_process")]
    def compose(self):
        yield Static("준비됨", markup=False)
        yield Input()
    def action_fail(self):
        access_token = "super-secret-token-value"
        raise ValueError("broken")
app = Small()
def save():
    (place / "draft").write_text(app.query_one(Input).value)
    if len(sys.argv) > 2:
        import threading
        threading.Event().wait()  # a disk that never answers
watch_hangup(save)
app.run()
print("after the app")
sys.exit(app.return_code or 0)
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return [sys.executable, str(path), str(tmp_path)]


def type_draft(terminal: Terminal) -> None:
    terminal.wait_for("준비됨")
    terminal.type("임시 저장")
    terminal.wait_for("임시 저장")


def test_hangup_saves_and_exits(command: list[str], tmp_path: Path) -> None:
    with Terminal(command) as terminal:
        type_draft(terminal)
        terminal.hangup()
        assert terminal.wait_exit(timeout=2) == 129
    assert (tmp_path / "draft").read_text() == "임시 저장"


def test_save_that_hangs_does_not_delay_the_exit(command: list[str]) -> None:
    with Terminal([*command, "hang"]) as terminal:
        type_draft(terminal)
        terminal.hangup()
        assert terminal.wait_exit(timeout=3) == 129


def test_closed_terminal_is_noticed_with_sighup_ignored(command: list[str], tmp_path: Path) -> None:
    with Terminal(command, ignore=[signal.SIGHUP]) as terminal:
        type_draft(terminal)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        terminal.hangup()
        assert terminal.wait_exit(timeout=10) == 129
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Its whole life, start included; Textual left alone spins at 120 % of a core on a closed terminal.
        assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 4
    assert (tmp_path / "draft").read_text() == "임시 저장"


def test_sigterm_restores_the_terminal(command: list[str], tmp_path: Path) -> None:
    with Terminal(command) as terminal:
        type_draft(terminal)
        assert {1049, 1003, 2004} <= terminal.modes
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_exit(timeout=2) == 143
        assert not {1049, 1000, 1003, 1004, 1006, 2004} & terminal.modes
        assert {25, 7} <= terminal.modes
    assert (tmp_path / "draft").read_text() == "임시 저장"


def test_crash_prints_one_sentence_and_writes_a_report(command: list[str], tmp_path: Path) -> None:
    with Terminal(command, size=(200, 24)) as terminal:
        type_draft(terminal)
        terminal.send("f2")
        terminal.wait_for("after the app")
        assert terminal.wait_exit() == 1
        assert "octui had to stop" in terminal.text()
        assert b"Traceback" not in terminal.raw
        assert b"super-secret" not in terminal.raw
    (report,) = (tmp_path / "log").iterdir()
    assert "ValueError: broken" in report.read_text()
    assert "super-secret" not in report.read_text()


def test_textual_variables_load_no_code(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("open('loaded', 'w').close(); Driver = 1")
    env = {"TEXTUAL_DRIVER": "evil:Driver", "PYTHONPATH": str(tmp_path), "TEXTUAL_LOG": str(tmp_path / "keys")}
    with Terminal(command, env=env, cwd=tmp_path) as terminal:
        type_draft(terminal)
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
    assert not (tmp_path / "loaded").exists()
    assert not (tmp_path / "keys").exists()


def test_continued_program_draws_everything_again(command: list[str]) -> None:
    with Terminal(command) as terminal:
        type_draft(terminal)
        terminal.send("f3")
        terminal.wait_until(lambda: psutil.Process(terminal.pid).status() == psutil.STATUS_STOPPED)
        terminal.wait_until(lambda: 1049 not in terminal.modes)
        terminal.screen.reset()
        assert "준비됨" not in terminal.text()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for("(?s)준비됨.*임시 저장")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0


def test_wrong_locale_and_dumb_terminal_are_refused(command: list[str]) -> None:
    environments: list[dict[str, str | None]] = [{"LC_ALL": "ko_KR.EUC-KR"}, {"TERM": "dumb"}]
    for env in environments:
        with Terminal(command, env=env) as terminal:
            terminal.wait_for("The screens need")
            assert terminal.wait_exit() == 1
