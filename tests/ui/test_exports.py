"""Every table on screen, written to a file of either kind: exactly what is shown, and nothing in it a formula."""

import csv
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from octui.schema.items import Item
from octui.schema.organization import OrganizationAdmin
from octui.ui import exports
from octui.ui.dialogs.choice import Choice
from ui.fake_charges import FakeCharges, FakeService
from ui.fake_cti_settings import ready
from ui.fake_floor import agent, entry, member
from ui.fakes import FakeApi, cti_agent, me
from ui.person import Person, at

EVIL = "=1+1"
Tell = Callable[[Person], None]


def centre() -> FakeCharges:
    """Everywhere somebody or something is named like a formula."""
    api = FakeCharges(me(), [FakeService("evil", EVIL, {Item.TICKET: 2}), FakeService("cs", "상담", {Item.TICKET: 1})])
    api.cti = FakeApi(me(), [cti_agent("evil", EVIL), cti_agent("kim", "김민수", "1001", "71")]).cti
    api._row_changed = dict.fromkeys(api.cti, 1)
    api.seat(agent("evil", EVIL), agent("kim", "김민수"))
    api.readiness = [ready("evil", EVIL), ready("kim", "김민수")]
    api.members_known = [member("evil", EVIL), member("admin", "관리자")]
    api.admins = [OrganizationAdmin(account="evil", name=EVIL, email="evil@acme.example")]
    api.record(entry(1, target_name=EVIL), entry(2))
    return api


def _contracts(one: Person) -> None:
    assert isinstance(one.api, FakeCharges)
    one.desk.feed.tell("contracts", one.api.contracts_body())


TABLES: dict[str, Tell] = {
    "agents": lambda one: one.desk.tell_agents(),
    "cti": lambda one: one.desk.tell_cti(),
    "cti_settings": lambda one: (one.desk.tell_cti_settings(), one.desk.tell_cti())[0],
    "audit": lambda one: one.desk.tell_audit(),
    "contracts": _contracts,
    "charges": _contracts,
    "organization": lambda one: one.desk.tell_admins(),
    "members": lambda one: one.desk.tell_invitations(),
}


async def written(one: Person, menu: str, choice: str, path: Path) -> list[list[str]]:
    """The rows on screen, once the file is there."""
    TABLES[menu](one)
    await one.settled()
    source = one.grid.source
    rows = []
    for index in range(source.count()):
        key = source.key_at(index)
        cells = None if key is None else source.cells(key)
        assert cells is not None
        rows.append([cell.text.strip() for cell in cells])
    one.grid.focus()
    await one.press("f9")
    await one.dialog(Choice)
    await one.press(choice)
    await one.no_dialog()
    assert str(path) in one.said
    assert path.stat().st_mode & 0o777 == 0o600
    return rows


@pytest.mark.parametrize("menu", TABLES)
async def test_as_csv(menu: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.csv"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path.with_suffix(suffix))
    async with at(centre(), tmp_path / "state", menu) as one:
        shown = await written(one, menu, "2", path)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert len(rows) == len(shown) + 1
    cells = {cell for row in rows for cell in row}
    assert f"'{EVIL}" in cells
    assert EVIL not in cells


@pytest.mark.parametrize("menu", TABLES)
async def test_as_excel(menu: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: path.with_suffix(suffix))
    async with at(centre(), tmp_path / "state", menu) as one:
        shown = await written(one, menu, "1", path)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == EVIL]
    assert found
    assert {cell.data_type for cell in found} == {"s"}
    assert sheet.max_row == len(shown) + 1


async def test_none_after_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / "out.csv")
    async with at(centre(), tmp_path, "agents") as one:
        TABLES["agents"](one)
        await one.settled()
        await one.press("f9")
        await one.dialog(Choice)
        await one.press("escape")
        await one.no_dialog()
        assert one.said == ""
    assert not (tmp_path / "out.csv").exists()


async def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: tmp_path / "nowhere" / f"out{suffix}")
    async with at(centre(), tmp_path, "agents") as one:
        TABLES["agents"](one)
        await one.settled()
        for choice in ("1", "2"):
            await one.press("f9")
            await one.dialog(Choice)
            await one.press(choice)
            await one.no_dialog()
            assert "Could not be written" in one.said
