"""The account menu, sign-in and sign-out."""

from collections.abc import Awaitable, Callable

from rich.text import Text

from octui.client.errors import ClientError
from octui.schema.sessions import PasswordChange, Session
from octui.text.glyphs import GlyphLevel
from octui.ui.cti_log_download import download_cti_log
from octui.ui.dialogs.choice import Choice, Option, confirm
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.sessions import SessionsDialog
from octui.ui.dialogs.sign_in import CODE, Accept, SignIn, check_repeated, password_note
from octui.ui.host import Host
from octui.ui.locale import N_
from octui.ui.menus import why_not
from octui.ui.roles import ColorSet
from octui.ui.sign_in_port import SignInPort
from octui.ui.widgets.fields import Field

COLOR_LABELS = {
    ColorSet.DARK: N_("Dark"),
    ColorSet.LIGHT: N_("Light"),
    ColorSet.CONTRAST: N_("High contrast"),
    ColorSet.TERMINAL: N_("The terminal's 16 colors"),
    ColorSet.NONE: N_("Without color"),
}
GLYPH_LABELS = {
    GlyphLevel.FULL: N_("All signs"),
    GlyphLevel.NARROW: N_("Signs of one width everywhere"),
    GlyphLevel.ASCII: N_("ASCII signs"),
}
NOBODY_SIGNS_IN = N_("this database is your own, nobody signs in")


async def sign_in(host: Host, port: SignInPort, *, again: bool) -> bool:
    """Show the sign-in dialog until somebody is signed in; return False if the dialog was closed.

    `again`: the session of the person whose screens are open has ended, and only that person may sign in.
    """
    account = host.connection.me.account if again and host.connection is not None else port.account
    while True:
        answer = await host.push_screen_wait(SignIn(port, account, host.words, again=again))
        if answer is None:
            return False
        if answer != CODE:
            return True
        joined = await host.push_screen_wait(Accept(port, host.words))
        if joined is not None and not again:
            account = joined


async def account_menu(host: Host) -> None:
    """Show the account menu: My stats, settings, colors, level of signs, CTI log, password, sessions, sign out."""
    t, connection, port = host.words, host.connection, host.sign_in_port
    if connection is None or host.signed_out:
        host.sign_in()
        return
    stats, log = why_not("stats", connection), why_not("cti_settings", connection)
    no_sign_in = t(NOBODY_SIGNS_IN) if port is None else None
    options: list[Option[Callable[[], Awaitable[None]]]] = [
        Option(lambda: host.open_menu("stats"), t("My stats"), t(stats) if stats else None),
        Option(lambda: host.open_menu("settings"), t("User settings")),
        Option(lambda: download_cti_log(host), t("CTI log download"), t(log) if log else None),
        Option(lambda: _choose_colors(host), t("Colors")),
        Option(lambda: _choose_glyphs(host), t("Signs")),
        Option(lambda: _change_password(host), t("Change password"), no_sign_in),
        Option(lambda: _show_sessions(host), t("Sessions"), no_sign_in),
        Option(lambda: _sign_out(host), t("Sign out"), no_sign_in),
    ]
    run = await host.push_screen_wait(Choice(f"{connection.me.name} ({connection.me.account})", options))
    if run is not None:
        await run()


async def _choose_colors(host: Host) -> None:
    t = host.words
    options = [Option(colors, t(label)) for colors, label in COLOR_LABELS.items()]
    colors = await host.push_screen_wait(Choice(t("Colors"), options, ColorSet(host.theme)))
    if colors is not None:
        host.choose_colors(colors)


async def _choose_glyphs(host: Host) -> None:
    t = host.words
    options: list[Option[str]] = [Option("auto", t("As the terminal answers at the start"))]
    options += [Option(level.value, t(label)) for level, label in GLYPH_LABELS.items()]
    chosen = await host.push_screen_wait(Choice(t("Signs"), options, host.glyph_level.value))
    if chosen is not None:
        host.choose_glyphs(None if chosen == "auto" else GlyphLevel(chosen))


async def _change_password(host: Host) -> None:
    t, connection = host.words, host.connection
    if connection is None:
        return

    async def send_change(values: dict[str, str]) -> bool:
        check_repeated(values, "new", t)
        # The service judges what was typed, so that there is one judge.
        change = PasswordChange.model_construct(old=values["old"], new=values["new"])
        await connection.api.change_password(change)
        return True

    fields = [
        Field("old", t("Current password"), secret=True, needed=True),
        Field("new", t("New password"), secret=True, needed=True),
        Field("again", t("Once more"), secret=True),
    ]
    notes = [password_note(t), t("Your other sessions end.")]
    if await host.push_screen_wait(Form(t("Change password"), fields, send_change, t, notes=notes)):
        host.show_message(t("The password is changed; your other sessions have ended."))


async def _show_sessions(host: Host) -> None:
    connection = host.connection
    if connection is None:
        return

    async def fetch_sessions() -> list[Session]:
        return (await connection.api.sessions()).sessions

    zone = (connection.known_service or connection.me.organization).time_zone
    await host.push_screen_wait(SessionsDialog(fetch_sessions, connection.api.revoke_session, host.words, zone))


async def _sign_out(host: Host) -> None:
    t, port = host.words, host.sign_in_port
    question = t("Sign out and leave octui? Unsaved edits are kept for next time.")
    if port is None or not await confirm(host, question):
        return
    try:
        host.save_all()
    except OSError as error:
        host.show_message(t("Your edits cannot be kept on disk: {reason}", reason=error.strerror or str(error)))
        return
    try:
        await port.sign_out()
    except ClientError as error:
        left = t("Forgotten here, but the service could not be told: the session ends there when unused.")
        host.exit(0, message=Text(f"{left} {host.error_sentence(error)}"))
    else:
        host.exit(0)
