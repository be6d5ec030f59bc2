"""The service in this process, or of the program that already has the file; taken over when that one ends.

Everything of the service is imported here, inside functions, so that remote mode loads none of it (design.md 2).
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octui.client.errors import Unreachable
from octui.client.transport import Reply, Transport, in_process, over_socket

if TYPE_CHECKING:
    from octui.service.store.lock import Owner
    from octui.service.store.store import Store


class Service:
    """A running service on one database. `app` is the local way in: it knows that its callers own the file."""

    def __init__(self, url: str, *, socket: bool) -> None:
        """Blocking; raises StoreError with one clear line, or FileElsewhere."""
        from octui.service.app import create_app
        from octui.service.security import LocalApp
        from octui.service.store.checkpoints import Checkpointer
        from octui.service.store.engine import database, open_store
        from octui.service.store.lock import Elsewhere, SocketServer, claim

        where = database(url)
        self._owner: Owner | None = None
        self._server: SocketServer | None = None
        if isinstance(where, Path):
            claimed = claim(where)
            if isinstance(claimed, Elsewhere):
                raise FileElsewhere(claimed.socket_path)
            self._owner = claimed
        try:
            self.store: Store = open_store(url)
            folder = where.parent / "checkpoints" if isinstance(where, Path) else None
            self.checkpointer = Checkpointer(self.store, folder) if folder is not None else None
            self.network_app = create_app(self.store)
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
            app.state.live.close()
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


class Embedded(Transport):
    """The way to a database of one's own. Opened by the first call; other programs reach it by its socket."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = dict(headers)
        self._way: Transport | None = None
        self.service: Service | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Start the service or find the one that has the file. Raises StoreError."""
        async with self._opening:
            if self._way is not None:
                return
            try:
                self.service = await asyncio.to_thread(Service, self._url, socket=True)
            except FileElsewhere as elsewhere:
                self._way = over_socket(elsewhere.socket, self._headers)
            else:
                self._way = in_process(self.service.app, self._headers)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float,
    ) -> Reply:
        arguments: dict[str, Any] = {"params": params, "headers": headers, "body": body, "deadline": deadline}
        await self.open()
        assert self._way is not None
        try:
            return await self._way.send(method, path, **arguments)
        except Unreachable as error:
            if self.service is not None or error.code not in ("connect", "broken_off"):
                raise
            # The program that had the file has ended: the file is ours now, or another's.
            await self._forget()
            if error.maybe_done:
                raise
            await self.open()
            return await self._way.send(method, path, **arguments)

    async def _forget(self) -> None:
        async with self._opening:
            way, self._way = self._way, None
        if way is not None:
            with contextlib.suppress(Unreachable):
                await way.close()

    async def close(self) -> None:
        way, self._way = self._way, None
        if way is not None:
            await way.close()
        if self.service is not None:
            service, self.service = self.service, None
            await asyncio.to_thread(service.close)
