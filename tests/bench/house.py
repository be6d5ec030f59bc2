"""A center to measure on: a database with agents who are all logged in, and `octui serve` on it."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from octui.cli.embedded_server import EmbeddedServer
from octui.cli.settings import Settings
from octui.client.api import Api
from octui.client.transport import caller_headers, in_process_transport
from octui.schema.agents import NewAgent, Role
from octui.schema.audit import Via
from octui.schema.contracts import NewService
from octui.schema.members import NewMember
from octui.schema.organization import NewOrganization
from octui.schema.tokens import NewToken
from octui.server.database.unit_of_work import Change
from octui.server.identity import tokens
from octui.server.identity.authentication import local_operator
from octui.server.members.bulk import add_people

SERVICE, ADMIN, AGENT = "cs", "admin", "agent00000"
OCTUI = (sys.executable, "-m", "octui")


def environment(folder: Path) -> dict[str, str | None]:
    """Return the environment in which a program keeps all its files below `folder`."""
    return {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def account(number: int) -> str:
    return f"agent{number:05}"


def event(number: int, kind: str, subject: str | None = None, **data: Any) -> dict[str, Any]:
    """Return a CloudEvent of this moment."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    made: dict[str, Any] = {"specversion": "1.0", "source": "bench", "type": f"octui.{kind}", "time": now}
    made |= {"id": f"{time.time_ns()}-{number}", "sequence": number, "data": data}
    return made if subject is None else made | {"subject": subject}


def furnish(folder: Path, agents: int = 1) -> str:
    """Make a database with an admin and agents who are logged in and ready, and return its URL.

    The admin's token is in `ACCOUNT.token`, those of the agents in `tokens.json`.
    """
    url = f"sqlite:///{folder / 'octui.db'}"
    server = EmbeddedServer(Settings(database=url), socket=False)
    try:
        asyncio.run(_furnish(server, folder, agents))
    finally:
        server.close()
    return url


async def _furnish(server: EmbeddedServer, folder: Path, agents: int) -> None:
    async with Api(in_process_transport(server.app, caller_headers(Via.COMMAND))) as api:
        await api.create_organization(
            NewOrganization(
                name="한빛 고객센터",
                domain="hanbit",
                admin_account=ADMIN,
                admin_name="한서연",
                admin_email="admin@hanbit.example",
            )
        )
        await api.add_service(
            NewService(id=SERVICE, name="고객상담", language="ko", time_zone="Asia/Seoul", phone=True)
        )
        names = [account(number) for number in range(agents)]

        def people(change: Change) -> dict[str, str]:
            add_people(
                change,
                [NewMember(account=name, name="김민수", email=f"{name}@hanbit.example") for name in names],
                [
                    (SERVICE, NewAgent(account=name, role=Role.AGENT, ticket=True, chat=True, phone=True))
                    for name in names
                ],
                [(name, f"cs{name}", name[5:]) for name in names],
            )
            return {name: tokens.issue_token(change, name, 1) for name in names}

        agents_tokens = await asyncio.to_thread(server.store.write, people, local_operator())
        (folder / "tokens.json").touch(mode=0o600)
        (folder / "tokens.json").write_text(json.dumps(agents_tokens))
        for first in range(0, agents, 500):
            some = [(number, names[number]) for number in range(first, min(agents, first + 500))]
            events = [event(number, "phone.login", name) for number, name in some]
            events += [event(agents + number, "phone.state", name, state="ready") for number, name in some]
            result = await api.take_in_events(SERVICE, events)
            if result.taken != len(events):
                raise RuntimeError(f"of {len(events)} events {result.taken} were taken in: {result}")
        for who in (ADMIN, AGENT):
            file = folder / f"{who}.token"
            file.touch(mode=0o600)
            file.write_text((await api.issue_token(NewToken(account=who, days=1))).token)


class Served:
    """`octui serve` in a process of its own; a context manager."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._tokens: dict[str, str] = json.loads((folder / "tokens.json").read_text())
        self._tokens |= {who: (folder / f"{who}.token").read_text().strip() for who in (ADMIN, AGENT)}
        env = {**os.environ, **{name: value for name, value in environment(folder).items() if value is not None}}
        self._process = subprocess.Popen(
            [*OCTUI, "serve", "--port", str(self.port), "--database", url],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "serve.log").open("w"),
        )
        self.pid = self._process.pid
        try:
            self._wait()
        except BaseException:
            self._process.kill()
            raise

    def _wait(self) -> None:
        end = time.monotonic() + 20
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 0.1):
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    log = (self._folder / "serve.log").read_text()
                    raise RuntimeError(f"octui serve does not answer: {log}") from None
                time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def token(self, who: str) -> str:
        return self._tokens[who]

    def command(self, who: str = AGENT) -> list[str]:
        """Return the command that opens the screens in remote mode."""
        return [*OCTUI, "--url", self.address, "--token-file", str(self._folder / f"{who}.token")]

    def connection(self) -> "Sender":
        return Sender(self)


class Sender:
    """Sender of events over one kept connection, as the admin."""

    def __init__(self, served: Served) -> None:
        self._way = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
        self._headers = {
            "authorization": f"Bearer {served.token(ADMIN)}",
            "content-type": "application/cloudevents-batch+json",
        }
        self._way.connect()
        assert self._way.sock is not None
        self._way.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sent = 0

    def post(self, *events: dict[str, Any]) -> None:
        """Send events and return when they are stored. Raises RuntimeError unless all are."""
        self._sent += 1
        headers = {**self._headers, "idempotency-key": f"bench-{time.time_ns()}-{self._sent}"}
        self._way.request("POST", f"/api/v1/services/{SERVICE}/events", json.dumps(events).encode(), headers)
        answer = self._way.getresponse()
        body = answer.read()
        if answer.status != 200 or json.loads(body)["taken"] != len(events):
            raise RuntimeError(f"{answer.status} {body!r}")

    def close(self) -> None:
        self._way.close()
