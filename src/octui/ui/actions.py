"""Table of every action that a key can start; key bindings, key line and help are made from it.

No key is a single letter, because Korean may be typed there, nor one that a terminal or multiplexer keeps to itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from textual.binding import Binding, BindingType

from octui.ui.locale import N_


@dataclass(frozen=True)
class Action:
    """An action of a screen: its names, keys and handler.

    `id` is `<menu>.<action>`; the method `action_<handler>` of the screen, dialog or app handles it. With `priority` it
    is handled before any widget sees the key: what is typed right after it, in the same read, goes where it leads.
    """

    id: str
    keys: str
    handler: str
    label: str
    tooltip: str
    show: bool = True
    priority: bool = False


ACTIONS: tuple[Action, ...] = (
    Action("app.help", "f1", "help", N_("Help"), N_("What every key of this screen does")),
    Action("app.menus", "f3", "menus", N_("Menus"), N_("Another menu; where nothing is typed, its number")),
    Action("app.account", "ctrl+o,f12", "account", N_("Account"), N_("My stats, settings, sessions, sign out")),
    Action("app.quit", "ctrl+q", "leave", N_("Quit"), N_("Leave octui; unsaved edits are kept")),
    Action("app.redraw", "ctrl+l", "redraw", N_("Redraw"), N_("Draw the whole screen again"), show=False),
    Action(
        "stats.intervals",
        "enter",
        "intervals",
        N_("How it adds up"),
        N_("The intervals behind a figure, and its formula"),
    ),
    Action("stats.evidence", "enter", "evidence", N_("Log lines"), N_("The log lines behind the interval")),
    Action("stats.state", "f6", "change_state", N_("Change state"), N_("Log in to CTI, log out, or take a state")),
    Action("stats.day_before", "f7", "day_before", N_("Day before"), N_("The figures of the day before")),
    Action("stats.day_after", "f8", "day_after", N_("Day after"), N_("The figures of the day after, up to today")),
    Action("floor.enter", "enter", "enter", N_("Go in"), N_("Into a service, an agent's day, an hour, a cause")),
    Action("floor.sort", "f5", "sort", N_("Sort"), N_("The agents by the next order")),
    Action("floor.part", "f6", "part", N_("Next part"), N_("Services, agents, hours, what needs a look; Tab too")),
    Action("floor.earlier", "f7", "earlier", N_("5 min back"), N_("The floor as it was five minutes earlier")),
    Action("floor.later", "f8", "later", N_("5 min on"), N_("The floor five minutes later, up to now")),
    Action("floor.morning", "home", "morning", N_("Morning"), N_("The floor after the first hour of the day")),
    Action("floor.now", "end", "now", N_("Now"), N_("Back to the present moment")),
    Action("agents.change", "enter,f2", "change", N_("Change"), N_("Change role and permissions of this agent")),
    Action("agents.add", "insert,f7", "add", N_("Add"), N_("Give a member a role in this service")),
    Action("agents.remove", "delete,f8", "remove", N_("Remove"), N_("Take the role in this service away")),
    Action("charges.formula", "enter", "formula", N_("How it adds up"), N_("The formula of a line in full sentences")),
    Action("charges.select", "f6", "select", N_("Charges of"), N_("Everything, one type, or one service")),
    Action("charges.month_before", "f7", "month_before", N_("Month before"), N_("The charges of the month before")),
    Action("charges.month_after", "f8", "month_after", N_("Month after"), N_("The month after, up to this one")),
    Action("organization.add", "insert,f7", "add", N_("Add"), N_("Make a member organization admin")),
    Action("organization.remove", "delete,f8", "remove", N_("Remove"), N_("Take the right away, after asking")),
    Action("organization.key", "f6", "key", N_("Key"), N_("Show the organization key once, or change it")),
    Action("members.invite", "insert,f7", "invite", N_("Invite"), N_("Invite somebody to the organization")),
    Action("members.resend", "f6", "resend", N_("Send again"), N_("A new code; the old one ends")),
    Action("members.detail", "enter,f2", "detail", N_("Detail"), N_("The invitation, its mail and what went wrong")),
    Action("members.remove", "delete,f8", "remove", N_("Remove"), N_("Remove the member, or take the invitation back")),
    Action("contracts.open", "enter", "open", N_("Open it"), N_("Go on with a draft; else basic information")),
    Action("contracts.add", "insert,f7", "add", N_("Add service"), N_("A new service, in two steps")),
    Action("contracts.basic", "f2", "basic", N_("Step 1"), N_("Basic information: name, languages, banner")),
    Action("contracts.details", "f6", "details", N_("Step 2"), N_("Contract details: items, users, estimated cost")),
    Action("contracts.switch", "f8,delete", "switch", N_("Switch"), N_("Suspend, resume or terminate; drop a draft")),
    Action("contracts.detail", "ctrl+d", "detail", N_("Detail"), N_("All of the service, its banner too")),
    Action("wizard.save", "ctrl+s", "send", N_("Save"), N_("Save this step")),
    Action("wizard.toggle", "space", "toggle_item", N_("On/off"), N_("Switch the item on or off")),
    Action("wizard.theirs", "f8", "theirs", N_("Take theirs"), N_("Take what somebody else saved meanwhile")),
    Action("wizard.basic", "f7", "basic", N_("Step 1"), N_("Back to the basic information")),
    Action("wizard.leave", "escape,ctrl+g", "close", N_("Leave"), N_("Leave; all that was typed stays as a draft")),
    Action("settings.save", "ctrl+s", "save", N_("Save"), N_("Save what was changed")),
    Action("settings.undo", "f8", "undo", N_("Discard"), N_("Back to what is saved")),
    Action("cti_settings.go", "enter", "go", N_("To do"), N_("Go where what this agent lacks first is done")),
    Action("cti.save", "ctrl+s", "save", N_("Save"), N_("Show the difference and save all of it")),
    Action("cti.undo", "ctrl+z", "undo", N_("Undo"), N_("Take back the last edit")),
    Action("cti.redo", "ctrl+y", "redo", N_("Redo"), N_("Do the edit again that was taken back"), show=False),
    Action("audit.log", "f7", "other_log", N_("Other log"), N_("Permission changes, or other administration")),
    Action("cti.problems", "f6", "next_problem", N_("Next problem"), N_("Go to the next refused or conflicting cell")),
    Action("cti.resolve", "f7", "resolve", N_("Resolve"), N_("Choose between somebody else's value and yours")),
    Action("cti.discard", "f8", "discard", N_("Discard"), N_("Throw away all unsaved edits, after asking")),
    Action("cti.names", "ctrl+n", "show_unmatched", N_("Names"), N_("The names in events that match nobody")),
    Action("names.choose", "f2", "choose_agent", N_("Choose agent"), N_("Say whose name it is")),
    Action("list.search", "f4,ctrl+f", "search", N_("Search"), N_("Go to the search line"), priority=True),
    Action("list.sort", "f5", "sort", N_("Sort"), N_("Sort by the cursor's column; again: reversed")),
    Action("list.export", "f9", "export", N_("Export"), N_("Write what is shown to an Excel or CSV file")),
    Action("list.copy", "ctrl+c", "copy", N_("Copy"), N_("Copy the selected cells"), show=False),
    Action("audit.detail", "enter", "detail", N_("Detail"), N_("The whole entry, before and after")),
    Action("audit.newest", "f6,ctrl+home", "newest", N_("Newest"), N_("Back to the newest entry")),
    Action("audit.verify", "f8", "verify", N_("Verify"), N_("Check that nobody touched the log")),
    Action("sessions.end", "delete,f8", "end", N_("End"), N_("End the session under the cursor")),
    Action("sign_in.code", "f7", "code", N_("Invitation code"), N_("Set the first password with an invitation code")),
    Action("dialog.send", "ctrl+s", "send", N_("Send"), N_("Send what was typed")),
    Action("dialog.close", "escape,ctrl+g", "close", N_("Close"), N_("Close this window")),
)

_BY_ID = {action.id: action for action in ACTIONS}


def bindings(*ids: str) -> list[BindingType]:
    """Return Textual bindings of these actions, in the order given.

    Raises KeyError for an ID that is not in the table.
    """
    return [
        Binding(
            action.keys,
            action.handler,
            action.label,
            show=action.show,
            tooltip=action.tooltip,
            priority=action.priority,
            id=action.id,
        )
        for action in (_BY_ID[id] for id in ids)
    ]


Reason = TypeVar("Reason", bound=Callable[[Any], str | None])


def reason_for(*ids: str) -> Callable[[Reason], Reason]:
    """Return a decorator for a screen's method that says why these actions are disabled, or None while enabled.

    An action may have several such methods: those of base classes are asked first. Raises KeyError for an unknown ID.
    """
    actions = frozenset(_BY_ID[id].id for id in ids)

    def register(method: Reason) -> Reason:
        method.disables = actions  # type: ignore[attr-defined]
        return method

    return register


@cache
def _reason_methods(classes: tuple[type, ...], id: str) -> tuple[str, ...]:
    """Return the names of the methods registered for an action, those of base classes first."""
    members = (item for base in reversed(classes) for item in vars(base).items())
    return tuple(dict.fromkeys(name for name, member in members if id in getattr(member, "disables", ())))


class ActionOwner:
    """Mixin of screens and dialogs whose actions can be disabled for a while."""

    def disabled_reason(self, id: str) -> str | None:
        """Return why an action is disabled, in the user's language, or None if it is enabled."""
        reasons = (getattr(self, name)() for name in _reason_methods(type(self).__mro__, id))
        return next((reason for reason in reasons if reason is not None), None)

    def is_enabled(self, id: str) -> bool:
        """Return whether an action is enabled; if it is not, show the reason."""
        reason = self.disabled_reason(id)
        if reason is not None:
            self.say(reason, error=True)
        return reason is None

    def say(self, message: str, error: bool = False) -> None:
        """Show a sentence to the user on the bottom line."""
        raise NotImplementedError
