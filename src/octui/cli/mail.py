"""Settings of the mail server (OCTUI_SMTP_HOST and related); without them no mail is sent."""

from typing import TYPE_CHECKING

from octui.cli.failures import WRONG_USE, CommandError
from octui.cli.private_files import read_private
from octui.cli.settings import Settings

if TYPE_CHECKING:
    from octui.server.mail.delivery import MailSettings


def mail_settings(settings: Settings) -> "MailSettings | None":
    """Return the mail server with its password, None when the settings name none. Raises CommandError."""
    if settings.smtp_host is None:
        return None
    from octui.server.mail.delivery import MailSettings

    path, password = settings.smtp_password_file, ""
    if (path is None) != (settings.smtp_user is None):
        raise CommandError("smtp_user and smtp_password_file belong together.", WRONG_USE)
    if path is not None:
        text = read_private(path, "password file of the mail server")
        if text is None:
            raise CommandError(f"password file of the mail server {path}: No such file or directory.")
        password = text.partition("\n")[0].rstrip("\r")
    if settings.smtp_from is None:
        raise CommandError("whom are mails from? smtp_from = octui@… (OCTUI_SMTP_FROM)", WRONG_USE)
    try:
        return MailSettings(
            host=settings.smtp_host,
            sender=settings.smtp_from,
            port=settings.smtp_port,
            starttls=settings.smtp_starttls,
            user=settings.smtp_user or "",
            password=password,
            url=settings.public_url or "",
        )
    except ValueError as error:
        raise CommandError(f"the settings of the mail server: {error}", WRONG_USE) from None
