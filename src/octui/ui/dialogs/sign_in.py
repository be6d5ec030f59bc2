"""Dialogs for signing in and for setting the first password with an invitation code."""

from octui.client.errors import Refused, SignInNeeded
from octui.schema.problems import FieldCode
from octui.ui.actions import bindings
from octui.ui.dialogs.dialog import CLOSE
from octui.ui.dialogs.form import Form, Wrong
from octui.ui.locale import N_, Words
from octui.ui.sign_in_port import SignInPort
from octui.ui.widgets.fields import Field

CODE = "\x00code"
"""Result of `SignIn` for a person who has an invitation code instead of a password."""
LEAST_PASSWORD = 15
"""As the service says too (security.md R15): told before anything is typed."""


class SignIn(Form[str]):
    """A form for account and password. Returns the account, `CODE` for the invitation form, or None when closed."""

    BINDINGS = bindings("sign_in.code")
    KEYS = (("Enter", N_("Next")), ("^S", N_("Sign in")), ("F7", N_("Invitation code")), ("^Q", N_("Quit")), CLOSE)

    def __init__(self, port: SignInPort, account: str, t: Words, *, again: bool) -> None:
        """Create the form; with `again`, the session of `account` has ended and only that person may sign in."""

        async def send_credentials(values: dict[str, str]) -> str:
            typed_account = values.get("account", account).strip()
            try:
                await port.sign_in(typed_account, values["password"])
            except SignInNeeded:
                raise Wrong({"password": t("Account or password is not right.")}) from None
            return typed_account

        notes = [port.address]
        if again:
            notes.append(t("The session has ended. Nothing is lost: sign in and go on."))
        fields = [
            Field("account", t("Account"), account, fixed=again, needed=not again),
            Field("password", t("Password"), secret=True, needed=True),
        ]
        super().__init__(t("Sign in"), fields, send_credentials, t, notes=notes)

    def action_code(self) -> None:
        """Switch to the form for an invitation code."""
        self.dismiss(CODE)


class Accept(Form[str]):
    """A form for an invitation code and a password. Returns the account, or None when it was closed."""

    def __init__(self, port: SignInPort, t: Words) -> None:
        async def send_password(values: dict[str, str]) -> str:
            check_repeated(values, "password", t)
            try:
                return await port.accept(values["code"].strip(), values["password"])
            except Refused as error:
                code = error.field_errors.get("code")
                if code is None or code.code != FieldCode.WRONG:
                    raise
                raise Wrong({"code": t("is not valid, or not any more")}) from None

        fields = [
            Field("code", t("Invitation code"), needed=True),
            Field("password", t("New password"), secret=True, needed=True),
            Field("again", t("Once more"), secret=True),
        ]
        super().__init__(t("Invitation"), fields, send_password, t, notes=[password_note(t)])


def password_note(t: Words) -> str:
    """Return the rules for a new password as a sentence."""
    return t("At least {count} characters; a sentence is a good password.", count=LEAST_PASSWORD)


def check_repeated(values: dict[str, str], new: str, t: Words) -> None:
    """Raise Wrong unless the fields `new` and `again` hold the same password."""
    if values[new] != values["again"]:
        raise Wrong({"again": t("is not the same as the line above")})
