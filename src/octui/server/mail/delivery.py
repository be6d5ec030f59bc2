"""Mail delivery: a thread sends the mails of the outbox (mail/outbox.py) over SMTP. Nothing waits for it.

The code of an invitation is made at the moment its mail is sent, so it is in that mail and nowhere else: a mail that is
tried again has a new code.
"""

import contextlib
import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from octui.server.core.errors import ProblemError
from octui.server.core.principal import Principal
from octui.server.core.topics import MAIL
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.mail import outbox
from octui.server.mail.letters import Letter
from octui.server.mail.outbox import Due
from octui.text.hosts import is_loopback
from octui.text.safe import safe

_log = logging.getLogger(__name__)

TIMEOUT_S = 20.0
LONGEST_PAUSE_S = 60.0
GRACE_S = 3.0
"""Time that a mail being sent may still take when the server stops."""

_LONGEST_REASON = 200
_WORKER = Principal(None, "", "")


@dataclass(frozen=True)
class Composed:
    """A letter and the name of the person it goes to."""

    name: str
    letter: Letter


Compose = Callable[[Change, Due, str], Composed | None]
"""Composes the letter of a due mail, given the address of the server; None when what it is about is gone."""


@dataclass(frozen=True)
class MailSettings:
    """The mail server and the sender (`octui <octui@acme.example>`). Raises ValueError for wrong settings.

    `url` is the address of the server as people reach it, for the mails; `context` replaces the usual trust in
    certificates.
    """

    host: str
    sender: str
    port: int = 587
    starttls: bool = True
    user: str = ""
    password: str = field(default="", repr=False)
    url: str = ""
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.sender_address()
        if self.user and not self.starttls and not is_loopback(self.host):
            raise ValueError("a password is not sent without TLS: turn STARTTLS on")

    def sender_address(self) -> Address:
        """Return the sender as a header value. Raises ValueError."""
        name, address = parseaddr(self.sender)
        if not self.sender.isprintable():
            raise ValueError("not an e-mail address: it holds control characters")
        return _parse_address(name, address)


