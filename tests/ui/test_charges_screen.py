"""The charges screen, by keyboard: months, selections, formulas, bars, export."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.charges import NewDiscount
from octui.schema.contracts import ItemTerms
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.problems import Code
from octui.server.database import tables
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.report import Report
from octui.ui.dialogs.searchable_choice import SearchableChoice
from octui.ui.locale import Words
from octui.ui.widgets.month_bars import Bar, MonthBars, bar_pitch, total_text, unit_for
from octui.ui.widgets.search_line import SearchLine
from octui.ui.widgets.status_line import StatusLine
from octui.ui.words.contracts import ITEM_LABELS
from ui.person import Person, at
from ui.server import HOSTILE, STARTED, Center, Seed, refused, seed_organization, seed_service


async def seed(center: Center, *more: tuple[str, str, ItemTerms]) -> None:
    """Make two services, one with usage in both tiers and a discount, one begun in mid-October; October is closed."""
    await seed_organization(center)
    center.clock.set_time("2026-06-20 09:00")
    users = {Item.TICKET: 20, Item.TELTICKET: 15, Item.CALLBACK: 1}
    await center.add_service("cs", "상담센터", *(ItemTerms(item=item, users=users[item]) for item in users))
    await center.operator.change_discount("cs", NewDiscount(valid_from="2026-06-01", basis_points=1000))
    for id, name, item in more:
        await center.add_service(id, name, ItemTerms(item=Item.TICKET), item)
    center.clock.set_time("2026-10-12 09:00")
    await center.add_service("issues", "이슈실", ItemTerms(item=Item.TICKET, users=3), type=ServiceType.ISSUE)
    center.overwrite(text(MANY_TICKETS))
    figure = {"service_id": 1, "member_id": 1, "day": 20261012, "channel": "phone", "state": "inbound_calls"}
    center.overwrite(insert(tables.figure).values(**figure, count=1, ms=175_200_000))
    center.clock.seconds = STARTED
    await center.operator.charges("2026-10")  # closes the months of before
    center.overwrite(delete(tables.ticket))
    center.overwrite(delete(tables.figure))


async def seed_formula(center: Center) -> None:
    """Make a service more, whose name is a formula."""
    await seed(center, ("evil", "=1+1", ItemTerms(item=Item.CALLBACK)))


MANY_TICKETS = """
    INSERT INTO ticket (service_id, ticket, state, at, first_at)
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 65200)
    SELECT 1, n, 'open', 1791763200000, 1791763200000 FROM number
