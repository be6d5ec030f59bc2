"""Base of every menu's screen: top line, key line, leases of topics, an update every second."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from octui.client.errors import ClientError, SignInNeeded
from octui.client.feed import Lease
from octui.state.preferences import Preferences
from octui.ui.actions import ACTIONS, Action, ActionOwner
from octui.ui.connection import Connection
from octui.ui.host import Host
from octui.ui.locale import Words
from octui.ui.widgets.key_line import KeyLine, key_name
from octui.ui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from octui.ui.widgets.columns import Key

ALWAYS = frozenset(("app.account", "app.help", "app.menus", "app.quit", "app.redraw"))
"""Actions that work without a connection too."""


class MenuScreen(ActionOwner, Screen[None]):
    """A menu's screen, which leases its topics while it is shown."""

    WORD: ClassVar[str] = ""
    AUTO_FOCUS = "Grid, Figures"

    def __init__(self) -> None:
        super().__init__()
        self._leases: list[Lease] = []
        self._saved: Preferences | None = None

    @property
    def host(self) -> Host:
        return cast(Host, self.app)

    @property
    def t(self) -> Words:
        """The translator into the reader's language."""
        return self.host.words

    @property
    def connection(self) -> Connection | None:
        """The connection to the server, None before there is one."""
        return self.host.connection

    @property
    def time_zone(self) -> str:
        """The organization's time zone; UTC before it is known."""
        return self.connection.me.organization.time_zone if self.connection is not None else "UTC"

    def compose(self) -> ComposeResult:
        yield TopLine()
        yield from self.compose_body()
        yield KeyLine()

    def compose_body(self) -> list[Widget]:
        """Return the widgets between top line and key line."""
        raise NotImplementedError

    def on_connected(self, connection: Connection) -> None:
        """Lease topics and load missing data when the screen is shown and connected."""

    def on_tick(self) -> None:
        """Update the screen once a second while it is shown."""

    def refresh_texts(self) -> None:
        """Draw every text again after the language changed."""

    def disabled_reason(self, id: str) -> str | None:
        if self.connection is None and id not in ALWAYS:
            return self.t("There is no connection yet.")
        return super().disabled_reason(id)

    def label_of(self, action: Action) -> str:
        """Return an action's label in the key line, which may depend on the screen's state."""
        return self.t(action.label)

    def load_preferences(self, connection: Connection) -> Preferences:
        """Return the person's preferences for this screen: last search and order."""
        if self._saved is None:
            self._saved = Preferences(connection.folder / "screens.json")
        return self._saved

    def save_preferences(self, **values: str | bool) -> None:
        """Save preferences of this screen for the next start."""
        if self._saved is None:
            return
        try:
            self._saved.set_values(self.WORD, values)
        except (OSError, ValueError) as error:
            self.say(self.t("The search and order are not kept for next time: {reason}", reason=str(error)))

    def lease_topic(self, topic: str, callback: Any) -> None:
        """Call `callback(topic, body, etag)` at each change of a topic while this screen is shown."""
        if self.connection is not None:
            self._leases.append(self.connection.feed.lease(topic, callback))

    def release_topics(self) -> None:
        """Close all the screen's leases."""
        for lease in self._leases:
            lease.close()
        self._leases.clear()

    def show_row(self, key: "Key", column: str | None = None) -> None:
        """Move the cursor to a row, once it is loaded; clear a search that hides the row."""
        from octui.ui.widgets.grid import Grid
        from octui.ui.widgets.search_line import SearchLine

        grid = self.query_one(Grid)
        self.set_focus(grid)
        if not grid.seek_row(key, column):
            for line in self.query(SearchLine):
                line.value = ""
                line.search_now()

    def say(self, message: str, error: bool = False) -> None:
        """Show a sentence on the bottom line until the next key press."""
        for line in self.query(KeyLine):  # none while the screen comes or goes
            line.say(message, error)

    def say_error(self, error: ClientError) -> None:
        """Show the sentence of a failed request."""
        self.say(self.host.error_sentence(error), error=True)
        if isinstance(error, SignInNeeded):
            self.host.sign_in()

    def on_screen_resume(self) -> None:
        if self.connection is not None:
            self.release_topics()
            self.on_connected(self.connection)
        # The language or the age of the numbers may be another than when it was last shown.
        if self.is_mounted:
            self.refresh_texts()
        self.refresh_lines()

    def on_descendant_focus(self) -> None:
        self.refresh_lines()

    def on_screen_suspend(self) -> None:
        self.release_topics()

    def refresh_lines(self) -> None:
        """Update the top line and the key line; both draw only what changed."""
        if not self.is_mounted:
            return
        # While the screen is being taken down its lines may be gone already.
        for top in self.query(TopLine):
            top.show_content(self.host.top_line(self.WORD))
        for line in self.query(KeyLine):
            line.show_keys(self._key_entries())

    def _key_entries(self) -> tuple[tuple[str, str, bool], ...]:
        bound_ids = {active.binding.id for active in self.active_bindings.values()}
        actions = [action for action in ACTIONS if action.show and action.id in bound_ids]
        # Help and menus first: where the line is too short for all, they are the way to the rest.
        first = ("app.help", "app.menus")
        actions.sort(
            key=lambda action: first.index(action.id) if action.id in first else 2 + action.id.startswith("app.")
        )
        return tuple(
            (key_name(action.keys), self.label_of(action), self.disabled_reason(action.id) is None)
            for action in actions
        )
