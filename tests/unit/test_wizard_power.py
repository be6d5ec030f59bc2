"""A synced draft of the wizard survives a power cut: file and folder are synced."""

import os
import stat
from pathlib import Path

import pytest

from octui.state.wizard import blank_basic
from octui.state.wizard_drafts import WizardDrafts


def test_unsynced_draft_is_synced_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []  # whether it was a folder
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode)))
    drafts = WizardDrafts(tmp_path / "wizard", ("acme", "kim"))
    drafts.begin_draft().basic = blank_basic("ko").model_copy(update={"name": "새 서비스"})
    drafts.save_drafts(sync=False)
    assert synced == []
    drafts.save_drafts(sync=True)
    assert synced == [False, True]
    drafts.save_drafts(sync=True)
    assert synced == [False, True]
