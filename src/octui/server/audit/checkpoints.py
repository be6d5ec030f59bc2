"""Signed checkpoints of the log, kept in a file outside the database (architecture.md 4.7).

A chain of hashes cannot show that its end was cut off, or that all of it was written anew. Each line of the file
states, with an Ed25519 signature, which hash an entry had. The signed bytes are the UTF-8 text of a JSON array without
spaces: ``["octui-checkpoint-1",chain,seq,hash,at]``. The file has to be copied elsewhere, because an intruder who can
cut the database can cut this file as well.
"""

import fcntl
import json
import logging
import os
import threading
from dataclasses import asdict
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, select

from octui.files import open_private
from octui.schema.audit import AuditVerification
from octui.schema.live import AUDIT_HEAD
from octui.schema.problems import Code
from octui.server.audit.verification import Checkpoint, verify_chain
from octui.server.core.errors import StoreError
from octui.server.database.key_file import make_key, read_key
from octui.server.database.store import Store
from octui.server.database.tables import audit, audit_head

FILE = "audit-checkpoints.jsonl"
KEY = "audit-checkpoints.key"
VERSION = "octui-checkpoint-1"
EVERY_MS = 3_600_000
EVERY_ENTRIES = 1_000
_CHECK_INTERVAL_S = 60.0

_log = logging.getLogger(__name__)


def signed_bytes(checkpoint: Checkpoint) -> bytes:
    """Return the bytes of a checkpoint that its signature covers."""
    values = (VERSION, checkpoint.chain, checkpoint.seq, checkpoint.hash, checkpoint.at)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


