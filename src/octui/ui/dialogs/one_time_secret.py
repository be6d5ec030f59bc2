"""A secret that is shown this once: an invitation's code where no mail is sent, the organization key."""

from collections.abc import Sequence

from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE
from octui.ui.dialogs.report import Report
from octui.ui.locale import N_


class OneTimeSecret(Report, inherit_bindings=False):
    """The code and what to do with it. Enter does not close it: a key pressed once too often would lose the code."""

    BINDINGS = bindings("list.copy", "dialog.close")
    KEYS = (("^C", N_("Copy")), CLOSE)

    def __init__(self, heading: Sequence[str], lines: Sequence[str], command: str) -> None:
        """`command` is what Ctrl+C copies."""
        super().__init__(heading, lines)
        self._command = command

    def action_copy(self) -> None:
        """Copy the command to the terminal's clipboard."""
        self.host.copy_text(self._command)

    def action_close(self) -> None:
        """Close the window; nothing here remembers what it showed."""
        self.host.forget_copied(self._command)
        super().action_close()
