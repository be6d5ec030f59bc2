"""Sending mail: a thread takes what is in the outbox (store/outbox.py) to the mail server. Nothing waits for it.

The code of an invitation is made in the moment its mail is sent, so it is in that mail and nowhere else: a mail that
is tried again brings a new one.
"""

import contextlib
import ipaddress
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
from octui.server.database.store import Change, Store
from octui.server.mail import outbox
from octui.server.mail.letters import Letter
from octui.server.mail.outbox import Due
from octui.text.safe import safe

_log = logging.getLogger(__name__)

TIMEOUT_S = 20.0
LONGEST_REST_S = 60.0
GRACE_S = 3.0
"""How long a mail on its way may take when the service ends."""

_LONGEST_REASON = 200
_WORKER = Principal(None, "", "")


@dataclass(frozen=True)
class Composed:
    """A letter and the name of the person it goes to."""

    name: str
    letter: Letter


Compose = Callable[[Change, Due, str], Composed | None]
"""Composes the letter of a due mail, given the address of the service; None when what it is about is gone."""


@dataclass(frozen=True)
class MailSettings:
    """The mail server, and who the mails are from (`octui <octui@acme.example>`). `url`: the address of the service as
    people reach it, for the mails. `context`: other than the usual trust in certificates."""

    host: str
    sender: str
    port: int = 587
    starttls: bool = True
    user: str = ""
    password: str = field(default="", repr=False)
    url: str = ""
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError."""
        self.sender_address()
        if self.user and not self.starttls and not _is_here(self.host):
            raise ValueError("a password is not sent without TLS: turn STARTTLS on")

    def sender_address(self) -> Address:
        """The sender as a header has it. Raises ValueError."""
        name, address = parseaddr(self.sender)
        if not self.sender.isprintable():
            raise ValueError("not an e-mail address: it holds control characters")
        return _address(name, address)


class MailWorker:
    """The worker. One for each process; several processes share the outbox without sending anything twice."""

    def __init__(self, store: Store, settings: MailSettings, compose: Compose) -> None:
        self._store = store
        self._compose = compose
        self._settings = settings
        self._changed = threading.Condition()
        self._woken = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._session: smtplib.SMTP | None = None

    def start(self) -> None:
        """Send what waits, then whatever comes, until the store is closed."""
        self._store.on_commit(self._committed)
        self._store.on_close(self.stop)
        self._thread = threading.Thread(target=self._run, name="octui-mail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End: a mail on its way has a moment, then it is broken off and tried again another time."""
        self._stopping = True
        self.wake()
        if self._thread is None:
            return
        self._thread.join(GRACE_S)
        session = self._session
        if self._thread.is_alive() and session is not None and session.sock is not None:
            with contextlib.suppress(OSError):
                session.sock.shutdown(socket.SHUT_RDWR)
            self._thread.join(GRACE_S)

    def wake(self) -> None:
        """Look at the outbox now."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def _committed(self, revisions: dict[str, int]) -> None:
        if MAIL in revisions:
            self.wake()

    def _run(self) -> None:
        while not self._stopping:
            rest = LONGEST_REST_S
            try:
                self.deliver()
                at = self._store.read(outbox.next_time)
                if at is not None:
                    rest = min(max(0.0, (at - self._store.clock()) / 1000), LONGEST_REST_S)
            except ProblemError as error:
                if not self._stopping:
                    _log.warning("the outbox could not be looked at: %s", error)
            with self._changed:
                self._changed.wait_for(lambda: self._woken, rest)
                self._woken = False

    def deliver(self) -> int:
        """Try every mail that is due; the number of those the mail server took over."""
        taken = 0
        while not self._stopping and self._is_due():
            try:
                session = self._session = self._connect()
            except (OSError, smtplib.SMTPException, ValueError) as error:
                self._put_off(failure_reason(error))
                break
            try:
                taken += self._deliver_over(session)
            finally:
                self._session = None
                _close(session)
        return taken

    def _is_due(self) -> bool:
        at = self._store.read(outbox.next_time)
        return at is not None and at <= self._store.clock()

    def _put_off(self, why: str) -> None:
        """No mail server: all that was due is tried later."""
        while not self._stopping:
            due = self._store.write(outbox.claim_due_mail, _WORKER)
            if due is None:
                return
            self._not_sent(due, why, for_good=False)

    def _deliver_over(self, session: smtplib.SMTP) -> int:
        """Send over one connection what is due, until it breaks."""
        taken = 0
        while not self._stopping:
            claimed = self._store.write(self._claim, _WORKER)
            if claimed is None:
                return taken
            due, composed = claimed
            if composed is None:
                continue
            try:
                message = self._message(due, composed)
                sender = self._settings.sender_address().addr_spec
                session.send_message(message, sender, [due.recipient])
            except (OSError, smtplib.SMTPException, ValueError) as error:
                self._not_sent(due, failure_reason(error), for_good=is_permanent_failure(error))
                if session.sock is None or not isinstance(error, smtplib.SMTPException | ValueError):
                    return taken
            else:
                self._store.write(lambda change, due=due: outbox.record_sent(change, due), _WORKER)  # type: ignore[misc]
                taken += 1
        return taken

    def _not_sent(self, due: Due, why: str, *, for_good: bool) -> None:
        _log.warning("mail %d was not delivered: %s", due.id, why)
        self._store.write(lambda change: outbox.record_failure(change, due, why, for_good=for_good), _WORKER)

    def _claim(self, change: Change) -> tuple[Due, Composed | None] | None:
        """The next mail that is due, composed. None composed: what it was about is gone, and the mail is deleted."""
        due = outbox.claim_due_mail(change)
        if due is None:
            return None
        composed = self._compose(change, due, self._settings.url)
        if composed is None:
            outbox.delete_mail(change, due.about)
        return due, composed

    def _message(self, due: Due, composed: Composed) -> EmailMessage:
        """Raises ValueError where a name or an address would break out of its header."""
        sender = self._settings.sender_address()
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = sender
        message["To"] = _address(composed.name, due.recipient)
        message["Subject"] = composed.letter.subject
        message["Date"] = format_datetime(datetime.fromtimestamp(self._store.clock() / 1000, UTC))
        message["Message-ID"] = make_msgid(domain=sender.domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(composed.letter.body, charset="utf-8", cte="base64")
        return message

    def _connect(self) -> smtplib.SMTP:
        """A session with the mail server. Raises OSError, SMTPException."""
        settings = self._settings
        session = smtplib.SMTP(settings.host, settings.port, local_hostname=_own_name(), timeout=TIMEOUT_S)
        try:
            if settings.starttls:
                session.starttls(context=settings.context or ssl.create_default_context())
            if settings.user:
                session.login(settings.user, settings.password)
        except BaseException:
            session.close()
            raise
        return session


def failure_reason(error: Exception) -> str:
    """What went wrong, on one line, for the list of invitations: what a mail server says is text from outside."""
    code: int
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        code, said = 0, str(error) or type(error).__name__
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    line = " ".join(f"{code or ''} {text}".split())
    return safe(line, limit=_LONGEST_REASON)


def is_permanent_failure(error: Exception) -> bool:
    """Whether trying again is of no use: the server will never take this recipient or this mail, or it is no address.
    Everything else (4xx, no connection, a refused login) may be mended by somebody."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, ValueError)


def _address(name: str, address: str) -> Address:
    """One mailbox as a header has it; raises ValueError for anything else."""
    try:
        return Address(display_name=name, addr_spec=address)
    except Exception as error:  # the parser of the standard library raises whatever it stumbles over
        raise ValueError(f"not an e-mail address: {safe(address, limit=100)}") from error


def _close(session: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        session.quit()
    session.close()


def _own_name() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
