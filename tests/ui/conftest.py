"""The server that the tests of the screens run against: seeded once, copied for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from ui.server import Center, copy_template, make_template, seed_organization, seed_service


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


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the seeded databases."""
    folder = tmp_path_factory.mktemp("templates")
    for seed in (seed_organization, seed_service):
        make_template(folder, seed)
    return folder


@pytest.fixture
def organization(templates: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    """An organization with its admin, without a service."""
    database = tmp_path_factory.mktemp("server") / "octui.db"
    center = copy_template(templates / "seed_organization.db", database, tmp_path)
    yield center
    center.close()


@pytest.fixture
def center(templates: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    """An organization with its admin and a service with phone."""
    database = tmp_path_factory.mktemp("server") / "octui.db"
    center = copy_template(templates / "seed_service.db", database, tmp_path)
    yield center
    center.close()
