"""Charges, by keyboard: months, selections, lines that explain themselves, bars, files."""

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


def centre(*more: FakeService, language: str = "en") -> FakeCharges:
    """Two services: one with usage in both tiers and a discount, one begun in the middle of October."""
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


def heading(one: Person) -> str:
    return one.screen.query(StatusLine).first().text


def foot(one: Person) -> str:
    return one.screen.query(StatusLine).last().text


def row(one: Person, *words: str) -> str:
    return next(line for line in one.lines if all(word in line for word in words))


async def tell(one: Person) -> None:
    assert isinstance(one.api, FakeCharges)
    body = one.api.contracts_body()
    for lease in tuple(entry.leases) if (entry := one.desk.feed._topics.get("contracts")) is not None else ():
        lease.callback("contracts", body, f"etag{len(one.api.contracted)}")
    await one.settled()


async def back(one: Person, months: int = 1) -> None:
    for _ in range(months):
        await one.press("f7")
        await one.settled()


async def test_the_present_month_is_to_date_and_goes_no_further(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "charges") as one:
        assert heading(one).startswith("2026-11 (to date: up to 11-23, 11:13)   Everything   total ")
        assert "23 days × 20 users × 333" in one.text
        assert "F8" in one.keys_off
        await one.press("f8")
        assert "no later month" in one.said
        await back(one)
        assert heading(one).startswith("2026-10 (closed)")
        await one.press("f8")
        await one.settled()
        assert heading(one).startswith("2026-11 (to date")


async def test_the_lines_of_a_closed_month_explain_themselves_and_add_up(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "charges") as one:
        await back(one)
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
            assert row(one, text).rstrip().endswith(f" {amount}")
        # 1,747,800 - 174,780, and 20 days of 3 users: the sums of what stands there.
        assert row(one, "상담센터", "Consultation").rstrip().endswith(" 1,573,020")
        assert row(one, "이슈실", "Issue").rstrip().endswith(" 19,980")
        assert row(one, "Total").rstrip().endswith(" 1,593,000")
        assert "total 1,593,000 KRW" in heading(one)


async def test_a_line_says_its_formula_and_what_was_decided_here(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "charges", size=(120, 50)) as one:
        await back(one)
        await one.press(*["down"] * 5)
        assert foot(one) == "상담센터   Ticket + phone   Usage, tier 2: above 40,000 → 45,200 × 1.5"
        await one.press("enter")
        await one.dialog(Report)
        for text in (
            "Used in the month: 175,200 seconds. Free: 90,000 seconds.",
            "the first 40,000 seconds are charged as tier 1",
            "45,200 × 1.5 = 67,800",
            "Calls count by talk time",
            "rounded half up to whole KRW, once",
            "Closed: it does not change any more. Days are those of Asia/Seoul.",
        ):
            assert text in one.text.replace("\n", " ")
        assert "A chat counts" not in one.text
        await one.press("escape")
        await one.no_dialog()


async def test_every_kind_of_row_has_a_formula(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "charges", size=(120, 50)) as one:
        await back(one)
        found = []
        for _ in range(one.grid.source.count()):
            await one.press("enter")
            await one.dialog(Report)
            found.append(one.text)
            await one.press("escape")
            await one.no_dialog()
            await one.press("down")
        assert "Ticket  20 users × 10,000 = 200,000" in found[0]
        assert "each at 10,000 KRW" in found[1]
        assert "In force on every day of the month: 50,000 KRW a month." in found[6]
        assert "10 % off the sum of the lines above." in found[7]
        assert "3 users were in force on 20 days of the month" in found[9]
        assert "상담센터 (cs): 1,573,020" in found[-1]
        assert "= 1,593,000" in found[-1]
        assert "Usage counts on the days on which the item is in force." in found[-1]


async def test_one_type_or_one_service_is_picked_and_kept_for_next_time(tmp_path: Path) -> None:
    api = centre(
        FakeService("old", "옛것", {Item.TICKET: 1}, state=ServiceState.SUSPENDED, since=("2026-01", 1)),
    )
    async with at(api, tmp_path, "charges") as one:
        await tell(one)
        await one.press("f6")
        await one.dialog(Pick)
        await one.press("down", "down", "enter")
        await one.no_dialog()
        assert api.asked[-1] == ("2026-11", ServiceType.ISSUE, None)
        assert "Issue" in heading(one)
        assert "상담센터" not in one.text
        await one.press("f6")
        await one.dialog(Pick)
        pick = one.app.screen
        await one.press("o", "l", "d")
        await one.until(lambda: pick.query_one(SearchLine).value == "old")
        await one.press("enter")  # once: what is found first is what is meant
        await one.no_dialog()
        assert api.asked[-1] == ("2026-11", None, "old")
        assert "옛것 (old)  now: Suspended" in heading(one)
        await one.press("f6")
        await one.dialog(Pick)
        await one.press("escape")
        await one.no_dialog()
    async with at(api, tmp_path, "charges") as one:
        assert api.asked[-1] == ("2026-11", None, "old")


async def test_a_month_without_contract_is_a_sentence_and_no_zero(tmp_path: Path) -> None:
    api = centre()
    api.contracted[0].since = ("2026-12", 1)
    async with at(api, tmp_path, "charges") as one:
        await back(one)
        await one.press("f7")
        assert one.said == "Nothing was under contract before 2026-10."
        await tell(one)
        api.contracted.clear()
        await tell(one)
        assert "Nothing was under contract in 2026-10." in one.text
        assert "total" not in heading(one)
        assert {"Enter", "F9"} <= one.keys_off
        totals = next(line for line in one.lines if line.startswith(" –"))
        assert totals.split() == ["–"] * 12


