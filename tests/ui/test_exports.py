"""Every table on screen, written to a file of either kind: exactly what is shown, and nothing in it a formula."""

import csv
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from octui.schema.contracts import ItemTerms
from octui.schema.items import Item
from octui.schema.organization import NewOrganizationAdmin
from octui.ui.dialogs import exports
from octui.ui.dialogs.choice import Choice
from ui.person import Person, at
from ui.server import Center, Seed, seed_service

EVIL = "=1+1"
MENUS = ("agents", "cti", "cti_settings", "audit", "contracts", "charges", "organization", "members")


async def seed(center: Center) -> None:
    """Name somebody or something like a formula in every table."""
    await seed_service(center)
    await center.add_service("evil", EVIL, ItemTerms(item=Item.TICKET))
    await center.add_agent("evil", EVIL)
    await center.add_agent("kim", "김민수")
    await center.operator.add_organization_admin(NewOrganizationAdmin(account="evil"))


@pytest.fixture
def center(make_center: Callable[[Seed], Center]) -> Center:
    center = make_center(seed)
    center.folder /= "state"
    return center


async def export_rows(person: Person, choice: str, path: Path) -> list[list[str]]:
    """Export the table and return the rows on screen."""
    source = person.grid.source
    rows = []
    for index in range(source.row_count()):
        key = source.key_at(index)
        cells = None if key is None else source.row_cells(key)
        assert cells is not None
        rows.append([cell.text.strip() for cell in cells])
    person.grid.focus()
    await person.press("f9")
    await person.dialog(Choice)
    await person.press(choice)
    await person.no_dialog()
    assert str(path) in person.said
    assert path.stat().st_mode & 0o777 == 0o600
    return rows


@pytest.mark.parametrize("menu", MENUS)
async def test_csv_contains_the_shown_rows_without_formulas(
    menu: str, center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path.with_suffix(suffix))
    async with at(center, menu) as person:
        shown = await export_rows(person, "2", path)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert len(rows) == len(shown) + 1
    cells = {cell for row in rows for cell in row}
    assert f"'{EVIL}" in cells
    assert EVIL not in cells


@pytest.mark.parametrize("menu", MENUS)
async def test_excel_contains_the_shown_rows_without_formulas(
    menu: str, center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path.with_suffix(suffix))
    async with at(center, menu) as person:
        shown = await export_rows(person, "1", path)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == EVIL]
    assert found
    assert {cell.data_type for cell in found} == {"s"}
    assert sheet.max_row == len(shown) + 1


async def test_escape_at_the_choice_writes_nothing(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / "out.csv")
    async with at(center, "agents") as person:
        await person.press("f9")
        await person.dialog(Choice)
        await person.press("escape")
        await person.no_dialog()
        assert person.said == ""
    assert not (tmp_path / "out.csv").exists()


async def test_unwritable_folder_is_reported(center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / "nowhere" / f"out{suffix}")
    async with at(center, "agents") as person:
        for choice in ("1", "2"):
            await person.press("f9")
            await person.dialog(Choice)
            await person.press(choice)
            await person.no_dialog()
            assert "Could not be written" in person.said
