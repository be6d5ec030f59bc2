"""The charges screen, by keyboard: months, selections, formulas, bars, export."""

import csv
from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.items import Item, ServiceState, ServiceType
from octui.ui.contract_labels import ITEM_LABELS
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.pick import Pick
from octui.ui.dialogs.report import Report
from octui.ui.locale import Words
from octui.ui.widgets.month_bars import Bar, MonthBars, heights, pitch, shown, unit_for
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine
from ui.fake_charges import FakeCharges, FakeService
from ui.fake_people import refused
from ui.fakes import HOSTILE, me
from ui.person import Person, at


def fake_server(*more: FakeService, language: str = "en") -> FakeCharges:
    """Return a server with two services: one with usage in both tiers and a discount, one begun in mid-October."""
    users = {Item.TICKET: 20, Item.TELTICKET: 15, Item.CALLBACK: 1}
    usage = {Item.TICKET: 65_200, Item.TELTICKET: 175_200}
    return FakeCharges(
        me(language=language),
        [
            FakeService("cs", "상담센터", users, usage, discount=1000),
            FakeService("issues", "이슈실", {Item.TICKET: 3}, type=ServiceType.ISSUE, since=("2026-10", 12)),
            *more,
        ],
    )


def heading_text(person: Person) -> str:
    return person.screen.query(StatusLine).first().text


def foot_text(person: Person) -> str:
    return person.screen.query(StatusLine).last().text


def row_text(person: Person, *words: str) -> str:
    return next(line for line in person.lines if all(word in line for word in words))


async def tell_contracts(person: Person) -> None:
    assert isinstance(person.api, FakeCharges)
    body = person.api.contracts_body()
    for lease in tuple(entry.leases) if (entry := person.desk.feed._topics.get("contracts")) is not None else ():
        lease.callback("contracts", body, f"etag{len(person.api.contracted)}")
    await person.settled()


async def go_back(person: Person, months: int = 1) -> None:
    for _ in range(months):
        await person.press("f7")
        await person.settled()


async def test_current_month_is_shown_to_date_and_is_the_last(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "charges") as person:
        assert heading_text(person).startswith("2026-11 (to date: up to 11-23, 11:13)   Everything   total ")
        assert "23 days × 20 users × 333" in person.text
        assert "F8" in person.keys_off
        await person.press("f8")
        assert "no later month" in person.said
        await go_back(person)
        assert heading_text(person).startswith("2026-10 (closed)")
        await person.press("f8")
        await person.settled()
        assert heading_text(person).startswith("2026-11 (to date")


async def test_lines_of_a_closed_month_are_explained_and_add_up(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "charges") as person:
        await go_back(person)
        for text, amount in (
            ("20 users × 10,000", "200,000"),
            ("free 60,000 / used 65,200 → 5,200 × 50.0", "260,000"),
            ("15 users × 70,000", "1,050,000"),
            ("free 90,000 / used 175,200 → 40,000 × 3.0", "120,000"),
            ("above 40,000 → 45,200 × 1.5", "67,800"),
            ("50,000 a month", "50,000"),
            ("1,747,800 × -10 %", "-174,780"),
            ("20 days × 3 users × 333", "19,980"),
        ):
            assert row_text(person, text).rstrip().endswith(f" {amount}")
        # 1,747,800 - 174,780, and 20 days of 3 users: the sums of what stands there.
        assert row_text(person, "상담센터", "Consultation").rstrip().endswith(" 1,573,020")
        assert row_text(person, "이슈실", "Issue").rstrip().endswith(" 19,980")
        assert row_text(person, "Total").rstrip().endswith(" 1,593,000")
        assert "total 1,593,000 KRW" in heading_text(person)


async def test_line_dialog_shows_formula_and_rules(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "charges", size=(120, 50)) as person:
        await go_back(person)
        await person.press(*["down"] * 5)
        assert foot_text(person) == "상담센터   Ticket + phone   Usage, tier 2: above 40,000 → 45,200 × 1.5"
        await person.press("enter")
        await person.dialog(Report)
        for text in (
            "Used in the month: 175,200 seconds. Free: 90,000 seconds.",
            "the first 40,000 seconds are charged as tier 1",
            "45,200 × 1.5 = 67,800",
            "Calls count by talk time",
            "rounded half up to whole KRW, once",
            "Closed: it does not change any more. Days are those of Asia/Seoul.",
        ):
            assert text in person.text.replace("\n", " ")
        assert "A chat counts" not in person.text
        await person.press("escape")
        await person.no_dialog()


