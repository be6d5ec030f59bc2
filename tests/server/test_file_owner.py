"""Ownership of the file among real processes: one serves the others, and one of them takes over."""

import http.client
import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from octui.server.core.errors import StoreError
from octui.server.database.engine import open_store, upgrade_database
from octui.server.database.file_owner import (
    LONGEST_SOCKET_PATH,
    FileOwner,
    OtherOwner,
    claim_file,
)
from octui.server.socket_server import SocketServer, peer_uid

from .file_owner_program import app


class Program:
    """One run of file_owner_program.py."""

    def __init__(self, path: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("file_owner_program.py")), str(path), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read_line(self) -> dict[str, Any]:
        """Next line that it prints."""
        assert self.process.stdout is not None
        line: dict[str, Any] = json.loads(self.process.stdout.readline())
        return line

    def ask_to_end(self) -> None:
        """Ask it to end."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        program.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "octui.db"


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def read_socket(path: Path) -> str:
    """Body that the server at the socket answers."""
    connection = _Connection(path)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_second_program_is_served_and_takes_over_after_a_kill(path: Path, programs: list[Program]) -> None:
    first = Program(path)
    programs.append(first)
    owned = first.read_line()
    assert owned["owner"] is True
    second = Program(path, "wait")
    programs.append(second)
    assert second.read_line() == {"owner": False, "pid": first.process.pid, "socket": owned["socket"]}
    assert read_socket(Path(owned["socket"])) == str(first.process.pid)
    first.process.send_signal(signal.SIGKILL)
    assert second.read_line()["owner"] is True
    assert read_socket(Path(owned["socket"])) == str(second.process.pid)


def test_many_programs_own_the_file_one_after_another(path: Path, programs: list[Program]) -> None:
    programs += [Program(path, "wait") for _ in range(5)]
    waiting = list(programs)
    owners = [(program, line) for program in programs if (line := program.read_line())["owner"]]
    ended = 0.0
    while True:
        assert len(owners) == 1
        owner, line = owners[0]
        assert line["at"] >= ended
        assert read_socket(Path(line["socket"])) == str(owner.process.pid)
        owner.ask_to_end()
        ended = owner.read_line()["ended"]
        waiting.remove(owner)
        if not waiting:
            break
        owners = [(program, program.read_line()) for program in wait_for_output(waiting)]
    assert not Path(f"{path}.sock").exists()
    for program in programs:
        program.process.wait(10)
    left = claim_file(path)
    assert isinstance(left, FileOwner)
    left.release()


def wait_for_output(programs: list[Program]) -> list[Program]:
    """Programs that have printed something, as soon as there is one."""
    pipes = {program.process.stdout: program for program in programs}
    ready, _, _ = select.select(list(pipes), [], [], 30)
    return [pipes[pipe] for pipe in ready]


def test_claim_names_the_owner_and_its_socket(path: Path) -> None:
    owner = claim_file(path)
    assert isinstance(owner, FileOwner)
    other = claim_file(path)
    assert other == OtherOwner(path, Path(f"{path}.sock"), os.getpid())
    owner.release()
    owner.release()
    after = claim_file(path)
    assert isinstance(after, FileOwner)
    after.release()


def test_two_names_of_a_file_have_one_owner(path: Path, tmp_path: Path) -> None:
    path.touch()
    (tmp_path / "folder").symlink_to(tmp_path)
    (tmp_path / "other.db").symlink_to(path)
    owner = claim_file(tmp_path / "folder" / "octui.db")
    assert isinstance(owner, FileOwner)
    assert isinstance(claim_file(path), OtherOwner)
    assert isinstance(claim_file(tmp_path / "other.db"), OtherOwner)
    owner.release()


def test_file_in_use_is_not_upgraded(path: Path) -> None:
    open_store(f"sqlite:///{path}").close()
    owner = claim_file(path)
    assert isinstance(owner, FileOwner)
    with pytest.raises(StoreError, match="Another octui"):
        upgrade_database(f"sqlite:///{path}")
    owner.release()
    upgrade_database(f"sqlite:///{path}")


@pytest.fixture
def owner(path: Path) -> Iterator[FileOwner]:
    owner = claim_file(path)
    assert isinstance(owner, FileOwner)
    yield owner
    owner.release()


def test_lock_and_socket_are_private(owner: FileOwner, path: Path) -> None:
    before = os.umask(0)
    try:
        server = SocketServer(app, owner.socket_path)
        server.start()
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    server.stop()
    assert modes == {"octui.db.lock": 0o600, "octui.db.sock": 0o600}


def test_connection_of_another_user_is_closed(owner: FileOwner) -> None:
    server = SocketServer(app, owner.socket_path, uid=os.geteuid() + 1)
    server.start()
    with pytest.raises((ConnectionError, http.client.BadStatusLine)):
        read_socket(owner.socket_path)
    server.stop()


def test_peer_uid_is_that_of_the_system() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    assert peer_uid(one) == os.geteuid()
    one.close()
    other.close()


def test_leftover_socket_is_replaced_and_nothing_else(owner: FileOwner) -> None:
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(owner.socket_path))
    left_over.close()
    server = SocketServer(app, owner.socket_path)
    server.start()
    assert read_socket(owner.socket_path) == str(os.getpid())
    server.stop()
    server.stop()
    owner.socket_path.write_text("a file of mine")
    with pytest.raises(StoreError, match="socket"):
        SocketServer(app, owner.socket_path).start()
    assert owner.socket_path.read_text() == "a file of mine"


def test_server_can_be_stopped_right_after_its_start(owner: FileOwner) -> None:
    for _ in range(20):
        server = SocketServer(app, owner.socket_path)
        server.start()
        server.stop()
    assert not owner.socket_path.exists()


def test_long_path_has_its_socket_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="o") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        owner = claim_file(tmp_path / ("가" * 60) / "octui.db")
        assert isinstance(owner, FileOwner)
        assert len(os.fsencode(owner.socket_path)) <= LONGEST_SOCKET_PATH
        assert stat.S_IMODE(owner.socket_path.parent.stat().st_mode) == 0o700
        server = SocketServer(app, owner.socket_path)
        server.start()
        other = claim_file(owner.path)
        assert isinstance(other, OtherOwner)
        assert read_socket(other.socket_path) == str(os.getpid())
        server.stop()
        owner.release()
        owner.socket_path.parent.chmod(0o755)
        with pytest.raises(StoreError, match="this user alone"):
            claim_file(owner.path)


def test_lock_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: path.parent.stat().st_uid + 1)
    with pytest.raises(StoreError, match="another user"):
        claim_file(path)


def test_planted_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("untouched")
    Path(f"{path}.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(StoreError, match=r"octui\.db\.lock"):
        claim_file(path)
    assert (tmp_path / "victim").read_text() == "untouched"
