"""The app: one person's screens over one connection to a server, without global state."""

import asyncio
import importlib
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.screen import Screen

from octui.client.backoff import full_jitter
from octui.client.errors import ClientError, SignInNeeded
from octui.client.feed import Health
from octui.schema.items import ServiceState
from octui.schema.live import ME
from octui.schema.organization import Me
from octui.state.clock import ServerClock, elapsed_seconds
from octui.state.freshness import Freshness, Judgement, Level
from octui.text.glyphs import GlyphLevel
from octui.text.width import fit_text
from octui.ui.actions import ACTIONS, bindings
from octui.ui.connection import Connect, Connection
from octui.ui.copying import Copying
from octui.ui.crash import Crash
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.report import Report
from octui.ui.locale import LANGUAGES, Words
from octui.ui.menu_screen import MenuScreen
from octui.ui.menus import MENUS, Menu, home_of, menus_of, why_not
from octui.ui.sentences import error_sentence, health_sentence
from octui.ui.sign_in_port import SignInPort
from octui.ui.styles import STYLES
from octui.ui.themes import Themed
from octui.ui.widgets.key_line import key_name
from octui.ui.widgets.top_line import Top, TopMenu
from octui.ui.wire import Wire

if TYPE_CHECKING:
    from octui.ui.widgets.columns import Key


def _screen_factory(menu: Menu) -> Callable[[], Screen[None]]:
    """Return a function that makes the menu's screen and imports its module only then."""

    def make_screen() -> Screen[None]:
        module, _, name = menu.screen.partition(":")
        screen: type[Screen[None]] = getattr(importlib.import_module(f"octui.ui.screens.{module}"), name)
        return screen()

    return make_screen


