"""`octui login` and `octui logout` against a server on a real socket, on both engines."""

import io
import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from octui.cli import session_file
from octui.cli.failures import CommandError
from octui.cli.main import main
from octui.cli.prompts import read_password
from octui.server.app import create_app
from octui.server.contracts import routes as contracts_routes
from octui.server.cti import routes as cti_routes
from octui.server.database.store import Store
from octui.server.identity import passwords
from octui.server.identity.hashing import Hasher
from octui.server.organization import routes as organization_routes
from octui.server.sessions import routes as sessions_routes
from server.conftest import Center, Clock

PARTS = [part.operations for part in (organization_routes, contracts_routes, cti_routes, sessions_routes)]
SECRET = "seven blue chairs sing"
HOUR = 3_600_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    for name in [name for name in os.environ if name.startswith("OCTUI_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def served(store: Store, center: Center) -> Iterator[str]:
    """URL of a server in which choi, who manages the service `oc`, has a password."""
    hashed = Hasher().hash_password(SECRET)
    store.write(
        lambda change: passwords.store_password(change, center.members["choi"], hashed), center.principal("admin")
    )
    server = uvicorn.Server(uvicorn.Config(create_app(store, parts=PARTS), lifespan="off", log_config=None))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


class Commands:
    """Runner of commands as in a script, with the password on standard input."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        """The exit code, stdout and stderr."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        self._capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as wrong:
            code = int(wrong.code or 0)
        out, err = self._capsys.readouterr()
        assert SECRET not in out + err
        assert "oct_" not in out + err
        return code, out, err


@pytest.fixture
def octui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def sign_in(octui: Commands, url: str) -> Path:
    code, _, err = octui("login", "--url", url, "--account", "choi", stdin=SECRET + "\r\n")
    assert (code, "signed in as choi until 2026-07-01" in err) == (0, True), err
    return session_file.path_of(url)


def test_session_is_stored_used_and_ended(octui: Commands, served: str) -> None:
    code, _, err = octui("cti", "list", "--url", served)
    assert (code, f"octui login --url {served}" in err) == (2, True)
    path = sign_in(octui, served)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert json.loads(path.read_text())["account"] == "choi"
    code, out, _ = octui("cti", "list", "--url", served + "/", "--json")
    assert (code, len(json.loads(out))) == (0, 4)
    kept = session_file.load(served)
    assert kept is not None
    assert kept.token not in repr(kept)
    code, _, err = octui("logout", "--url", served)
    assert (code, "choi is signed out" in err) == (0, True)
    assert not path.exists()
    session_file.save(served, "choi", kept.token, kept.expires)
    code, _, err = octui("cti", "list", "--url", served)
    assert (code, "octui login" in err) == (1, True)
    assert octui("logout", "--url", served)[0] == 0  # one that has ended already
    assert octui("logout", "--url", served)[0] == 0


def test_idle_session_says_what_to_do(octui: Commands, served: str, clock: Clock) -> None:
    sign_in(octui, served)
    clock.now += HOUR
    code, _, err = octui("cti", "list", "--url", served)
    assert (code, "octui login" in err) == (1, True)


def test_second_sign_in_replaces_the_session(octui: Commands, served: str) -> None:
    sign_in(octui, served)
    first = session_file.load(served)
    assert octui("login", "--url", served, "--account", "choi", stdin="not the right one\n")[0] == 1
    assert session_file.load(served) == first
    sign_in(octui, served)
    second = session_file.load(served)
    assert first is not None
    assert second is not None
    assert first.token != second.token
    session_file.save(served, "choi", first.token, first.expires)
    assert octui("cti", "list", "--url", served)[0] == 1


@pytest.mark.parametrize("account", ["choi", "kim", "nobody"])
def test_refused_sign_in_reveals_nothing(octui: Commands, served: str, account: str) -> None:
    for _ in range(5):
        code, _, err = octui("login", "--url", served, "--account", account, stdin="not the right one\n")
        assert (code, err) == (1, "octui: The account or the password is not right.\n")
    code, _, err = octui("login", "--url", served, "--account", account, stdin=SECRET)
    assert (code, err) == (1, "octui: Too many failed attempts: try again in 1 s.\n")
    assert not session_file.path_of(served).exists()


def test_sign_out_works_without_the_server(octui: Commands, home: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()
    session_file.save(url, "choi", "oct_x", 5)
    code, _, err = octui("logout", "--url", url)
    assert (code, "does not know" in err) == (1, True)
    assert session_file.load(url) is None


def test_session_is_sent_only_to_its_own_address(home: Path) -> None:
    path = session_file.save("https://Octui.Example/", "choi", "oct_x", 5)
    for same in ("https://octui.example", "HTTPS://octui.example/", " https://octui.example"):
        found = session_file.load(same)
        assert found is not None
        assert found.token == "oct_x"
    for other in ("https://octui.example:8443", "http://octui.example", "https://octui.example.org", "https://x"):
        assert session_file.load(other) is None
    path.rename(session_file.path_of("https://x"))
    assert session_file.load("https://x") is None


def test_session_file_is_private(home: Path) -> None:
    url = "https://octui.example"
    path = session_file.save(url, "choi", "oct_x", 5)
    for mode in (0o644, 0o640, 0o602):
        path.chmod(mode)
        with pytest.raises(CommandError, match="chmod 600"):
            session_file.load(url)
    path.chmod(0o600)
    for mode in (0o720, 0o702):
        path.parent.chmod(mode)
        with pytest.raises(CommandError, match="chmod 700"):
            session_file.load(url)
        with pytest.raises(CommandError, match="chmod 700"):
            session_file.save(url, "choi", "oct_y", 5)
    path.parent.chmod(0o700)
    assert session_file.load(url) is not None
    path.rename(home / "elsewhere")
    path.symlink_to(home / "elsewhere")
    with pytest.raises(CommandError, match="session file"):
        session_file.load(url)
    session_file.save(url, "choi", "oct_z", 5)  # takes the link's place, and does not write through it
    assert not path.is_symlink()
    assert "oct_x" in (home / "elsewhere").read_text()
    path.write_text("{")
    path.chmod(0o600)
    with pytest.raises(CommandError, match="octui login"):
        session_file.load(url)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        ((), SECRET, 2, "--url"),
        (("--url", "http://octui.example", "--account", "choi"), SECRET, 2, "https"),
        (("--url", "https://octui.example"), SECRET, 2, "--account"),
        (("--url", "https://octui.example", "--account", "choi"), "", 2, "no password"),
        (("--url", "https://octui.example", "--account", "choi"), "\n", 2, "no password"),
        (("--url", "https://octui.example", "--account", "a b"), SECRET, 2, "account"),
        (("--url", "https://octui.example", "--account", "choi", "--password", "x"), SECRET, 2, "unrecognized"),
    ],
)
def test_wrong_arguments_are_refused(
    octui: Commands, arguments: tuple[str, ...], stdin: str, code: int, said: str
) -> None:
    ran = octui("login", *arguments, stdin=stdin)
    assert (ran[0], said in ran[2]) == (code, True), ran[2]


def test_terminal_asks_for_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: (asked.append(prompt), SECRET)[1])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert read_password("password: ") == SECRET
    assert asked == ["password: "]


def test_idle_limit_is_a_setting(octui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "idle_minutes = 60" in octui("config", "show")[1]
    monkeypatch.setenv("OCTUI_IDLE_MINUTES", "0")
    code, _, err = octui("config", "show")
    assert (code, "OCTUI_IDLE_MINUTES" in err) == (2, True)
