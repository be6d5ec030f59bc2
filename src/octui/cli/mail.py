"""The mail server of the settings: OCTUI_SMTP_HOST and what belongs to it. Without one, no mail is sent."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from octui.cli.failures import WRONG_USE, CommandError
from octui.cli.private_files import read_private
from octui.cli.settings import Config

if TYPE_CHECKING:
    from octui.server.database.store import Store
    from octui.server.mail.delivery import MailSettings, MailWorker

PostFor = Callable[["Store"], "MailWorker"]
"""Makes the worker that sends the mails of a store, and starts it."""


def post_for(config: Config) -> PostFor | None:
    """What sends the mails of these settings; None: they name no mail server. Raises CommandError."""
    if config.smtp_host is None:
        return None
    settings = mail_settings(config)

    def start(store: "Store") -> "MailWorker":
        from octui.server.mail.delivery import MailWorker
        from octui.server.members.invitation_mail import compose_invitation

        post = MailWorker(store, settings, compose_invitation)
        post.start()
        return post

    return start


def mail_settings(config: Config) -> "MailSettings":
    """The mail server with its password, which is read from a file of one's own. Raises CommandError."""
    from octui.server.mail.delivery import MailSettings

    path, password = config.smtp_password_file, ""
    if (path is None) != (config.smtp_user is None):
        raise CommandError("smtp_user and smtp_password_file belong together.", WRONG_USE)
    if path is not None:
        text = read_private(path, "password file of the mail server")
        if text is None:
            raise CommandError(f"password file of the mail server {path}: No such file or directory.")
        password = text.partition("\n")[0].rstrip("\r")
    if config.smtp_from is None:
        raise CommandError("whom are mails from? smtp_from = octui@… (OCTUI_SMTP_FROM)", WRONG_USE)
    try:
        return MailSettings(
            host=config.smtp_host or "",
            sender=config.smtp_from,
            port=config.smtp_port,
            starttls=config.smtp_starttls,
            user=config.smtp_user or "",
            password=password,
            url=config.public_url or "",
        )
    except ValueError as error:
        raise CommandError(f"the settings of the mail server: {error}", WRONG_USE) from None
