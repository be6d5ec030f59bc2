"""`octui demo` as people meet it: in a terminal, without one, and when the terminal goes away."""

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
def home(tmp_path: Path) -> Iterator[dict[str, str | None]]:
    """An environment of the test's own; at the end nothing of the demo is left in its temporary folder."""
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    yield {**folders, "TMPDIR": str(temporary), "LANG": "C.UTF-8"}
    assert list(temporary.glob("octui-demo-*")) == []


def quit_demo(terminal: Terminal) -> None:
    terminal.send("ctrl+q")
    assert terminal.wait_exit() == 0
    assert b"Traceback" not in terminal.raw


def test_an_agents_figures_live(home: dict[str, str | None]) -> None:
    with Terminal(DEMO, size=(120, 40), env=home) as terminal:
        terminal.wait_for("한빛 고객센터", timeout=30)
        terminal.wait_for("IB통화")
        ticking = terminal.wait_for(r"\d\d:\d\d:\d\d").string
        terminal.wait_until(lambda: terminal.text() != ticking, what="ticking figures")
        assert "김민수" in terminal.text()
        quit_demo(terminal)


@pytest.mark.parametrize(("person", "name"), [("supervisor", "최지우"), ("admin", "한서연")])
def test_who_manages_sees_the_centre(home: dict[str, str | None], person: str, name: str) -> None:
    with Terminal([*DEMO, "--as", person], size=(120, 40), env=home) as terminal:
        terminal.wait_for(name, timeout=30)
        terminal.wait_for("minsu.kim")
        quit_demo(terminal)


def test_the_screens_stay_in_the_language_asked_for(home: dict[str, str | None]) -> None:
    """The people of the demo read Korean; who looks at it may not."""
    with Terminal([*DEMO, "--language", "en"], size=(120, 40), env=home) as terminal:
        terminal.wait_for("한빛 고객센터|고객상담", timeout=30)
        terminal.wait_for("Inbound")
        quit_demo(terminal)


def test_without_a_terminal_it_prints_the_figures(home: dict[str, str | None]) -> None:
    environ = {name: value for name, value in (os.environ | home).items() if value is not None}
    done = subprocess.run(DEMO, capture_output=True, text=True, env=environ, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("티켓처리") == 3
    assert re.search(r"IB통화 +\d+건 \d\d:\d\d:\d\d", done.stdout)
    assert "octui demo" in done.stderr
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("wrong", [["--agents", "0"], ["--agents", "50001"], ["--as", "nobody"], ["--scenario", "war"]])
def test_wrong_use(home: dict[str, str | None], wrong: list[str]) -> None:
    environ = {name: value for name, value in (os.environ | home).items() if value is not None}
    done = subprocess.run([*DEMO, *wrong], capture_output=True, text=True, env=environ, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_hangup_leaves_no_process_and_no_folder(home: dict[str, str | None]) -> None:
    with Terminal(DEMO, env=home) as terminal:
        terminal.wait_for("IB통화", timeout=30)
        children = psutil.Process(terminal.pid).children(recursive=True)
        terminal.hangup()
        assert terminal.wait_exit(timeout=5) == 129
    assert not [child for child in children if child.is_running()]
