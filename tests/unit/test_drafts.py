"""Unsaved edits over rows that change."""

import json
import stat
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.state.draft_cells import Conflict, Difference, Problem, RowEdit, Verdict
from octui.state.draft_file import DraftsUnreadable
from octui.state.drafts import Drafts
from octui.state.rows import Key


class Table:
    """Base rows in a dict."""

    def __init__(self, **rows: str) -> None:
        self.cells = {(key, "id"): value for key, value in rows.items()} | {(key, "no"): "" for key in rows}
        self.versions = dict.fromkeys(rows, 1)

    def row_keys(self) -> Iterable[Key]:
        return list(self.versions)

    def value(self, key: Key, column: str) -> str | None:
        return self.cells.get((str(key), column))

    def version(self, key: Key) -> int | None:
        return self.versions.get(str(key))

    def write(self, key: str, column: str, value: str) -> None:
        self.cells[key, column] = value
        self.versions[key] += 1

    def remove(self, key: str) -> None:
        self.cells = {cell: value for cell, value in self.cells.items() if cell[0] != key}
        del self.versions[key]


def numeric(value: str) -> str | None:
    return None if value.isdigit() or not value else "digits"


def table() -> tuple[Table, Drafts]:
    base = Table(hong="7001", kim="7002", lee="")
    return base, Drafts(base, owner=("acme", "admin"), validators={"no": numeric}, unique=("id",))


def test_edit_back_to_the_base_ends_the_edit() -> None:
    _, drafts = table()
    assert drafts.set_cells([("hong", "id", "7009")]) == {("hong", "id")}
    assert drafts.value("hong", "id") == "7009"
    assert drafts.mark("hong", "id") == "dirty"
    assert len(drafts) == 1
    assert drafts.set_cells([("hong", "id", "7001")]) == {("hong", "id")}
    assert len(drafts) == 0
    assert drafts.mark("hong", "id") == ""
    assert drafts.set_cells([("hong", "id", "7001")]) == set()
    assert drafts.undo() == {("hong", "id")}
    assert drafts.value("hong", "id") == "7009"


def test_values_are_composed() -> None:
    base, drafts = table()
    base.cells["kim", "no"] = "\u1112\u1161\u11ab"
    drafts.set_cells([("hong", "no", "\u1112\u1161\u11ab")])
    assert drafts.value("hong", "no") == "한"
    assert drafts.set_cells([("kim", "no", "한")]) == set()


def test_block_is_one_step_of_undo() -> None:
    _, drafts = table()
    drafts.set_cells([("hong", "id", "1"), ("kim", "id", "2"), ("kim", "id", "3"), ("lee", "no", "4")])
    assert [drafts.value("hong", "id"), drafts.value("kim", "id"), drafts.value("lee", "no")] == ["1", "3", "4"]
    assert drafts.undo() == {("hong", "id"), ("kim", "id"), ("lee", "no")}
    assert len(drafts) == 0
    assert not drafts.can_undo
    assert drafts.undo() == set()
    drafts.redo()
    assert drafts.value("kim", "id") == "3"
    assert not drafts.can_redo
    assert drafts.redo() == set()
    drafts.undo()
    drafts.set_cells([("hong", "no", "5")])
    assert not drafts.can_redo


def test_invalid_values_and_duplicates_are_marked() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "no", "12x")])
    assert drafts.error("hong", "no") == Problem("invalid", "digits")
    drafts.set_cells([("lee", "id", "7002")])
    assert drafts.error("lee", "id") == Problem("duplicate", other="kim")
    assert drafts.mark("lee", "id") == "error"
    drafts.set_cells([("lee", "id", ""), ("hong", "id", "7002"), ("kim", "id", "7001")])
    assert drafts.error("hong", "id") is None
    assert drafts.error("kim", "id") is None
    drafts.set_cells([("hong", "id", ""), ("kim", "id", "")])
    assert drafts.error("kim", "id") is None
    assert drafts.error("lee", "id") is None
    drafts.set_cells([("lee", "id", "7005")])
    base.write("hong", "id", "7005")
    drafts.discard([("hong", "id")])
    drafts.rebase(["hong"])
    assert drafts.error("lee", "id") == Problem("duplicate", other="hong")
    base.remove("hong")
    drafts.rebase(["hong"])
    assert drafts.error("lee", "id") is None
    assert drafts.make_batch() == [
        RowEdit("kim", 1, {"id": ""}, {"id": "7002"}),
        RowEdit("lee", 1, {"id": "7005"}, {"id": ""}),
    ]


