"""The window for choosing from a long list: what is typed while it opens."""

from textual import events

from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.locale import Words
from octui.ui.widgets.columns import Column
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import Center

CITIES = {"Europe/London": ("Europe/London",), "Asia/Seoul": ("Asia/Seoul",)}


class EarlyFocus(SearchableChoice[str]):
    """The window, whose search line gets the last key before the window is mounted: Textual focuses it before."""

    def __init__(self, typed: str, last: events.Key) -> None:
        super().__init__("City", "", [Column("city", "City", 20)], CITIES, Words("en"), typed=typed)
        self._last = last

    async def _compose(self) -> None:
        await super()._compose()
        line = self.query_one(SearchLine)
        assert line.has_focus
        await line._on_key(self._last)


def keys(text: str) -> list[events.Key]:
    """Return the events of keys that were typed one after the other."""
    return [events.Key(character, character) for character in text]


async def show_window(person: Person, dialog: SearchableChoice[str]) -> None:
    person.app.push_screen(dialog)
    await person.dialog(SearchableChoice)
    await person.pilot.pause()


async def test_key_that_reaches_the_line_first_stays_the_last_letter(center: Center) -> None:
    async with at(center, "agents") as person:
        _, *others, last = keys("london")
        dialog = EarlyFocus("l", last)
        for key in others:
            dialog.type_letter(key.key, key.time)
        await show_window(person, dialog)
        assert dialog.query_one(SearchLine).value == "london"


async def test_key_on_its_way_to_the_window_is_not_lost_when_the_line_gets_the_focus(center: Center) -> None:
    async with at(center, "agents") as person:
        early, late, last = keys("eul")
        dialog = EarlyFocus("s", last)
        await show_window(person, dialog)
        line = dialog.query_one(SearchLine)
        dialog.set_focus(line)
        for key in (early, late):
            dialog.post_message(key)
        await person.pilot.pause()
        assert line.value == "seul"
