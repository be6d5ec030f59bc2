"""Dialog for a secret that is shown only once: an invitation code without mail, the organization key."""

from collections.abc import Sequence

from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE
from octui.ui.dialogs.report import Report
from octui.ui.locale import N_


class OneTimeSecret(Report, inherit_bindings=False):
    """A window that shows a secret once; Enter does not close it, lest the secret be lost by accident."""

    BINDINGS = bindings("list.copy", "dialog.close")
    KEYS = (("^C", N_("Copy")), CLOSE)

    def __init__(self, heading: Sequence[str], lines: Sequence[str], command: str) -> None:
        """Create the window; Ctrl+C copies `command`."""
        super().__init__(heading, lines)
        self._command = command

    def action_copy(self) -> None:
        """Copy the command to the terminal's clipboard."""
        self.host.copy_text(self._command)

    def action_close(self) -> None:
        """Close the window and forget the secret."""
        self.host.forget_copied(self._command)
        super().action_close()
