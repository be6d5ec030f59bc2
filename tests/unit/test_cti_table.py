"""The CTI agent table without a screen: order of problems, verdicts, edits stored between runs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.schema.cti import CellVerdict, Column, CtiAgent, CtiBatchResult, Verdict
from octui.schema.problems import FieldCode, FieldProblem
from octui.state.cti_table import CtiTable
from octui.state.draft_cells import UniqueValues
from octui.state.draft_file import DraftsUnreadable

OWNER = ("org1", "admin")


def agent(account: str, name: str, cti_id: str | None, cti_no: str | None = None, version: int = 1) -> CtiAgent:
    return CtiAgent(
        account=account,
        name=name,
        email=f"{account}@acme.example",
        cti_id=cti_id,
        cti_no=cti_no,
        services=["oc"],
        version=version,
    )


PEOPLE = [agent("a", "김민수", "1", "11"), agent("b", "이영희", "2", "12"), agent("c", "박철수", None)]


@pytest.fixture
def table() -> CtiTable:
    return filled_table()


def filled_table() -> CtiTable:
    table = CtiTable(lambda problem: problem.code, OWNER)
    table.apply_rows(PEOPLE)
    return table


def apply_verdicts(*verdicts: CellVerdict, agents: list[CtiAgent] | None = None) -> CtiBatchResult:
    return CtiBatchResult(saved=0, verdicts=list(verdicts), agents=agents or [], revision=9)


def verdict(account: str, column: Column, what: Verdict, code: str = "", current: str | None = None) -> CellVerdict:
    problem = FieldProblem(field="f", code=code, message=code) if code else None
    return CellVerdict(account=account, column=column, verdict=what, problem=problem, current=current)


def test_missing_id_is_sorted_last(table: CtiTable) -> None:
    table.sort("cti_id", False)
    assert list(table.view.keys) == ["a", "b", "c"]


def test_value_is_normalized_and_no_edit_when_equal_to_the_base(table: CtiTable) -> None:
    table.edit_cells([("a", "cti_id", " 1 "), ("b", "cti_id", "2\u00a03")])
    assert list(table.drafts) == [("b", "cti_id")]
    assert table.drafts.value("b", "cti_id") == "2 3"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", None),
        ("x" * 50, None),
        ("x" * 51, FieldCode.TOO_LONG),
        ("a\x07", FieldCode.CONTROL_CHARACTER),
        ("a\u3164", FieldCode.INVISIBLE_CHARACTER),
        ("a\u202e", FieldCode.DIRECTION_CHARACTER),
    ],
)
def test_invalid_value_has_a_problem(table: CtiTable, value: str, code: FieldCode | None) -> None:
    table.edit_cells([("a", "cti_id", value)])
    error = table.drafts.error("a", "cti_id")
    assert (None if error is None else error.text) == code


def test_problems_are_ordered_shown_then_hidden_then_removed(table: CtiTable) -> None:
    table.edit_cells([("c", "cti_no", "12"), ("b", "cti_id", "1"), ("a", "cti_no", "x" * 51)])
    assert table.problems() == [("a", "cti_no"), ("b", "cti_id"), ("c", "cti_no")]
    assert table.next_problem(("a", "cti_no")) == ("b", "cti_id")
    assert table.next_problem(("c", "services")) == ("a", "cti_no")
    assert table.next_problem(None) == ("a", "cti_no")
    table.search("박철수")
    assert table.problems() == [("c", "cti_no"), ("a", "cti_no"), ("b", "cti_id")]
    assert table.next_problem(("c", "cti_no")) == ("a", "cti_no")
    table.apply_rows([], ["a"])
    assert table.problems()[-1] == ("a", "cti_no")


def test_rows_keep_their_places_until_nothing_is_unsaved(table: CtiTable) -> None:
    table.sort("cti_id", True)
    before = list(table.view.keys)
    table.edit_cells([("a", "cti_id", "9")])
    assert table.hold_still(False) is False
    moved, _ = table.apply_rows([agent("b", "이영희", "0", "12", 2)])
    assert not moved
    assert list(table.view.keys) == before
    table.drafts.discard()
    assert table.hold_still(True) is False
    assert table.hold_still(False) is True
    assert list(table.view.keys) == ["c", "a", "b"]


def test_each_verdict_is_applied_to_its_cell(table: CtiTable) -> None:
    table.edit_cells([("a", "cti_id", "7"), ("a", "cti_no", "77"), ("b", "cti_id", "8"), ("c", "cti_id", "9")])
    sent, batch = table.make_batch()
    assert [(edit.account, edit.version, edit.set) for edit in batch.edits] == [
        ("a", 1, {Column.CTI_ID: "7", Column.CTI_NO: "77"}),
        ("b", 1, {Column.CTI_ID: "8"}),
        ("c", 1, {Column.CTI_ID: "9"}),
    ]
    result = apply_verdicts(
        verdict("a", Column.CTI_ID, Verdict.REFUSED, FieldCode.TAKEN),
        verdict("a", Column.CTI_NO, Verdict.HELD),
        verdict("b", Column.CTI_ID, Verdict.CONFLICT, current=None),
        verdict("c", Column.CTI_ID, Verdict.SAVED),
        agents=[PEOPLE[0], agent("b", "이영희", None, "12", 5), agent("c", "박철수", "9", version=5)],
    )
    _, outcome = table.apply_result(sent, result)
    assert (outcome.saved, outcome.refused, outcome.conflicts, outcome.held) == (1, 1, 1, 1)
    assert [table.drafts.mark(*cell) for cell in (("a", "cti_id"), ("a", "cti_no"), ("b", "cti_id"))] == [
        *("refused", "dirty", "conflict")
    ]
    conflict = table.drafts.conflict("b", "cti_id")
    assert conflict is not None
    assert conflict.theirs == ""
    assert table.drafts.value("c", "cti_id") is None
    counts = table.counts()
    assert (counts.edited, counts.wrong, counts.conflicts) == (3, 1, 1)


def test_cleared_cell_is_sent_as_none(table: CtiTable) -> None:
    table.edit_cells([("a", "cti_id", "")])
    assert table.make_batch()[1].edits[0].set == {Column.CTI_ID: None}


def test_two_programs_of_one_person_keep_each_others_edits(tmp_path: Path) -> None:
    path = tmp_path / "cti-drafts.json"
    first, second, idle = filled_table(), filled_table(), filled_table()
    first.edit_cells([("a", "cti_id", "7")])
    second.edit_cells([("b", "cti_id", "8")])
    first.save_edits(path)
    second.save_edits(path)
    idle.save_edits(path)
    third = filled_table()
    assert third.count_saved_edits(path) == 2
    third.load_saved_edits(path)
    assert {cell: third.drafts.value(*cell) for cell in third.drafts} == {("a", "cti_id"): "7", ("b", "cti_id"): "8"}
    third.drafts.discard()
    third.save_edits(path)
    assert not path.exists()


def test_edits_of_another_person_are_set_aside(tmp_path: Path, table: CtiTable) -> None:
    path = tmp_path / "cti-drafts.json"
    other = CtiTable(lambda problem: problem.code, ("org1", "somebody"))
    other.apply_rows(PEOPLE)
    other.edit_cells([("a", "cti_id", "7")])
    other.save_edits(path)
    with pytest.raises(DraftsUnreadable):
        table.count_saved_edits(path)
    assert not path.exists()
    assert other.count_saved_edits(path.with_suffix(".unreadable")) == 1


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["", "1", "2", "3"]))))
def test_holders_of_a_value_agree_with_a_plain_dict(writes: list[tuple[str, str]]) -> None:
    values, plain = UniqueValues(), dict[str, str]()
    for key, value in writes:
        values.set_value(key, value)
        plain[key] = value
        for wanted in "123":
            holders = {k for k, v in plain.items() if v == wanted}
            assert values.is_shared(wanted) == (len(holders) > 1)
            for one in "abcde":
                other = values.other_holder(one, wanted)
                assert (other in holders - {one}) if holders - {one} else other is None
