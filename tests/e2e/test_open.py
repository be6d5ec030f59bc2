"""`octui` in a terminal: on the user's own database, beside another program, and where there is nothing to show."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from e2e.commands import OCTUI, Home
from e2e.terminal import Terminal

EVENT = {"specversion": "1.0", "source": "crm", "type": "octui.ticket.created"}


def open_terminal(home: Home, *arguments: str) -> Terminal:
    return Terminal([*OCTUI, *arguments], size=(120, 40), env=home.environ)


def test_screens_open_and_close(home: Home) -> None:
    with open_terminal(home, "--as", "minsu") as terminal:
        terminal.wait_for("한빛 고객센터 / 고객상담", timeout=30)
        terminal.wait_for("김민수")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
    assert not list(home.database.parent.glob("*.sock"))
    assert home.run_ok("audit", "verify", "--json").json["checkpoints"] >= 1


def test_second_pane_outlives_the_first(home: Home) -> None:
    with open_terminal(home, "--as", "minsu") as first:
        first.wait_for("고객상담", timeout=30)
        with open_terminal(home, "--as", "minsu") as second:
            second.wait_for("고객상담", timeout=30)
            first.kill(signal.SIGKILL)
            first.wait_exit()
            event = {**EVENT, "id": "1", "data": {"ticket": "T1", "agent": None}}
            home.run_ok("ingest", "events", "-", stdin=json.dumps(event))
            second.wait_for(r"미할당 +1건", timeout=30)
            second.send("ctrl+q")
            assert second.wait_exit() == 0


@pytest.mark.parametrize(
    ("arguments", "statement", "message"),
    [
        (["--as", "nobody"], "", "There is no such person"),
        ([], "UPDATE alembic_version SET version_num = '9999'", "newer version"),
        ([], "DELETE FROM organization_admin; DELETE FROM organization", "there is no organization yet"),
    ],
)
def test_reason_is_printed_when_there_is_nothing_to_show(
    home: Home, arguments: list[str], statement: str, message: str
) -> None:
    with closing(sqlite3.connect(home.database)) as connection:
        connection.executescript(statement)
    with open_terminal(home, *arguments) as terminal:
        assert terminal.wait_exit(timeout=30) == 1
        assert message in terminal.text()
        assert b"Traceback" not in terminal.raw


def test_first_start_asks_what_to_do(tmp_path: Path) -> None:
    with open_terminal(Home(tmp_path)) as terminal:
        terminal.wait_for("1, 2 or 3:", timeout=30)
        terminal.type("2\r")
        terminal.wait_for("octui init --organization")
        assert terminal.wait_exit() == 0


def test_progress_bar_is_drawn_and_removed(home: Home, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(
        "".join(json.dumps({**EVENT, "id": str(n), "data": {"ticket": f"T{n}"}}) + "\n" for n in range(9000))
    )
    with open_terminal(home, "ingest", "events", str(events)) as terminal:
        terminal.wait_for(r"━.*[0-9,]+ events", timeout=30)
        assert terminal.wait_exit(timeout=30) == 0
        assert "━" not in terminal.text()
        assert "9000 events taken in" in terminal.text()
