"""Preferences in a file."""

import json
import os
from pathlib import Path

import pytest

from octui.state.preferences import LARGEST_FILE, LONGEST_TEXT, MOST_PLACES, Preferences


def test_preferences_are_there_in_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "people" / "kim.json"
    saved = Preferences(path)
    assert saved.get_text("cti", "query", "all") == "all"
    saved.set_values("cti", {"query": "김ㅁㅅ", "sort": ["name", "-cti_id"], "descending": True})
    again = Preferences(path)
    assert again.get_text("cti", "query") == "김ㅁㅅ"
    assert again.get("cti", "sort") == ["name", "-cti_id"]
    assert again.get("cti", "descending") is True
    assert again.get_text("cti", "descending", "-") == "-"
    again.set_values("cti", {"query": None})
    assert Preferences(path).get("cti", "query", "gone") == "gone"


def test_file_is_private_and_no_draft_is_left(tmp_path: Path) -> None:
    path = tmp_path / "people" / "kim.json"
    Preferences(path).set_values("cti", {"query": "x"})
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["kim.json"]


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "kim.json"
    saved = Preferences(path)
    saved.set_values("cti", {"query": None})
    assert not path.exists()
    saved.set_values("cti", {"query": "x"})
    before = path.stat().st_ino
    saved.set_values("cti", {"query": "x"})
    assert path.stat().st_ino == before


def test_two_programs_keep_the_places_of_each_other(tmp_path: Path) -> None:
    one, two = Preferences(tmp_path / "kim.json"), Preferences(tmp_path / "kim.json")
    one.set_values("cti", {"query": "a"})
    two.set_values("audit", {"query": "b"})
    one.set_values("stats", {"query": "c"})
    three = Preferences(tmp_path / "kim.json")
    assert [three.get_text(place, "query") for place in ("cti", "audit", "stats")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"null",
        b'{"version": 2, "places": {"cti": {"query": "x"}}}',
        b'{"version": 1, "places": []}',
        b'{"version": 1, "places": {"cti": 5}}',
        b'{"version": 1, "places": {"cti": {"query": {"a": 1}}}}',
        b"[" * 200_000,
        json.dumps({"version": 1, "places": {"cti": {"query": "x" * LARGEST_FILE}}}).encode(),
    ],
)
def test_unreadable_file_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kim.json"
    path.write_bytes(content)
    saved = Preferences(path)
    assert saved.get("cti", "query") is None
    saved.set_values("cti", {"query": "new"})
    assert Preferences(path).get_text("cti", "query") == "new"


def test_failed_write_leaves_the_old_file_and_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kim.json"
    saved = Preferences(path)
    saved.set_values("cti", {"query": "old"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            saved.set_values("cti", {"query": "new"})
    assert saved.get_text("cti", "query") == "new"
    assert Preferences(path).get_text("cti", "query") == "old"
    assert len(list(tmp_path.iterdir())) == 1
    saved.set_values("audit", {"query": "y"})
    assert Preferences(path).get_text("cti", "query") == "new"


def test_value_that_is_no_preference_is_refused(tmp_path: Path) -> None:
    saved = Preferences(tmp_path / "kim.json")
    with pytest.raises(ValueError, match=r"cti\.query"):
        saved.set_values("cti", {"query": "x" * (LONGEST_TEXT + 1)})
    assert not (tmp_path / "kim.json").exists()


def test_file_does_not_grow_without_end(tmp_path: Path) -> None:
    saved = Preferences(tmp_path / "kim.json")
    for number in range(MOST_PLACES + 20):
        saved.set_values(f"place{number}", {"query": "x"})
    assert len(json.loads((tmp_path / "kim.json").read_text())["places"]) == MOST_PLACES
    assert saved.get_text(f"place{MOST_PLACES + 19}", "query") == "x"


def test_more_than_can_be_read_is_not_written(tmp_path: Path) -> None:
    saved = Preferences(tmp_path / "kim.json")
    long = "x" * LONGEST_TEXT
    for number in range(10):
        saved.set_values(f"place{number}", {"filters": [long] * 20})
    again = Preferences(tmp_path / "kim.json")
    assert again.get("place9", "filters") == [long] * 20
    assert again.get("place0", "filters") is None
    with pytest.raises(ValueError, match="too much"):
        saved.set_values("cti", {"one": [long] * 100, "two": [long] * 100})
