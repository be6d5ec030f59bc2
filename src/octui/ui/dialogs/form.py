"""Dialog with a form, which stays open until the server accepts its values."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on, work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError, Refused, Throttled
from octui.schema.problems import FieldCode
from octui.text.width import cell_width
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_, Words
from octui.ui.sentences import error_sentence, field_sentence
from octui.ui.widgets.fields import Field, Fields
from octui.ui.widgets.status_line import StatusLine
from octui.ui.widgets.text_lines import heading_lines, wrap_line

Answer = TypeVar("Answer")
Send = Callable[[dict[str, str]], Awaitable[Answer]]


class Wrong(Exception):
    """Error for values of a form that are not accepted: sentences by field; "" stands for the whole form."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__("; ".join(sentences.values()))
        self.sentences = sentences


_FORM = (FieldCode.PATTERN, FieldCode.TOO_SHORT, FieldCode.TYPE)


def sentences_of(error: Refused, fields: Fields, t: Words) -> dict[str, str]:
    """Return the sentences about a refused request by field; "" stands for the whole form."""
    if not error.problem.errors:
        return {"": error_sentence(error, t)}
    return {
        field: (problem.code in _FORM and fields.wrong_form(field)) or field_sentence(problem, t)
        for field, problem in error.field_errors.items()
    }


class Form(Dialog[Answer | None], Generic[Answer]):
    """A window with a form. Returns the result of `send`, or None when it was closed."""

    BINDINGS = bindings("dialog.send", "app.quit")
    KEYS: ClassVar[tuple[tuple[str, str], ...]] = (("Enter", N_("Next")), ("^S", N_("Send")), CLOSE)

    def __init__(
        self, heading: str, fields: Sequence[Field], send: Send[Answer], t: Words, *, notes: Sequence[str] = ()
    ) -> None:
        """Create the form; `notes` are shown under the heading. Errors of `send` are shown in the open form."""
        super().__init__()
        self.t = t
        self._send = send
        self._heading = [f" {heading}", *(part for note in notes for part in wrap_line(f" {note}")), ""]
        self.fields = Fields(fields)
        self.status = StatusLine()
        labels = max(cell_width(field.label) for field in fields)
        self._widest = max(labels + 40, *(cell_width(line) for line in self._heading))
        self._sending = False
        self._wait = 0

    def compose_body(self) -> Vertical:
        heading = heading_lines(self._heading)
        box = Vertical(heading, self.fields, self.status, classes="form")
        box.styles.width = min(76, max(52, self._widest + 4))
        return box

    def initial_focus(self) -> Widget:
        return self.fields.first_line

    def on_mount(self) -> None:
        self.set_interval(1.0, self._count_down)

    @on(Fields.Sent)
    def _send_fields(self) -> None:
        self.action_send()

    @on(Fields.Changed)
    def _clear_status(self) -> None:
        if not self._sending and not self._wait:
            self.status.say("")

    def action_send(self) -> None:
        """Send the form's values, unless a request is under way or the server has imposed a wait."""
        if not self._sending and not self._wait:
            self._sending = True
            self._send_values()

    @work(exclusive=True, group="form")
    async def _send_values(self) -> None:
        await self.fields.flush_keys()
        self.fields.show_problems({})
        self.status.say(self.t("One moment..."))
        try:
            if self.fields.missing_names:
                raise Wrong({name: self.t("is missing") for name in self.fields.missing_names})
            answer = await self._send(self.fields.values)
        except Wrong as wrong:
            self._show_problems(wrong.sentences)
        except Throttled as error:
            self._wait = max(1, math.ceil(error.retry_after))
            self._say_wait()
        except Refused as error:
            self._show_problems(sentences_of(error, self.fields, self.t))
        except ClientError as error:
            self.status.say(error_sentence(error, self.t), error=True)
        else:
            self.dismiss(answer)
        finally:
            self._sending = False

    def _show_problems(self, sentences: Mapping[str, str]) -> None:
        others = self.fields.show_problems(sentences)
        self.status.say(others[0] if others else "", error=True)

    def _count_down(self) -> None:
        if self._wait:
            self._wait -= 1
            self._say_wait()

    def _say_wait(self) -> None:
        text = self.t("Too many attempts: wait {seconds} s.", seconds=self._wait) if self._wait else ""
        self.status.say(text, error=True)

    def action_close(self) -> None:
        """Close the form without sending, and cancel a request under way."""
        self.workers.cancel_node(self)
        self.dismiss(None)

    def action_leave(self) -> None:
        """End the app."""
        self.host.action_leave()
