"""The line at the bottom: which keys it keeps where it is short, and messages longer than it."""

from textual.app import App, ComposeResult

from octui.ui.widgets.key_line import KeyLine

KEYS = (("F1", "Help", True), ("^S", "Save", False), ("F4", "Search", True), ("^Q", "Quit", True))


class Bottom(App[None]):
    def compose(self) -> ComposeResult:
        yield KeyLine()

    @property
    def lines(self) -> list[str]:
        line = self.query_one(KeyLine)
        return [line.render_line(y).text.rstrip() for y in range(line.size.height)]


async def test_short_line_drops_disabled_keys_first() -> None:
    for cells, line in (
        (40, " F1 Help  ^S Save  F4 Search  ^Q Quit"),
        (36, " F1 Help  F4 Search  ^Q Quit"),
        (24, " F1 Help  F4 Search"),
        (5, ""),
    ):
        app = Bottom()
        async with app.run_test(size=(cells, 5)) as pilot:
            app.query_one(KeyLine).show_keys(KEYS)
            await pilot.pause()
            assert app.lines == [line]


async def test_long_message_takes_several_lines() -> None:
    app = Bottom()
    async with app.run_test(size=(20, 8)) as pilot:
        line = app.query_one(KeyLine)
        line.show_keys(KEYS)
        line.say("The disk is full; nothing was saved.", error=True)
        await pilot.pause()
        assert app.lines == [" The disk is full;", " nothing was saved."]
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert app.lines == [" The disk is full; nothing was saved."]
        line.say("x " * 100)
        await pilot.pause()
        assert len(app.lines) == 3
        assert app.lines[-1].endswith("…")
        line.say("")
        await pilot.pause()
        assert app.lines == [" F1 Help  ^S Save  F4 Search  ^Q Quit"]