def test_duplicates_are_found_after_a_full_refresh() -> None:
    base, drafts = table()
    drafts.set_cells([("lee", "id", "7003")])
    assert drafts.error("lee", "id") is None
    base.write("kim", "id", "7003")
    drafts.rebase()
    assert drafts.error("lee", "id") == Problem("duplicate", other="kim")


def test_base_changed_under_an_edit_is_a_conflict() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    base.write("hong", "id", "7100")
    assert drafts.rebase(["hong", "kim"]) == {("hong", "id")}
    assert drafts.conflict("hong", "id") == Conflict("7100")
    assert drafts.mark("hong", "id") == "conflict"
    assert drafts.value("hong", "id") == "7009"
    assert drafts.make_batch() == []
    assert drafts.keep_mine("hong", "id") == {("hong", "id")}
    assert drafts.keep_mine("hong", "id") == set()
    assert drafts.make_batch() == [RowEdit("hong", 2, {"id": "7009"}, {"id": "7100"})]
    drafts.undo()
    assert drafts.mark("hong", "id") == "conflict"
    drafts.discard([("hong", "id"), ("hong", "no")])
    assert len(drafts) == 0
    drafts.undo()
    assert drafts.conflict("hong", "id") == Conflict("7100")
    base.write("hong", "id", "7001")
    drafts.rebase(["hong"])
    assert drafts.conflict("hong", "id") is None


def test_base_changed_to_the_edit_ends_the_edit() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    base.write("hong", "id", "7009")
    assert drafts.rebase() == {("hong", "id")}
    assert len(drafts) == 0


def test_change_of_another_cell_of_the_row_is_no_conflict() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    base.write("hong", "no", "5")
    assert drafts.rebase() == set()
    assert drafts.make_batch() == [RowEdit("hong", 2, {"id": "7009"}, {"id": "7001"})]


def test_second_edit_does_not_hide_an_unannounced_change() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    base.write("hong", "id", "7100")
    drafts.set_cells([("hong", "no", "5")])
    assert drafts.conflict("hong", "id") == Conflict("7100")
    assert drafts.make_batch() == [RowEdit("hong", 2, {"no": "5"}, {"no": ""})]


def test_removed_row_is_a_conflict() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    base.remove("hong")
    drafts.rebase(["hong"])
    assert drafts.conflict("hong", "id") == Conflict(None)
    assert drafts.keep_mine("hong", "id") == set()
    drafts.set_cells([("hong", "no", "1")])
    assert drafts.conflict("hong", "no") == Conflict(None)
    assert drafts.make_batch() == []


def test_verdicts_end_mark_or_conflict_their_edits() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009"), ("kim", "id", "7010"), ("lee", "id", "7011"), ("lee", "no", "1")])
    sent = drafts.make_batch()
    base.write("hong", "id", "7009")
    touched = drafts.apply_verdicts(
        sent,
        [
            Verdict("hong", "id", "ok"),
            Verdict("kim", "id", "refused", "used elsewhere"),
            Verdict("lee", "id", "conflict", theirs="7999"),
            Verdict("nobody", "id", "ok"),
        ],
    )
    assert touched == {("hong", "id"), ("kim", "id"), ("lee", "id")}
    assert drafts.mark("hong", "id") == ""
    assert drafts.mark("kim", "id") == "refused"
    assert drafts.error("kim", "id") == Problem("refused", "used elsewhere")
    assert drafts.conflict("lee", "id") == Conflict("7999")
    assert drafts.mark("lee", "no") == "dirty"
    assert [edit.key for edit in drafts.make_batch()] == ["kim", "lee"]
    drafts.set_cells([("kim", "id", "7012")])
    assert drafts.mark("kim", "id") == "dirty"
    drafts.undo()
    drafts.undo()
    assert drafts.value("hong", "id") is None, "undo does not reach behind a save"
    assert len(drafts) == 0


