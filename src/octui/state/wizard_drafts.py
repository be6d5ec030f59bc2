"""What the wizard keeps on disk between two keys: one file a service, for its owner's eyes only (rules.md 5)."""

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
    """One person's drafts at one organization. Files that cannot be read stay where they are, in `unreadable`.

    `keep` may be called from another thread while the program is being ended.
    """

    def __init__(self, folder: Path, owner: Sequence[str]) -> None:
        self._folder, self._owner = folder, list(owner)
        self._lock = threading.Lock()
        self._written: dict[str, bytes] = {}
        self._loose: set[str] = set()  # written, and not yet safe from a power cut
        self._drafts: dict[str, Draft] = {}
        self.unreadable: list[Path] = []
        self.open_draft: Draft | None = None
        """The one under somebody's hands: whatever other programs do, it stays as it is."""

    def load(self) -> None:
        """Read what is on disk; what was changed here and not written yet stays as it is. Raises OSError."""
        self.unreadable = []
        found: dict[str, tuple[Draft, bytes]] = {}
        if self._folder.is_dir():
            for path in sorted(self._folder.glob("[!.]*.json")):
                body = _read_file(path)
                try:
                    held = _File.model_validate_json(body)
                except ValidationError:
                    held = None
                if held is None or held.format != FORMAT or held.owner != self._owner or held.draft.key != path.stem:
                    self.unreadable.append(path)
                else:
                    found[held.draft.key] = held.draft, body
        with self._lock:
            for key in [key for key in self._drafts if key in self._written and key not in found]:
                if self._drafts[key] is not self.open_draft:
                    del self._drafts[key], self._written[key]  # another program of the same person is done with it
            for key, (draft, body) in found.items():
                mine, before = self._drafts.get(key), self._written.get(key)
                if mine is None or (mine is not self.open_draft and body != before == self._encode_draft(mine)):
                    self._drafts[key], self._written[key] = draft, body

    @property
    def all_drafts(self) -> list[Draft]:
        """Every draft, in no order."""
        return list(self._drafts.values())

    @property
    def new_drafts(self) -> list[Draft]:
        """Services whose step 1 has not been taken: they are only on this machine."""
        return [draft for draft in self._drafts.values() if not draft.service]

    def draft_for(self, service: str) -> Draft | None:
        """What is typed for a service there is."""
        return next((draft for draft in self._drafts.values() if draft.service == service), None)

    def by_key(self, key: str) -> Draft | None:
        """The draft with this key."""
        return self._drafts.get(key)

    def begin_draft(self, service: str = "") -> Draft:
        """A new draft; it is written once something is in it."""
        draft = Draft(key=uuid.uuid4().hex[:16], service=service)
        with self._lock:
            self._drafts[draft.key] = draft
        return draft

    def drop_draft(self, draft: Draft) -> None:
        """Throw a draft away. Raises OSError."""
        with self._lock:
            self._drafts.pop(draft.key, None)
            self._written.pop(draft.key, None)
            self._path_of(draft.key).unlink(missing_ok=True)

    def save_drafts(self, *, sync: bool = True) -> None:
        """Write what is another than on disk; `sync`: it outlives a power cut too. Raises OSError."""
        # The thread that holds it may be the one a signal has stopped for good: then without it, each write is whole.
        held = self._lock.acquire(timeout=_PATIENCE_S)
        try:
            for key, draft in list(self._drafts.items()):
                body = self._encode_draft(draft)
                if draft.is_empty and not draft.sending:
                    if self._written.pop(key, None) is not None:
                        self._path_of(key).unlink(missing_ok=True)
                elif body != self._written.get(key) or (sync and key in self._loose):
                    write_atomically(self._path_of(key), body, sync=sync)
                    self._written[key] = body
                    (self._loose.discard if sync else self._loose.add)(key)
        finally:
            if held:
                self._lock.release()

    def drop_empty(self) -> None:
        """Forget drafts with nothing in them. Raises OSError."""
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
