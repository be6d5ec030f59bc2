"""The account menu, and signing in, in again and out: what concerns the person and no menu."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from rich.text import Text

from octui.client.errors import ClientError
from octui.schema.sessions import PasswordChange, Session
from octui.ui.cti_log import download_cti_log
from octui.ui.dialogs.choice import Choice, Option
from octui.ui.dialogs.form import Form
from octui.ui.dialogs.sessions import SessionsDialog
from octui.ui.dialogs.sign_in import CODE, Accept, SignIn, check_new, password_note
from octui.ui.locale import N_
from octui.ui.menu_screen import MenuScreen
from octui.ui.menus import why_not
from octui.ui.sign_in_port import Door
from octui.ui.widgets.fields import Field

if TYPE_CHECKING:
    from octui.ui.app import OctuiApp

NO_DOOR = N_("this database is your own, nobody signs in")


async def sign_in(app: "OctuiApp", door: Door, *, again: bool) -> bool:
    """Ask until somebody is signed in; False when the dialog was closed. `again`: under the screens of one person."""
    account = app.session.me.account if again and app.session is not None else door.account
    while True:
        answer = await app.push_screen_wait(SignIn(door, account, app.words, again=again))
        if answer is None:
            return False
        if answer != CODE:
            return True
        joined = await app.push_screen_wait(Accept(door, app.words))
        if joined is not None and not again:
            account = joined


async def account_menu(app: "OctuiApp") -> None:
    """My stats, settings, CTI log, password, sessions, sign out."""
    t, session, door = app.words, app.session, app.door
    if session is None or app.signed_out:
        app.sign_in()
        return
    stats, log = why_not("stats", session), why_not("cti_settings", session)
    no_door = t(NO_DOOR) if door is None else None
    options: list[tuple[Option, Callable[[], Awaitable[None]]]] = [
        (Option(t("My stats"), t(stats) if stats else None), lambda: _menu(app, "stats")),
        (Option(t("User settings")), lambda: _menu(app, "settings")),
        (Option(t("CTI log download"), t(log) if log else None), lambda: download_cti_log(app)),
        (Option(t("Change password"), no_door), lambda: _change_password(app)),
        (Option(t("Sessions"), no_door), lambda: _sessions(app)),
        (Option(t("Sign out"), no_door), lambda: _sign_out(app)),
    ]
    heading = f"{session.me.name} ({session.me.account})"
    chosen = await app.push_screen_wait(Choice(heading, [option for option, _ in options]))
    if chosen is not None:
        await options[chosen][1]()


async def _menu(app: "OctuiApp", word: str) -> None:
    await app.switch_mode(word)


async def _change_password(app: "OctuiApp") -> None:
    t, session = app.words, app.session
    if session is None:
        return

    async def send(values: dict[str, str]) -> bool:
        check_new(values, "new", t)
        # The service judges what was typed, so that there is one judge.
        change = PasswordChange.model_construct(old=values["old"], new=values["new"])
        await session.api.change_password(change)
        return True

    fields = [
        Field("old", t("Current password"), secret=True, needed=True),
        Field("new", t("New password"), secret=True, needed=True),
        Field("again", t("Once more"), secret=True),
    ]
    notes = [password_note(t), t("Your other sessions end.")]
    if await app.push_screen_wait(Form(t("Change password"), fields, send, t, notes=notes)):
        _say(app, t("The password is changed; your other sessions have ended."))


async def _sessions(app: "OctuiApp") -> None:
    session = app.session
    if session is None:
        return

    async def fetch() -> list[Session]:
        return (await session.api.sessions()).sessions

    zone = session.known.time_zone if session.known is not None else session.me.organization.time_zone
    await app.push_screen_wait(SessionsDialog(fetch, session.api.revoke_session, app.words, zone))


async def _sign_out(app: "OctuiApp") -> None:
    t, door = app.words, app.door
    question = t("Sign out and leave octui? Unsaved edits are kept for next time.")
    if door is None or await app.push_screen_wait(Choice(question, [Option(t("No")), Option(t("Yes"))])) != 1:
        return
    try:
        app.save_all()
    except OSError as error:
        _say(app, t("Your edits cannot be kept on disk: {reason}", reason=error.strerror or str(error)))
        return
    try:
        await door.sign_out()
    except ClientError as error:
        left = t("Forgotten here, but the service could not be told: the session ends there when unused.")
        app.exit(0, message=Text(f"{left} {app.sentence(error)}"))
    else:
        app.exit(0)


def _say(app: "OctuiApp", message: str) -> None:
    if isinstance(app.screen, MenuScreen):
        app.screen.say(message)