class Checkpointer:
    """Writer and reader of the checkpoints of `store` in `folder` (created with 0700; files 0600).

    After `start`, a thread writes one every hour and every 1,000 entries while something is recorded, and one when the
    store closes. Methods raise ProblemError for a key or a file that cannot or must not be used.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self._writing = threading.Lock()
        self._last: Checkpoint | None = None  # of this process; another one may have written newer ones
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread that follows the store's commits."""
        self._wake.set()
        self._thread = threading.Thread(target=self._run_loop, name="octui-checkpoints", daemon=True)
        self.store.on_commit(self._on_commit)
        self.store.on_close(self.close)
        self._thread.start()

    def close(self) -> None:
        """Write a last checkpoint while the store is still open. A failure is only logged."""
        if self._closed:
            return
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._try_write()

    def write(self) -> Checkpoint | None:
        """Sign the newest entry and append the checkpoint durably; None if there is nothing new to sign."""
        with self._writing:
            head = self.store.read(_read_head)
            if head is None:
                return None
            last = self._last or self._newest_checkpoint()
            if last is not None and (last.seq, last.hash) == (head.seq, head.hash):
                self._last = last
                return None
            checkpoint = Checkpoint(head.chain, head.seq, head.hash, self.store.clock())
            signature = self._private_key().sign(signed_bytes(checkpoint)).hex()
            self._append_line(json.dumps({"version": VERSION, **asdict(checkpoint), "signature": signature}) + "\n")
            self._last = checkpoint
            return checkpoint

    def write_if_due(self, now: int) -> Checkpoint | None:
        """Write a checkpoint if an hour (by `now`, epoch ms) or 1,000 entries have passed since the last."""
        last = self._last
        if last is not None and now - last.at < EVERY_MS:
            seq = self.store.read(_read_seq)
            if last.seq <= seq < last.seq + EVERY_ENTRIES:
                return None
        return self.write()

    def read(self) -> tuple[list[Checkpoint], str]:
        """Return the checkpoints whose signatures are valid, and the first error in the file, or "".

        A last line without its end, left by a power failure, is skipped.
        """
        checkpoints: list[Checkpoint] = []
        finding = ""
        lines = self._read_lines()
        key = self._public_key() if lines else None
        if lines and key is None:
            return [], f"The key of the checkpoints, {KEY}, is missing."
        for number, line in enumerate(lines, 1):
            checkpoint = None if key is None else _parse_line(line, key)
            if checkpoint is not None:
                checkpoints.append(checkpoint)
            elif not finding:
                finding = f"Line {number} of {FILE} has been changed: its signature is wrong."
        return checkpoints, finding

    def verify_log(self) -> AuditVerification:
        """Verify the whole log against the checkpoints (`octui audit verify`)."""
        # Read before the log: a checkpoint written meanwhile may be of an entry that the snapshot does not have yet.
        checkpoints, finding = self.read()
        verification = self.store.read(lambda connection: verify_chain(connection, checkpoints))
        if finding and verification.ok:
            return verification.model_copy(update={"ok": False, "finding": finding})
        return verification

    def public_key(self) -> str:
        """Return the public key of the signatures in hex; the key pair is made on first use."""
        return self._private_key().public_key().public_bytes_raw().hex()

    # --- the thread -------------------------------------------------------------------------------------------

    def _on_commit(self, revisions: dict[str, int]) -> None:
        if AUDIT_HEAD in revisions:
            self._wake.set()

    def _run_loop(self) -> None:
        unsigned = False
        while not self._closed:
            unsigned = self._wake.wait(_CHECK_INTERVAL_S) or unsigned
            self._wake.clear()
            if unsigned and not self._closed:
                unsigned = not self._try_write(self.store.clock())

    def _try_write(self, now: int | None = None) -> bool:
        """Write a checkpoint, if it is due at `now`; return whether one was written. A failure is only logged."""
        try:
            return (self.write() if now is None else self.write_if_due(now)) is not None
        except Exception as error:
            _log.error("no checkpoint of the permission-change log was written: %s", error)
            return False

    # --- files ------------------------------------------------------------------------------------------------

    def _newest_checkpoint(self) -> Checkpoint | None:
        return max(self.read()[0], key=lambda checkpoint: checkpoint.at, default=None)

    def _read_lines(self) -> list[bytes]:
        try:
            content = (self.folder / FILE).read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unusable_file(self.folder / FILE, error) from error
        return content.split(b"\n")[:-1]

    def _append_line(self, line: str) -> None:
        path = self.folder / FILE
        try:
            with open(path, "ab", opener=open_private) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                _cut_unfinished(path, file.fileno())
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unusable_file(path, error) from error

    def _private_key(self) -> Ed25519PrivateKey:
        path = self.folder / KEY
        try:
            if not path.exists():
                make_key(path, Ed25519PrivateKey.generate().private_bytes_raw())
            return _load_key(path)
        except (OSError, ValueError) as error:
            raise _unusable_file(path, error) from error

    def _public_key(self) -> Ed25519PublicKey | None:
        path = self.folder / KEY
        try:
            return _load_key(path).public_key()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise _unusable_file(path, error) from error


def _read_head(connection: Connection) -> Checkpoint | None:
    """Return an unsigned checkpoint of the newest entry, None for an empty log."""
    row = connection.execute(select(audit_head.c.seq, audit_head.c.hash, audit_head.c.at)).one_or_none()
    first = connection.execute(select(audit.c.hash).where(audit.c.seq == 1)).scalar_one_or_none()
    if row is None or first is None:
        return None
    return Checkpoint(first.hex(), row.seq, row.hash.hex(), row.at)


def _read_seq(connection: Connection) -> int:
    return connection.execute(select(audit_head.c.seq)).scalar_one_or_none() or 0


def _parse_line(line: bytes, key: Ed25519PublicKey) -> Checkpoint | None:
    try:
        values = json.loads(line)
        checkpoint = Checkpoint(*(values[name] for name in ("chain", "seq", "hash", "at")))
        if values["version"] != VERSION or type(checkpoint.seq) is not int or type(checkpoint.at) is not int:
            return None
        key.verify(bytes.fromhex(values["signature"]), signed_bytes(checkpoint))
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return None
    return checkpoint


def _load_key(path: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(read_key(path))


def _cut_unfinished(path: Path, descriptor: int) -> None:
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        os.ftruncate(descriptor, content.rfind(b"\n") + 1)


def _unusable_file(path: Path, error: Exception) -> StoreError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return StoreError(Code.STORAGE_FAILED, 500, f"{path.name}, which signs the permission-change log: {reason}.")
