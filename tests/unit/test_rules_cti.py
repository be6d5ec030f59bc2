"""A batch of CTI cells judged as a whole (server/cti/rules.py)."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.schema.cti import Column, CtiEdit, Verdict
from octui.server.cti.rules import Claim, Row, claims_of, judge_batch, sent_claims

ID, NO, NAMES = Column.CTI_ID, Column.CTI_NO, Column.PBX_NAMES
Values = tuple[str | None, ...]
Table = dict[str, Values]

TABLE: Table = {
    "kim": ("7001", "21", "Kim Minsu; 김민수"),
    "lee": ("7002", "22", None),
    "park": (None, None, None),
    "choi": ("7004", None, None),
}


def rows_of(table: Mapping[str, Values], changed: int = 0) -> dict[str, Row]:
    return {
        account: Row(dict(zip(Column, values, strict=True)), dict.fromkeys(Column, changed))
        for account, values in table.items()
    }


def holders_of(table: Table) -> dict[Claim, str]:
    return {
        claim: account
        for account, values in table.items()
        for column, value in zip(Column, values, strict=True)
        for claim in claims_of(column, value)
    }


def edit(account: str, version: int = 5, **values: str | None) -> CtiEdit:
    return CtiEdit(account=account, version=version, set={Column(name): value for name, value in values.items()})


def verdicts(*edits: CtiEdit, all_or_nothing: bool = False) -> list[tuple[str, str, str]]:
    """Return account, column and verdict, or the code of the problem if there is one."""
    judgement = judge_batch(edits, rows_of(TABLE), holders_of(TABLE), all_or_nothing=all_or_nothing)
    return [
        (found.account, found.column.value, found.problem.code if found.problem else found.verdict.value)
        for found in judgement.verdicts
    ]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([edit("park", cti_id="7003")], ["saved"]),
        ([edit("park", cti_id=" 7003 ")], ["saved"]),
        ([edit("kim", cti_id="7001", cti_no=None)], ["unchanged", "saved"]),
        ([edit("kim", cti_id="")], ["saved"]),
        ([edit("park", cti_id="   ")], ["unchanged"]),
        ([edit("kim", cti_id="7002"), edit("lee", cti_id="7001")], ["saved", "saved"]),
        ([edit("kim", cti_id="7002"), edit("lee", cti_id="7004"), edit("choi", cti_id="7001")], ["saved"] * 3),
        ([edit("kim", cti_id="7002"), edit("lee", cti_id=None)], ["saved", "saved"]),
        ([edit("park", cti_id="7002")], ["taken"]),
        ([edit("park", cti_id="22")], ["saved"]),  # an ID may be what elsewhere is a NO
        ([edit("park", cti_id="x"), edit("kim", cti_id="X")], ["saved", "saved"]),
        ([edit("park", cti_id="x"), edit("kim", cti_id="x")], ["duplicate", "duplicate"]),
        ([edit("park", cti_id="x"), edit("kim", cti_id="x "), edit("lee", cti_no="9")], ["duplicate"] * 2 + ["saved"]),
        ([edit("nobody", cti_id="1", cti_no="2")], ["unknown_value", "unknown_value"]),
        ([edit("park", cti_id="a\x1b[31m", cti_no="9")], ["control_character", "held"]),
        ([edit("park", cti_id="\u202e1")], ["direction_character"]),
        ([edit("park", cti_id="\u31641")], ["invisible_character"]),
        ([edit("park", cti_id="1"), edit("park", cti_id="2")], ["held", "duplicate"]),
        # Whoever waits for a value that stays where it is, is held.
        ([edit("kim", cti_id="7002"), edit("lee", cti_id="a\tb")], ["held", "control_character"]),
        (
            [edit("kim", cti_id="7002"), edit("lee", cti_id="7005", cti_no="\x00")],
            ["held", "held", "control_character"],
        ),
        (
            [edit("park", cti_id="7001"), edit("kim", cti_id="7002"), edit("lee", cti_id="7004")],
            ["held", "held", "taken"],
        ),
        ([edit("park", cti_id="x" * 51)], ["too_long"]),
    ],
)
def test_cells_get_the_expected_verdicts(edits: list[CtiEdit], expected: list[str]) -> None:
    assert [verdict for _, _, verdict in verdicts(*edits)] == expected


def test_only_a_change_of_the_same_cell_is_a_conflict() -> None:
    row = Row({ID: "7001", NO: "21", NAMES: None}, {ID: 9, NO: 3, NAMES: 0})
    found = judge_batch([edit("kim", cti_id="1", cti_no="2")], {"kim": row}, {})
    assert [(verdict.verdict, verdict.current) for verdict in found.verdicts] == [
        (Verdict.CONFLICT, "7001"),
        (Verdict.HELD, None),
    ]
    rebased = judge_batch([edit("kim", cti_no="2")], {"kim": row}, {})
    assert rebased.save == {("kim", NO): "2"}
    same = judge_batch([edit("kim", cti_id="7001")], {"kim": row}, {})
    assert [verdict.verdict for verdict in same.verdicts] == [Verdict.UNCHANGED]


def test_the_holder_of_a_taken_value_is_named() -> None:
    problem = judge_batch([edit("park", cti_id="7002")], rows_of(TABLE), holders_of(TABLE)).verdicts[0].problem
    assert problem is not None
    assert (problem.field, problem.holder) == ("edits.0.set.cti_id", "lee")


def test_all_or_nothing_holds_the_good_cells() -> None:
    edits = [edit("park", cti_id="7003"), edit("choi", cti_no="22")]
    assert [verdict for _, _, verdict in verdicts(*edits, all_or_nothing=True)] == ["held", "taken"]
    assert [verdict for _, _, verdict in verdicts(edits[0], all_or_nothing=True)] == ["saved"]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([edit("lee", pbx_names="Lee Yuna;PJSIP/1002")], ["saved"]),
        ([edit("lee", pbx_names="Lee Yuna; lee yuna ;LEE YUNA")], ["saved"]),
        ([edit("kim", pbx_names=" 김민수 ; kim minsu")], ["saved"]),  # the case of a name may be changed
        ([edit("kim", pbx_names="김민수;Kim Minsu")], ["unchanged"]),
        ([edit("kim", pbx_names="\u1100\u1175\u11b7민수; Kim Minsu")], ["unchanged"]),  # equal in NFC
        ([edit("kim", pbx_names=None)], ["saved"]),
        ([edit("park", pbx_names=" ; ; ")], ["unchanged"]),
        ([edit("lee", pbx_names="KIM MINSU")], ["taken"]),
        ([edit("lee", pbx_names="7001")], ["taken"]),  # another agent's CTI ID
        ([edit("lee", pbx_names="21")], ["taken"]),  # another agent's CTI NO
        ([edit("lee", pbx_names="7002; 22")], ["saved"]),  # the agent's own
        ([edit("lee", cti_id="Kim Minsu")], ["taken"]),
        ([edit("lee", cti_no="김민수", cti_id="9")], ["taken", "held"]),
        ([edit("lee", cti_id="KIM MINSU")], ["saved"]),  # CTI IDs are compared letter for letter
        ([edit("kim", pbx_names="Kim Minsu"), edit("lee", pbx_names="김민수")], ["saved", "saved"]),
        ([edit("kim", pbx_names="Kim Minsu"), edit("lee", cti_id="김민수")], ["saved", "saved"]),
        ([edit("kim", pbx_names="a; Kim Minsu"), edit("lee", pbx_names="kim minsu")], ["saved", "duplicate"]),
        ([edit("park", pbx_names="x"), edit("lee", pbx_names="X")], ["duplicate", "duplicate"]),
        ([edit("park", pbx_names="x"), edit("lee", cti_no="x")], ["duplicate", "duplicate"]),
        ([edit("kim", cti_id="a\tb"), edit("lee", pbx_names="7001")], ["control_character", "held"]),
        ([edit("park", pbx_names="ok; \x1b[31m")], ["control_character"]),
        ([edit("park", pbx_names="\u202eok")], ["direction_character"]),
        ([edit("park", pbx_names="김" * 200)], ["saved"]),
        ([edit("park", pbx_names="김" * 201)], ["too_long"]),
    ],
)
def test_rule_36_a_pbx_name_belongs_to_one_agent(edits: list[CtiEdit], expected: list[str]) -> None:
    assert [verdict for _, _, verdict in verdicts(*edits)] == expected


def test_rule_36_who_has_the_name_is_said() -> None:
    for values, holder in (({"pbx_names": "7002"}, "lee"), ({"cti_id": "김민수"}, "kim")):
        problem = judge_batch([edit("park", **values)], rows_of(TABLE), holders_of(TABLE)).verdicts[0].problem
        assert problem is not None
        assert problem.holder == holder


_VALUES = st.sampled_from([None, "", "1", "2", "3", " 2 ", "é", "e\u0301", "\x1b", "1; x", "X", "É;4"])
_ACCOUNTS = ["a", "b", "c", "d"]


@st.composite
def _batches(draw: st.DrawFn) -> tuple[Table, list[CtiEdit], bool]:
    def column(*texts: str) -> list[str | None]:
        return list(draw(st.permutations([*texts, None, None]))[: len(_ACCOUNTS)])

    columns = column("1", "2", "3", "é"), column("1", "2", "3", "é"), column("x", "4", "Y; z", "5")
    table: Table = dict(zip(_ACCOUNTS, zip(*columns, strict=True), strict=True))
    edits = draw(
        st.lists(
            st.builds(
                CtiEdit,
                account=st.sampled_from([*_ACCOUNTS, "nobody"]),
                version=st.integers(0, 3),
                set=st.dictionaries(st.sampled_from(list(Column)), _VALUES, max_size=2),
            ),
            max_size=6,
        )
    )
    return table, edits, draw(st.booleans())


@given(_batches())
def test_saved_values_have_one_holder(case: tuple[Table, list[CtiEdit], bool]) -> None:
    table, edits, all_or_nothing = case
    present = {account: dict(zip(Column, values, strict=True)) for account, values in table.items()}
    wanted = sent_claims(edits)
    holders = {key: account for key, account in holders_of(table).items() if key[1] in wanted[key[0]]}
    found = judge_batch(edits, rows_of(table, changed=1), holders, all_or_nothing=all_or_nothing)
    for (account, column), value in found.save.items():
        assert value != present[account][column]
        present[account][column] = value
    claimed = [{claim for column in Column for claim in claims_of(column, row[column])} for row in present.values()]
    assert sum(map(len, claimed)) == len(set().union(*claimed))
    named = [(edit.account, column) for edit in edits for column in edit.set]
    assert [(verdict.account, verdict.column) for verdict in found.verdicts] == named
    saved = {(v.account, v.column) for v in found.verdicts if v.verdict is Verdict.SAVED}
    assert saved == set(found.save)
    bad = {v.account for v in found.verdicts if v.verdict in (Verdict.REFUSED, Verdict.CONFLICT)}
    assert not bad & {account for account, _ in found.save}
    if all_or_nothing and bad:
        assert not found.save


@given(st.permutations(["1", "2", "3", "é"]), st.permutations(["1", "2", "3", "é"]))
def test_every_rearrangement_can_be_saved_at_once(before: list[str], after: list[str]) -> None:
    table: Table = {account: (value, None, None) for account, value in zip(_ACCOUNTS, before, strict=True)}
    edits = [edit(account, cti_id=value) for account, value in zip(_ACCOUNTS, after, strict=True)]
    found = judge_batch(edits, rows_of(table), holders_of(table))
    assert {v.verdict for v in found.verdicts} <= {Verdict.SAVED, Verdict.UNCHANGED}