def test_cell_edited_during_a_save_stays_edited() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    sent = drafts.make_batch()
    drafts.set_cells([("hong", "id", "70095")])
    drafts.set_cells([("kim", "id", "x")])
    base.write("hong", "id", "7009")
    drafts.apply_verdicts(sent, [Verdict("hong", "id", "ok")])
    assert drafts.mark("hong", "id") == "dirty"
    assert drafts.differences()[0] == Difference("hong", "id", "7009", "70095", None, None)
    assert drafts.make_batch()[0] == RowEdit("hong", 2, {"id": "70095"}, {"id": "7009"})
    drafts.apply_verdicts(sent, [Verdict("hong", "id", "refused", "late")])
    assert drafts.mark("hong", "id") == "dirty"
    drafts.apply_verdicts(sent, [Verdict("hong", "id", "conflict", theirs="70095")])
    assert drafts.mark("hong", "id") == ""


def test_verdicts_may_come_before_the_rows() -> None:
    base, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    sent = drafts.make_batch()
    drafts.set_cells([("hong", "id", "7010")])
    drafts.apply_verdicts(sent, [Verdict("hong", "id", "ok")])
    base.write("hong", "id", "7009")
    drafts.rebase()
    assert drafts.mark("hong", "id") == "dirty"


def test_refusal_without_a_reason_is_marked() -> None:
    _, drafts = table()
    drafts.set_cells([("hong", "id", "7009")])
    drafts.apply_verdicts(drafts.make_batch(), [Verdict("hong", "id", "refused")])
    assert drafts.mark("hong", "id") == "refused"


def test_edits_are_loaded_in_the_next_run(tmp_path: Path) -> None:
    base, drafts = table()
    path = tmp_path / "new" / "drafts.json"
    drafts.set_cells([("hong", "id", "7009"), ("kim", "no", "김"), ("lee", "id", "1")])
    drafts.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]

    base.write("kim", "no", "9")
    base.write("lee", "id", "1")
    later = Drafts(base, owner=("acme", "admin"))
    later.set_cells([("hong", "no", "5")])
    assert later.load(path) == {("hong", "id"), ("kim", "no")}
    assert later.mark("hong", "id") == "dirty"
    assert later.conflict("kim", "no") == Conflict("9")
    assert later.load(path) == set()
    later.undo()
    assert list(later) == [("hong", "no")]
    later.discard()
    later.save(path)
    assert not path.exists()
    assert later.load(path) == set()
    later.save(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"format": 2, "owner": ["acme", "admin"], "cells": []}',
        b'{"format": 1, "owner": ["acme", "other"], "cells": []}',
        b'{"format": 1, "owner": ["acme", "admin"], "cells": 1}',
        b'{"format": 1, "owner": ["acme", "admin"], "cells": [["hong", "id", 5, null]]}',
        b'{"format": 1, "owner": ["acme", "admin"], "cells": [["hong", "id"]]}',
    ],
)
def test_file_that_is_not_drafts_is_unreadable(tmp_path: Path, content: bytes) -> None:
    _, drafts = table()
    path = tmp_path / "drafts.json"
    path.write_bytes(content)
    with pytest.raises(DraftsUnreadable):
        drafts.load(path)
    assert len(drafts) == 0


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, drafts = table()
    path = tmp_path / "drafts.json"
    drafts.set_cells([("hong", "id", "1")])
    drafts.save(path)

    def full(*_: object) -> None:
        raise OSError("disk full")

    drafts.set_cells([("hong", "id", "2")])
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        drafts.save(path)
    assert json.loads(path.read_text())["cells"] == [["hong", "id", "1", "7001"]]
    assert list(tmp_path.iterdir()) == [path]


