"""The server that the tests of the screens run against: seeded once, copied for each test."""

import asyncio
import secrets
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from ui.idle import wait_for_idle
from ui.server import Center, Seed, seed_service


@pytest.fixture(scope="session", autouse=True)
def parsed_styles() -> Iterator[None]:
    """Parse each style sheet once for all apps: it took a third of the time of these tests."""
    parse, parsed = Stylesheet._parse_rules, {}

    def parse_once(sheet: Stylesheet, *source: Any, **options: Any) -> list[RuleSet]:
        key = (*source, *options.values(), tuple(sheet._variables.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, *source, **options)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def idle_by_event_loop() -> Iterator[None]:
    """Let the pilot wait for the event loop instead of sleeping."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual.pilot.wait_for_idle", wait_for_idle)
        patch.setattr("textual.app.wait_for_idle", wait_for_idle)
        yield


@pytest.fixture(scope="session")
def make_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Seed], Path]:
    """Make a seeded database, once for each seed; what the server draws at random in it is the same every time."""
    folder = tmp_path_factory.mktemp("templates")

    @cache
    def make(seed: Seed) -> Path:
        database = folder / f"{seed.__module__}.{seed.__name__}.db"
        center = Center(folder, database, folder)
        numbers = Random(1)
        with pytest.MonkeyPatch.context() as patch, closing(center), ThreadPoolExecutor() as threads:
            patch.setattr(secrets, "choice", numbers.choice)
            patch.setattr(secrets, "token_hex", lambda size: numbers.randbytes(size).hex())
            threads.submit(asyncio.run, seed(center)).result()  # the test's own event loop may be running here
        return database

    return make


@pytest.fixture
def make_center(
    make_template: Callable[[Seed], Path], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Seed], Center]]:
    """Start the server on a copy of a seeded database."""
    centers: list[Center] = []

    def make(seed: Seed) -> Center:
        template, database = make_template(seed), tmp_path_factory.mktemp("server") / "octui.db"
        shutil.copy(template, database)
        centers.append(Center(tmp_path, database, template.parent))
        return centers[-1]

    yield make
    for center in centers:
        center.close()


@pytest.fixture
def center(request: pytest.FixtureRequest, make_center: Callable[[Seed], Center]) -> Center:
    """A center seeded by the module's own `seed`; without one it has its admin and a service with phone."""
    return make_center(getattr(request.module, "seed", seed_service))
