"""Color sets on the screen: every style sheet has its colors, and the terminal gets them by number."""

import re

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from octui.ui.dialogs.choice import Choice, Option
from octui.ui.roles import ColorSet
from octui.ui.styles import STYLES
from octui.ui.themes import Themed
from octui.ui.widgets.key_line import KeyLine
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.top_line import Top, TopLine, TopMenu
from octui.ui.wire import Wire
from ui.test_wire import Terminal, plain_environment, run

__all__ = ["plain_environment"]


class Menu(Screen[None]):
    def compose(self) -> ComposeResult:
        yield TopLine()
        yield SearchLine(placeholder="name")
        yield KeyLine()

    def on_mount(self) -> None:
        menus = (TopMenu(1, "Agents", "Agents", True), TopMenu(2, "Log", "Log", False))
        self.query_one(TopLine).show_content(Top("ACME", menus, "fresh", "live", "Kim"))
        self.query_one(KeyLine).show_keys((("F1", "Help", True), ("F2", "Edit", False)))


class App(Themed[None], Wire[None]):
    CSS_PATH = STYLES
    words = staticmethod(str)

    def on_mount(self) -> None:
        self.push_screen(Menu())


async def bytes_of(colors: ColorSet, later: ColorSet | None = None) -> str:
    """Return what the terminal gets for a screen with a dialog over it; `later`: only after this change of colors."""
    app = App(driver_class=Terminal, colors=colors)
    sent = ""

    async def act(pilot: Pilot[None]) -> None:
        nonlocal sent
        app.push_screen(Choice("Which?", [Option(1, "one"), Option(2, "two", "not now")]))
        await pilot.pause()
        if later is not None:
            Terminal.instances[-1].take()
            app.theme = later.value
            await pilot.pause()
            await pilot.pause()
        sent = Terminal.instances[-1].take()

    await run(app, (60, 12), act)
    return sent


def colors_in(sent: str) -> set[str]:
    """Return the SGR codes of colors in what was sent."""
    found = set()
    for sequence in re.findall(r"\x1b\[([0-9;]*)m", sent):
        codes = sequence.split(";")
        while codes:
            size = {"2": 5, "5": 3}[codes[1]] if codes[0] in {"38", "48"} else 1
            code, codes = ";".join(codes[:size]), codes[size:]
            if size > 1 or (code and int(code) not in {39, 49} and int(code) // 10 in {3, 4, 9, 10}):
                found.add(code)
    return found


@pytest.mark.parametrize("colors", [ColorSet.DARK, ColorSet.LIGHT, ColorSet.CONTRAST])
async def test_colors_are_sent_by_number(colors: ColorSet) -> None:
    sent = colors_in(await bytes_of(colors))
    assert len(sent) >= 8
    assert not [code for code in sent if not code.startswith(("38;5;", "48;5;"))]


async def test_16_colors_are_the_terminals_own() -> None:
    sent = colors_in(await bytes_of(ColorSet.TERMINAL))
    assert sent
    assert not [code for code in sent if ";" in code]


async def test_no_color_sends_none() -> None:
    sent = await bytes_of(ColorSet.NONE)
    assert not colors_in(sent)
    assert re.search(r"\x1b\[[0-9;]*\b7\b", sent)


async def test_color_set_changes_while_the_screen_is_shown() -> None:
    sent = colors_in(await bytes_of(ColorSet.DARK, ColorSet.LIGHT))
    assert "48;5;254" in sent
    assert "48;5;235" not in sent
