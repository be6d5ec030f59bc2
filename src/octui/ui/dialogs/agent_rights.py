"""Dialog for role and channel permissions of one agent."""

from dataclasses import dataclass, replace

from rich.segment import Segment
from textual import events
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from octui.schema.agents import Role
from octui.text.width import cell_width, fit_text
from octui.ui.dialogs.dialog import CLOSE, Dialog
from octui.ui.locale import N_, Words

ROLE_LABELS: dict[Role, str] = {Role.ADMIN: N_("Admin"), Role.AGENT: N_("Agent")}
_PERMISSIONS = (("ticket", N_("Ticket")), ("chat", N_("Chat")), ("phone", N_("Phone (brings ticket)")))


@dataclass(frozen=True)
class AgentRights:
    """An agent's role and channel permissions as chosen in the dialog; phone includes ticket."""

    role: Role
    ticket: bool
    chat: bool
    phone: bool

    def with_toggled(self, line: str) -> "AgentRights":
        """Return the rights with one line of the dialog toggled, and those that depend on that line."""
        match line:
            case "role":
                return replace(self, role=Role.ADMIN if self.role is Role.AGENT else Role.AGENT)
            case "phone":
                return replace(self, phone=not self.phone, ticket=self.ticket or not self.phone)
            case "ticket":
                return replace(self, ticket=not self.ticket, phone=self.phone and not self.ticket)
            case _:
                return replace(self, chat=not self.chat)


class _Lines(Widget, can_focus=True):
    COMPONENT_CLASSES = {"options--option", "options--chosen", "options--heading"}

    def __init__(self, heading: str, rights: AgentRights, t: Words) -> None:
        super().__init__()
        self.heading, self.rights, self.t = heading, rights, t
        self.at = 0

    @property
    def line_names(self) -> list[str]:
        """The names of the dialog's lines that can be chosen."""
        return ["role", *(name for name, _ in _PERMISSIONS), "save"]

    def line_texts(self) -> list[str]:
        """Return the text of each line: role, a checkbox for each permission, Save."""
        t, rights = self.t, self.rights
        lines = [t("Role") + f": {t(ROLE_LABELS[rights.role])}"]
        lines += [f"[{'x' if getattr(rights, name) else ' '}] {t(label)}" for name, label in _PERMISSIONS]
        return [*lines, t("Save")]

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        if y == 0:
            return Strip(
                [Segment(fit_text(f" {self.heading}", cells), self.get_component_rich_style("options--heading"))]
            )
        texts = self.line_texts()
        if y - 1 >= len(texts):
            return Strip.blank(cells, self.rich_style)
        part = "options--chosen" if y - 1 == self.at else "options--option"
        return Strip([Segment(fit_text(f"  {texts[y - 1]}", cells), self.get_component_rich_style(part))])


class AgentRightsDialog(Dialog[AgentRights | None]):
    """A window with an agent's role and permissions. Returns the chosen rights, or None when closed."""

    KEYS = (("Space", N_("Change")), ("^S", N_("Save")), CLOSE)

    def __init__(self, heading: str, rights: AgentRights, t: Words) -> None:
        super().__init__()
        self._lines = _Lines(heading, rights, t)

    def compose_body(self) -> Vertical:
        box = Vertical(self._lines)
        box.styles.width = min(76, max(44, cell_width(self._lines.heading) + 6))
        box.styles.height = len(self._lines.line_names) + 3
        return box

    def initial_focus(self) -> Widget:
        return self._lines

    def on_key(self, event: events.Key) -> None:
        lines = self._lines
        last = len(lines.line_names) - 1
        name = lines.line_names[lines.at]
        if event.key in ("up", "shift+tab"):
            lines.at = max(0, lines.at - 1)
        elif event.key in ("down", "tab"):
            lines.at = min(last, lines.at + 1)
        elif event.key == "ctrl+s" or (name == "save" and event.key in ("enter", "space")):
            event.stop()
            self.dismiss(lines.rights)
            return
        elif event.key in ("enter", "space"):
            lines.rights = lines.rights.with_toggled(name)
        else:
            return
        event.stop()
        event.prevent_default()
        lines.refresh()

    def action_close(self) -> None:
        """Close the window without changing anything."""
        self.dismiss(None)
