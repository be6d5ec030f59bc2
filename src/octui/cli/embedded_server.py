"""Embedded server: runs in this process, or is that of another program that has the database file open.

The modules of the server are imported inside functions, so that a client of a remote server loads none of them
(architecture.md 2).
"""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from octui.cli import paths
from octui.cli.fast_imports import fast_imports
from octui.cli.mail import mail_settings
from octui.cli.settings import Settings
from octui.client.errors import ClientError, Unreachable
from octui.client.transport import Reply, Request, Transport, in_process_transport, socket_transport

if TYPE_CHECKING:
    from octui.server.database.file_owner import FileOwner
    from octui.server.database.store import Store
    from octui.server.mail.delivery import MailSettings, MailWorker
    from octui.server.socket_server import SocketServer

CHECKPOINTS = ".checkpoints"
PATIENCE_S = 10.0
"""Time for which a request waits for a program that has the file and does not listen: starting takes about a second."""
_RETRY_S = 0.05


class EmbeddedServer:
    """A running server on one database. Callers of `app` count as owners of the file, those of `network_app` do not."""

    def __init__(self, settings: Settings, mail: "MailSettings | None" = None, *, socket: bool = True) -> None:
        """Open the database and start the background threads; `socket`: listen for other programs too.

        Blocking. Raises StoreError, or FileElsewhere when another program has the file."""
        with fast_imports():
            from octui.server.app import create_app
            from octui.server.audit.checkpoints import Checkpointer
            from octui.server.database.engine import database_location, open_store
            from octui.server.database.file_owner import OtherOwner, claim_file
            from octui.server.database.secrets import Sealer
            from octui.server.identity.authentication import LocalApp
            from octui.server.maintenance import MaintenanceThread

        url = settings.database_url()
        location = database_location(url)
        self._owner: FileOwner | None = None
        self._socket_server: SocketServer | None = None
        if isinstance(location, Path):
            claimed = claim_file(location)
            if isinstance(claimed, OtherOwner):
                raise FileElsewhere(claimed.socket_path)
            self._owner = claimed
        try:
            self.store: Store = open_store(url)
            if isinstance(location, Path):
                folder = location.with_name(location.name + CHECKPOINTS)
            else:
                folder = paths.data_folder() / f"{location.host or 'local'}-{location.database or ''}{CHECKPOINTS}"
            # A folder for each database, never for each log: a log begun anew must meet the checkpoints of the old one.
            checkpointer = Checkpointer(self.store, folder)
            checkpointer.start()
            self.network_app = create_app(self.store, sealer=Sealer(folder), url_suffix=settings.url_suffix)
            self.network_app.state.checkpointer = checkpointer
            MaintenanceThread(self.store).start()
            self.network_app.state.mail_worker = None if mail is None else _start_mail_worker(self.store, mail)
            self.app = LocalApp(self.network_app)
            if self._owner is not None and socket:
                from octui.server import socket_server  # uvicorn takes 0.1 s to load

                self._socket_server = socket_server.SocketServer(self.app, self._owner.socket_path)
                self._socket_server.start()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Answer the waiting requests, write what is queued and a checkpoint, release the file."""
        app = getattr(self, "network_app", None)
        if app is not None:
            app.state.notifier.close()
        if self._socket_server is not None:
            self._socket_server.stop()
        store = getattr(self, "store", None)
        if store is not None:
            store.close()
        if self._owner is not None:
            self._owner.release()


def _start_mail_worker(store: "Store", mail: "MailSettings") -> "MailWorker":
    from octui.server.mail.delivery import MailWorker
    from octui.server.members.invitation_mail import compose_invitation

    worker = MailWorker(store, mail, compose_invitation)
    worker.start()
    return worker


class FileElsewhere(Exception):
    """Result of opening a database that another program has open; that program's server listens at `socket`."""

    def __init__(self, socket: Path) -> None:
        super().__init__("another octui has the database")
        self.socket = socket


class CannotOpen(ClientError):
    """Result of opening a database that cannot be opened, with the reason. `lasting`: retrying does not help."""

    def __init__(self, code: str, sentence: str, *, lasting: bool) -> None:
        super().__init__(code, sentence)
        self.lasting = lasting


class EmbeddedTransport:
    """Transport to a database of the user's own.

    The first request starts the server, or finds that of another program; when that one ends, it is started here.
    """

    def __init__(self, settings: Settings, headers: Mapping[str, str], *, socket: bool = True) -> None:
        """Prepare the transport; `socket` as in EmbeddedServer. Raises CommandError for wrong mail settings."""
        self._settings = settings
        self._mail = mail_settings(settings)
        self._socket = socket
        self._headers = dict(headers)
        self._transport: Transport | None = None
        self.server: EmbeddedServer | None = None
        self._opening = asyncio.Lock()
        self._starting: asyncio.Task[EmbeddedServer | FileElsewhere | CannotOpen] | None = None

    async def open(self) -> None:
        """Start the server or find the one that has the file. Raises CannotOpen."""
        async with self._opening:
            if self._transport is not None:
                return
            if self._starting is None:
                self._starting = asyncio.create_task(asyncio.to_thread(self._start_server))
            # A request that waits for it may be canceled; the server that was started is then closed by `close`.
            outcome = await asyncio.shield(self._starting)
            self._starting = None
            if isinstance(outcome, CannotOpen):
                raise outcome
            if isinstance(outcome, FileElsewhere):
                self._transport = socket_transport(outcome.socket, self._headers)
            else:
                self.server = outcome
                self._transport = in_process_transport(outcome.app, self._headers)

    def _start_server(self) -> "EmbeddedServer | FileElsewhere | CannotOpen":
        """Return the started server, or the reason why none runs in this process. Blocking."""
        from octui.server.core.errors import StoreError

        try:
            return EmbeddedServer(self._settings, self._mail, socket=self._socket)
        except FileElsewhere as elsewhere:
            return elsewhere
        except StoreError as error:
            return CannotOpen(error.code, str(error), lasting=error.retry_after is None)

    async def send(self, request: Request) -> Reply:
        clock = asyncio.get_running_loop().time
        end = clock() + min(request.deadline, PATIENCE_S)
        while True:
            await self.open()
            transport = self._transport
            assert transport is not None
            try:
                return await transport.send(request)
            except Unreachable as error:
                if self.server is not None or error.code not in ("connect", "broken_off"):
                    raise
                # The program that had the file has ended, or is about to end or to begin: the file will be free, or
                # belong to a program that listens.
                await self._discard(transport)
                if error.maybe_done or clock() >= end:
                    raise
            await asyncio.sleep(_RETRY_S)

    async def _discard(self, transport: Transport) -> None:
        async with self._opening:
            if self._transport is not transport:
                return
            self._transport = None
        with contextlib.suppress(Unreachable):
            await transport.close()

    async def close(self) -> None:
        """Close the connection, and the server if it is in this process."""
        if self._starting is not None:
            outcome = await self._starting
            self._starting = None
            if isinstance(outcome, EmbeddedServer):
                self.server = outcome
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.close()
        if self.server is not None:
            server, self.server = self.server, None
            await asyncio.to_thread(server.close)
