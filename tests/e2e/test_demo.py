"""`octui demo` in a terminal, without one, and when the terminal goes away."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from e2e.terminal import Terminal

DEMO = [sys.executable, "-m", "octui", "demo", "--agents", "20"]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str | None]]:
    """Folders of the test alone; at the end the demo has left nothing in the temporary one."""
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    yield {**folders, "TMPDIR": str(temporary), "LANG": "C.UTF-8"}
    assert list(temporary.glob("octui-demo-*")) == []


def quit_demo(terminal: Terminal) -> None:
    terminal.send("ctrl+q")
    assert terminal.wait_exit() == 0
    assert b"Traceback" not in terminal.raw


def test_figures_of_an_agent_tick(environment: dict[str, str | None]) -> None:
    with Terminal(DEMO, size=(120, 40), env=environment) as terminal:
        terminal.wait_for("한빛 고객센터", timeout=30)
        terminal.wait_for("IB통화")
        before = terminal.wait_for(r"\d\d:\d\d:\d\d").string
        terminal.wait_until(lambda: terminal.text() != before, what="ticking figures")
        assert "김민수" in terminal.text()
        quit_demo(terminal)


@pytest.mark.parametrize(
    ("person", "name", "shown"), [("supervisor", "최지우", "경과 긴 순"), ("admin", "한서연", "minsu.kim")]
)
def test_supervisor_and_admin_see_the_agents(
    environment: dict[str, str | None], person: str, name: str, shown: str
) -> None:
    with Terminal([*DEMO, "--as", person], size=(120, 40), env=environment) as terminal:
        terminal.wait_for(name, timeout=30)
        terminal.wait_for(shown)
        quit_demo(terminal)


@pytest.mark.parametrize("wide", [False, True])
def test_signs_are_those_that_the_terminal_draws_narrow(environment: dict[str, str | None], wide: bool) -> None:
    """The key that is typed while the terminal is asked is the first that the screens get."""
    with Terminal(DEMO, size=(80, 24), env=environment, wide_blocks=wide) as terminal:
        terminal.send("f1")
        terminal.wait_for("이 화면의 키", timeout=30)
        assert ("–".encode() in terminal.raw) is not wide
        terminal.send("esc")
        terminal.wait_for("IB통화")
        quit_demo(terminal)


def test_screens_stay_in_the_requested_language(environment: dict[str, str | None]) -> None:
    """The accounts of the demo have Korean as their language."""
    with Terminal([*DEMO, "--language", "en"], size=(120, 40), env=environment) as terminal:
        terminal.wait_for("한빛 고객센터|고객상담", timeout=30)
        terminal.wait_for("Inbound")
        quit_demo(terminal)


def test_figures_are_printed_without_a_terminal(environment: dict[str, str | None]) -> None:
    environ = {name: value for name, value in (os.environ | environment).items() if value is not None}
    process = subprocess.run(DEMO, capture_output=True, text=True, env=environ, timeout=60)
    assert process.returncode == 0, process.stderr
    assert len(re.findall(r"티켓처리 +\d+회", process.stdout)) == 3
    assert re.search(r"IB통화 +\d+건 \d\d:\d\d:\d\d", process.stdout)
    assert "octui demo" in process.stderr
    assert "\x1b" not in process.stdout


@pytest.mark.parametrize(
    "options", [["--agents", "0"], ["--agents", "50001"], ["--as", "nobody"], ["--scenario", "war"]]
)
def test_wrong_options_are_wrong_use(environment: dict[str, str | None], options: list[str]) -> None:
    environ = {name: value for name, value in (os.environ | environment).items() if value is not None}
    process = subprocess.run([*DEMO, *options], capture_output=True, text=True, env=environ, timeout=60)
    assert (process.returncode, process.stdout) == (2, "")
    assert "Traceback" not in process.stderr


def test_hangup_leaves_no_process_and_no_folder(environment: dict[str, str | None]) -> None:
    with Terminal(DEMO, env=environment) as terminal:
        terminal.wait_for("IB통화", timeout=30)
        children = psutil.Process(terminal.pid).children(recursive=True)
        terminal.hangup()
        assert terminal.wait_exit(timeout=5) == 129
    assert not [child for child in children if child.is_running()]
