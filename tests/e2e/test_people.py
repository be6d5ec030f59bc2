"""A member is invited by a mail through a real mail server, signs in over HTTP, is promoted, demoted and removed.

Every step is in the log."""

import email
import re
import socket
from collections.abc import Iterator
from email import policy
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from e2e.commands import Home

PASSWORD = "seven blue chairs sing\n"


class Mailbox:
    def __init__(self) -> None:
        self.texts: Queue[str] = Queue()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if envelope.rcpt_tos == ["nobody@hanbit.example"]:
            return "554 there is nobody of this name"
        assert isinstance(envelope.content, bytes)
        self.texts.put(email.message_from_bytes(envelope.content, policy=policy.default).get_content())
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail_server(mailbox: Mailbox) -> Iterator[Controller]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def home(tmp_path: Path, mail_server: Controller) -> Home:
    """Folders on the machine of the server, whose settings name the mail server."""
    home = Home(tmp_path / "service")
    settings = home.folder / "CONFIG" / "octui" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'smtp_host = "127.0.0.1"\nsmtp_port = {mail_server.port}\nsmtp_starttls = false\n'
        'smtp_from = "octui <octui@hanbit.example>"\n'
    )
    home.create_center()
    return home


def log_of_mina(home: Home) -> list[tuple[Any, ...]]:
    """Return the log entries about mina, the oldest first: action, actor, service, before, after, via."""
    entries: list[dict[str, Any]] = home.run_ok("audit", "search", "id:mina", "--json").json
    fields = ("action", "actor_account", "service", "before", "after", "via")
    return [tuple(entry[name] for name in fields) for entry in reversed(entries) if entry["target_account"] == "mina"]


def test_member_is_invited_promoted_demoted_and_removed(
    home: Home, server_url: str, mailbox: Mailbox, tmp_path: Path
) -> None:
    invite = ("member", "invite", "mina", "--name", "이미나", "--email", "mina@hanbit.example")
    invited = home.run_ok(*invite)
    assert "the mail to mina@hanbit.example is sent" in invited.err
    assert invited.out == ""
    (invitation,) = home.run_ok("member", "invitations", "--json").json
    assert (invitation["account"], invitation["mail"]) == ("mina", "sent")
    home.run_ok("agent", "add", "mina", "--service", "cs", "--role", "agent", "--phone")
    match = re.search(r"octui accept ([0-9A-Z-]+)$", mailbox.texts.get(timeout=10).replace("\r\n", "\n"), re.MULTILINE)
    assert match is not None

    mina = Home(tmp_path / "mina")
    login = ("login", "--url", server_url, "--account", "mina")
    assert mina.run(*login, stdin=PASSWORD).code == 1
    guessed = mina.run("accept", match[1], "--url", server_url, stdin="이미나 mina 이미나 mina 비밀번호\n")
    assert "too easily guessed" in guessed.err
    accepted = mina.run_ok("accept", match[1], "--url", server_url, stdin=PASSWORD)
    assert "octui login --url" in accepted.err
    assert "not right" in mina.run("accept", match[1], "--url", server_url, stdin=PASSWORD).err
    mina.run_ok(*login, stdin=PASSWORD)

    environ = {"OCTUI_URL": server_url}
    assert mina.run_ok("stats", "--json", **environ).json["agent"] == "mina"
    assert mina.run("cti", "list", **environ).code == 1
    assert mina.run("organization", "admin", "list", **environ).code == 1
    home.run_ok("organization", "admin", "add", "mina")
    admins = mina.run_ok("organization", "admin", "list", "--json", **environ).json
    assert [admin["account"] for admin in admins] == ["hong", "mina"]
    own = mina.run("organization", "admin", "remove", "mina", **environ)
    assert (own.code, "another organization admin" in own.err) == (1, True)
    home.run_ok("organization", "admin", "remove", "mina")
    assert mina.run("organization", "admin", "list", **environ).code == 1
    home.run_ok("agent", "set", "mina", "--service", "cs", "--role", "admin")
    assert "mina" in [agent["account"] for agent in mina.run_ok("cti", "list", "--json", **environ).json]
    assert "mina" in mina.run_ok("audit", "search", "id:mina", **environ).out
    home.run_ok("agent", "set", "mina", "--service", "cs", "--role", "agent", "--no-phone")
    assert mina.run("cti", "list", **environ).code == 1
    home.run_ok("member", "remove", "mina")
    gone = mina.run("stats", "--json", **environ)
    assert (gone.code, "login" in gone.err) == (1, True)
    assert mina.run(*login, stdin=PASSWORD).code == 1
    assert home.run("member", "remove", "mina").code == 1

    member, invited = ({"kind": "membership", "state": state} for state in ("active", "invited"))
    agent = {"kind": "agent_rights", "role": "ROLE_FRONT_AGENT", "ticket": True, "chat": False, "phone": True}
    right = {"kind": "organization_admin"}
    assert log_of_mina(home) == [
        ("member.invited", "hong", "", None, invited, "command"),
        ("agent.added", "hong", "cs", None, agent, "command"),
        ("member.joined", "mina", "", invited, member, "command"),
        ("organization_admin.added", "hong", "", None, right, "command"),
        ("organization_admin.removed", "hong", "", right, None, "command"),
        ("agent.role_changed", "hong", "cs", agent, agent | {"role": "ROLE_FRONT_ADMIN"}, "command"),
        ("agent.role_changed", "hong", "cs", agent | {"role": "ROLE_FRONT_ADMIN"}, agent | {"phone": False}, "command"),
        ("agent.removed", "hong", "cs", agent | {"phone": False}, None, "command"),
        ("member.removed", "hong", "", member, None, "command"),
    ]
    assert home.run_ok("audit", "verify", "--json").json["ok"] is True


