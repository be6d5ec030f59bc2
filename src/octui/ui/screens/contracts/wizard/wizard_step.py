"""Base of both steps of the wizard, which write typed text to disk soon, however the program ends (rules.md 5)."""

from typing import ClassVar, TypeVar

from textual.timer import Timer
from textual.widget import Widget

from octui.text.width import wrap_text
from octui.ui.actions import ACTIONS, ActionOwner
from octui.ui.dialogs.dialog import Dialog
from octui.ui.locale import Words
from octui.ui.screens.contracts.wizard.context import WizardContext
from octui.ui.widgets.key_line import KeyLine, key_name
from octui.ui.widgets.status_line import StatusLine

Answer = TypeVar("Answer")
KEEP_AFTER_S = 0.2
TEXT_CELLS = 72  # Fits a window on 80 columns.


class WizardStep(ActionOwner, Dialog[Answer | None]):
    """A step in a window nearly as large as the screen. Returns None when left; the draft stays."""

    SHOWN: ClassVar[tuple[str, ...]] = ()
    """IDs of the actions on the key line."""

    def __init__(self, context: WizardContext, t: Words) -> None:
        super().__init__()
        self.context, self.t = context, t
        self.status = StatusLine()
        self._save_timer: Timer | None = None
        self._busy = False
        self._warned = False

    def wrap_sentences(self, *sentences: str) -> str:
        """Return sentences wrapped over as many lines as they need."""
        return "\n".join(part.strip() for sentence in sentences for part in wrap_text(sentence, TEXT_CELLS))

    def update_draft(self) -> None:
        """Copy the typed texts into the draft; it only reads widgets, since other threads call it too."""
        raise NotImplementedError

    def initial_focus(self) -> Widget:
        raise NotImplementedError

    # --- keys -----------------------------------------------------------------------------------------------

    def disabled_reason(self, id: str) -> str | None:
        if self._busy and id != "wizard.leave":
            return self.t("One moment...")
        return super().disabled_reason(id)

    def say(self, message: str, error: bool = False) -> None:
        self.status.say(message, error=error)

    def show_keys(self) -> None:
        """Update the key line."""
        shown = [next(action for action in ACTIONS if action.id == id) for id in self.SHOWN]
        for line in self.query(KeyLine):
            line.show_keys(
                tuple(
                    (key_name(action.keys), self.t(action.label), self.disabled_reason(action.id) is None)
                    for action in shown
                )
            )

    # --- saving drafts ------------------------------------------------------------------------------------

    def schedule_save(self) -> None:
        """Update the draft and write it to disk within `KEEP_AFTER_S`, even while typing goes on."""
        self.update_draft()
        if self._save_timer is None:
            self._save_timer = self.set_timer(KEEP_AFTER_S, self._save_scheduled)

    def _save_scheduled(self) -> None:
        self._save_timer = None
        self.save_drafts(sync=False)

    def save_drafts(self, *, sync: bool) -> bool:
        """Write the drafts to disk; return whether that succeeded. A failure is shown."""
        try:
            self.context.drafts.save_drafts(sync=sync)
        except OSError as error:
            reason = error.strerror or str(error)
            self.status.say(self.t("What you typed cannot be kept on disk: {reason}", reason=reason), error=True)
            return False
        return True

    def on_descendant_blur(self) -> None:
        if self.is_current:
            self.schedule_save()
            self._save_now()

    def _save_now(self) -> None:
        if self._save_timer is not None:
            self._save_timer.stop()
            self._save_timer = None
        self.save_drafts(sync=False)

    def close_step(self, answer: Answer | None) -> None:
        """Save the draft and close."""
        self.update_draft()
        if self._save_timer is not None:
            self._save_timer.stop()
            self._save_timer = None
        self.workers.cancel_node(self)
        if self.save_drafts(sync=True) or answer is not None or self._warned:
            self.dismiss(answer)
        self._warned = True

    def action_close(self) -> None:
        """Leave the wizard; the draft stays."""
        self.close_step(None)

    def action_leave(self) -> None:
        """Leave octui from inside the wizard."""
        self.update_draft()
        self.host.action_leave()

    def action_help(self) -> None:
        """Show what every key of this step does."""
        self.host.action_help()

    def action_redraw(self) -> None:
        """Redraw the whole screen."""
        self.host.action_redraw()
