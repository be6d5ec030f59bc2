"""Two programs on one database file: the second goes through the first, and goes on when that one is killed."""

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

# Does what it is told line by line over one EmbeddedTransport, as the screens do over hours; says what became of it.
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
            what, _, value = line.strip().partition(" ")
            try:
                if what == "add":
                    new = NewMember(account=value, name=value, email=f"{value}@x.example")
                    said = (await api.add_member(new)).account
                elif what == "waiting":
                    said = transport.server.network_app.state.notifier.waiting
                elif what == "end":
                    return
                elif what == "members":
                    said = [member.account for member in (await api.members()).members]
                elif what == "wait":
                    reply = await api.live({"audit/head": ""}, 0)
                    held = reply.answer.changed["audit/head"].etag
                    print(json.dumps({"said": "waiting"}), flush=True)
                    reply = await api.live({"audit/head": held}, 30)
                    said = "woken"
            except ClientError as error:
                said = f"{error.code}: {error}"
            print(json.dumps({"said": said, "owner": transport.server is not None}), flush=True)

asyncio.run(main(sys.argv[1]))
"""


class Program:
    """One run of PROGRAM."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def heard(self) -> Any:
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 30)[0], "no answer within 30 s"
        return json.loads(self.process.stdout.readline())

    def ask(self, line: str) -> Any:
        self.tell(line)
        return self.heard()


def waits(first: Program, second: Program) -> None:
    """Let the second wait for a change, until the first holds its request."""
    assert second.ask("wait") == {"said": "waiting"}
    while first.ask("waiting")["said"] == 0:
        pass


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.ok(
        *("init", "--organization", "한빛", "--domain", "hanbit"),
        *("--admin", "hong", "--name", "홍길동", "--email", "hong@hanbit.example"),
    )
    return home


@pytest.fixture
def programs(home: Home) -> Iterator[list[Program]]:
    """Two programs on the database of `home`."""
    started = [Program(f"sqlite:///{home.database}") for _ in range(2)]
    yield started
    for program in started:
        program.process.kill()
        program.process.communicate()


def test_the_second_goes_through_the_first_and_takes_over(home: Home, programs: list[Program]) -> None:
    first, second = programs
    assert first.ask("add one") == {"said": "one", "owner": True}
    assert second.ask("add two") == {"said": "two", "owner": False}
    (socket,) = home.database.parent.glob("*.sock")
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert first.ask("members")["said"] == ["hong", "one", "two"]
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert second.ask("add three") == {"said": "three", "owner": True}
    assert second.ask("members")["said"] == ["hong", "one", "three", "two"]
    third = home.ok("member", "add", "four", "--name", "four", "--email", "four@x.example")
    assert "member four" in third.err
    assert second.ask("members")["said"] == ["four", "hong", "one", "three", "two"]
    assert home.ok("audit", "verify", "--json").json["ok"] is True


def test_a_wait_is_cut_short_by_a_kill_and_begun_anew(home: Home, programs: list[Program]) -> None:
    first, second = programs
    assert first.ask("add one")["owner"] is True
    waits(first, second)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert second.heard()["said"].startswith("broken_off")
    assert second.ask("add two") == {"said": "two", "owner": True}


def test_an_end_in_good_order_wakes_who_waits_and_signs_the_log(home: Home, programs: list[Program]) -> None:
    first, second = programs
    assert first.ask("add one")["owner"] is True
    waits(first, second)
    first.tell("end")
    assert second.heard() == {"said": "woken", "owner": False}
    assert first.process.wait(timeout=10) == 0
    assert not list(home.database.parent.glob("*.sock"))
    verified = home.ok("audit", "verify", "--json").json
    assert verified["checkpoints"] >= 2
    assert second.ask("add two")["said"] == "two"


def test_what_belongs_to_somebody_else_is_left_alone(home: Home, tmp_path: Path) -> None:
    lock = home.database.with_name("octui.db.lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "elsewhere")
    refused = home.run("member", "add", "one", "--name", "one", "--email", "one@x.example")
    assert refused.code == 1
    assert str(lock) in refused.err
    assert not (tmp_path / "elsewhere").exists()
    assert os.path.islink(lock)