async def test_every_kind_of_row_has_a_formula(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "charges", size=(120, 50)) as person:
        await go_back(person)
        found = []
        for _ in range(person.grid.source.count()):
            await person.press("enter")
            await person.dialog(Report)
            found.append(person.text)
            await person.press("escape")
            await person.no_dialog()
            await person.press("down")
        assert "Ticket  20 users × 10,000 = 200,000" in found[0]
        assert "each at 10,000 KRW" in found[1]
        assert "In force on every day of the month: 50,000 KRW a month." in found[6]
        assert "10 % off the sum of the lines above." in found[7]
        assert "3 users were in force on 20 days of the month" in found[9]
        assert "상담센터 (cs): 1,573,020" in found[-1]
        assert "= 1,593,000" in found[-1]
        assert "Usage counts on the days on which the item is in force." in found[-1]


async def test_selection_of_type_or_service_is_remembered(tmp_path: Path) -> None:
    api = fake_server(
        FakeService("old", "옛것", {Item.TICKET: 1}, state=ServiceState.SUSPENDED, since=("2026-01", 1)),
    )
    async with at(api, tmp_path, "charges") as person:
        await tell_contracts(person)
        await person.press("f6")
        await person.dialog(Pick)
        await person.press("down", "down", "enter")
        await person.no_dialog()
        assert api.asked[-1] == ("2026-11", ServiceType.ISSUE, None)
        assert "Issue" in heading_text(person)
        assert "상담센터" not in person.text
        await person.press("f6")
        await person.dialog(Pick)
        pick = person.app.screen
        await person.press("o", "l", "d")
        await person.until(lambda: pick.query_one(SearchLine).value == "old")
        await person.press("enter")  # once: what is found first is what is meant
        await person.no_dialog()
        assert api.asked[-1] == ("2026-11", None, "old")
        assert "옛것 (old)  now: Suspended" in heading_text(person)
        await person.press("f6")
        await person.dialog(Pick)
        await person.press("escape")
        await person.no_dialog()
    async with at(api, tmp_path, "charges") as person:
        assert api.asked[-1] == ("2026-11", None, "old")


async def test_month_without_contract_shows_a_sentence_instead_of_zero(tmp_path: Path) -> None:
    api = fake_server()
    api.contracted[0].since = ("2026-12", 1)
    async with at(api, tmp_path, "charges") as person:
        await go_back(person)
        await person.press("f7")
        assert person.said == "Nothing was under contract before 2026-10."
        await tell_contracts(person)
        api.contracted.clear()
        await tell_contracts(person)
        assert "Nothing was under contract in 2026-10." in person.text
        assert "total" not in heading_text(person)
        assert {"Enter", "F9"} <= person.keys_off
        totals = next(line for line in person.lines if line.startswith(" –"))
        assert totals.split() == ["–"] * 12


async def test_charges_reload_after_contract_changes_and_every_minute(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "charges") as person:
        await tell_contracts(person)
        asked = len(api.asked)
        await tell_contracts(person)
        assert len(api.asked) == asked
        api.contracted.append(FakeService("new", "새것", {Item.TICKET: 1}, since=("2026-11", 23)))
        await tell_contracts(person)
        assert len(api.asked) == asked + 1
        assert "새것" in person.text
        await person.passes(60)
        await person.settled()
        assert len(api.asked) == asked + 2
        await go_back(person)
        asked = len(api.asked)
        await person.passes(60)
        await person.settled()
        assert len(api.asked) == asked


async def test_failed_load_is_reported_retried_and_dims_old_amounts(tmp_path: Path) -> None:
    api = fake_server()
    async with at(api, tmp_path, "charges") as person:
        api.failure = Unreachable("network", "No way to the service.")
        await person.press("f7")
        await person.settled()
        assert heading_text(person).startswith("2026-11")
        assert foot_text(person) == person.app.sentence(api.failure)
        api.failure = None
        await person.passes(5)
        await person.settled()
        assert heading_text(person).startswith("2026-10 (closed)")
        person.desk.feed.lose()
        await person.pilot.pause()
        source = person.grid.source
        key = source.key_at(1)
        assert key is not None
        cells = source.cells(key)
        assert cells is not None
        assert {cell.tone for cell in cells} == {"stale"}
        assert person.screen.query_one(MonthBars).has_class("-stale")