class OctuiApp(Copying[int], Themed[int], Wire[int], Crash[int]):
    """Textual app with octui's screens.

    `connect` is called after the first paint; `start` is the menu shown until then.

    `sign_in_port`: how somebody signs in, where that is needed; the dialogs for it come by themselves.
    """

    MODES: ClassVar[dict[str, Callable[[], Screen[None]]]] = {  # type: ignore[assignment]
        menu.word: _screen_factory(menu) for menu in MENUS
    }
    # Started on the screen that is shown: Textual's own empty one would cost a layout and two readings of the styles.
    DEFAULT_MODE = "stats"
    CSS_PATH = STYLES
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        *bindings("app.help", "app.menus", "app.account", "app.quit", "app.redraw"),
        *((str((i + 1) % 10), f"menu({i})", "") for i in range(min(len(MENUS), 10))),
    ]

    def __init__(
        self,
        connect: Connect,
        language: str = "ko",
        start: str | None = None,
        clock: Callable[[], float] = elapsed_seconds,
        *,
        at_once: bool = False,
        sign_in_port: SignInPort | None = None,
        clipboard: bool = True,
        **looks: Any,
    ) -> None:
        """Create the app; `at_once` connects while the first picture is drawn. `clipboard`: see `Copying`.

        `looks` are the options of `Themed`.
        """
        super().__init__(clipboard=clipboard, **looks)
        self._at_once = at_once
        self.animation_level = "none"
        self._connect = connect
        self._start = start
        self.words = Words(language)
        self.connection: Connection | None = None
        self.sign_in_port = sign_in_port
        self.signed_out = False
        """The service does not accept the session any more, and nobody has signed in since."""
        self._signing_in = False
        self.clock = ServerClock(clock)
        self._freshness = Freshness(clock)
        self._judgement = Judgement(Level.LATE, None)
        self._trouble: ClientError | None = None
        self._savers: list[Callable[[], None]] = []
        self._leaving = False

    # --- connection -----------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.switch_mode(self._start or "stats")
        self.set_interval(1.0, self._on_second)
        if self._at_once:
            self._connect_now()
        else:
            self.call_after_refresh(self._connect_now)

    @work(exclusive=True, group="connect", exit_on_error=False)
    async def _connect_now(self) -> None:
        """Connect to the server, trying again until that succeeds."""
        attempt = 0
        while self.connection is None:
            try:
                connection = await self._connect()
            except ClientError as error:
                self._trouble = error
                self._refresh_lines()
                if isinstance(error, SignInNeeded) and self.sign_in_port is not None:
                    self.sign_in()
                    return
                attempt += 1
                await asyncio.sleep(full_jitter(attempt, random.random))
                continue
            self._use_connection(connection)

    def _use_connection(self, connection: Connection) -> None:
        self.connection, self._trouble = connection, None
        if connection.me.language in LANGUAGES and connection.me.language != self.words.language:
            self.set_language(connection.me.language)
        self.run_worker(connection.feed.run(), group="feed", exclusive=True, exit_on_error=False)
        connection.feed.lease(ME, self._on_me_changed)
        menu = self._start if self._start and why_not(self._start, connection) is None else home_of(connection)
        if menu != self.current_mode:
            self.switch_mode(menu)
        elif (screen := self._menu_screen) is not None:
            screen.release_topics()
            screen.on_connected(connection)
            why = why_not(menu, connection)
            if why is not None:
                screen.say(self.words(why), error=True)
        self._refresh_lines()

    def _on_me_changed(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        """Apply a change of the signed-in person's name, language or rights (rules.md 14, 32)."""
        connection = self.connection
        if body is None or connection is None:
            return
        connection.me = Me.model_validate(body)
        if not connection.service and connection.me.known_services:
            known = connection.me.known_services
            connection.service = next(
                (service for service in known if service.state is ServiceState.IN_USE), known[0]
            ).service
        if connection.me.language in LANGUAGES and connection.me.language != self.words.language:
            self.set_language(connection.me.language)
        if why_not(self.current_mode, connection) is not None and self.current_mode != home_of(connection):
            self._turn_away(home_of(connection))
        self._refresh_lines()

    @work(group="menus")
    async def _turn_away(self, menu: str) -> None:
        await self.switch_mode(menu)
        self._show_error(self.words("Your rights have changed."))

    def sign_in(self) -> None:
        """Show the sign-in dialog; the screens behind it keep their place and their edits."""
        if self.sign_in_port is not None and not self._signing_in:
            self._signing_in = True
            self._sign_in(self.sign_in_port)

    @work(group="port", exit_on_error=False)
    async def _sign_in(self, port: SignInPort) -> None:
        from octui.ui.account import sign_in

        try:
            self.signed_out = not await sign_in(self, port, again=self.connection is not None)
        finally:
            self._signing_in = False
        if self.signed_out:
            self._show_error(self.words("You are not signed in: ^O signs in, ^Q leaves."))
        elif self.connection is None:
            self._connect_now()
        else:
            self.connection.feed.restart()

    def set_language(self, language: str) -> None:
        """Change the language of every screen at once (rules.md 32)."""
        self.words = Words(language)
        self._refresh_texts()

    def choose_glyphs(self, level: GlyphLevel | None) -> None:
        """Draw every text again, at another level of signs."""
        super().choose_glyphs(level)
        self._refresh_texts()
        for screen in self._menu_screens():
            screen.refresh(layout=True)
            for widget in screen.query("*"):
                widget.refresh()

    def _refresh_texts(self) -> None:
        for screen in self._menu_screens():
            screen.refresh_texts()
        self._refresh_lines()

    # --- what the two lines say -----------------------------------------------------------------------------

    @property
    def stale(self) -> bool:
        """Whether the figures on screen may be outdated; outdated ones are dimmed and their age is shown."""
        return self._judgement.level >= Level.STALE

    def top_line(self, word: str) -> Top:
        """Return the content of the top line for a menu."""
        connection = self.connection
        if connection is None:
            text = error_sentence(self._trouble, self.words) if self._trouble else self.words("starting...")
            if isinstance(self._trouble, SignInNeeded) and self.sign_in_port is not None:
                text = self.words("not signed in")
            return Top(place="", health="lost" if self._trouble else "starting", health_text=text)
        known = connection.known_service
        place = connection.me.organization.name + (f" / {known.service_name}" if known else "")
        return Top(
            place=place,
            menus=tuple(
                TopMenu((i + 1) % 10, self.words(menu.label), self.words(menu.short), menu.word == word)
                for i, menu in enumerate(menus_of(connection)[:10])
            ),
            health=self._judgement.level.name.lower(),
            health_text=health_sentence(self._judgement, self.words),
            person=connection.me.nickname or connection.me.name,
        )

    def error_sentence(self, error: ClientError) -> str:
        """Return an error as a sentence in the user's language."""
        return error_sentence(error, self.words)

    def on_health(self, health: Health) -> None:
        """Handle a change of the feed's health, and ask for a sign-in if the session has ended."""
        self._freshness.set_health(health.last_success, health.failing_since, health.gap)
        self._judge_freshness()
        if isinstance(health.error, SignInNeeded):
            self.sign_in()

    def now_ms(self) -> int:
        """Return the server time (epoch ms); this machine's time before the first answer."""
        now = self.clock.now_ms()
        return now if now is not None else time.time_ns() // 1_000_000

    def _judge_freshness(self) -> None:
        before, self._judgement = self._judgement, self._freshness.judge()
        if self._judgement.refresh_wanted and self.connection is not None:
            self.connection.feed.nudge()
        if (before.level >= Level.STALE) != self.stale and (screen := self._menu_screen) is not None:
            screen.refresh_texts()

    def _on_second(self) -> None:
        if self.connection is not None:
            self._judge_freshness()
        if (screen := self._menu_screen) is not None:
            screen.on_tick()
        self._refresh_lines()

    def _refresh_lines(self) -> None:
        if (screen := self._menu_screen) is not None:
            screen.refresh_lines()

    def _show_error(self, message: str) -> None:
        if (screen := self._menu_screen) is not None:
            screen.say(message, error=True)

    @property
    def _menu_screen(self) -> MenuScreen | None:
        """The screen of the open menu; None under a dialog or while the app shuts down."""
        stack = self._screen_stacks.get(self.current_mode)
        return stack[-1] if stack and isinstance(stack[-1], MenuScreen) else None

    def _menu_screens(self) -> list[MenuScreen]:
        stacks = [stack for stack in self._screen_stacks.values() if stack]
        return [screen for stack in stacks for screen in stack if isinstance(screen, MenuScreen)]

    # --- actions --------------------------------------------------------------------------------------------

    async def open_menu(self, word: str, key: "Key | None" = None, column: str | None = None) -> None:
        """Go to a menu; `key` and `column` name a cell of its table to go to once it is loaded."""
        await self.switch_mode(word)
        screen = self._menu_screen
        if screen is not None and key is not None:
            # After the screen has been resumed: only then it knows what was searched last time.
            screen.call_later(screen.show_row, key, column)

    def action_menu(self, at: int) -> None:
        """Go to the menu with this number."""
        if self.connection is not None:
            menus = menus_of(self.connection)
            if at < len(menus):
                self.switch_mode(menus[at].word)

    @work(exclusive=True, group="menus")
    async def action_menus(self) -> None:
        """Show the list of menus and go to the chosen one."""
        if self.connection is None:
            return
        options = [Option(menu.word, self.words(menu.label)) for menu in menus_of(self.connection)]
        word = await self.push_screen_wait(Choice(self.words("Menus"), options, self.current_mode))
        if word is not None:
            self.switch_mode(word)

    @work(exclusive=True, group="menus")
    async def action_account(self) -> None:
        """Show the account menu."""
        from octui.ui.account import account_menu

        await account_menu(self)

    def action_help(self) -> None:
        """Show what every key of this screen does."""
        t = self.words
        bound_ids = {active.binding.id for active in self.screen.active_bindings.values()}
        lines = [
            f" {fit_text(key_name(action.keys), 9)} {fit_text(t(action.label), 14)} {t(action.tooltip)}"
            for action in ACTIONS
            if action.id in bound_ids
        ]
        self.push_screen(Report(["", " " + t("Keys of this screen"), ""], lines))

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        self.repaint()

    def save_on_exit(self, save: Callable[[], None]) -> None:
        """Register a function that saves edits when the terminal closes or the app ends."""
        self._savers.append(save)

    def save_all(self) -> None:
        """Save every unsaved edit on disk, quickly, since the handler of SIGHUP calls this too.

        Raises OSError when some could not be saved; the others are.
        """
        failed: OSError | None = None
        for save in self._savers:
            try:
                save()
            except OSError as error:
                failed = error
        if failed is not None:
            raise failed

    def action_leave(self) -> None:
        """Save unsaved edits and end the app; if saving fails, end only at the second call."""
        try:
            self.save_all()
        except OSError as error:
            if not self._leaving:
                self._leaving = True
                if isinstance(self.screen, MenuScreen):
                    t, reason = self.words, error.strerror or str(error)
                    text = t("Unsaved edits cannot be kept: {reason}. ^Q again leaves without.", reason=reason)
                    self.screen.say(text, error=True)
                return
        self.exit(0)
