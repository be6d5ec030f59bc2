"""Window for choosing the help-center languages, searchable by code and by name in three languages (rules.md 2)."""

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual import events, on
from textual.binding import Binding
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from octui.schema.languages import LANGUAGES, Language
from octui.text.choseong import Matcher, choseong, fold_case
from octui.text.glyphs import glyphs
from octui.text.width import fit_text
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_, Words
from octui.ui.widgets.prompt import Prompt
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines

_NAME_CELLS = 34


def language_text(code: str, t: Words) -> str:
    """Return the name of a language with its code."""
    known = LANGUAGES.get(code)
    return f"{known.name_in(t.language)} ({code})" if known is not None else code


def languages_text(codes: Sequence[str], t: Words) -> str:
    """Return the names of languages in their order, the first one marked as the main one."""
    if not codes:
        return t("none yet")
    first, *others = (language_text(code, t) for code in codes)
    return ", ".join([t("{language} (main)", language=first) if others else first, *others])


def find_languages(text: str) -> list[Language]:
    """Return the matching languages: an exact code first, then codes with this prefix, then names."""
    text = text.strip()
    if not text:
        return list(LANGUAGES.values())
    code, matcher = fold_case(text), Matcher(text)

    def rank_of(language: Language) -> int | None:
        if language.code.startswith(code):
            return int(language.code != code)
        names = f"{language.korean} {language.english} {language.japanese}"
        return 2 if matcher.matches(fold_case(names), choseong(names)) else None

    ranked = [(place, language) for language in LANGUAGES.values() if (place := rank_of(language)) is not None]
    return [language for _, language in sorted(ranked, key=lambda pair: pair[0])]


class _List(Widget):
    """The matching languages, with a cursor."""

    COMPONENT_CLASSES = {"options--option", "options--chosen", "options--off"}
    DEFAULT_CSS = "_List { height: 1fr; }"

    def __init__(self, t: Words, codes: list[str]) -> None:
        super().__init__()
        self.t, self.codes = t, codes
        self.shown = find_languages("")
        self.at = 0
        self._top = 0

    def show_languages(self, shown: list[Language], at: int = 0) -> None:
        self.shown = shown
        self.move_to(at)
        self.refresh()

    def move_to(self, at: int) -> None:
        self.at = max(0, min(at, len(self.shown) - 1))
        page = max(1, self.size.height)
        self._top = max(0, min(self._top, self.at), self.at - page + 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        cells, index = self.size.width, self._top + y
        if index >= len(self.shown):
            text = self.t("No language is called so.") if not self.shown and y == 0 else ""
            return Strip([Segment(fit_text(f"  {text}", cells), self.get_component_rich_style("options--off"))])
        language, reader = self.shown[index], self.t.language
        place = f"[{self.codes.index(language.code) + 1}]" if language.code in self.codes else "[ ]"
        others = [language.english, language.korean, language.japanese]
        others.remove(language.name_in(reader))
        names = f" {glyphs().dot} ".join(others)
        text = f" {place:>5} {language.code}  {fit_text(language.name_in(reader), _NAME_CELLS)}  {names}"
        part = "options--chosen" if index == self.at else "options--option"
        return Strip([Segment(fit_text(text, cells), self.get_component_rich_style(part))])


class _Line(Prompt):
    """Search line of the window; Space is passed on to the list."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != "space" and super().check_consume_key(key, character)


class LanguagesDialog(Dialog[list[str] | None]):
    """A window with languages. Returns the chosen codes in order, or None when closed. Typing searches."""

    # Handled before the search line: these keys belong to the list, however many arrive at once.
    BINDINGS = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("space", "take", show=False, priority=True),
        Binding("f6", "make_first", show=False, priority=True),
        Binding("enter", "done", show=False, priority=True),
    ]
    KEYS = (("Space", N_("On/off")), ("F6", N_("Main language")), ("Enter", N_("Done")), CLOSE)

    def __init__(self, codes: Sequence[str], typed: str, t: Words, on_choice: Callable[[list[str]], None]) -> None:
        """Create the window; `typed`: keys that opened it. `on_choice` gets every change of the choice."""
        super().__init__()
        self.t, self.codes = t, list(codes)
        self._before, self._on_choice = list(codes), on_choice
        self._list = _List(t, self.codes)
        self._line = _Line(typed, placeholder=t("Code or name in any language; initials work"), compact=True)
        self._line.cursor_blink = False
        self._line.select_on_focus = False
        self._chosen = StatusLine()
        self._code_at_cursor = next(iter(codes), "")
        """The language under the cursor while nothing is searched."""

    def compose_body(self) -> Vertical:
        heading = heading_lines(
            [" " + self.t("Help-center languages"), " " + self.t("The first one is the main language.")]
        )
        return Vertical(heading, self._chosen, self._line, self._list, classes="languages")

    def initial_focus(self) -> Widget:
        return self._line

    def on_mount(self) -> None:
        self._show_chosen()
        self._update_list()

    def on_key(self, event: events.Key) -> None:
        """Handle a key that arrived before the search line had the focus."""
        if event.character is not None and event.is_printable:
            event.stop()
            self.type_letter(event.character, event.time)

    def type_letter(self, text: str, at: float) -> None:
        """Add a typed letter to the search, even before the window is ready; `at`: time of the key."""
        self._line.insert_letter(text, at)

    def on_resize(self) -> None:
        self.call_after_refresh(lambda: self._list.move_to(self._list.at))

    def _show_chosen(self) -> None:
        self._chosen.say(languages_text(self.codes, self.t))

    @on(Input.Changed)
    def _search_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._update_list()

    def _update_list(self) -> None:
        text = self._line.value
        shown = find_languages(text)
        code_at_cursor = "" if text.strip() else self._code_at_cursor
        self._list.show_languages(
            shown, next((i for i, language in enumerate(shown) if language.code == code_at_cursor), 0)
        )

    def action_move(self, by: int) -> None:
        """Move the cursor of the list by lines."""
        self._list.move_to(self._list.at + by)

    def action_page(self, by: int) -> None:
        """Move the cursor of the list by pages."""
        self._list.move_to(self._list.at + by * max(1, self._list.size.height - 1))

    @property
    def _cursor_code(self) -> str | None:
        shown = self._list.shown
        return shown[self._list.at].code if shown else None

    def action_take(self) -> None:
        """Select or deselect the language under the cursor."""
        code = self._cursor_code
        if code is None:
            return
        if code in self.codes:
            self.codes.remove(code)
        else:
            self.codes.append(code)
        self._report_choice()

    def action_make_first(self) -> None:
        """Make the language under the cursor the main one."""
        code = self._cursor_code
        if code is not None:
            if code in self.codes:
                self.codes.remove(code)
            self.codes.insert(0, code)
            self._report_choice()

    def _report_choice(self) -> None:
        self._show_chosen()
        self._list.refresh()
        self._on_choice(list(self.codes))

    def action_done(self) -> None:
        """Select the language that a search found; without a search, close with the choice."""
        code = self._cursor_code
        if self._line.value.strip() and code is not None and code not in self.codes:
            self.action_take()
            self._code_at_cursor = code
            self._line.value = ""
        elif self.codes:
            self.dismiss(self.codes)
        else:
            self._chosen.say(self.t("A service needs at least one language."), error=True)

    def action_close(self) -> None:
        """Close the window and restore the old choice."""
        self._on_choice(self._before)
        self.dismiss(None)
