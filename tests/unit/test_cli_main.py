"""The command line: help, wrong use and how failures are reported."""

import argparse
import io
import sys
from pathlib import Path

import pytest

from octui.cli import failures, paths
from octui.cli.commands import demo
from octui.cli.commands.service import configure as configure_service
from octui.cli.commands.stats import configure as configure_stats
from octui.cli.failures import CommandError, run_reporting_failures
from octui.cli.main import COMMANDS, main
from octui.cli.settings import settings_of
from octui.schema.contracts import NewService

PARTS = {
    "service": ["add", "list"],
    "sessions": ["list", "end"],
    "cti": ["list", "set", "export", "import", "readiness"],
    "audit": ["search", "export", "verify"],
    "ingest": ["queue-log", "events"],
}


@pytest.mark.parametrize("command", [*COMMANDS, *(f"{command} {part}" for command in PARTS for part in PARTS[command])])
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = command.split()
    with pytest.raises(SystemExit) as exit:
        main([*words, "--help"])
    assert exit.value.code == 0
    message = capsys.readouterr().out
    assert "example" in message
    assert f"octui {command}" in message or command == "open"


@pytest.mark.parametrize(
    "arguments",
    [
        "moon",
        "stats --date yesterday",
        "stats --json --watch",
        "stats --moon",
        "stats --watch --date 2026-01-01",
        "cti",
        "cti export a.doc",
        "init",
        "serve --port x",
        "serve --host 0.0.0.0",
        "demo --agents 0",
        "agent add kim --service cs --role king",
        "ingest queue-log",
    ],
)
def test_wrong_use_exits_with_2(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        sys.exit(main(arguments.split()))
    assert exit.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.strip()


def raise_error(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (CommandError("no way."), 1, "octui: no way.\n"),
        (CommandError("not so.", 2), 2, "octui: not so.\n"),
        (CommandError("evil \x1b]52;c;x\x07 text"), 1, None),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), 1, "octui: a.csv: No such file or directory\n"),
        (OSError(28, "No space left on device"), 1, "octui: No space left on device\n"),
        (KeyboardInterrupt(), 130, "octui: stopped.\n"),
    ],
)
def test_failure_is_one_line(
    error: BaseException, code: int, message: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_reporting_failures(lambda: raise_error(error)) == code
    output = capsys.readouterr().err
    assert output == message or message is None
    assert output.count("\n") == 1
    assert "\x1b" not in output


def test_unexpected_error_is_saved_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paths, "log_folder", lambda: tmp_path / "log")
    assert run_reporting_failures(lambda: raise_error(RuntimeError("broken"))) == 1
    message = capsys.readouterr().err
    assert "broken" not in message
    (path,) = (tmp_path / "log").iterdir()
    assert str(path) in message
    assert "RuntimeError: broken" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(paths, "log_folder", lambda: path / "no folder")
    assert run_reporting_failures(lambda: raise_error(RuntimeError("broken"))) == 1
    assert "could not be written" in capsys.readouterr().err


def test_invalid_value_is_reported_by_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reporting_failures(lambda: len(NewService(id="c1", name="x" * 101).id)) == 2
    message = (
        "octui: id: The text is not written as it has to be: ^[A-Za-z]+$; name: The text is too long (100 characters "
    )
    assert capsys.readouterr().err == message + "at most).\n"
    assert run_reporting_failures(lambda: len(NewService(id="c", name="").id)) == 2
    assert capsys.readouterr().err == "octui: name: The text must not be empty.\n"


def test_language_of_a_service_is_no_setting() -> None:
    parser = argparse.ArgumentParser()
    configure_service(parser)
    assert settings_of(parser.parse_args(["add", "cs", "--name", "C", "--language", "zh"])).language is None
    parser = argparse.ArgumentParser()
    configure_stats(parser)
    assert settings_of(parser.parse_args(["--language", "ja"])).language == "ja"


def test_first_start_offers_three_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.delenv("OCTUI_DATABASE", raising=False)
    monkeypatch.delenv("OCTUI_URL", raising=False)
    assert main([]) == 1
    message = capsys.readouterr().err
    assert all(command in message for command in ("octui demo", "octui init", "--url"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    answers = {"2": "octui init --organization", "3": "octui login --url", "": "Nothing done", "9": "Nothing done"}
    for answer, text in answers.items():
        stdin = io.StringIO(answer + "\n" if answer else "")
        monkeypatch.setattr(stdin, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", stdin)
        assert main([]) == 0
        assert text in capsys.readouterr().out
    people = []
    monkeypatch.setattr(demo, "run_demo", lambda arguments: people.append(arguments.person) or 0)
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert (main([]), people) == (0, ["agent"])
    assert not (tmp_path / "DATA").exists()


def test_exit_codes_are_fixed() -> None:
    assert (failures.DONE, failures.FAILED, failures.WRONG_USE, failures.IN_PART) == (0, 1, 2, 3)
