"""Signed checkpoints: when they are written, and what is found in a file that was changed."""

import json
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from octui.schema.audit import Action, Via
from octui.server.audit.checkpoints import EVERY_ENTRIES, EVERY_MS, FILE, KEY, Checkpointer, signed_bytes
from octui.server.audit.search import read_head
from octui.server.audit.verification import Checkpoint
from octui.server.core.errors import StoreError
from octui.server.database.audit_log import NewEntry, append_entries
from octui.server.database.unit_of_work import Change
from server.conftest import NOW, OPERATOR, Center, Clock, Store

ENTRY = NewEntry(Action.CTI_CHANGED, "a", "가", "b", "나", "oc", "10.0.0.1", Via.API, "", "")


def _record_entries(store: Store, count: int = 1) -> None:
    store.write(lambda change: append_entries(change.connection, [ENTRY] * count, change.now), OPERATOR)


@pytest.fixture
def checkpointer(store: Store, tmp_path: Path) -> Checkpointer:
    return Checkpointer(store, tmp_path / "beside")


def test_checkpoint_is_verifiable_from_its_line_and_the_key(store: Store, checkpointer: Checkpointer) -> None:
    assert checkpointer.write() is None
    _record_entries(store, 3)
    written = checkpointer.write()
    assert written is not None
    newest = store.read(read_head)
    assert (written.seq, written.hash, written.at) == (3, newest.hash, NOW)
    line = json.loads((checkpointer.folder / FILE).read_text())
    signed = f'["octui-checkpoint-1","{line["chain"]}",3,"{newest.hash}",{NOW}]'
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpointer.public_key()))
    key.verify(bytes.fromhex(line["signature"]), signed.encode())
    assert signed_bytes(written) == signed.encode()
    assert checkpointer.read() == ([written], "")
    assert checkpointer.verify_log().checkpoints == 1


def test_checkpoint_files_are_private(store: Store, checkpointer: Checkpointer) -> None:
    _record_entries(store)
    checkpointer.write()
    assert checkpointer.folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in checkpointer.folder.iterdir()} == {
        FILE: 0o600,
        KEY: 0o600,
    }
    (checkpointer.folder / KEY).chmod(0o644)
    _record_entries(store)
    with pytest.raises(StoreError, match="must be 0600"):
        checkpointer.write()


def test_entry_is_signed_once(store: Store, checkpointer: Checkpointer) -> None:
    _record_entries(store)
    assert checkpointer.write() is not None
    assert checkpointer.write() is None
    assert Checkpointer(store, checkpointer.folder).write() is None
    _record_entries(store)
    assert Checkpointer(store, checkpointer.folder).write() is not None
    assert [checkpoint.seq for checkpoint in checkpointer.read()[0]] == [1, 2]


def test_checkpoint_is_due_every_hour_and_every_thousand_entries(
    store: Store, checkpointer: Checkpointer, clock: Clock
) -> None:
    _record_entries(store)
    assert checkpointer.write_if_due(clock.now) is not None
    _record_entries(store, EVERY_ENTRIES - 1)
    assert checkpointer.write_if_due(clock.now) is None
    _record_entries(store)
    thousandth = checkpointer.write_if_due(clock.now)
    assert thousandth is not None
    assert thousandth.seq == EVERY_ENTRIES + 1
    _record_entries(store)
    assert checkpointer.write_if_due(clock.now + EVERY_MS - 1) is None
    clock.now += EVERY_MS
    assert checkpointer.write_if_due(clock.now) is not None
    clock.now += 2 * EVERY_MS
    assert checkpointer.write_if_due(clock.now) is None


def test_closing_the_store_signs_the_newest_entry(
    store: Store, center: Center, checkpointer: Checkpointer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Checkpoint | None] = []
    first = threading.Event()

    def write() -> Checkpoint | None:
        written.append(Checkpointer.write(checkpointer))
        first.set()
        return written[-1]

    monkeypatch.setattr(checkpointer, "write", write)
    checkpointer.start()

    def work(change: Change) -> None:
        change.record(Action.AGENT_REMOVED, target_account="kim", target_name="김민수", service="oc")

    store.write(work, center.principal("admin"))
    assert first.wait(30)
    store.write(work, center.principal("admin"))
    store.close()
    assert checkpointer.read()[0][-1].seq == 2
    assert [checkpoint.seq for checkpoint in written if checkpoint is not None][-1] == 2


def test_store_closes_although_signing_fails(
    store: Store, checkpointer: Checkpointer, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointer.folder.parent.joinpath("beside").write_text("a file where the folder should be")
    _record_entries(store)
    checkpointer.start()
    store.close()
    assert "no checkpoint of the permission-change log was written" in caplog.text


def test_changed_line_is_found(store: Store, checkpointer: Checkpointer) -> None:
    for _ in range(3):
        _record_entries(store)
        checkpointer.write()
    path = checkpointer.folder / FILE
    lines = path.read_text().splitlines()
    second = json.loads(lines[1])
    for changed in (
        second | {"seq": 1},
        second | {"at": 1},
        second | {"hash": "00" * 32},
        second | {"chain": ""},
        second | {"signature": "00" * 64},
        second | {"signature": "no hex"},
        second | {"version": "2"},
        second | {"seq": "2"},
        {},
    ):
        path.write_text("\n".join((lines[0], json.dumps(changed), lines[2])) + "\n")
        good, finding = checkpointer.read()
        assert [checkpoint.seq for checkpoint in good] == [1, 3]
        assert finding.startswith("Line 2 ")
        verification = checkpointer.verify_log()
        assert (verification.ok, verification.finding, verification.checkpoints) == (False, finding, 2)
    path.write_bytes(b"\xff\n")
    assert checkpointer.read()[1].startswith("Line 1 ")


def test_unfinished_last_line_is_skipped(store: Store, checkpointer: Checkpointer) -> None:
    _record_entries(store)
    checkpointer.write()
    with open(checkpointer.folder / FILE, "ab") as file:
        file.write(b'{"version": "octui-checkp')
    assert checkpointer.read()[1] == ""
    _record_entries(store)
    Checkpointer(store, checkpointer.folder).write()
    good, finding = checkpointer.read()
    assert ([checkpoint.seq for checkpoint in good], finding) == ([1, 2], "")


def test_missing_key_is_reported(store: Store, checkpointer: Checkpointer) -> None:
    _record_entries(store)
    checkpointer.write()
    (checkpointer.folder / KEY).unlink()
    verification = checkpointer.verify_log()
    assert not verification.ok
    assert KEY in verification.finding