async def test_a_change_of_contracts_and_a_minute_ask_again(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "charges") as one:
        await tell(one)
        asked = len(api.asked)
        await tell(one)
        assert len(api.asked) == asked
        api.contracted.append(FakeService("new", "새것", {Item.TICKET: 1}, since=("2026-11", 23)))
        await tell(one)
        assert len(api.asked) == asked + 1
        assert "새것" in one.text
        await one.passes(60)
        await one.settled()
        assert len(api.asked) == asked + 2
        await back(one)
        asked = len(api.asked)
        await one.passes(60)
        await one.settled()
        assert len(api.asked) == asked


async def test_what_fails_is_said_and_tried_again_and_old_numbers_are_marked(tmp_path: Path) -> None:
    api = centre()
    async with at(api, tmp_path, "charges") as one:
        api.failure = Unreachable("network", "No way to the service.")
        await one.press("f7")
        await one.settled()
        assert heading(one).startswith("2026-11")
        assert foot(one) == one.app.sentence(api.failure)
        api.failure = None
        await one.passes(5)
        await one.settled()
        assert heading(one).startswith("2026-10 (closed)")
        one.desk.feed.lose()
        await one.pilot.pause()
        source = one.grid.source
        key = source.key_at(1)
        assert key is not None
        cells = source.cells(key)
        assert cells is not None
        assert {cell.tone for cell in cells} == {"stale"}
        assert one.screen.query_one(MonthBars).has_class("-stale")


async def test_the_language_changes_at_once(tmp_path: Path) -> None:
    async with at(centre(), tmp_path, "charges") as one:
        await back(one)
        one.desk.tell_me(language="ko")
        await one.settled()
        assert heading(one) == "2026-10 (마감)   전체   합계 1,593,000원"
        assert "무료 60,000 / 사용 65,200 → 5,200 × 50.0" in one.text
        assert "최근 12개월" in one.text
        one.desk.tell_me(language="ja")
        await one.settled()
        assert "締切済み" in heading(one)


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_no_item_is_cut_at_80_columns(language: str, tmp_path: Path) -> None:
    all_of_them = FakeService("all", "A", dict.fromkeys(Item, 1), since=("2026-01", 1))
    async with at(FakeCharges(me(language=language), [all_of_them]), tmp_path, "charges", size=(80, 40)) as one:
        await tell(one)
        for item in Item:
            assert f"  {Words(language)(ITEM_LABELS[item])} " in one.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_hostile_names_change_nothing_but_their_cells(size: tuple[int, int], tmp_path: Path) -> None:
    names = [
        FakeService("h" + "abcdefghijkl"[i], name, {Item.CALLBACK: 1}, since=("2026-01", 1))
        for i, name in enumerate(HOSTILE)
    ]
    async with at(FakeCharges(me(language="en"), names), tmp_path, "charges", size=size) as one:
        await tell(one)
        assert one.app.is_running
        await one.press("f6")
        await one.dialog(Pick)
        await one.press("escape")
        await one.no_dialog()
        for line in one.lines[: size[1]]:
            assert len(line) <= size[0]


@pytest.mark.parametrize(("choice", "suffix"), [("1", ".xlsx"), ("2", ".csv")])
async def test_what_is_shown_is_written_with_numbers_as_numbers(
    choice: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openpyxl
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_downloads_path", lambda: tmp_path)
    api = centre(FakeService("evil", "=1+1", {Item.CALLBACK: 1}, since=("2026-01", 1)))
    async with at(api, tmp_path / "state", "charges") as one:
        await back(one)
        await one.press("f9")
        await one.dialog(Choice)
        await one.press(choice)
        await one.no_dialog()
        assert "rows written to" in one.said
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


async def test_only_organization_admins_have_the_menu(tmp_path: Path) -> None:
    from octui.schema.agents import Role

    api = FakeCharges(me(language="en", admin=False, role=Role.ADMIN), [])
    async with at(api, tmp_path, "charges") as one:
        assert one.app.current_mode != "charges"
        assert not api.asked


async def test_what_the_service_refuses_is_said(tmp_path: Path) -> None:
    from octui.schema.problems import Code

    api = centre()

    async def no(**_: object) -> None:
        raise refused(Code.NOT_FOUND)

    api.charges = no  # type: ignore[method-assign]
    async with at(api, tmp_path, "charges") as one:
        assert foot(one)
        assert heading(one) == ""


# --- the bars


def test_bars_are_as_high_as_their_totals_and_what_is_little_is_still_seen() -> None:
    bars = [Bar("a", None), Bar("b", 0), Bar("c", 1), Bar("d", 500), Bar("e", 1000)]
    assert heights(bars, 4) == [0, 0, 1, 16, 32]


@pytest.mark.parametrize(
    ("total", "cells", "text"),
    [(9_999, 5, "9,999"), (99_999, 5, "100"), (12_345_678, 5, "12.3"), (12_345_678, 9, "12,346"), (0, 5, "0")],
)
def test_totals_are_shown_in_the_finest_unit_that_fits(total: int, cells: int, text: str) -> None:
    bars = [Bar("a", total), Bar("b", None)]
    assert shown(total, unit_for(bars, cells)) == text
    assert shown(None, (1, 0)) == "–"


def test_a_year_fits_into_eighty_cells_with_the_mark_of_the_month_that_is_not_over() -> None:
    year = [Bar(f"26-{month:02}", month, "to date" if month == 12 else "") for month in range(1, 13)]
    assert pitch(year, 79) == (12, 6)
    assert pitch(year, 299) == (12, 24)
    assert pitch(year, 40)[0] < 12
    assert pitch([], 80) == (0, 6)
