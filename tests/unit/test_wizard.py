"""Drafts of the two steps of a service, and their files (rules.md 2–8)."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from octui.schema.contracts import BasicChange, Contract, Terms
from octui.schema.items import Item, ServiceState, ServiceType
from octui.state.wizard import (
    Draft,
    Step,
    basic_change_of,
    basic_information_of,
    basic_of,
    basic_problems,
    blank_basic,
    blank_items,
    details_of,
    drop_taken_parts,
    item_problems,
    items_of,
    merge_basic,
    number_of,
    same_items,
    spends_edit,
)
from octui.state.wizard_drafts import WizardDrafts
from octui.ui.screens.contracts.wizard.daily_edit import next_midnight

OWNER = ("org1", "hong")


def contract(**more: Any) -> Contract:
    values: dict[str, Any] = {
        "id": "cs",
        "name": "고객상담",
        "type": ServiceType.CONSULTATION,
        "languages": ["ko"],
        "time_zone": "Asia/Seoul",
        "state": ServiceState.IN_USE,
        "items": [Terms(item=Item.TICKET, users=3, volume=100)],
        "registered": "2026-11-01",
        "edited": None,
        "terminated": None,
        "next_edit": None,
        "discount": 0,
        "banner": None,
        "version": 4,
        **more,
    }
    return Contract(**values)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"id": "cs1"}, "id", "pattern"),
        ({"id": "c s"}, "id", "pattern"),
        ({"id": "고객"}, "id", "pattern"),
        ({"id": "ｃｓ"}, "id", "pattern"),
        ({"id": "a" * 46}, "id", "too_long"),
        ({"id": "Taken"}, "id", "taken"),
        ({"name": "가" * 101}, "name", "too_long"),
        ({"name": "ÉCOLE"}, "name", "taken"),
        ({"name": "  "}, "name", "missing"),
        ({"id": ""}, "id", "missing"),
        ({"languages": ""}, "languages", "missing"),
    ],
)
def test_rule_2_bad_basic_information_has_a_problem(change: dict[str, str], field: str, code: str) -> None:
    """rules.md rule 2."""
    good = blank_basic("ko").model_copy(update={"name": "새 서비스", "id": "Neu"})
    taken = {"taken": "somebody"}, {"école": "other"}
    assert basic_problems(good, *taken, complete=True) == {}
    found = basic_problems(good.model_copy(update=change), *taken, complete=True)
    assert {name: problem.code for name, problem in found.items()} == {field: code}
    if code == "missing":
        assert basic_problems(good.model_copy(update=change), *taken, complete=False) == {}


def test_rule_3_first_language_proposes_the_zone_until_one_is_chosen() -> None:
    """rules.md rule 3."""
    basic = blank_basic("ko")
    assert basic.time_zone == "Asia/Seoul"
    basic = basic.with_languages(["ja", "ko"])
    assert (basic.languages, basic.time_zone) == ("ja ko", "Asia/Tokyo")
    basic = basic.with_zone("Europe/London")
    assert basic.with_languages(["zh"]).time_zone == "Europe/London"
    back = basic.with_zone("Asia/Tokyo")
    assert back.with_languages(["en"]).time_zone == "America/New_York"
    assert basic_of(contract(time_zone="Europe/Paris")).with_languages(["en"]).time_zone == "Europe/Paris"


def test_unchanged_fields_are_not_sent() -> None:
    base = basic_of(contract())
    assert basic_change_of(base, base) is None
    assert basic_change_of(base.model_copy(update={"banner": "/x.png"}), base) is None
    change = basic_change_of(base.model_copy(update={"name": " 새 이름 ", "languages": "ko en"}), base)
    assert isinstance(change, BasicChange)
    assert change.model_dump(exclude_unset=True) == {"name": "새 이름", "languages": ["ko", "en"]}
    assert basic_information_of(base).model_dump()["languages"] == ["ko"]


def test_fields_that_both_changed_are_reported() -> None:
    base = basic_of(contract())
    mine = base.model_copy(update={"name": "내 이름", "time_zone": "Europe/Paris"})
    theirs = base.model_copy(update={"name": "남의 이름", "languages": "ja", "time_zone": "Europe/Paris"})
    merged, both = merge_basic(mine, base, theirs)
    assert both == {"name"}
    assert (merged.name, merged.languages) == ("내 이름", "ja")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("1,000", 1000),
        (" 2 000 ", 2000),
        ("１２", 12),
        ("", None),
        ("0", None),
        ("-1", None),
        ("1.5", None),
        ("1e3", None),
        ("²", None),
        ("9" * 13, None),
        ("101", 101),
        ("100001", None),
    ],
)
def test_typed_numbers_are_parsed(text: str, number: int | None) -> None:
    assert number_of(text, 100_000, 1) == number


def test_step_2_sends_only_items_that_are_on() -> None:
    """rules.md rules 4, 8."""
    items = blank_items()
    assert [terms.item for terms in details_of(items).items] == [Item.TICKET]
    items[Item.TELTICKET].on, items[Item.TELTICKET].users, items[Item.TELTICKET].volume = True, "1,200", "40000"
    items[Item.CALLBACK].on, items[Item.CALLBACK].volume = True, "7"
    assert [(one.item, one.users, one.volume) for one in details_of(items).items] == [
        (Item.TICKET, 1, 0),
        (Item.TELTICKET, 1200, 40000),
        (Item.CALLBACK, 1, 0),
    ]
    items[Item.CHAT].users = "x"
    assert item_problems(items) == {}  # it is off
    items[Item.CHAT].on = True
    assert list(item_problems(items)) == [(Item.CHAT, "users")]


def test_rule_7_volumes_do_not_spend_the_edit_of_the_day() -> None:
    """rules.md rule 7."""
    base = items_of(contract())
    more = items_of(contract(items=[Terms(item=Item.TICKET, users=3, volume=9)]))
    assert not same_items(more, base)
    assert not spends_edit(more, base)
    assert spends_edit(items_of(contract(items=[Terms(item=Item.TICKET, users=4, volume=100)])), base)


# --- on disk ------------------------------------------------------------------------------------------------


def start_draft(folder: Path, **basic: str) -> tuple[WizardDrafts, Draft]:
    drafts = WizardDrafts(folder, OWNER)
    draft = drafts.begin_draft()
    draft.base = blank_basic("ko")
    draft.basic = draft.base.model_copy(update=basic)
    drafts.save_drafts()
    return drafts, draft


def read_drafts(folder: Path, owner: tuple[str, str] = OWNER) -> WizardDrafts:
    drafts = WizardDrafts(folder, owner)
    drafts.load()
    return drafts


def test_rule_5_draft_is_there_in_the_next_run_for_its_owner(tmp_path: Path) -> None:
    """rules.md rule 5."""
    _, draft = start_draft(tmp_path / "wizard", name="고객 지원")
    (path,) = (tmp_path / "wizard").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    again = read_drafts(tmp_path / "wizard")
    assert [one.model_dump() for one in again.new_drafts] == [draft.model_dump()]
    stranger = read_drafts(tmp_path / "wizard", ("org1", "kim"))
    assert stranger.all_drafts == []
    assert stranger.unreadable == [path]


def test_empty_draft_is_not_stored(tmp_path: Path) -> None:
    drafts, draft = start_draft(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert draft.basic is not None
    draft.basic = draft.basic.model_copy(update={"name": "x"})
    drafts.save_drafts()
    assert len(list(tmp_path.iterdir())) == 1
    draft.basic = draft.basic.model_copy(update={"name": ""})
    drafts.save_drafts()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    drafts, _ = start_draft(tmp_path, name="x")
    (path,) = tmp_path.iterdir()
    before = path.stat().st_ino
    drafts.save_drafts()
    assert path.stat().st_ino == before


def test_failed_write_raises_and_is_repeated(tmp_path: Path) -> None:
    blocked = tmp_path / "wizard"
    blocked.write_text("")
    drafts = WizardDrafts(blocked, OWNER)
    draft = drafts.begin_draft()
    draft.basic, draft.base = blank_basic("ko").model_copy(update={"name": "x"}), blank_basic("ko")
    with pytest.raises(OSError, match="exist"):
        drafts.save_drafts()
    blocked.unlink()
    drafts.save_drafts()
    assert read_drafts(blocked).new_drafts[0].basic == draft.basic


def test_open_draft_ignores_other_programs(tmp_path: Path) -> None:
    drafts, draft = start_draft(tmp_path, name="here")
    drafts.open_draft = draft
    other = read_drafts(tmp_path)
    theirs = other.new_drafts[0]
    assert theirs.basic is not None
    theirs.basic = theirs.basic.model_copy(update={"name": "there"})
    other.save_drafts()
    drafts.load()
    assert drafts.new_drafts == [draft]
    assert draft.basic is not None
    other.drop_draft(theirs)
    drafts.load()
    assert drafts.new_drafts == [draft]
    draft.basic = draft.basic.model_copy(update={"name": "here again"})
    drafts.save_drafts()
    assert [one.basic.name for one in read_drafts(tmp_path).new_drafts if one.basic] == ["here again"]


def test_changes_of_another_program_are_loaded(tmp_path: Path) -> None:
    drafts, _ = start_draft(tmp_path, name="here")
    other = read_drafts(tmp_path)
    theirs = other.new_drafts[0]
    assert theirs.basic is not None
    theirs.basic = theirs.basic.model_copy(update={"name": "there"})
    other.save_drafts()
    drafts.load()
    assert [one.basic.name for one in drafts.new_drafts if one.basic] == ["there"]
    other.drop_draft(theirs)
    drafts.load()
    assert drafts.all_drafts == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"format": 9}', b"\xff\xfe", b"x" * 300_000])
def test_damaged_file_stays(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "abc.json"
    path.write_bytes(body)
    drafts = read_drafts(tmp_path)
    assert drafts.all_drafts == []
    assert drafts.unreadable == [path]
    drafts.save_drafts()
    drafts.drop_empty()
    assert path.read_bytes() == body


def test_saving_does_not_wait_for_a_stopped_thread(tmp_path: Path) -> None:
    drafts, draft = start_draft(tmp_path, name="x")
    assert draft.basic is not None
    draft.basic = draft.basic.model_copy(update={"name": "y"})
    drafts._lock.acquire()  # a signal came while the main thread was writing
    drafts.save_drafts()
    assert [one.basic.name for one in read_drafts(tmp_path).new_drafts if one.basic] == ["y"]
    assert len(os.listdir(tmp_path)) == 1


# --- what the server has by now ----------------------------------------------------------------------------


def test_step_1_saved_just_before_a_kill_is_dropped_from_the_draft() -> None:
    basic = blank_basic("ko").model_copy(update={"name": "고객상담", "id": "cs"})
    taken = contract(state=ServiceState.DRAFT, items=[], registered=None)
    draft = Draft(key="k", basic=basic, base=blank_basic("ko"), sending=True)
    drop_taken_parts(draft, taken)
    assert (draft.service, draft.step, draft.basic, draft.sending) == ("cs", Step.DETAILS, None, False)
    with_banner = Draft(
        key="k", basic=basic.model_copy(update={"banner": "/x.png"}), base=blank_basic("ko"), sending=True
    )
    drop_taken_parts(with_banner, taken)
    assert (with_banner.service, with_banner.step) == ("cs", Step.BASIC)
    assert not with_banner.is_empty
    never_sent = Draft(key="k", basic=basic, base=blank_basic("ko"))
    drop_taken_parts(never_sent, taken)  # somebody else has that ID: what is typed here stays what it is
    assert (never_sent.service, never_sent.basic) == ("", basic)


def test_contract_saved_just_before_a_kill_is_dropped_from_the_draft() -> None:
    draft = Draft(key="k", service="cs", items=items_of(contract()), items_base=blank_items())
    drop_taken_parts(draft, contract(state=ServiceState.DRAFT, items=[]))
    assert draft.items is not None
    drop_taken_parts(draft, contract())
    assert draft.items is None
    assert draft.is_empty


@pytest.mark.parametrize(
    ("now", "zone", "then"),
    [
        ("2026-11-23T23:59:59+09:00", "Asia/Seoul", "2026-11-24T00:00:00+09:00"),
        ("2026-11-24T00:00:00+09:00", "Asia/Seoul", "2026-11-25T00:00:00+09:00"),
        ("2026-11-23T23:59:59+09:00", "America/New_York", "2026-11-24T00:00:00-05:00"),
        ("2026-11-01T01:30:00-04:00", "America/New_York", "2026-11-02T00:00:00-05:00"),  # a day of 25 hours
        ("2026-03-08T12:00:00-04:00", "America/New_York", "2026-03-09T00:00:00-04:00"),  # a day of 23 hours
    ],
)
def test_rule_7_next_edit_is_possible_at_the_next_midnight(now: str, zone: str, then: str) -> None:
    """rules.md rule 7: the day is the organization's."""

    def ms(text: str) -> int:
        return int(datetime.fromisoformat(text).timestamp() * 1000)

    assert next_midnight(ms(now), zone) == ms(then)