def test_refused_mail_is_reported_and_the_invitation_revoked(home: Home, server_url: str, mailbox: Mailbox) -> None:
    refused = home.run("member", "invite", "nobody", "--name", "아무개", "--email", "nobody@hanbit.example")
    assert refused.code == 3
    assert "554 there is nobody of this name" in refused.err
    assert "554" in home.run_ok("member", "invitations").out
    assert home.run("member", "resend", "nobody").code == 3
    home.run_ok("member", "revoke", "nobody")
    assert home.run_ok("member", "invitations", "--json").json == []
    assert home.run("member", "resend", "nobody").code == 1


def test_mail_is_sent_without_a_running_server(home: Home, mailbox: Mailbox) -> None:
    result = home.run_ok(
        "member", "invite", "mina", "--name", "이미나", "--email", "mina@hanbit.example", "--language", "en"
    )
    assert "is sent" in result.err
    assert "Hello 이미나" in mailbox.texts.get(timeout=10)


def test_code_is_printed_once_without_a_mail_server(tmp_path: Path) -> None:
    home = Home(tmp_path / "own")
    home.create_center()
    result = home.run_ok("member", "invite", "mina", "--name", "이미나", "--email", "mina@hanbit.example")
    code = result.out.strip()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){6}", code)
    assert code not in home.run_ok("member", "invitations").out
    assert "welcome" in home.run_ok("accept", code, stdin=PASSWORD).err
    assert home.run("accept", stdin=PASSWORD).code == 2
    assert home.run("accept", code, stdin="").code == 2
    # The first admin of an organization gets a password in the same way, from the owner of the database.
    hong = home.run_ok("member", "invite", "hong", "--name", "홍길동", "--email", "hong@hanbit.example").out.strip()
    assert "octui login --account hong" in home.run_ok("accept", hong, stdin=PASSWORD).err


@pytest.mark.parametrize(
    ("settings", "result"),
    [
        ("", "smtp_from"),
        ('smtp_from = "nobody"', "e-mail address"),
        ('smtp_from = "a@b"\nsmtp_user = "u"', "belong together"),
        ('smtp_from = "a@b"\nsmtp_user = "u"\nsmtp_password_file = "PASSWORD"', "chmod 600"),
        ('smtp_from = "a@b"\nsmtp_port = 0', "smtp_port"),
    ],
)
def test_wrong_mail_settings_are_refused(tmp_path: Path, settings: str, result: str) -> None:
    home = Home(tmp_path)
    password = tmp_path / "password"
    password.write_text("s3cret\n")
    password.chmod(0o644)
    path = home.folder / "CONFIG" / "octui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('smtp_host = "mail.hanbit.example"\n' + settings.replace("PASSWORD", str(password)))
    for command in (("config", "validate"), ("serve", "--port", "0")):
        refused = home.run(*command)
        assert refused.code in (1, 2)
        assert result in refused.err
        assert "s3cret" not in refused.err
