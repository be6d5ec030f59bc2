"""States of a service and rules of its contract, as tables of cases (rules.md 1–8)."""

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from octui.schema.contracts import (
    LARGEST_VOLUME,
    MOST_USERS,
    BasicInformation,
    ContractDetails,
    ItemTerms,
)
from octui.schema.items import Item, ServiceState
from octui.schema.languages import LANGUAGES
from octui.server.contracts import rules
from octui.server.core.calendar import day_of
from octui.server.core.errors import ProblemError
from octui.server.services import rules as services_rules

DRAFT, USED, OFF, ENDED = ServiceState.DRAFT, ServiceState.IN_USE, ServiceState.SUSPENDED, ServiceState.TERMINATED


def ms(text: str, zone: str, *, fold: int = 0) -> int:
    """Return a local time of a zone, `2026-11-23 23:59:59.999`, as epoch ms."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(at.timestamp() * 1000)


# What switching from a state (row) to another (column) comes to: done, nothing to do, or the reason.
SWITCHED = {
    (DRAFT, USED): "not_registered",
    (DRAFT, OFF): "not_registered",
    (DRAFT, ENDED): "not_registered",
    (USED, USED): False,
    (USED, OFF): True,
    (USED, ENDED): "not_suspended",
    (OFF, USED): True,
    (OFF, OFF): False,
    (OFF, ENDED): True,
    (ENDED, USED): "service_terminated",
    (ENDED, OFF): "service_terminated",
    (ENDED, ENDED): False,
}


@pytest.mark.parametrize(("present", "wanted"), list(product(ServiceState, ServiceState)))
def test_rules_1_and_6_each_switch_of_state_is_allowed_or_refused(present: ServiceState, wanted: ServiceState) -> None:
    """Only a suspended service is terminated; otherwise the error says why."""
    if wanted is DRAFT:
        with pytest.raises(ProblemError) as refused:
            services_rules.check_switch(present, wanted)
        assert (refused.value.status, refused.value.code) == (422, "invalid")
        return
    expected = SWITCHED[present, wanted]
    if isinstance(expected, bool):
        assert services_rules.check_switch(present, wanted) is expected
        return
    with pytest.raises(ProblemError) as refused:
        services_rules.check_switch(present, wanted)
    assert (refused.value.status, refused.value.code) == (409, expected)
    assert refused.value.detail


def test_rule_8_work_is_refused_unless_the_service_is_in_use() -> None:
    services_rules.require_in_use(USED)
    for state in (DRAFT, OFF, ENDED):
        with pytest.raises(ProblemError) as refused:
            services_rules.require_in_use(state)
        assert (refused.value.status, refused.value.code) == (403, "service_not_in_use")


def test_events_are_accepted_while_there_is_a_contract() -> None:
    for state in (USED, OFF):
        services_rules.require_contract(state)
    for state in (DRAFT, ENDED):
        with pytest.raises(ProblemError) as refused:
            services_rules.require_contract(state)
        assert (refused.value.status, refused.value.code) == (403, "service_not_in_use")


def test_only_a_draft_is_dropped_and_a_terminated_service_never_changes() -> None:
    services_rules.require_draft(DRAFT)
    for state, code in ((USED, "not_a_draft"), (OFF, "not_a_draft"), (ENDED, "service_terminated")):
        with pytest.raises(ProblemError) as refused:
            services_rules.require_draft(state)
        assert refused.value.code == code
    for state in (DRAFT, USED, OFF):
        services_rules.require_changeable(state)
    with pytest.raises(ProblemError):
        services_rules.require_changeable(ENDED)


# Organization's zone, the edit, a moment after it, and when the contract can be edited again (None: it can).
ONCE_A_DAY = [
    # Around midnight in Seoul, to the millisecond.
    ("Asia/Seoul", "2026-11-23 00:00:00.000", "2026-11-23 00:00:00.000", "2026-11-24 00:00"),
    ("Asia/Seoul", "2026-11-23 00:00:00.000", "2026-11-23 23:59:59.999", "2026-11-24 00:00"),
    ("Asia/Seoul", "2026-11-23 23:59:59.999", "2026-11-23 23:59:59.999", "2026-11-24 00:00"),
    ("Asia/Seoul", "2026-11-23 23:59:59.999", "2026-11-24 00:00:00.000", None),
    ("Asia/Seoul", "2026-11-23 12:00:00.000", "2026-11-24 00:00:00.000", None),
    ("Asia/Seoul", "2026-11-30 23:59:59.999", "2026-12-01 00:00:00.000", None),
    ("Asia/Seoul", "2026-12-31 18:00:00.000", "2026-12-31 18:00:01.000", "2027-01-01 00:00"),
    ("Asia/Seoul", "2028-02-28 09:00:00.000", "2028-02-28 09:00:01.000", "2028-02-29 00:00"),
    # A clock that goes back finds the contract edited already.
    ("Asia/Seoul", "2026-11-23 00:00:00.000", "2026-11-22 23:59:59.999", "2026-11-24 00:00"),
    # Other organizations.
    ("America/New_York", "2026-11-23 00:00:00.000", "2026-11-23 23:59:59.999", "2026-11-24 00:00"),
    ("America/New_York", "2026-11-22 23:59:59.999", "2026-11-23 00:00:00.000", None),
    ("Asia/Kathmandu", "2026-11-23 23:59:59.999", "2026-11-24 00:00:00.000", None),
    ("Pacific/Kiritimati", "2026-11-23 23:59:59.999", "2026-11-23 23:59:59.999", "2026-11-24 00:00"),
    # Days of 25 and of 23 hours.
    ("America/New_York", "2026-11-01 00:30:00.000", "2026-11-01 23:59:59.999", "2026-11-02 00:00"),
    ("America/New_York", "2026-03-08 00:30:00.000", "2026-03-08 23:59:59.999", "2026-03-09 00:00"),
    # No midnight at all: the day begins at 01:00.
    ("America/Santiago", "2026-09-05 23:59:59.999", "2026-09-05 23:59:59.999", "2026-09-06 01:00"),
    ("America/Santiago", "2026-09-05 23:59:59.999", "2026-09-06 01:00:00.000", None),
]


@pytest.mark.parametrize(("zone", "edited", "moment", "again"), ONCE_A_DAY)
def test_rule_7_one_edit_a_day_of_the_organization(zone: str, edited: str, moment: str, again: str | None) -> None:
    edited_day = day_of(ms(edited, zone), zone)
    now = ms(moment, zone)
    expected = None if again is None else ms(again, zone)
    assert rules.next_edit_time(edited_day, zone, now) == expected
    if expected is None:
        rules.refuse_second_edit(edited_day, zone, now)
        return
    with pytest.raises(ProblemError) as refused:
        rules.refuse_second_edit(edited_day, zone, now)
    assert (refused.value.status, refused.value.code) == (409, "contract_changed_today")
    assert refused.value.current == {"next_edit": expected}


def test_rule_7_the_time_zone_decides_the_day() -> None:
    first, second = ms("2026-11-23 13:30", "Asia/Seoul"), ms("2026-11-23 14:30", "Asia/Seoul")
    assert rules.next_edit_time(day_of(first, "Asia/Seoul"), "Asia/Seoul", second) is not None
    assert rules.next_edit_time(day_of(first, "America/New_York"), "America/New_York", second) is None


def test_rule_7_a_repeated_hour_belongs_to_one_day() -> None:
    zone = "America/New_York"
    edited = day_of(ms("2026-11-01 01:30", zone), zone)
    assert rules.next_edit_time(edited, zone, ms("2026-11-01 01:30", zone, fold=1)) == ms("2026-11-02", zone)


def test_rule_7_a_first_edit_is_allowed() -> None:
    assert rules.next_edit_time(None, "Asia/Seoul", 0) is None
    rules.refuse_second_edit(None, "Asia/Seoul", 0)


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ("", "items", "always_on"),
        ("telticket chat", "items", "always_on"),
        ("ticket ticket", "items.1.item", "duplicate"),
        ("ticket chat helpdoc chat", "items.3.item", "duplicate"),
        ("chat chat", "items.1.item", "duplicate"),
    ],
)
def test_rule_8_missing_ticket_and_duplicates_are_refused(wanted: str, field: str, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        rules.validate_items([ItemTerms(item=Item(item)) for item in wanted.split()])
    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]


def test_rule_9_every_item_can_be_on_in_any_order() -> None:
    items = [ItemTerms(item=item, users=2, volume=7) for item in reversed(Item)]
    taken = rules.validate_items(items)
    assert [terms.item for terms in taken] == list(Item)
    assert {terms.item for terms in taken if terms.volume} == {Item.TICKET, Item.TELTICKET, Item.CHAT}
    recorded = rules.charged_items(items[-3:]).items
    assert [(row.item, row.users) for row in recorded] == [(Item.TICKET, 2), (Item.TELTICKET, 2), (Item.CHAT, 2)]


@pytest.mark.parametrize("users", [0, -1, MOST_USERS + 1, 10**30, 1.5, "viele"])
def test_absurd_numbers_of_users_are_refused(users: object) -> None:
    with pytest.raises(ValidationError):
        ContractDetails.model_validate({"items": [{"item": "ticket", "users": users}]})


@pytest.mark.parametrize("volume", [-1, LARGEST_VOLUME + 1, 10**30, float("inf"), float("nan")])
def test_absurd_volumes_are_refused(volume: object) -> None:
    with pytest.raises(ValidationError):
        ContractDetails.model_validate({"items": [{"item": "ticket", "volume": volume}]})


ID_CASES = [
    ("a", True),
    ("Z", True),
    ("abcXYZ", True),
    ("a" * 45, True),
    ("a" * 46, False),
    ("", False),
    ("cs1", False),
    ("1", False),
    ("c s", False),
    (" cs", False),
    ("cs\n", False),
    ("c-s", False),
    ("c_s", False),
    ("c/s", False),
    ("..", False),
    ("상담", False),
    ("cé", False),
    ("ｃｓ", False),
    ("сs", False),  # a Cyrillic letter
    ("c\u200bs", False),
    ("c\x00", False),
]


@pytest.mark.parametrize(("given", "good"), ID_CASES)
def test_rule_2_a_service_id_is_letters_only(given: str, good: bool) -> None:
    if good:
        assert BasicInformation(id=given, name="상담").id == given
        return
    with pytest.raises(ValidationError) as refused:
        BasicInformation(id=given, name="상담")
    assert [error["loc"] for error in refused.value.errors()] == [("id",)]


@pytest.mark.parametrize(
    ("codes", "field", "code"),
    [
        ([], "languages", "missing"),
        (["zh_TW"], "languages.0", "unknown_value"),
        (["ko", "zh-TW"], "languages.1", "unknown_value"),
        (["ko", "xx"], "languages.1", "unknown_value"),
        (["KO"], "languages.0", "unknown_value"),
        (["ko", ""], "languages.1", "unknown_value"),
        (["kor"], "languages.0", "unknown_value"),
        (["sh"], "languages.0", "unknown_value"),
        (["ko", "en", "ko"], "languages.2", "duplicate"),
        (["한국어"], "languages.0", "unknown_value"),
    ],
)
def test_rule_2_other_languages_are_refused(codes: list[str], field: str, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        rules.validate_languages(codes)
    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]


def test_rule_2_all_184_languages_are_accepted() -> None:
    assert rules.validate_languages(list(LANGUAGES)) == list(LANGUAGES)
    assert rules.validate_languages(["bh", "ko"]) == ["bh", "ko"]
