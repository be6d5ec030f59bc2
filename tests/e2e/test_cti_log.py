"""The CTI log through the real program: recorded while monitoring is on, downloaded out of the account menu."""

import signal
from pathlib import Path

import openpyxl
import pytest

from e2e.commands import OCTUI, Home
from e2e.terminal import Terminal

QUEUE_LOG = Path(__file__).parents[1] / "data" / "queue_log"


@pytest.fixture
def home(home: Home, tmp_path: Path) -> Home:
    home.environ["XDG_DOWNLOAD_DIR"] = str(tmp_path)
    return home


def test_log_of_a_day_is_downloaded(home: Home, tmp_path: Path) -> None:
    home.run_ok("cti", "settings", "set", "--monitoring", "on")
    home.run_ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs")
    day = home.run_ok("cti", "log", "days", "--json").json[0]
    entries = home.run_ok("cti", "log", "list", "--from", day["day"], "--to", day["day"], "--json").json
    with Terminal(OCTUI, size=(80, 24), env=home.environ) as terminal:
        terminal.wait_for("CTI 상담원", timeout=20)
        terminal.send("ctrl+o")
        terminal.wait_for("CTI Log 다운로드")
        terminal.send("3")
        terminal.wait_for(day["day"])
        terminal.send("tab", "tab", "enter")
        terminal.wait_for(f"{day['count']}행을 저장했습니다", timeout=30)
        terminal.send("enter")
        terminal.wait_gone("저장했습니다")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
    (path,) = tmp_path.glob("octui-cti-log-cs-*.xlsx")
    _, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    assert len(rows) == day["count"] == len(entries)
    assert {row[2] for row in rows} <= {"minsu", "jiwoo", None}


def test_unsaved_settings_survive_a_kill(home: Home, tmp_path: Path) -> None:
    draft = "cti_settings-draft.json"
    with Terminal(OCTUI, size=(80, 24), env=home.environ) as terminal:
        terminal.wait_for("CTI 상담원", timeout=20)
        terminal.send("f3")
        terminal.wait_for("4  CTI 설정")
        terminal.send("4")
        terminal.wait_for("테넌트 명칭")
        terminal.wait_for("T1001")
        terminal.send("tab", "tab")
        terminal.type("-둘째")
        terminal.wait_for("T1001-둘째")
        terminal.wait_until(lambda: any(tmp_path.rglob(draft)))
        terminal.kill(signal.SIGKILL)
        terminal.wait_exit()
    with Terminal(OCTUI, size=(80, 24), env=home.environ) as terminal:
        terminal.wait_for("CTI 상담원", timeout=20)
        terminal.send("f3")
        terminal.wait_for("4  CTI 설정")
        terminal.send("4")
        terminal.wait_for("T1001-둘째")
        terminal.send("ctrl+s")
        terminal.wait_until(lambda: not any(tmp_path.rglob(draft)))
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
    assert home.run_ok("cti", "settings", "--json").json["tenant_id"] == "T1001-둘째"
