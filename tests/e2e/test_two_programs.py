"""Two programs on one database file: the second uses the server of the first, and takes over when that one ends."""

import json
import os
import select
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.commands import Home

# Runs one request a line over one EmbeddedTransport, which lives as long as that of the screens; prints the outcome.
PROGRAM = """
import asyncio, json, sys
from octui.cli.embedded_server import EmbeddedTransport
from octui.cli.settings import Settings
from octui.client.api import Api
from octui.client.errors import ClientError
from octui.client.transport import caller_headers
from octui.schema.audit import Via
from octui.schema.members import NewMember

async def main(url):
    transport = EmbeddedTransport(Settings(database=url), caller_headers(Via.COMMAND))
    async with Api(transport) as api:
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            action, _, value = line.strip().partition(" ")
            try:
                if action == "add":
                    new = NewMember(account=value, name=value, email=f"{value}@x.example")
                    answer = (await api.add_member(new)).account
                elif action == "waiting":
                    answer = transport.server.network_app.state.notifier.waiting
                elif action == "end":
                    return
                elif action == "members":
                    answer = [member.account for member in (await api.members()).members]
                elif action == "wait":
                    reply = await api.live({"audit/head": ""}, 0)
                    etag = reply.answer.changed["audit/head"].etag
                    print(json.dumps({"answer": "waiting"}), flush=True)
                    reply = await api.live({"audit/head": etag}, 30)
                    answer = "woken"
            except ClientError as error:
                answer = f"{error.code}: {error}"
            print(json.dumps({"answer": answer, "owner": transport.server is not None}), flush=True)

asyncio.run(main(sys.argv[1]))
"""


class Program:
    """One run of PROGRAM."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def send_line(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def read_answer(self) -> Any:
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 30)[0], "no answer within 30 s"
        return json.loads(self.process.stdout.readline())

    def ask(self, line: str) -> Any:
        self.send_line(line)
        return self.read_answer()


def wait_for_change(first: Program, second: Program) -> None:
    """Let the second program wait for a change, until the first holds its request."""
    assert second.ask("wait") == {"answer": "waiting"}
    while first.ask("waiting")["answer"] == 0:
        pass


@pytest.fixture
def two_programs(new_home: Home) -> Iterator[list[Program]]:
    """Two programs on the database of `new_home`."""
    started = [Program(f"sqlite:///{new_home.database}") for _ in range(2)]
    yield started
    for program in started:
        program.process.kill()
        program.process.communicate()


def test_second_program_uses_the_first_and_takes_over(new_home: Home, two_programs: list[Program]) -> None:
    first, second = two_programs
    assert first.ask("add one") == {"answer": "one", "owner": True}
    assert second.ask("add two") == {"answer": "two", "owner": False}
    (socket,) = new_home.database.parent.glob("*.sock")
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert first.ask("members")["answer"] == ["hong", "one", "two"]
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert second.ask("add three") == {"answer": "three", "owner": True}
    assert second.ask("members")["answer"] == ["hong", "one", "three", "two"]
    third = new_home.run_ok("member", "add", "four", "--name", "four", "--email", "four@x.example")
    assert "member four" in third.err
    assert second.ask("members")["answer"] == ["four", "hong", "one", "three", "two"]
    assert new_home.run_ok("audit", "verify", "--json").json["ok"] is True


def test_killed_server_breaks_a_wait_off(new_home: Home, two_programs: list[Program]) -> None:
    first, second = two_programs
    assert first.ask("add one")["owner"] is True
    wait_for_change(first, second)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert second.read_answer()["answer"].startswith("broken_off")
    assert second.ask("add two") == {"answer": "two", "owner": True}


def test_orderly_end_wakes_waiters_and_signs_the_log(new_home: Home, two_programs: list[Program]) -> None:
    first, second = two_programs
    assert first.ask("add one")["owner"] is True
    wait_for_change(first, second)
    first.send_line("end")
    assert second.read_answer() == {"answer": "woken", "owner": False}
    assert first.process.wait(timeout=10) == 0
    assert not list(new_home.database.parent.glob("*.sock"))
    verified = new_home.run_ok("audit", "verify", "--json").json
    assert verified["checkpoints"] >= 2
    assert second.ask("add two")["answer"] == "two"


def test_symlinked_lock_is_refused(new_home: Home, tmp_path: Path) -> None:
    lock = new_home.database.with_name("octui.db.lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "elsewhere")
    refused = new_home.run("member", "add", "one", "--name", "one", "--email", "one@x.example")
    assert refused.code == 1
    assert str(lock) in refused.err
    assert not (tmp_path / "elsewhere").exists()
    assert os.path.islink(lock)
