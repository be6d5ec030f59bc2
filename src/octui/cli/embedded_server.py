"""The service in this process, or of the program that already has the file; taken over when that one ends.

Everything of the service is imported here, inside functions, so that remote mode loads none of it (architecture.md 2).
"""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from octui.cli import paths
from octui.cli.fast_imports import importing
from octui.client.errors import ClientError, Unreachable
from octui.client.transport import Reply, Request, Transport, in_process_transport, socket_transport

if TYPE_CHECKING:
    from octui.cli.mail import PostFor
    from octui.server.database.file_owner import FileOwner
    from octui.server.database.store import Store

CHECKPOINTS = ".checkpoints"
PATIENCE_S = 10.0
"""How long a call waits for a program that has the file and does not listen: starting takes about a second."""
_LOOK_AGAIN_S = 0.05


class Service:
    """A running service on one database. `app` is the local way in: it knows that its callers own the file."""

    def __init__(self, url: str, *, socket: bool, post: "PostFor | None" = None, url_suffix: str | None = None) -> None:
        """Blocking; raises StoreError with one clear line, or FileElsewhere. `post`: what sends mails, if anything.
        `url_suffix`: what follows the domain in the organization's URL, where it is not the usual one."""
        with importing():
            from octui.server.app import create_app
            from octui.server.audit.checkpoints import Checkpointer
            from octui.server.database.engine import database_location, open_store
            from octui.server.database.file_owner import OtherOwner, SocketServer, claim_file
            from octui.server.database.secrets import Sealer
            from octui.server.identity.authentication import LocalApp
            from octui.server.maintenance import MaintenanceThread

        where = database_location(url)
        self._owner: FileOwner | None = None
        self._server: SocketServer | None = None
        if isinstance(where, Path):
            claimed = claim_file(where)
            if isinstance(claimed, OtherOwner):
                raise FileElsewhere(claimed.socket_path)
            self._owner = claimed
        try:
            self.store: Store = open_store(url)
            if isinstance(where, Path):
                folder = where.with_name(where.name + CHECKPOINTS)
            else:
                folder = paths.data_folder() / f"{where.host or 'local'}-{where.database or ''}{CHECKPOINTS}"
            # A folder for each database, never for each log: a log begun anew must meet the checkpoints of the old one.
            checkpointer = Checkpointer(self.store, folder)
            checkpointer.start()
            self.network_app = create_app(self.store, sealer=Sealer(folder), url_suffix=url_suffix)
            self.network_app.state.checkpointer = checkpointer
            MaintenanceThread(self.store).start()
            self.network_app.state.post = None if post is None else post(self.store)
            self.app = LocalApp(self.network_app)
            if self._owner is not None and socket:
                self._server = SocketServer(self.app, self._owner)
                self._server.start()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let waiting calls go, write what is queued and a checkpoint, give the file back."""
        app = getattr(self, "network_app", None)
        if app is not None:
            app.state.notifier.close()
        if self._server is not None:
            self._server.stop()
        store = getattr(self, "store", None)
        if store is not None:
            store.close()
        if self._owner is not None:
            self._owner.release()


class FileElsewhere(Exception):
    """Another program has the file; its service is at `socket`."""

    def __init__(self, socket: Path) -> None:
        super().__init__("another octui has the database")
        self.socket = socket


class CannotOpen(ClientError):
    """The database cannot be opened; its sentence says why. `lasting`: trying again is of no use."""

    def __init__(self, code: str, sentence: str, *, lasting: bool) -> None:
        super().__init__(code, sentence)
        self.lasting = lasting


def start(
    url: str, *, socket: bool, post: "PostFor | None" = None, url_suffix: str | None = None
) -> "Service | FileElsewhere | CannotOpen":
    """The service on the database, or why there is none in this process. Blocking."""
    from octui.server.core.errors import StoreError

    try:
        return Service(url, socket=socket, post=post, url_suffix=url_suffix)
    except FileElsewhere as elsewhere:
        return elsewhere
    except StoreError as error:
        return CannotOpen(error.code, str(error), lasting=error.retry_after is None)


class Embedded:
    """The way to a database of one's own. Opened by the first call; other programs reach it by its socket, unless
    `socket` says that there will be none."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        socket: bool = True,
        post: "PostFor | None" = None,
        url_suffix: str | None = None,
    ) -> None:
        self._url = url
        self._url_suffix = url_suffix
        self._socket = socket
        self._post = post
        self._headers = dict(headers)
        self._way: Transport | None = None
        self.service: Service | None = None
        self._opening = asyncio.Lock()
        self._starting: asyncio.Task[Service | FileElsewhere | CannotOpen] | None = None

    async def open(self) -> None:
        """Start the service or find the one that has the file. Raises CannotOpen."""
        async with self._opening:
            if self._way is not None:
                return
            if self._starting is None:
                self._starting = asyncio.create_task(
                    asyncio.to_thread(
                        start, self._url, socket=self._socket, post=self._post, url_suffix=self._url_suffix
                    )
                )
            # Who waits for it may give up; the service that was started is then closed by `close`.
            started = await asyncio.shield(self._starting)
            self._starting = None
            if isinstance(started, CannotOpen):
                raise started
            if isinstance(started, FileElsewhere):
                self._way = socket_transport(started.socket, self._headers)
            else:
                self.service = started
                self._way = in_process_transport(started.app, self._headers)

    async def send(self, request: Request) -> Reply:
        clock = asyncio.get_running_loop().time
        end = clock() + min(request.deadline, PATIENCE_S)
        while True:
            await self.open()
            way = self._way
            assert way is not None
            try:
                return await way.send(request)
            except Unreachable as error:
                if self.service is not None or error.code not in ("connect", "broken_off"):
                    raise
                # The program that had the file has ended, or is about to end or to begin: the file will be ours, or
                # somebody's who listens.
                await self._forget(way)
                if error.maybe_done or clock() >= end:
                    raise
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _forget(self, way: Transport) -> None:
        async with self._opening:
            if self._way is not way:
                return
            self._way = None
        with contextlib.suppress(Unreachable):
            await way.close()

    async def close(self) -> None:
        if self._starting is not None:
            started = await self._starting
            self._starting = None
            if isinstance(started, Service):
                self.service = started
        way, self._way = self._way, None
        if way is not None:
            await way.close()
        if self.service is not None:
            service, self.service = self.service, None
            await asyncio.to_thread(service.close)
