"""Lines of a form: each with a label, an input or a choice, and an error."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.segment import Segment
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from octui.text.glyphs import glyphs
from octui.text.safe import safe
from octui.text.width import cell_width, wrap_text
from octui.ui.widgets.opener import Opener
from octui.ui.widgets.prompt import Prompt
from octui.ui.widgets.status_line import StatusLine

LEAST_WIDTH = 76
LEAST_NOTE = 20


@dataclass(frozen=True)
class Field:
    """Description of one line of a form.

    `options` are (value, text) to choose from; `fixed`: shown, not changed; `secret`: shown as dots; `needed`: must not
    be left empty; `wrong`: said when the text does not have its form; `opens`: the value comes from a picker (see
    `Opener`) and this gives its text; `suggester`: completes what is typed, taken by Right.
    """

    name: str
    label: str
    value: str = ""
    secret: bool = False
    fixed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    needed: bool = False
    wrong: str = ""
    opens: Callable[[str], str] | None = None
    suggester: Suggester | None = None


class Typed(Prompt):
    """Input line of a form, one row high; its cursor does not blink, and a secret is never copied."""

    DEFAULT_CSS = "Typed { height: 1; border: none; padding: 0 1; width: 1fr; }"

    def __init__(self, field: Field) -> None:
        super().__init__(field.value, placeholder=field.hint, password=field.secret, compact=True)
        self.field, self.suggester = field, field.suggester
        self.cursor_blink = False
        self.select_on_focus = False

    @property
    def _value(self) -> Text:
        """The text that is drawn; of a secret, one sign for each character."""
        if not self.password:
            return super()._value
        return Text(glyphs().hidden * len(self.value), no_wrap=True, overflow="ignore", end="")

    def action_copy(self) -> None:
        """Copy the selected text to the clipboard; do nothing in a secret field."""
        if not self.field.secret:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selected text to the clipboard; in a secret field delete it without copying."""
        if self.field.secret:
            self.delete_selection()
        else:
            super().action_cut()


