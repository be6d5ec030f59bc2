"""Invitations by mail, against a real mail server in this process, on both engines."""

import email
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI
from sqlalchemy import select, update

from octui.server.app import create_app
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.mail import rules
from octui.server.mail.delivery import MailSettings, MailWorker, failure_reason, is_permanent_failure
from octui.server.members.invitation_mail import compose_invitation
from octui.server.members.invitation_store import VALID_MS
from server.clients import local_client
from server.conftest import NOW, Center, Clock
from server.test_members import NEW, accept_invitation, invite_person, sign_in

SENDER = "Acme 고객센터 <octui@acme.example>"
HOUR = 3_600_000


class Box:
    """Mailbox of the SMTP server. `answers`: its replies to RCPT (by recipient) and to DATA, if not yes."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.refuses: dict[str, str] = {}
        self.after_data = ""
        self.came = threading.Event()

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.after_data:
            return self.after_data
        content = envelope.content
        assert isinstance(content, bytes)
        assert envelope.mail_from is not None
        message = email.message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, message))
        self.came.set()
        return "250 taken"


@pytest.fixture
def box() -> Box:
    return Box()


def start_smtp_server(box: Box, port: int = 0, **more: Any) -> Controller:
    controller = Controller(box, hostname="127.0.0.1", port=port or _free_port(), **more)
    controller.start()
    return controller


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@pytest.fixture
def smtp(box: Box) -> Iterator[Controller]:
    controller = start_smtp_server(box)
    yield controller
    controller.stop()


def mail_settings(port: int, **more: Any) -> MailSettings:
    return MailSettings("127.0.0.1", SENDER, port, **{"starttls": False, **more})


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store)


def make_worker(app: FastAPI, store: Store, port: int, **more: Any) -> MailWorker:
    app.state.mail_worker = MailWorker(store, mail_settings(port, **more), compose_invitation)
    found: MailWorker = app.state.mail_worker
    return found


async def only_invitation(app: FastAPI) -> dict[str, Any]:
    """The one open invitation."""
    async with local_client(app, "admin") as admin:
        (found,) = (await admin.get("/invitations")).json()["invitations"]
    return dict(found)


def body_text(message: EmailMessage) -> str:
    text: str = message.get_content()
    return text.replace("\r\n", "\n")


def invitation_code(message: EmailMessage) -> str:
    found = re.search(r"octui accept (?:--url \S+ )?([0-9A-Z-]{34})$", body_text(message), re.MULTILINE)
    assert found is not None, body_text(message)
    return found[1]


async def test_mail_contains_the_code_to_join_with(
    app: FastAPI, store: Store, box: Box, smtp: Controller, clock: Clock
) -> None:
    worker = make_worker(app, store, smtp.port, url="https://octui.acme.example")
    async with local_client(app, "admin") as admin:
        said = await invite_person(admin)
        assert (said["code"], said["mail"], said["expires"]) == (None, "waiting", None)
        held = (await admin.get("/invitations")).headers["etag"]
        assert worker.deliver_due() == 1
        assert (await admin.get("/invitations", headers={"If-None-Match": held})).status_code == 200
    found = await only_invitation(app)
    assert (found["mail"], found["mail_tries"], found["mail_error"], found["expires"]) == (
        "sent",
        1,
        "",
        NOW + VALID_MS,
    )
    ((sender, recipients, message),) = box.mails
    assert (sender, recipients) == ("octui@acme.example", ["mina@acme.example"])
    assert str(message["To"]) == "이미나 <mina@acme.example>"
    assert str(message["From"]) == SENDER
    assert str(message["Subject"]) == "Acme 고객센터: octui への招待"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == datetime.fromtimestamp(NOW / 1000, UTC)
    assert message["Message-ID"].endswith("@acme.example>")
    assert message.get_content_type() == "text/plain"
    text = body_text(message)
    assert "관리자 様から組織「Acme 고객센터」に招待されました。(ID: mina)" in text
    assert "octui accept --url https://octui.acme.example " in text
    assert (await accept_invitation(app, invitation_code(message))).status_code == 200
    assert (await sign_in(app)).status_code == 201
    assert worker.deliver_due() == 0
    assert store.read(lambda connection: connection.execute(select(tables.mail)).all()) == []


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("ko", "Acme 고객센터: octui 초대", "관리자 님이 Acme 고객센터 조직에 초대했습니다."),
        ("en", "Acme 고객센터: invitation to octui", "관리자 invites you to the organization Acme 고객센터."),
    ],
)
async def test_mail_is_in_the_language_of_its_reader(
    app: FastAPI, store: Store, box: Box, smtp: Controller, language: str, subject: str, words: str
) -> None:
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        await invite_person(admin, language=language)
    worker.deliver_due()
    message = box.mails[0][2]
    assert message["Subject"] == subject
    assert words in body_text(message)
    assert f"    octui accept {invitation_code(message)}\n" in body_text(message)


async def test_new_mail_wakes_the_worker_and_delays_nothing(
    app: FastAPI, store: Store, box: Box, smtp: Controller
) -> None:
    worker = make_worker(app, store, smtp.port)
    worker.start()
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
        assert box.came.wait(10)
        box.came.clear()
        await invite_person(admin, account="second", email="second@acme.example")
        assert box.came.wait(10)
    worker.stop()
    assert [mail[1] for mail in box.mails] == [["mina@acme.example"], ["second@acme.example"]]


async def test_refused_recipient_is_shown_and_can_be_corrected(
    app: FastAPI, store: Store, box: Box, smtp: Controller, clock: Clock
) -> None:
    box.refuses["mina@acme.example"] = "550 5.1.1 no \x1b[31msuch user here"
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        said = await invite_person(admin)
        await invite_person(admin, account="second", email="second@acme.example")
        assert worker.deliver_due() == 1  # the other one is not held up
        found = next(one for one in (await admin.get("/invitations")).json()["invitations"] if one["account"] == "mina")
        assert (found["mail"], found["mail_tries"], found["mail_next"]) == ("failed", 1, None)
        assert found["mail_error"].startswith("550 5.1.1 no ")
        assert "\x1b" not in found["mail_error"]
        clock.now += 24 * HOUR
        assert worker.deliver_due() == 0
        box.refuses.clear()
        again = (await admin.post(f"/invitations/{said['id']}/resend")).json()
        assert (again["mail"], again["mail_tries"], again["mail_error"], again["code"]) == ("waiting", 0, "", None)
        assert worker.deliver_due() == 1
    assert (await accept_invitation(app, invitation_code(box.mails[-1][2]))).status_code == 200


@pytest.mark.parametrize("answer", ["451 later", "421 too busy"])
async def test_temporarily_refused_mail_is_retried(
    app: FastAPI, store: Store, box: Box, smtp: Controller, clock: Clock, answer: str
) -> None:
    box.refuses["mina@acme.example"] = answer
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
    assert worker.deliver_due() == 0
    found = await only_invitation(app)
    assert (found["mail"], found["mail_tries"], found["mail_next"]) == ("waiting", 1, NOW + 60_000)
    assert found["mail_error"].startswith(answer)
    clock.now += 59_999
    assert worker.deliver_due() == 0
    assert (await only_invitation(app))["mail_tries"] == 1
    box.refuses.clear()
    clock.now += 1
    assert worker.deliver_due() == 1
    assert (await only_invitation(app))["mail"] == "sent"


async def test_mail_refused_after_its_text_is_given_up(app: FastAPI, store: Store, box: Box, smtp: Controller) -> None:
    box.after_data = "554 we take no invitations"
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
    worker.deliver_due()
    found = await only_invitation(app)
    assert (found["mail"], found["mail_error"]) == ("failed", "554 we take no invitations")


async def test_mail_is_sent_when_the_server_is_back(app: FastAPI, store: Store, box: Box, clock: Clock) -> None:
    port = _free_port()
    worker = make_worker(app, store, port)
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
        await invite_person(admin, account="second", email="second@acme.example")
    assert worker.deliver_due() == 0
    async with local_client(app, "admin") as admin:
        waiting = (await admin.get("/invitations")).json()["invitations"]
    assert {(one["mail"], one["mail_tries"], one["mail_next"]) for one in waiting} == {("waiting", 1, NOW + 60_000)}
    assert all("refused" in one["mail_error"].lower() and one["expires"] is None for one in waiting)
    smtp = start_smtp_server(box, port)
    try:
        clock.now += 60_000
        assert worker.deliver_due() == 2
    finally:
        smtp.stop()
    codes = {invitation_code(message) for _, _, message in box.mails}
    assert len(codes) == 2
    clock.now += VALID_MS - 1
    for code in codes:
        assert (await accept_invitation(app, code)).status_code == 200


async def test_mail_is_given_up_after_three_days(app: FastAPI, store: Store, clock: Clock) -> None:
    worker = make_worker(app, store, _free_port())
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
    pauses = []
    for _ in range(200):
        worker.deliver_due()
        found = await only_invitation(app)
        if found["mail"] == "failed":
            break
        pauses.append(found["mail_next"] - clock.now)
        clock.now = found["mail_next"]
    assert found["mail"] == "failed"
    assert found["mail_error"]
    assert pauses[:8] == [60_000 << at for at in range(6)] + [HOUR, HOUR]
    assert clock.now - NOW >= rules.GIVEN_UP_AFTER_MS
    assert clock.now - NOW < rules.GIVEN_UP_AFTER_MS + HOUR


async def test_newer_mail_voids_the_older_code(app: FastAPI, store: Store, box: Box, smtp: Controller) -> None:
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        said = await invite_person(admin)
        worker.deliver_due()
        await admin.post(f"/invitations/{said['id']}/resend")
        older = invitation_code(box.mails[0][2])
        assert (await accept_invitation(app, older)).status_code == 422
        worker.deliver_due()
        assert (await accept_invitation(app, older)).status_code == 422
    assert (await accept_invitation(app, invitation_code(box.mails[1][2]))).status_code == 200


async def test_mail_of_a_revoked_invitation_is_not_sent(app: FastAPI, store: Store, box: Box, smtp: Controller) -> None:
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        said = await invite_person(admin)
        await admin.delete(f"/invitations/{said['id']}")
    assert worker.deliver_due() == 0
    assert box.mails == []


async def test_mail_of_a_killed_worker_is_sent_by_the_next(
    app: FastAPI, store: Store, box: Box, smtp: Controller, clock: Clock
) -> None:
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
    assert store.write(worker._claim_and_compose, Principal(None, "", "")) is not None
    assert worker.deliver_due() == 0  # taken by the one that was killed
    clock.now += rules.LEASE_MS
    assert worker.deliver_due() == 1


async def test_two_workers_send_a_mail_once(app: FastAPI, store: Store, box: Box, smtp: Controller) -> None:
    workers = [make_worker(app, store, smtp.port) for _ in range(3)]
    async with local_client(app, "admin") as admin:
        for number in range(6):
            await invite_person(admin, account=f"new{number}", email=f"new{number}@acme.example")
    threads = [threading.Thread(target=worker.deliver_due) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mail[1][0] for mail in box.mails) == [f"new{number}@acme.example" for number in range(6)]


HEADERS = ["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID"]
HEADERS += ["Subject", "To"]
HOSTILE_NAMES = ['"; DROP', "a <b@evil.example>, c", "=?utf-8?b?Qg==?=", "김, 민수 (주)", "{name.__class__}", "a\\"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_hostile_name_stays_within_its_header(
    app: FastAPI, store: Store, box: Box, smtp: Controller, name: str
) -> None:
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        await invite_person(admin, name=name)
    assert worker.deliver_due() == 1, (await only_invitation(app))["mail_error"]
    _, recipients, message = box.mails[0]
    assert recipients == ["mina@acme.example"]
    assert [address.addr_spec for address in message["To"].addresses] == ["mina@acme.example"]
    assert sorted(message.keys()) == HEADERS
    assert name in body_text(message)


async def test_line_break_in_the_database_breaks_no_header(
    app: FastAPI, store: Store, center: Center, box: Box, smtp: Controller
) -> None:
    worker = make_worker(app, store, smtp.port)
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
        for table, column, value in (
            (tables.member, "name", "a\r\nBcc: evil@evil.example"),
            (tables.organization, "name", "b\nBcc: evil@evil.example"),
            (tables.mail, "recipient", "mina@acme.example\r\nBcc: evil@evil.example"),
        ):
            store.write(
                lambda change, t=table, c=column, v=value: change.connection.execute(update(t).values({c: v})),  # type: ignore[misc]
                center.principal("admin"),
            )
            worker.deliver_due()
            assert box.mails == [], table.name
            assert (await only_invitation(app))["mail"] == "failed"
            said = await only_invitation(app)
            await admin.post(f"/invitations/{said['id']}/resend")


@pytest.mark.parametrize(
    "address",
    ["a@b@c", "a b@c", "a@b c", "<a@b>", "a,b@c", "a@b,c@d", '"a"@b', "김@acme.example", "a@", "@b", "a@b\n", "a@-b"],
)
async def test_impossible_address_is_refused(app: FastAPI, address: str) -> None:
    async with local_client(app, "admin") as admin:
        refused = await admin.post("/invitations", json=NEW | {"email": address})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "email"


def make_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


async def test_starttls_and_password_are_used(
    app: FastAPI, store: Store, box: Box, clock: Clock, tmp_path: Path
) -> None:
    chain, key = make_certificate(tmp_path)
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(chain, key)
    seen: list[tuple[bytes, bytes]] = []

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: Any) -> AuthResult:
        assert isinstance(auth, LoginPassword)
        seen.append((auth.login, auth.password))
        return AuthResult(success=auth.password == b"right", handled=False)

    more = {"require_starttls": True, "auth_required": True, "authenticator": authenticate}
    smtp = start_smtp_server(box, tls_context=here, **more)
    trusted = ssl.create_default_context(cafile=str(chain))

    def worker(password: str, context: ssl.SSLContext | None, starttls: bool = True) -> MailWorker:
        found = MailSettings("localhost", SENDER, smtp.port, starttls, "octui", password, context=context)
        return MailWorker(store, found, compose_invitation)

    app.state.mail_worker = worker("right", trusted)
    try:
        async with local_client(app, "admin") as admin:
            await invite_person(admin)
        for wrong, word in (
            (worker("right", None), "certificate"),  # whoever stands in between gets nothing
            (worker("wrong", trusted), "535"),
            (worker("right", None, starttls=False), ""),
        ):
            seen.clear()
            assert wrong.deliver_due() == 0
            found = await only_invitation(app)
            assert found["mail"] == "waiting"
            assert word in found["mail_error"]
            assert "right" not in found["mail_error"]
            assert bool(seen) == (word == "535")
            clock.now = found["mail_next"]
        assert app.state.mail_worker.deliver_due() == 1
    finally:
        smtp.stop()
    assert (b"octui", b"right") in seen


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "nobody"},
        {"sender": ""},
        {"sender": "a@b\r\nBcc: c@d"},
        {"host": "mail.acme.example", "user": "octui", "password": "x", "starttls": False},
    ],
    ids=str,
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"e-mail address|TLS"):
        MailSettings(**{"host": "localhost", "sender": SENDER, **wrong})


def test_repr_hides_the_password() -> None:
    assert "s3cret" not in repr(MailSettings("localhost", SENDER, user="octui", password="s3cret"))


@pytest.mark.parametrize(
    ("error", "said", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no")}), "550 no", True),
        (smtplib.SMTPRecipientsRefused({"a@b": (451, b"later\nplease")}), "451 later please", False),
        (smtplib.SMTPDataError(554, b"spam"), "554 spam", True),
        (smtplib.SMTPDataError(452, b"full"), "452 full", False),
        (smtplib.SMTPSenderRefused(553, b"not you", "o@x"), "553 not you", False),
        (smtplib.SMTPAuthenticationError(535, b"bad"), "535 bad", False),
        (smtplib.SMTPServerDisconnected("gone"), "gone", False),
        (TimeoutError("timed out"), "timed out", False),
        (OSError(), "OSError", False),
        (ValueError("no address"), "no address", True),
    ],
)
def test_smtp_errors_are_classified(error: Exception, said: str, final: bool) -> None:
    assert (failure_reason(error), is_permanent_failure(error)) == (said, final)