class MailWorker:
    """Thread that sends mails, one for each process; several processes share the outbox and send nothing twice."""

    def __init__(self, store: Store, settings: MailSettings, compose: Compose) -> None:
        self._store = store
        self._compose = compose
        self._settings = settings
        self._changed = threading.Condition()
        self._woken = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._smtp: smtplib.SMTP | None = None

    def start(self) -> None:
        """Send the mails that wait, then new ones, until the store is closed."""
        self._store.on_commit(self._wake_for_mail)
        self._store.on_close(self.stop)
        self._thread = threading.Thread(target=self._run, name="octui-mail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread. A mail that is being sent has GRACE_S; then it is aborted, and tried again later."""
        self._stopping = True
        self.wake()
        if self._thread is None:
            return
        self._thread.join(GRACE_S)
        smtp = self._smtp
        if self._thread.is_alive() and smtp is not None and smtp.sock is not None:
            with contextlib.suppress(OSError):
                smtp.sock.shutdown(socket.SHUT_RDWR)
            self._thread.join(GRACE_S)

    def wake(self) -> None:
        """Read the outbox now."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def _wake_for_mail(self, revisions: dict[str, int]) -> None:
        if MAIL in revisions:
            self.wake()

    def _run(self) -> None:
        while not self._stopping:
            pause = LONGEST_PAUSE_S
            try:
                self.deliver_due()
                at = self._store.read(outbox.next_time)
                if at is not None:
                    pause = min(max(0.0, (at - self._store.clock()) / 1000), LONGEST_PAUSE_S)
            except ProblemError as error:
                if not self._stopping:
                    _log.warning("the outbox could not be read: %s", error)
            with self._changed:
                self._changed.wait_for(lambda: self._woken, pause)
                self._woken = False

    def deliver_due(self) -> int:
        """Try every mail that is due; return the number of those that the mail server accepted."""
        accepted = 0
        while not self._stopping and self._is_due():
            try:
                smtp = self._smtp = self._open_smtp()
            except (OSError, smtplib.SMTPException, ValueError) as error:
                self._postpone_due(failure_reason(error))
                break
            try:
                accepted += self._deliver_over(smtp)
            finally:
                self._smtp = None
                _close_smtp(smtp)
        return accepted

    def _is_due(self) -> bool:
        at = self._store.read(outbox.next_time)
        return at is not None and at <= self._store.clock()

    def _postpone_due(self, reason: str) -> None:
        """Without a mail server, try everything that is due later."""
        while not self._stopping:
            due = self._store.write(outbox.claim_due_mail, _WORKER)
            if due is None:
                return
            self._record_failure(due, reason, for_good=False)

    def _deliver_over(self, smtp: smtplib.SMTP) -> int:
        """Send what is due over one connection, until it breaks; return the number of accepted mails."""
        accepted = 0
        while not self._stopping:
            claimed = self._store.write(self._claim_and_compose, _WORKER)
            if claimed is None:
                return accepted
            due, composed = claimed
            if composed is None:
                continue
            try:
                message = self._build_message(due, composed)
                sender = self._settings.sender_address().addr_spec
                smtp.send_message(message, sender, [due.recipient])
            except (OSError, smtplib.SMTPException, ValueError) as error:
                self._record_failure(due, failure_reason(error), for_good=is_permanent_failure(error))
                if smtp.sock is None or not isinstance(error, smtplib.SMTPException | ValueError):
                    return accepted
            else:
                self._store.write(lambda change, due=due: outbox.record_sent(change, due), _WORKER)  # type: ignore[misc]
                accepted += 1
        return accepted

    def _record_failure(self, due: Due, reason: str, *, for_good: bool) -> None:
        _log.warning("mail %d was not delivered: %s", due.id, reason)
        self._store.write(lambda change: outbox.record_failure(change, due, reason, for_good=for_good), _WORKER)

    def _claim_and_compose(self, change: Change) -> tuple[Due, Composed | None] | None:
        """Return the next due mail and its letter, None for the letter of an obsolete mail."""
        due = outbox.claim_due_mail(change)
        if due is None:
            return None
        composed = self._compose(change, due, self._settings.url)
        if composed is None:
            outbox.delete_mail(change, due.about)
        return due, composed

    def _build_message(self, due: Due, composed: Composed) -> EmailMessage:
        """Return the message to send. Raises ValueError for a name or address that breaks its header."""
        sender = self._settings.sender_address()
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = sender
        message["To"] = _parse_address(composed.name, due.recipient)
        message["Subject"] = composed.letter.subject
        message["Date"] = format_datetime(datetime.fromtimestamp(self._store.clock() / 1000, UTC))
        message["Message-ID"] = make_msgid(domain=sender.domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(composed.letter.body, charset="utf-8", cte="base64")
        return message

    def _open_smtp(self) -> smtplib.SMTP:
        """Return a connection to the mail server. Raises OSError, SMTPException."""
        settings = self._settings
        smtp = smtplib.SMTP(settings.host, settings.port, local_hostname=_host_name(), timeout=TIMEOUT_S)
        try:
            if settings.starttls:
                smtp.starttls(context=settings.context or ssl.create_default_context())
            if settings.user:
                smtp.login(settings.user, settings.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def failure_reason(error: Exception) -> str:
    """Return on one line why sending failed, for the list of invitations; the mail server's text is made safe."""
    code: int
    answer: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, answer = error.smtp_code, error.smtp_error
    else:
        code, answer = 0, str(error) or type(error).__name__
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    line = " ".join(f"{code or ''} {text}".split())
    return safe(line, limit=_LONGEST_REASON)


def is_permanent_failure(error: Exception) -> bool:
    """Return whether the mail server has refused this recipient or mail for good.

    Everything else (4xx, no connection, a refused login) can be mended by somebody.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, ValueError)


def _parse_address(name: str, address: str) -> Address:
    """Return one mailbox as a header value. Raises ValueError for anything else."""
    try:
        return Address(display_name=name, addr_spec=address)
    except Exception as error:  # the parser of the standard library raises whatever it stumbles over
        raise ValueError(f"not an e-mail address: {safe(address, limit=100)}") from error


def _close_smtp(smtp: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    smtp.close()


def _host_name() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"
