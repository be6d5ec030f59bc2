"""Fixtures of the end-to-end tests: folders of a user with a center in them, and a server that runs on it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.commands import Home, Server


@pytest.fixture(scope="session")
def organization_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders with an organization, made by the commands once and copied for each test."""
    home = Home(tmp_path_factory.mktemp("organization"))
    home.create_organization()
    return home.folder


@pytest.fixture(scope="session")
def center_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders with a center, made by fifteen commands once and copied for each test."""
    home = Home(tmp_path_factory.mktemp("center"))
    home.create_center()
    return home.folder


@pytest.fixture
def new_home(tmp_path: Path, organization_template: Path) -> Home:
    """Folders with an organization and nothing in it."""
    shutil.copytree(organization_template, tmp_path, dirs_exist_ok=True)
    return Home(tmp_path)


@pytest.fixture
def home(tmp_path: Path, center_template: Path) -> Home:
    """Folders with a center: one service with phone, two agents."""
    shutil.copytree(center_template, tmp_path, dirs_exist_ok=True)
    return Home(tmp_path)


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
