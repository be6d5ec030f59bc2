"""Every menu at the levels of signs: no character of ours is left that the terminal may draw twice as wide."""

import unicodedata
from collections.abc import Callable

import pytest

from octui.text.glyphs import GlyphLevel
from octui.ui.menus import MENUS
from ui.person import at
from ui.server import Center, Seed
from ui.test_pictures import seed


@pytest.mark.parametrize("level", [GlyphLevel.NARROW, GlyphLevel.ASCII])
async def test_no_menu_shows_an_ambiguous_sign(make_center: Callable[[Seed], Center], level: GlyphLevel) -> None:
    found: dict[str, set[str]] = {}
    async with at(make_center(seed), "agents", size=(80, 24)) as person:
        person.app.choose_glyphs(level)
        for menu in MENUS:
            for key in ("", "f1"):
                await person.app.open_menu(menu.word)
                await person.settled()
                await person.update()
                if key:
                    await person.press(key)
                signs = {sign for sign in person.text if unicodedata.east_asian_width(sign) == "A"}
                if signs:
                    found[f"{menu.word} {key}"] = signs
                if key:
                    await person.press("escape")
    assert found == {}