KEYS, VALUES = st.sampled_from("abc"), st.sampled_from(["", "1", "2", "3"])
GROUP = st.lists(st.tuples(KEYS, st.sampled_from(["id", "no"]), VALUES), min_size=1, max_size=4)


def dirty(drafts: Drafts) -> dict[tuple[Key, str], str | None]:
    return {cell: drafts.value(*cell) for cell in drafts}


@given(st.lists(st.one_of(GROUP, st.sampled_from(["undo", "redo"])), max_size=25))
def test_undo_and_redo_walk_through_snapshots(steps: list[list[tuple[Key, str, str]] | str]) -> None:
    drafts = Drafts(Table(a="1", b="2", c=""), unique=("id",))
    past: list[dict[tuple[Key, str], str | None]] = []
    future: list[dict[tuple[Key, str], str | None]] = []
    for step in steps:
        before = dirty(drafts)
        if step == "undo":
            drafts.undo()
            if past:
                future.append(before)
                assert dirty(drafts) == past.pop()
        elif step == "redo":
            drafts.redo()
            if future:
                past.append(before)
                assert dirty(drafts) == future.pop()
        else:
            assert isinstance(step, list)
            if drafts.set_cells(step):
                past.append(before)
                future.clear()
        assert (drafts.can_undo, drafts.can_redo) == (bool(past), bool(future))


MOVE = st.tuples(st.just("move"), KEYS, st.sampled_from(["id", "no"]), VALUES)
EDIT = st.tuples(st.just("edit"), KEYS, st.sampled_from(["id", "no"]), VALUES)


@given(st.lists(st.one_of(MOVE, EDIT), max_size=30))
def test_base_changes_agree_with_a_simple_model(steps: list[tuple[str, str, str, str]]) -> None:
    base = Table(a="1", b="2", c="")
    drafts = Drafts(base, unique=("id",))
    model: dict[tuple[Key, str], tuple[str, str]] = {}
    for what, key, column, value in steps:
        cell = (key, column)
        if what == "move":
            base.write(key, column, value)
            drafts.rebase([key])
        else:
            drafts.set_cells([(key, column, value)])
            model[cell] = value, model.get(cell, ("", base.cells[key, column]))[1]
        model = {c: edit for c, edit in model.items() if edit[0] != base.cells[str(c[0]), c[1]]}
        assert dirty(drafts) == {c: edit[0] for c, edit in model.items()}
        shown = {k: drafts.value(k, "id") or base.cells[k, "id"] for k in "abc" if drafts.value(k, "id") != ""}
        for c, (mine, before) in model.items():
            now = base.cells[str(c[0]), c[1]]
            assert drafts.conflict(*c) == (Conflict(now) if now != before else None)
            twice = c[1] == "id" and mine != "" and list(shown.values()).count(mine) > 1
            problem = drafts.error(*c)
            assert (problem is not None and problem.code == "duplicate") == twice


@given(st.lists(st.one_of(MOVE, EDIT, st.sampled_from(["undo", "redo", "discard"])), max_size=30))
def test_undoing_everything_leaves_the_base(steps: list[tuple[str, str, str, str] | str]) -> None:
    base = Table(a="1", b="2", c="")
    drafts = Drafts(base, unique=("id",))
    for step in steps:
        match step:
            case ("move", key, column, value):
                base.write(key, column, value)
                drafts.rebase([key])
            case ("edit", key, column, value):
                drafts.set_cells([(key, column, value)])
            case "undo":
                drafts.undo()
            case "redo":
                drafts.redo()
            case _:
                drafts.discard()
        assert all(value != base.cells[str(key), column] for (key, column), value in dirty(drafts).items())
        assert sum(len(edit.cells) for edit in drafts.make_batch()) <= len(drafts)
    while drafts.can_undo:
        drafts.undo()
    assert len(drafts) == 0
