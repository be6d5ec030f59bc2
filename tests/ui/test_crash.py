"""A crash says one sentence, and its file holds no secret and no local value."""

import stat
from pathlib import Path

import pytest
from rich.traceback import Traceback
from textual.app import App

from octui.ui.crash import Crash, write_crash

TOKEN = "oct_9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def failing(access_token: str) -> None:
    raise ValueError(f"refused: Authorization: {access_token} for 김민수")


def failure() -> BaseException:
    try:
        try:
            failing(TOKEN)
        except ValueError as error:
            raise RuntimeError("not loaded") from error
    except RuntimeError as error:
        return error


def test_crash_file_has_the_exception_chain_and_no_secret(tmp_path: Path) -> None:
    event, path = write_crash(failure(), tmp_path / "log")
    assert path is not None
    text = path.read_text("utf-8")
    assert event in text
    assert event in path.name
    assert "RuntimeError: not loaded" in text
    assert "in failing" in text
    assert "김민수" in text
    assert TOKEN not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_unwritable_folder_still_gives_an_event_id(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file in the way")
    event, path = write_crash(failure(), tmp_path / "log")
    assert len(event) == 8
    assert path is None


class Failing(Crash[None]):
    def action_fail(self) -> None:
        failing(TOKEN)

    async def work(self) -> None:
        failing(TOKEN)


@pytest.mark.parametrize("how", ["action", "worker", "driver"])
async def test_crashed_app_prints_one_sentence(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = Failing()
    app.crash_folder = tmp_path
    app.bind("x", "fail")

    async def run() -> None:
        async with app.run_test() as pilot:
            if how == "action":
                await pilot.press("x")
            elif how == "worker":
                app.run_worker(app.work())
            else:
                try:
                    failing(TOKEN)
                except ValueError:
                    app.panic(Traceback(show_locals=True))
                return
            await pilot.pause()

    if how == "driver":
        await run()
    else:
        with pytest.raises(Exception, match="refused"):
            await run()
    app._print_error_renderables()
    said = capsys.readouterr().err
    assert app.return_code == 1
    assert app.crash_event
    assert app.crash_event in said
    assert TOKEN not in said
    assert "Traceback" not in said
    (path,) = tmp_path.iterdir()
    assert str(path) in said


async def test_panic_with_text_is_printed_unchanged() -> None:
    app: App[None] = Failing()
    async with app.run_test():
        app.panic("just words")
    assert isinstance(app, Failing)
    assert app.crash_event is None
