"""A person's way through an organization, by the real commands: invited by a mail through a real mail server, joined
and signed in from another home over HTTP, promoted, demoted, removed; every step in the log."""

import email
import re
import socket
import subprocess
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


class Box:
    def __init__(self) -> None:
        self.texts: Queue[str] = Queue()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if envelope.rcpt_tos == ["nobody@hanbit.example"]:
            return "554 there is nobody of this name"
        assert isinstance(envelope.content, bytes)
        self.texts.put(email.message_from_bytes(envelope.content, policy=policy.default).get_content())
        return "250 taken"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def smtp(box: Box) -> Iterator[Controller]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def home(tmp_path: Path, smtp: Controller) -> Home:
    """The machine of the service, whose settings name the mail server."""
    home = Home(tmp_path / "service")
    settings = home.folder / "CONFIG" / "octui" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'smtp_host = "127.0.0.1"\nsmtp_port = {smtp.port}\nsmtp_starttls = false\n'
        'smtp_from = "octui <octui@hanbit.example>"\n'
    )
    home.set_up()
    return home


@pytest.fixture
def url(home: Home) -> Iterator[str]:
    server: subprocess.Popen[str] = home.start("serve", "--port", "0")
    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        assert "serving on" in said, said + server.stderr.read()
        yield said.partition("serving on ")[2].partition(";")[0]
    finally:
        server.kill()
        server.communicate()


def steps(home: Home) -> list[tuple[Any, ...]]:
    """The log of what concerns mina, the oldest first: action, who, service, before, after, by which way."""
    entries: list[dict[str, Any]] = home.ok("audit", "search", "id:mina", "--json").json
    fields = ("action", "actor_account", "service", "before", "after", "via")
    return [tuple(entry[name] for name in fields) for entry in reversed(entries) if entry["target_account"] == "mina"]


def test_from_invitation_to_removal(home: Home, url: str, box: Box, tmp_path: Path) -> None:
    invite = ("member", "invite", "mina", "--name", "이미나", "--email", "mina@hanbit.example")
    invited = home.ok(*invite)
    assert "the mail to mina@hanbit.example is sent" in invited.err
    assert invited.out == ""
    (listed,) = home.ok("member", "invitations", "--json").json
    assert (listed["account"], listed["mail"]) == ("mina", "sent")
    home.ok("agent", "add", "mina", "--service", "cs", "--role", "agent", "--phone")
    found = re.search(r"octui accept ([0-9A-Z-]+)$", box.texts.get(timeout=10).replace("\r\n", "\n"), re.MULTILINE)
    assert found is not None

    mina = Home(tmp_path / "mina")
    login = ("login", "--url", url, "--account", "mina")
    assert mina.run(*login, stdin=PASSWORD).code == 1
    guessed = mina.run("accept", found[1], "--url", url, stdin="이미나 mina 이미나 mina 비밀번호\n")
    assert "too easily guessed" in guessed.err
    joined = mina.ok("accept", found[1], "--url", url, stdin=PASSWORD)
    assert "octui login --url" in joined.err
    assert "not right" in mina.run("accept", found[1], "--url", url, stdin=PASSWORD).err
    mina.ok(*login, stdin=PASSWORD)

    here = {"OCTUI_URL": url}
    assert mina.ok("stats", "--json", **here).json["agent"] == "mina"
    assert mina.run("cti", "list", **here).code == 1
    assert mina.run("organization", "admin", "list", **here).code == 1
    home.ok("organization", "admin", "add", "mina")
    admins = mina.ok("organization", "admin", "list", "--json", **here).json
    assert [admin["account"] for admin in admins] == ["hong", "mina"]
    oneself = mina.run("organization", "admin", "remove", "mina", **here)
    assert (oneself.code, "another organization admin" in oneself.err) == (1, True)
    home.ok("organization", "admin", "remove", "mina")
    assert mina.run("organization", "admin", "list", **here).code == 1
    home.ok("agent", "set", "mina", "--service", "cs", "--role", "admin")
    assert "mina" in [one["account"] for one in mina.ok("cti", "list", "--json", **here).json]
    assert "mina" in mina.ok("audit", "search", "id:mina", **here).out
    home.ok("agent", "set", "mina", "--service", "cs", "--role", "agent", "--no-phone")
    assert mina.run("cti", "list", **here).code == 1
    home.ok("member", "remove", "mina")
    gone = mina.run("stats", "--json", **here)
    assert (gone.code, "login" in gone.err) == (1, True)
    assert mina.run(*login, stdin=PASSWORD).code == 1
    assert home.run("member", "remove", "mina").code == 1

    member, invited = ({"kind": "membership", "state": state} for state in ("active", "invited"))
    agent = {"kind": "agent_rights", "role": "ROLE_FRONT_AGENT", "ticket": True, "chat": False, "phone": True}
    right = {"kind": "organization_admin"}
    assert steps(home) == [
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
    assert home.ok("audit", "verify", "--json").json["ok"] is True


def test_a_mail_nobody_takes_is_said_and_sent_again_once_mended(home: Home, url: str, box: Box) -> None:
    refused = home.run("member", "invite", "nobody", "--name", "아무개", "--email", "nobody@hanbit.example")
    assert refused.code == 3
    assert "554 there is nobody of this name" in refused.err
    assert "554" in home.ok("member", "invitations").out
    assert home.run("member", "resend", "nobody").code == 3
    home.ok("member", "revoke", "nobody")
    assert home.ok("member", "invitations", "--json").json == []
    assert home.run("member", "resend", "nobody").code == 1


def test_a_command_alone_sends_the_mail_too(home: Home, box: Box) -> None:
    said = home.ok("member", "invite", "mina", "--name", "이미나", "--email", "mina@hanbit.example", "--language", "en")
    assert "is sent" in said.err
    assert "Hello 이미나" in box.texts.get(timeout=10)


def test_without_a_mail_server_the_code_is_printed_once(tmp_path: Path) -> None:
    home = Home(tmp_path / "own")
    home.set_up()
    said = home.ok("member", "invite", "mina", "--name", "이미나", "--email", "mina@hanbit.example")
    code = said.out.strip()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){6}", code)
    assert code not in home.ok("member", "invitations").out
    assert "welcome" in home.ok("accept", code, stdin=PASSWORD).err
    assert home.run("accept", stdin=PASSWORD).code == 2
    assert home.run("accept", code, stdin="").code == 2
    # The first admin of an organization gets a password in the same way, from the owner of the database.
    hong = home.ok("member", "invite", "hong", "--name", "홍길동", "--email", "hong@hanbit.example").out.strip()
    assert "octui login --account hong" in home.ok("accept", hong, stdin=PASSWORD).err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "smtp_from"),
        ('smtp_from = "nobody"', "e-mail address"),
        ('smtp_from = "a@b"\nsmtp_user = "u"', "belong together"),
        ('smtp_from = "a@b"\nsmtp_user = "u"\nsmtp_password_file = "PASSWORD"', "chmod 600"),
        ('smtp_from = "a@b"\nsmtp_port = 0', "smtp_port"),
    ],
)
def test_settings_of_the_mail_server_that_cannot_work(tmp_path: Path, settings: str, said: str) -> None:
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
        assert said in refused.err
        assert "s3cret" not in refused.err
