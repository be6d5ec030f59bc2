"""The terminal shows the same with and without `ui/wire.py`, for fewer bytes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from octui.ui.wire import Wire
from ui.pyte_screen import screen, seen

SENDS = st.text(alphabet=st.sampled_from("ab 가나다한①●漢é─…"), min_size=0, max_size=14)


class Terminal(HeadlessDriver):
    """A driver whose output feeds pyte."""

    instances: list["Terminal"] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sent: list[str] = []
        self.instances.append(self)

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.sent.append(data)

    def take(self) -> str:
        data = "".join(self.sent)
        self.sent.clear()
        return data


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("NO_COLOR", "OCTUI_WIRE", "STY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    yield
    Terminal.instances.clear()


class Lines(Widget):
    """Drawn through the line API and refreshed by region."""

    DEFAULT_CSS = "Lines { height: 4; background: #203040; }"

    def __init__(self) -> None:
        super().__init__()
        self.rows = ["", "", "", ""]

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(self.rows[y], Style.parse("bold #ffcc00 on #203040"))]).adjust_cell_length(
            self.size.width, self.rich_style
        )


class Question(ModalScreen[None]):
    CSS = "Question { align: center middle; } Question Static { width: 14; height: 3; background: red; }"

    def compose(self) -> ComposeResult:
        yield Static("정말 끝낼까요? 예 아니오", markup=False)


class Body:
    CSS = """
    #top { height: 1; width: 30; background: #224466; }
    #side { width: 11; height: 2; dock: right; color: yellow; }
    VerticalScroll { height: 5; } VerticalScroll Static { height: 1; }
    """

    def compose(self) -> ComposeResult:
        yield Static("머리 head", id="top", markup=False)
        yield Static("옆", id="side", markup=False)
        yield Lines()
        with VerticalScroll():
            for n in range(12):
                yield Static(f"줄 {n} ─ 상담원", id=f"r{n}", markup=False)


class Textuals(Body, App[None]):
    pass


class Ours(Body, Wire[None]):
    pass


Step = tuple[str, int, str]


async def do(app: App[None], pilot: Pilot[None], step: Step) -> None:
    kind, number, text = step
    if kind == "modal":
        await app.push_screen(Question())
    elif kind == "close":
        if len(app.screen_stack) > 1:
            await app.pop_screen()
    elif kind == "resize":
        app._driver._size = (20 + number, 8 + number)  # type: ignore[union-attr]
        await pilot.resize_terminal(20 + number, 8 + number)
        await pilot.pause(0.02)
    else:
        base = app.screen_stack[0]
        if kind == "top":
            base.query_one("#top", Static).update(text)
        elif kind == "side":
            base.query_one("#side", Static).update(text)
        elif kind == "row":
            base.query_one(f"#r{number}", Static).update(text)
        elif kind == "line":
            lines = base.query_one(Lines)
            lines.rows[number % 4] = text
            lines.refresh()
        elif kind == "scroll":
            base.query_one(VerticalScroll).scroll_to(y=number, animate=False)
        elif kind == "style":
            base.query_one("#top").styles.background = ["red", "#ff8800", "transparent"][number % 3]
        elif kind == "cursor":
            app.cursor_position += (number, number // 2)
    await pilot.pause()


async def run(app: App[None], size: tuple[int, int], act: Callable[[Pilot[None]], Awaitable[None]]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await act(pilot)
        app.exit()

    await app.run_async(size=size, auto_pilot=steps)  # type: ignore[arg-type]


async def play(kind: type[App[None]], steps: list[Step]) -> tuple[list[list[list[tuple[Any, ...]]]], int]:
    """The screens after each step, and the bytes of the steps."""
    app = kind(driver_class=Terminal)
    screens: list[list[list[tuple[Any, ...]]]] = []
    count = 0

    async def act(pilot: Pilot[None]) -> None:
        nonlocal count
        driver = Terminal.instances[-1]
        terminal, stream = screen(40, 12)
        for step in [("", 0, ""), *steps]:
            if step[0] == "resize":
                terminal.resize(8 + step[1], 20 + step[1])
            await do(app, pilot, step)
            data = driver.take()
            stream.feed(data)
            screens.append(seen(terminal))
            count += len(data.encode()) if step[0] else 0

    await run(app, (40, 12), act)
    return screens, count


KINDS = ["top", "side", "row", "line", "scroll", "style", "cursor", "modal", "close", "resize"]
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 11), SENDS), min_size=1, max_size=12)


@settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_screens_are_the_same_with_fewer_bytes(steps: list[Step]) -> None:
    theirs, their_bytes = asyncio.run(play(Textuals, steps))
    ours, our_bytes = asyncio.run(play(Ours, steps))
    assert ours == theirs
    assert our_bytes <= their_bytes + 8 * len(steps)  # ours also moves the cursor where theirs waits for a repaint


async def test_unchanged_screen_sends_no_byte() -> None:
    app = Ours(driver_class=Terminal)

    async def act(pilot: Pilot[None]) -> None:
        driver = Terminal.instances[-1]
        driver.take()
        app.query_one("#top", Static).update("머리 head")
        app.screen.refresh()
        await pilot.pause()
        assert driver.take() == ""
        app.cursor_position += (3, 0)
        app.screen.refresh()
        await pilot.pause()
        assert driver.take() == "\x1b[4G"

    await run(app, (40, 12), act)


async def test_repaint_and_a_resize_to_the_same_size_draw_everything() -> None:
    app = Ours(driver_class=Terminal)

    async def act(pilot: Pilot[None]) -> None:
        driver = Terminal.instances[-1]
        terminal, stream = screen(40, 12)
        stream.feed(driver.take())
        before = seen(terminal)
        for again in (app.repaint, lambda: pilot.resize_terminal(40, 12)):
            terminal.reset()
            terminal.reset_mode(7, private=True)
            assert seen(terminal) != before
            if (waiting := again()) is not None:
                await waiting
            await pilot.pause()
            stream.feed(driver.take())
            assert seen(terminal) == before

    await run(app, (40, 12), act)


async def test_pen_is_put_down_and_picture_forgotten_while_others_use_the_terminal() -> None:
    app = Ours(driver_class=Terminal)

    async def act(pilot: Pilot[None]) -> None:
        driver = Terminal.instances[-1]
        terminal, stream = screen(40, 12)
        stream.feed(driver.take())
        before = seen(terminal)
        driver.stop_application_mode()
        assert driver.take() == "\x1b[m"
        terminal.reset()
        terminal.reset_mode(7, private=True)
        driver.start_application_mode()
        await pilot.pause()
        stream.feed(driver.take())
        assert seen(terminal) == before

    await run(app, (40, 12), act)


async def test_disabled_wire_leaves_output_to_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTUI_WIRE", "off")
    steps: list[Step] = [("top", 0, "가나다"), ("scroll", 3, "")]
    ours, theirs = await play(Ours, steps), await play(Textuals, steps)
    assert ours == theirs


async def test_only_big_frames_are_synchronized() -> None:
    app = Ours(driver_class=Terminal)

    async def act(pilot: Pilot[None]) -> None:
        driver = Terminal.instances[-1]
        app._sync_available = True
        driver.take()
        app.query_one("#top", Static).update("다른 글")
        await pilot.pause()
        assert "2026" not in driver.take()
        app.query_one(Lines).rows = ["가나다라마바사아자차카타파하" for _ in range(4)]
        app.query_one(Lines).refresh()
        app.repaint()
        await pilot.pause()
        data = driver.take()
        assert data.startswith("\x1b[?2026h")
        assert data.endswith("\x1b[?2026l")

    await run(app, (40, 12), act)


class _Queue:
    size = 0

    def qsize(self) -> int:
        return self.size


class _Writer:
    def __init__(self) -> None:
        self._queue = _Queue()


async def test_stalled_terminal_gets_the_newest_picture_later(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Ours(driver_class=Terminal)

    async def act(pilot: Pilot[None]) -> None:
        driver = Terminal.instances[-1]
        writer = _Writer()
        monkeypatch.setattr(driver, "_writer_thread", writer, raising=False)
        later: list[Callable[[], None]] = []
        monkeypatch.setattr(app, "set_timer", lambda _delay, callback: later.append(callback))
        terminal, stream = screen(40, 12)
        stream.feed(driver.take())
        writer._queue.size = 20
        for text in ("하나", "둘", "셋"):
            app.query_one("#top", Static).update(text)
            await pilot.pause()
        assert driver.take() == ""
        assert len(later) == 1
        writer._queue.size = 0
        later.pop()()
        stream.feed(driver.take())
        assert terminal.display[0].startswith("셋 ")

    await run(app, (40, 12), act)


async def test_screenshot_loses_no_change() -> None:
    app = Ours(driver_class=Terminal)

    async def act(pilot: Pilot[None]) -> None:
        driver = Terminal.instances[-1]
        terminal, stream = screen(40, 12)
        app.query_one("#top", Static).update("새것")
        assert "<svg" in app.export_screenshot()
        await pilot.pause()
        stream.feed(driver.take())
        assert terminal.display[0].startswith("새것 ")

    await run(app, (40, 12), act)


async def test_keys_typed_ahead_come_before_the_others() -> None:
    class Typing(Ours):
        typed: list[str] = []

        def on_key(self, event: events.Key) -> None:
            self.typed.append(event.key)

    app = Typing(driver_class=Terminal)
    app.typed_ahead = "김\r\x1b[A".encode()

    async def act(pilot: Pilot[None]) -> None:
        await pilot.press("b")

    await run(app, (40, 12), act)
    assert app.typed == ["김", "enter", "up", "b"]