async def test_language_change_redraws_the_screen(tmp_path: Path) -> None:
    async with at(fake_server(), tmp_path, "charges") as person:
        await go_back(person)
        person.desk.tell_me(language="ko")
        await person.settled()
        assert heading_text(person) == "2026-10 (마감)   전체   합계 1,593,000원"
        assert "무료 60,000 / 사용 65,200 → 5,200 × 50.0" in person.text
        assert "최근 12개월" in person.text
        person.desk.tell_me(language="ja")
        await person.settled()
        assert "締切済み" in heading_text(person)


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_item_names_fit_on_80_columns(language: str, tmp_path: Path) -> None:
    all_of_them = FakeService("all", "A", dict.fromkeys(Item, 1), since=("2026-01", 1))
    async with at(FakeCharges(me(language=language), [all_of_them]), tmp_path, "charges", size=(80, 40)) as person:
        await tell_contracts(person)
        for item in Item:
            assert f"  {Words(language)(ITEM_LABELS[item])} " in person.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_hostile_names_stay_in_their_cells(size: tuple[int, int], tmp_path: Path) -> None:
    names = [
        FakeService("h" + "abcdefghijkl"[i], name, {Item.CALLBACK: 1}, since=("2026-01", 1))
        for i, name in enumerate(HOSTILE)
    ]
    async with at(FakeCharges(me(language="en"), names), tmp_path, "charges", size=size) as person:
        await tell_contracts(person)
        assert person.app.is_running
        await person.press("f6")
        await person.dialog(Pick)
        await person.press("escape")
        await person.no_dialog()
        for line in person.lines[: size[1]]:
            assert len(line) <= size[0]


@pytest.mark.parametrize(("choice", "suffix"), [("1", ".xlsx"), ("2", ".csv")])
async def test_export_writes_amounts_as_numbers(
    choice: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openpyxl
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_downloads_path", lambda: tmp_path)
    api = fake_server(FakeService("evil", "=1+1", {Item.CALLBACK: 1}, since=("2026-01", 1)))
    async with at(api, tmp_path / "state", "charges") as person:
        await go_back(person)
        await person.press("f9")
        await person.dialog(Choice)
        await person.press(choice)
        await person.no_dialog()
        assert "rows written to" in person.said
    (path,) = tmp_path.glob(f"octui-charges-2026-10-*{suffix}")
    if suffix == ".csv":
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        assert ["'=1+1", "", "evil   Consultation", "", "50000"] in rows
        assert rows[-1][-1] == "1643000"
    else:
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        values = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert values[0] == ["Item", "Charge", "How it adds up", "Days", "Amount (KRW)"]
        assert ["Ticket", "Whole month", "20 users × 10,000", 31, 200_000] in values
        assert values[-1] == ["Total", None, None, None, 1_643_000]
        cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1")
        assert cell.data_type == "s"


async def test_menu_is_only_for_organization_admins(tmp_path: Path) -> None:
    from octui.schema.agents import Role

    api = FakeCharges(me(language="en", admin=False, role=Role.ADMIN), [])
    async with at(api, tmp_path, "charges") as person:
        assert person.app.current_mode != "charges"
        assert not api.asked


async def test_refusal_of_the_server_is_shown(tmp_path: Path) -> None:
    from octui.schema.problems import Code

    api = fake_server()

    async def no(**_: object) -> None:
        raise refused(Code.NOT_FOUND)

    api.charges = no  # type: ignore[method-assign]
    async with at(api, tmp_path, "charges") as person:
        assert foot_text(person)
        assert heading_text(person) == ""


# --- the bars


def test_bar_heights_follow_totals_and_small_totals_stay_visible() -> None:
    bars = [Bar("a", None), Bar("b", 0), Bar("c", 1), Bar("d", 500), Bar("e", 1000)]
    assert heights(bars, 4) == [0, 0, 1, 16, 32]


@pytest.mark.parametrize(
    ("total", "cells", "text"),
    [(9_999, 5, "9,999"), (99_999, 5, "100"), (12_345_678, 5, "12.3"), (12_345_678, 9, "12,346"), (0, 5, "0")],
)
def test_totals_use_the_finest_unit_that_fits(total: int, cells: int, text: str) -> None:
    bars = [Bar("a", total), Bar("b", None)]
    assert shown(total, unit_for(bars, cells)) == text
    assert shown(None, (1, 0)) == "–"


def test_twelve_months_fit_on_80_columns_with_the_open_month_marked() -> None:
    year = [Bar(f"26-{month:02}", month, "to date" if month == 12 else "") for month in range(1, 13)]
    assert pitch(year, 79) == (12, 6)
    assert pitch(year, 299) == (12, 24)
    assert pitch(year, 40)[0] < 12
    assert pitch([], 80) == (0, 6)