"""


def heading_text(person: Person) -> str:
    return person.screen.query(StatusLine).first().text


def foot_text(person: Person) -> str:
    return person.screen.query(StatusLine).last().text


def row_text(person: Person, *words: str) -> str:
    return next(line for line in person.lines if all(word in line for word in words))


async def go_back(person: Person, months: int = 1) -> None:
    for _ in range(months):
        await person.press("f7")
        await person.settled()


async def test_current_month_is_shown_to_date_and_is_the_last(center: Center) -> None:
    async with at(center, "charges") as person:
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


async def test_lines_of_a_closed_month_are_explained_and_add_up(center: Center) -> None:
    async with at(center, "charges") as person:
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


async def test_line_dialog_shows_formula_and_rules(center: Center) -> None:
    async with at(center, "charges", size=(120, 50)) as person:
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


async def test_every_kind_of_row_has_a_formula(center: Center) -> None:
    async with at(center, "charges", size=(120, 50)) as person:
        await go_back(person)
        found = []
        for _ in range(person.grid.source.row_count()):
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


async def test_selection_of_type_or_service_is_remembered(center: Center) -> None:
    await center.add_service("old", "옛것", ItemTerms(item=Item.TICKET))
    await center.switch_service("old", ServiceState.SUSPENDED)
    async with at(center, "charges") as person:
        await person.press("f6")
        await person.dialog(SearchableChoice)
        await person.press("down", "down", "enter")
        await person.no_dialog()
        assert center.sent("charges")[-1].params == {"month": "2026-11", "type": ServiceType.ISSUE}
        assert "Issue" in heading_text(person)
        assert "상담센터" not in "\n".join(person.lines[1:])
        await person.press("f6")
        await person.dialog(SearchableChoice)
        pick = person.app.screen
        await person.press("o", "l", "d")
        await person.until(lambda: pick.query_one(SearchLine).value == "old")
        await person.press("enter")  # once: what is found first is what is meant
        await person.no_dialog()
        assert center.sent("charges")[-1].params == {"month": "2026-11", "service": "old"}
        assert "옛것 (old)  now: Suspended" in heading_text(person)
        await person.press("f6")
        await person.dialog(SearchableChoice)
        await person.press("escape")
        await person.no_dialog()
    async with at(center, "charges") as person:
        assert center.sent("charges")[-1].params == {"month": "2026-11", "service": "old"}


async def test_month_without_contract_shows_a_sentence_instead_of_zero(
    make_center: Callable[[Seed], Center],
) -> None:
    center = make_center(seed_organization)
    center.clock.set_time("2026-10-12 09:00")
    await center.add_service("issues", "이슈실", ItemTerms(item=Item.TICKET))
    center.clock.seconds = STARTED
    await center.add_service("later", "나중", ItemTerms(item=Item.TICKET))
    async with at(center, "charges") as person:
        await go_back(person)
        await person.press("f7")
        assert person.said == "Nothing was under contract before 2026-10."
        await person.press("f6")
        await person.dialog(SearchableChoice)
        await person.press(*"later")
        await person.until(lambda: person.app.screen.query_one(SearchLine).value == "later")
        await person.press("enter")
        await person.no_dialog()
        assert "Nothing was under contract in 2026-10." in person.text
        assert "total" not in heading_text(person)
        assert {"Enter", "F9"} <= person.keys_off
        totals = next(line for line in person.lines if line.startswith(" –"))
        assert totals.split() == ["–"] * 12


async def test_charges_reload_after_contract_changes_and_every_minute(center: Center) -> None:
    async with at(center, "charges") as person:
        count = center.operations.count("charges")
        await person.update()
        assert center.operations.count("charges") == count
        await center.add_service("new", "새것", ItemTerms(item=Item.TICKET))
        await person.update()
        assert center.operations.count("charges") == count + 1
        assert "새것" in person.text
        await person.passes(60)
        await person.settled()
        assert center.operations.count("charges") == count + 2
        await go_back(person)
        count = center.operations.count("charges")
        await person.passes(60)
        await person.settled()
        assert center.operations.count("charges") == count


async def test_failed_load_is_reported_retried_and_dims_old_amounts(center: Center) -> None:
    async with at(center, "charges") as person:
        center.faults.failure = Unreachable("network", "No way to the service.")
        await person.press("f7")
        await person.settled()
        assert heading_text(person).startswith("2026-11")
        assert foot_text(person) == person.app.error_sentence(center.faults.failure)
        center.faults.failure = None
        await person.passes(5)
        await person.settled()
        assert heading_text(person).startswith("2026-10 (closed)")
        person.feed.report_failure()
        await person.pilot.pause()
        source = person.grid.source
        key = source.key_at(1)
        assert key is not None
        cells = source.row_cells(key)
        assert cells is not None
        assert {cell.tone for cell in cells} == {"stale"}
        assert person.screen.query_one(MonthBars).has_class("-stale")


async def test_language_change_redraws_the_screen(center: Center) -> None:
    async with at(center, "charges") as person:
        await go_back(person)
        await center.set_language("ko")
        await person.update()
        assert heading_text(person) == "2026-10 (마감)   전체   합계 1,593,000원"
        assert "무료 60,000 / 사용 65,200 → 5,200 × 50.0" in person.text
        assert "최근 12개월" in person.text
        await center.set_language("ja")
        await person.update()
        assert "締切済み" in heading_text(person)


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_item_names_fit_on_80_columns(language: str, make_center: Callable[[Seed], Center]) -> None:
    center = make_center(seed_organization)
    await center.add_service("all", "A", *(ItemTerms(item=item) for item in Item))
    await center.set_language(language)
    async with at(center, "charges", size=(80, 40)) as person:
        for item in Item:
            assert f"  {Words(language)(ITEM_LABELS[item])} " in person.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_hostile_names_stay_in_their_cells(size: tuple[int, int], make_center: Callable[[Seed], Center]) -> None:
    center = make_center(seed_organization)
    for id, name in zip("abcdefghij", HOSTILE, strict=True):
        await center.add_service(id, id, ItemTerms(item=Item.TICKET))
        center.overwrite(update(tables.service).where(tables.service.c.code == id).values(name=name))
    async with at(center, "charges", size=size) as person:
        assert person.app.is_running
        await person.press("f6")
        await person.dialog(SearchableChoice)
        await person.press("escape")
        await person.no_dialog()
        for line in person.lines[: size[1]]:
            assert len(line) <= size[0]


@pytest.mark.parametrize(("choice", "suffix"), [("1", ".xlsx"), ("2", ".csv")])
async def test_export_writes_amounts_as_numbers(
    choice: str,
    suffix: str,
    make_center: Callable[[Seed], Center],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import openpyxl
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_downloads_path", lambda: tmp_path)
    center = make_center(seed_formula)
    center.folder /= "state"
    async with at(center, "charges") as person:
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
        assert ["'=1+1", "", "evil   Consultation", "", "60000"] in rows
        assert rows[-1][-1] == "1653000"
    else:
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        values = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert values[0] == ["Item", "Charge", "How it adds up", "Days", "Amount (KRW)"]
        assert ["Ticket", "Whole month", "20 users × 10,000", 31, 200_000] in values
        assert values[-1] == ["Total", None, None, None, 1_653_000]
        cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1")
        assert cell.data_type == "s"


async def test_menu_is_only_for_organization_admins(make_center: Callable[[Seed], Center]) -> None:
    center = make_center(seed_service)
    await center.add_agent("kim", "김민수", role=Role.ADMIN)
    async with at(center, "charges", account="kim") as person:
        assert person.app.current_mode != "charges"
        assert "charges" not in center.operations


async def test_refusal_of_the_server_is_shown(center: Center) -> None:
    center.faults.only, center.faults.failure = "charges", refused(Code.NOT_FOUND)
    async with at(center, "charges") as person:
        assert foot_text(person)
        assert heading_text(person) == ""


# --- the bars


@pytest.mark.parametrize(
    ("total", "cells", "text"),
    [(9_999, 5, "9,999"), (99_999, 5, "100"), (12_345_678, 5, "12.3"), (12_345_678, 9, "12,346"), (0, 5, "0")],
)
def test_totals_use_the_finest_unit_that_fits(total: int, cells: int, text: str) -> None:
    bars = [Bar("a", total), Bar("b", None)]
    assert total_text(total, unit_for(bars, cells)) == text
    assert total_text(None, (1, 0)) == "–"


def test_twelve_months_fit_on_80_columns_with_the_open_month_marked() -> None:
    year = [Bar(f"26-{month:02}", month, "to date" if month == 12 else "") for month in range(1, 13)]
    assert bar_pitch(year, 79) == (12, 6)
    assert bar_pitch(year, 299) == (12, 24)
    assert bar_pitch(year, 40)[0] < 12
    assert bar_pitch([], 80) == (0, 6)
