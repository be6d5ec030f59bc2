"""docs/queue-log.md: every command of octui in it runs, and gives what the page says."""

import re
import shlex
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from e2e.commands import Home

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
PAGE = (ROOT / "docs" / "queue-log.md").read_text(encoding="utf-8")
LOG, CDR, CEL = "asterisk/queue_log", "asterisk/cdr-csv/Master.csv", "asterisk/cel-custom/Master.csv"
REASONS = "reason,state\n12,meal\n"
FILES = {
    "FreePBX": {LOG: "pbx/freepbx.queue_log", "cdr.tsv": "pbx/freepbx.cdr.tsv"},
    "Plain Asterisk": {LOG: "pbx/asterisk.queue_log", CDR: "pbx/asterisk.Master.csv"},
    "VICIdial": {"vicidial.tsv": "pbx/vicidial.tsv"},
    "Wazo": {"wazo.csv": "pbx/wazo.csv"},
    "QueueMetrics": {LOG: "pbx/queuemetrics.queue_log"},
}
"""The sample that stands for each file of a section."""
OTHER_FILES = {
    LOG: "pbx/asterisk.queue_log",
    f"{LOG}.1": "queue_log",
    "export.csv": "pbx/wazo.csv",
    "FILE": "pbx/queuemetrics.queue_log",
    CDR: "cdr.csv",
    CEL: "cel.csv",
    "cdr.tsv": "cdr_table.tsv",
}
ENDS_WITH_3 = {"FreePBX": [["ingest", "check"], ["ingest", "queue-log"]]}
"""Commands that find names that match nobody; the page says so."""
Figures = dict[str, tuple[int, int]]
FIGURES: dict[str, dict[str, Figures]] = {
    "FreePBX": {
        "minsu": {"inbound_calls": (1, 120), "outbound_calls": (1, 70), "rest": (1, 600)},
        "jiwoo": {"inbound_calls": (0, 0)},  # nothing proposes whose the name Choi Jiwoo is
    },
    "Plain Asterisk": {
        "minsu": {"inbound_calls": (1, 180), "outbound_calls": (1, 90), "meal": (1, 600)},
        "jiwoo": {"inbound_calls": (2, 500), "transfer": (1, 0)},
    },
    "VICIdial": {"minsu": {"inbound_calls": (1, 240), "meal": (1, 608), "rest": (2, 61)}},
    "Wazo": {"minsu": {"inbound_calls": (1, 180), "rest": (1, 600)}},
    "QueueMetrics": {"minsu": {"inbound_calls": (1, 240), "meal": (1, 600)}},
}
LOGGED_IN_S = {"FreePBX": 3600, "Plain Asterisk": 3600, "VICIdial": 1801, "Wazo": 3599, "QueueMetrics": 1800}


def page_section(title: str) -> str:
    return PAGE.partition(f"### {title}\n")[2].partition("\n##")[0]


def commands_in(text: str, folder: Path) -> list[list[str]]:
    """Return octui's commands in a text, with the folder of the samples and an agent of the test."""
    commands = []
    for line in re.findall(r"^    octui (.*)$", text, re.MULTILINE):
        words: list[str] = []
        for word in shlex.split(line.replace("/var/log/", f"{folder}/")):
            found = sorted(map(str, folder.glob(word.removeprefix(f"{folder}/")))) if "*" in word else []
            words += found or [{"kim": "minsu", "1001": "7001"}.get(word, word)]
        commands.append(words)
    return commands


def place_files(files: dict[str, str], folder: Path) -> None:
    for name, sample in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DATA / sample, folder / name)
    (folder / "reasons.csv").write_text(REASONS)


def stored_events(home: Home) -> int:
    with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM event").fetchone()[0])


def follow_for_a_line(home: Home, command: list[str]) -> None:
    """Follow a queue_log until it has been read and so has a line that was added then, and interrupt the command."""
    before, end = stored_events(home), time.monotonic() + 60
    process = home.start(*command)
    try:
        for line in ("1782870000|NONE|NONE|NONE|QUEUESTART|\n", ""):
            while stored_events(home) == before:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < end
                time.sleep(0.05)
            before = stored_events(home)
            with Path(command[2]).open("a") as file:
                file.write(line)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode in (0, 3), errors  # 3: the log has a name that still matches nobody
    assert "Traceback" not in errors


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the commands run in."""
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("pbx", FILES)
def test_commands_for_a_pbx_give_the_figures_of_its_log(pbx: str, home: Home, folder: Path) -> None:
    place_files(FILES[pbx], folder)
    ends_with_3 = list(ENDS_WITH_3.get(pbx, []))
    for command in commands_in(page_section(pbx), folder):
        if "--follow" in command and command[1] == "queue-log":
            follow_for_a_line(home, command)
            continue
        result = home.run(*(word for word in command if word != "--follow"))
        expected = 3 if command[:2] in ends_with_3 else 0
        assert result.code == expected, (command, result)
    for account, figures in FIGURES[pbx].items():
        stats = home.run_ok("stats", "--agent", account, "--service", "cs", "--date", "2026-07-01", "--json").json
        shown = {name: (stats["phone"][name]["count"], stats["phone"][name]["seconds"]) for name in figures}
        assert shown == figures
        if account == "minsu":
            assert stats["phone"]["logged_in"]["seconds"] == LOGGED_IN_S[pbx]


def test_other_commands_of_the_page_run(home: Home, folder: Path) -> None:
    place_files(OTHER_FILES, folder)
    text = PAGE
    for pbx in FILES:
        text = text.replace(page_section(pbx), "")
    for command in commands_in(text, folder):
        result = home.run(*(word for word in command if word != "--follow"))
        assert result.code == 0, (command, result)


def test_section_names_the_reasons_of_its_sample() -> None:
    assert REASONS in re.sub(r"^    ", "", page_section("QueueMetrics"), flags=re.MULTILINE)
