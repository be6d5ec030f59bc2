"""Files of wizard drafts: one private file for each service, replaced atomically (rules.md 5)."""

import threading
import uuid
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from octui.files import write_atomically
from octui.state.wizard import Draft

FORMAT = 1
LARGEST_FILE = 256 * 1024
_PATIENCE_S = 0.2


class _File(BaseModel):
    format: int
    owner: list[str]
    draft: Draft


class WizardDrafts:
    """A person's wizard drafts in one organization; files that cannot be read are listed in `unreadable`.

    `save_drafts` may be called from another thread while the program is being ended.
    """

    def __init__(self, folder: Path, owner: Sequence[str]) -> None:
        self._folder, self._owner = folder, list(owner)
        self._lock = threading.Lock()
        self._written: dict[str, bytes] = {}
        self._unsynced: set[str] = set()  # written, but not yet safe from a power cut
        self._drafts: dict[str, Draft] = {}
        self.unreadable: list[Path] = []
        self.open_draft: Draft | None = None
        """The draft being edited: it stays as it is, whatever other programs do."""

    def load(self) -> None:
        """Read the draft files; drafts with unwritten changes stay as they are. Raises OSError."""
        self.unreadable = []
        stored: dict[str, tuple[Draft, bytes]] = {}
        if self._folder.is_dir():
            for path in sorted(self._folder.glob("[!.]*.json")):
                body = _read_file(path)
                try:
                    document: _File | None = _File.model_validate_json(body)
                except ValidationError:
                    document = None
                if (
                    document is None
                    or document.format != FORMAT
                    or document.owner != self._owner
                    or document.draft.key != path.stem
                ):
                    self.unreadable.append(path)
                else:
                    stored[document.draft.key] = document.draft, body
        with self._lock:
            for key in [key for key in self._drafts if key in self._written and key not in stored]:
                if self._drafts[key] is not self.open_draft:
                    del self._drafts[key], self._written[key]  # another program of the same person has finished it
            for key, (draft, body) in stored.items():
                mine, before = self._drafts.get(key), self._written.get(key)
                if mine is None or (mine is not self.open_draft and body != before == self._encode_draft(mine)):
                    self._drafts[key], self._written[key] = draft, body

    @property
    def all_drafts(self) -> list[Draft]:
        """Every draft, in no particular order."""
        return list(self._drafts.values())

    @property
    def new_drafts(self) -> list[Draft]:
        """The drafts of new services whose step 1 is not saved, so that the server does not know them."""
        return [draft for draft in self._drafts.values() if not draft.service]

    def draft_for(self, service: str) -> Draft | None:
        """Return the draft of a service that the server has, or None."""
        return next((draft for draft in self._drafts.values() if draft.service == service), None)

    def by_key(self, key: str) -> Draft | None:
        """Return the draft with this key, or None."""
        return self._drafts.get(key)

    def begin_draft(self, service: str = "") -> Draft:
        """Create a draft; its file is written once something was typed."""
        draft = Draft(key=uuid.uuid4().hex[:16], service=service)
        with self._lock:
            self._drafts[draft.key] = draft
        return draft

    def drop_draft(self, draft: Draft) -> None:
        """Delete a draft and its file. Raises OSError."""
        with self._lock:
            self._drafts.pop(draft.key, None)
            self._written.pop(draft.key, None)
            self._path_of(draft.key).unlink(missing_ok=True)

    def save_drafts(self, *, sync: bool = True) -> None:
        """Write the drafts that differ from their files; `sync` flushes them to the disk. Raises OSError."""
        # A signal may have stopped the thread that holds the lock for good: then go on, each write is atomic.
        locked = self._lock.acquire(timeout=_PATIENCE_S)
        try:
            for key, draft in list(self._drafts.items()):
                body = self._encode_draft(draft)
                if draft.is_empty and not draft.sending:
                    if self._written.pop(key, None) is not None:
                        self._path_of(key).unlink(missing_ok=True)
                elif body != self._written.get(key) or (sync and key in self._unsynced):
                    write_atomically(self._path_of(key), body, sync=sync)
                    self._written[key] = body
                    (self._unsynced.discard if sync else self._unsynced.add)(key)
        finally:
            if locked:
                self._lock.release()

    def drop_empty(self) -> None:
        """Delete drafts without typed text, and their files. Raises OSError."""
        for draft in [draft for draft in self.all_drafts if draft.is_empty]:
            self.drop_draft(draft)

    def _path_of(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _encode_draft(self, draft: Draft) -> bytes:
        return _File(format=FORMAT, owner=self._owner, draft=draft).model_dump_json(indent=1).encode()


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return b""