class Picked(Widget, can_focus=True):
    """Line of a form with all values side by side, the chosen one in brackets; Left, Right and Space change it."""

    COMPONENT_CLASSES = {"picked--option", "picked--on", "picked--chosen"}
    DEFAULT_CSS = "Picked { height: 1; width: 1fr; }"

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.value = field.value

    @property
    def chosen_index(self) -> int:
        """The index of the chosen value, 0 if the value is not among the options."""
        return next((i for i, (value, _) in enumerate(self.field.options) if value == self.value), 0)

    def set_value(self, value: str) -> None:
        """Choose a value."""
        if value != self.value:
            self.value = value
            self.refresh()

    def render_line(self, y: int) -> Strip:
        plain = self.get_component_rich_style("picked--option")
        chosen = self.get_component_rich_style("picked--chosen" if self.has_focus else "picked--on")
        segments = [
            Segment(f"[{text}]" if i == self.chosen_index else f" {text} ", chosen if i == self.chosen_index else plain)
            for i, (_, text) in enumerate(self.field.options)
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def on_key(self, event: events.Key) -> None:
        steps = {"left": -1, "right": 1, "space": 1}
        if event.key in steps:
            event.stop()
            event.prevent_default()
            self.set_value(self.field.options[(self.chosen_index + steps[event.key]) % len(self.field.options)][0])
            self.post_message(Fields.Changed())

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether this line uses a key itself: every printable one, so that digits open no menu."""
        return character is not None and character.isprintable()


Line: TypeAlias = Typed | Picked | Opener


def _new_line(field: Field) -> Line:
    if field.opens is not None:
        return Opener(field.name, field.value, field.opens, field.hint)
    return Picked(field) if field.options else Typed(field)


class _Row(Horizontal):
    DEFAULT_CSS = "_Row { height: 1; }"


class Fields(VerticalScroll, can_focus=False):
    """All lines of a form; Enter goes to the next line and on the last sends the form."""

    DEFAULT_CSS = """
    Fields { height: auto; }
    Fields > StatusLine { display: none; }
    Fields > StatusLine.-on { display: block; }
    """

    # Before any line sees the key: where many keys come at once, what follows Enter belongs to the next line. A
    # password would show itself in the line before.
    BINDINGS = [
        Binding("enter", "next", show=False, priority=True),
        Binding("tab,down", "step(1)", show=False, priority=True),
        Binding("shift+tab,up", "step(-1)", show=False, priority=True),
    ]

    @dataclass
    class Sent(Message, namespace="fields"):
        """Message: Enter was pressed on the last line."""

    @dataclass
    class Changed(Message, namespace="fields"):
        """Message: the value of a line was typed or chosen."""

    def __init__(self, fields: Sequence[Field], *, leaves: bool = False) -> None:
        """Create the lines; with `leaves`, Tab and the arrows lead out of the form at its ends."""
        super().__init__()
        self._leaves = leaves
        self._fields = list(fields)
        self._labels = {field.name: StatusLine() for field in fields}
        self._wrong = {field.name: StatusLine() for field in fields}
        self._shown = {field.name: StatusLine() for field in fields if field.fixed}
        self._inputs: dict[str, Line] = {field.name: _new_line(field) for field in fields if not field.fixed}
        self.set_values({field.name: field.value for field in fields})
        self._say_labels()

    def compose(self) -> ComposeResult:
        for field in self._fields:
            line = self._shown.get(field.name) or self._inputs[field.name]
            yield _Row(self._labels[field.name], line)
            yield self._wrong[field.name]

    def refresh_labels(self, fields: Sequence[Field]) -> None:
        """Show labels, hints and options in another language; values stay."""
        self._fields = list(fields)
        for field in self._fields:
            line = self._inputs.get(field.name)
            if isinstance(line, Typed):
                line.field, line.placeholder = field, field.hint
            elif isinstance(line, Picked):
                line.field = field
                line.refresh()
            elif line is not None and field.opens is not None:
                line.refresh_texts(field.opens, field.hint)
        self._say_labels()

    def _say_labels(self) -> None:
        widest = max((cell_width(field.label) for field in self._fields), default=0) + 3
        for field in self._fields:
            self._labels[field.name].styles.width = widest
            self._labels[field.name].say(field.label)
        self._indent = " " * widest

    @property
    def values(self) -> dict[str, str]:
        """The values of the lines that can be changed."""
        return {name: line.value for name, line in self._inputs.items()}

    @property
    def names(self) -> list[str]:
        """The names of the lines."""
        return [field.name for field in self._fields]

    def line_of(self, name: str) -> Widget | None:
        """Return the line with this name, None if its value cannot be changed."""
        return self._inputs.get(name)

    def disable_line(self, name: str) -> None:
        """Disable a line."""
        if name in self._inputs:
            self._inputs[name].disabled = True

    @property
    def focused_name(self) -> str | None:
        """The name of the line that has the cursor."""
        return next((name for name, line in self._inputs.items() if line.has_focus), None)

    @property
    def missing_names(self) -> list[str]:
        """The names of the required lines that are empty."""
        return [field.name for field in self._fields if field.needed and not self._inputs[field.name].value.strip()]

    def text_of(self, name: str, value: str) -> str:
        """Return the text that a field shows for a value."""
        options = next((field.options for field in self._fields if field.name == name), ())
        return next((text for each, text in options if each == value), safe(value))

    def can_take(self, name: str, value: str) -> bool:
        """Return whether a field accepts this value: any value, or one of its options if it has some."""
        options = next((field.options for field in self._fields if field.name == name), ())
        return not options or any(each == value for each, _ in options)

    def set_read_only(self, fixed: bool) -> None:
        """Make all lines read-only, or editable again."""
        for line in self._inputs.values():
            line.disabled = fixed

    def set_note(self, name: str, text: str) -> None:
        """Show a text under a line, without moving the cursor."""
        wrong = self._wrong[name]
        room = (self.content_size.width or LEAST_WIDTH) - cell_width(self._indent) - 1
        lines = wrap_text(text, max(room, LEAST_NOTE))
        wrong.say("\n".join(f"{self._indent}{line.strip()}" for line in lines) if text else "", error=True)
        wrong.styles.height = len(lines)
        wrong.set_class(bool(text), "-on")

    def wrong_form(self, name: str) -> str:
        """Return the message about text in the wrong format in a line, "" if its field has none."""
        return next((field.wrong for field in self._fields if field.name == name), "")

    def set_values(self, values: Mapping[str, str]) -> None:
        """Set the values of the fields named in `values`; other fields stay as they are."""
        for name, value in values.items():
            line = self._inputs.get(name)
            if isinstance(line, Typed):
                line.value = value
            elif line is not None:
                line.set_value(value)
            elif name in self._shown:
                self._shown[name].say(safe(value))

    def go_to(self, name: str) -> None:
        """Move the cursor to a line."""
        self._inputs[name].focus()

    @property
    def first_line(self) -> Widget:
        """The field to begin in: the first empty one, else the first that can be edited."""
        lines = list(self._inputs.values())
        return next((line for line in lines if not line.value), lines[0])

    def show_problems(self, sentences: Mapping[str, str]) -> list[str]:
        """Show errors under their lines and go to the first; return the errors of unknown fields."""
        first: str | None = None
        for name in self._wrong:
            text = sentences.get(name, "")
            self.set_note(name, text)
            if text and first is None and name in self._inputs:
                first = name
        if first is not None:
            self.go_to(first)
        return [text for name, text in sentences.items() if name not in self._wrong]

    async def flush_keys(self) -> None:
        """Wait until every key pressed so far has been handled."""
        for line in self._inputs.values():
            reached = asyncio.Event()
            if line.call_later(reached.set):
                await reached.wait()

    def action_step(self, by: int) -> None:
        """Go to the next or previous line; at the ends wrap around, or leave the form."""
        lines = list(self._inputs.values())
        at = next((i for i, line in enumerate(lines) if line is self.screen.focused), 0)
        if self._leaves and not 0 <= at + by < len(lines):
            chain = self.screen.focus_chain
            place = chain.index(lines[at])
            self.screen.set_focus(chain[(place + by) % len(chain)])
            return
        # Now, and not by `focus`, which only asks for it.
        self.screen.set_focus(lines[(at + by) % len(lines)])

    def action_next(self) -> None:
        """Go to the next line; on the last one, send."""
        if self.screen.focused is list(self._inputs.values())[-1]:
            self.post_message(self.Sent())
        else:
            self.action_step(1)

    @on(Input.Changed)
    def _report_change(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())
