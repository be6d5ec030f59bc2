"""Keys that come all at once act in their order."""

import pytest
from textual.app import App, ComposeResult

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
