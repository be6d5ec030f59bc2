"""Keys that come all at once act in their order."""

import pytest
from textual.app import App, ComposeResult
from textual.widgets.input import Selection

from octui.ui.widgets.fields import Field, Fields
from octui.ui.widgets.prompt import Prompt
from octui.ui.widgets.search_line import SearchLine


class Form(App[None]):
    """Two lines, the second a secret."""

    sent: dict[str, str] | None = None

    def compose(self) -> ComposeResult:
        yield Fields([Field("account", "Account"), Field("password", "Password", secret=True)])

    def on_mount(self) -> None:
        self.query_one(Fields).first_line.focus()

    async def on_fields_sent(self) -> None:
        fields = self.query_one(Fields)
        await fields.flush_keys()
        self.sent = fields.values


class Line(App[None]):
    def compose(self) -> ComposeResult:
        yield SearchLine()


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["a", "b", "backspace", "c"], "ac"),
        (["x", "y", "ctrl+u", "a"], "a"),
        (["b", "home", "a", "end", "c"], "abc"),
        (["a", "left", "delete", "b"], "b"),
    ],
)
async def test_editing_keys_act_when_they_come(keys: list[str], text: str) -> None:
    app = Line()
    async with app.run_test() as pilot:
        app.query_one(SearchLine).focus()
        await pilot.pause()
        for key in keys:
            app.simulate_key(key)
        await pilot.pause()
        assert app.query_one(Prompt).value == text


@pytest.mark.parametrize("step", ["enter", "tab", "down"])
async def test_keys_after_enter_belong_to_the_next_line(step: str) -> None:
    app = Form()
    async with app.run_test() as pilot:
        await pilot.pause()
        for key in ["m", "e", step, "s", "e", "x", "backspace", "c", "enter"]:
            app.simulate_key(key)
        for _ in range(20):
            await pilot.pause()
        assert app.sent == {"account": "me", "password": "sec"}


async def test_letters_stand_in_the_order_of_their_times() -> None:
    async with Line().run_test() as pilot:
        line = pilot.app.query_one(Prompt)
        for letter, time in (("d", 4.0), ("o", 2.0), ("n", 6.0), ("l", 1.0), ("o", 5.0), ("n", 3.0)):
            line.insert_letter(letter, time)
        assert (line.value, line.cursor_position) == ("london", 6)


async def test_letter_goes_to_the_cursor_when_it_was_moved() -> None:
    async with Line().run_test() as pilot:
        line = pilot.app.query_one(Prompt)
        await pilot.press(*"ldon", "left", "left", "left", *"on")
        assert line.value == "london"
        line.selection = Selection(0, 3)
        await pilot.press("x", "y")
        assert (line.value, line.cursor_position) == ("xydon", 2)


async def test_letter_that_the_line_refuses_changes_nothing() -> None:
    async with Line().run_test() as pilot:
        line = pilot.app.query_one(Prompt)
        line.max_length = 2
        await pilot.press(*"abc", "backspace", "d")
        assert line.value == "ad"
