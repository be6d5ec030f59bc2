"""Fixtures of the end-to-end tests: folders of a user with a center in them, and a server that runs on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.commands import Home, Server


@pytest.fixture
def new_home(tmp_path: Path) -> Home:
    """Folders with an organization and nothing in it."""
    home = Home(tmp_path)
    home.create_organization()
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Folders with a center: one service with phone, two agents."""
    home = Home(tmp_path)
    home.create_center()
    return home


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    """A server on the database of `home`, at a free port."""
    process = home.start("serve", "--port", "0")
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "serving on http://127.0.0.1:" in line, line + process.stderr.read()
        yield Server(line.partition("serving on ")[2].partition(";")[0], process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def server_url(server: Server) -> str:
    return server.url
