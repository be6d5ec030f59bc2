"""A wall terminal from its token to its boards: on a served organization, as text, and on the demo."""

import sys
import time
from pathlib import Path

from e2e.commands import OCTUI, Home
from e2e.terminal import Terminal


def queue_log(folder: Path, call: str = "c1") -> Path:
    """A caller who has come just now."""
    log = folder / f"queue_log.{call}"
    log.write_text(f"{int(time.time())}|{call}|main|NONE|ENTERQUEUE||01012345678|1|\n")
    return log


def test_a_wall_signs_in_with_its_token_and_shows_who_waits(home: Home, server_url: str, tmp_path: Path) -> None:
    home.run_ok("ingest", "queue-log", queue_log(tmp_path), "--service", "cs")
    token = tmp_path / "wall.token"
    home.run_ok("token", "wall", "--services", "cs", "--from", "127.0.0.1", "--file", token)
    command = [*OCTUI, "wall", "--url", server_url, "--token-file", str(token), "--place", "2층", "--turn", "1"]
    with Terminal(command, size=(120, 40), env=home.environ) as terminal:
        terminal.wait_for("2층 +매체별 +상담원별", timeout=30)
        terminal.wait_for("고객상담")
        terminal.wait_for("인입 +응대 +포기")
        terminal.wait_for("LOGIN +대기중")
        terminal.resize(80, 24)
        terminal.wait_for("서비스 +대기 ")
        home.run_ok("token", "revoke", home.run_ok("token", "walls").out.splitlines()[1].split()[0])
        terminal.wait_for("토큰 거절됨", timeout=30)
        token.unlink()
        home.run_ok("token", "wall", "--services", "cs", "--from", "127.0.0.1", "--file", token)
        terminal.wait_for("서비스 +대기 ", timeout=60)
        terminal.wait_until(lambda: "토큰 거절됨" not in terminal.text(), what="the new token", timeout=60)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert b"Traceback" not in terminal.raw


def test_a_wall_as_text_prints_a_table_and_then_changes(home: Home, tmp_path: Path) -> None:
    home.run_ok("ingest", "queue-log", queue_log(tmp_path), "--service", "cs")
    process = home.start("wall", "--text", "--language", "en")
    assert process.stdout is not None
    lines = [process.stdout.readline().split() for _ in range(4)]
    home.run_ok("ingest", "queue-log", queue_log(tmp_path, "c2"), "--service", "cs")
    change = process.stdout.readline()
    while "waiting 2" not in change:
        assert process.poll() is None
        change = process.stdout.readline()
    process.kill()
    process.communicate()
    assert lines[1][:3] == ["Service", "Customers", "waiting"]
    assert [line[:2] for line in lines[2:]] == [["고객상담", "1"], ["Total", "1"]]
    assert change.split()[1:] == ["고객상담:", "Customers", "waiting", "2,", "Offered", "2"]


def test_without_a_terminal_the_wall_names_its_text(home: Home) -> None:
    result = home.run("wall")
    assert result.code == 1
    assert "octui wall --text" in result.err


def test_the_demo_s_wall_ends_by_ctrl_c(home: Home) -> None:
    demo = [sys.executable, "-m", "octui", "demo", "--agents", "20", "--as", "wall"]
    with Terminal(demo, size=(80, 24), env=home.environ) as terminal:
        terminal.wait_for("기술지원", timeout=30)
        terminal.send("ctrl+c")
        assert terminal.wait_exit() == 0
