"""Positions from which to continue reading log files, which are recognized by content even when renamed.

A file is known by the digest of its first line with a time, and what was read of it is trusted only as long as the line
before the position is the one that was read last. Else the file is read from its start; events are taken in once.
"""

import os
import platform
import re
import stat
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from octui.intake.batches import LONGEST_LINE
from octui.intake.log_files import DamagedFileError, LogFile, open_log
from octui.schema.events import FilePosition, IntakeFile

QUEUE_LOG, CDR, CEL = "queue_log", "cdr", "cel"
"""Kinds of logs."""
_HEAD = 64 * 1024
"""Bytes at the start of a file in which its first line with a time is looked for."""
_TAIL = LONGEST_LINE + 2
_TIME = re.compile(rb"\d{9,}|\d{4}-\d\d-\d\d")
_EPOCHS = {
    QUEUE_LOG: re.compile(rb"(?:\xef\xbb\xbf)?(\d{9,12})"),
    CDR: re.compile(rb".*?(?<!\d)(\d{9,11})\.\d"),  # a unique ID
    CEL: re.compile(rb".*?(?<!\d)(\d{9,11})\.\d"),
}
"""The second in the first line with a time."""
_ROTATED = re.compile(r"(?:[.-]\d[\dT.:_-]*|\.old)(?:\.gz)?")
_ROTATED_END = re.compile(_ROTATED.pattern + "$")
"""End of the name of a file that is no longer written; another one may have it next time."""
_LARGEST = 2**63 - 1


def digest_line(line: bytes) -> str:
    """Return the digest of a log line without its line end."""
    return blake2b(line, digest_size=16).hexdigest()


def find_head(lines: Sequence[bytes]) -> bytes | None:
    """Return a file's first line that has a time, or None; headings do not count, as many exports share them."""
    return next((line for line in lines if _TIME.search(line)), None)


def skip_to(log: LogFile, known: IntakeFile) -> bytes | None:
    """Move to a stored position and return the line before it, or None if the text there has changed.

    Raises DamagedFileError.
    """
    tail = _read_until(log, known.position)
    if tail is None:
        return None
    if tail.endswith(b"\n"):
        line = tail[:-1].rpartition(b"\n")[2]
    else:  # the last row of an export, without an end
        line = tail.rpartition(b"\n")[2]
        if log.read_chunk(1) not in (b"", b"\n"):
            return None
        log.stream.seek(known.position)
    return line if digest_line(line) == known.digest else None


def _read_until(log: LogFile, position: int) -> bytes | None:
    """Return a text's bytes up to a position, or None if it is shorter."""
    if not log.is_compressed:
        start = max(0, position - _TAIL)
        log.stream.seek(start)
        tail = log.read_chunk(position - start)
        return tail if len(tail) == position - start else None
    log.stream.seek(0)
    tail, left = b"", position
    while left and (chunk := log.read_chunk(min(left, 4 * _TAIL))):
        left -= len(chunk)
        tail = (tail + chunk)[-_TAIL:]
    return None if left else tail


def shown_path(path: Path) -> str:
    """Return a file's absolute path as safe text for the server."""
    return str(path.absolute())[:4000].encode("utf-8", "replace").decode()


class Progress:
    """Position in a log file while it is being read, from the start or from a stored position."""

    def __init__(self, path: Path, known: IntakeFile | None = None, *, kind: str = QUEUE_LOG) -> None:
        self.path = path
        self._kind = kind
        self.line = self.begun = 0
        """The line read last, and the one behind which reading began."""
        self.last_line: bytes | None = None
        self.end = 0
        """Position behind the line read last."""
        self._read = 0
        self.head = ""
        self._file = (0, 0)
        self._stored: tuple[int, int, str, dict[str, Any]] = (0, 0, digest_line(b""), {})
        if known is not None:
            self.line = self.begun = known.line
            self._read = self.end = known.position
            self.head = known.head
            self._file = known.device, known.inode
            self._stored = known.position, known.line, known.digest, known.state

    def open_file(self, status: os.stat_result) -> None:
        """Store the identity (device, inode) of the file being read."""
        self._file = status.st_dev & _LARGEST, status.st_ino & _LARGEST

    def add_text(self, chunk: bytes, lines: Sequence[bytes]) -> None:
        """Advance the position over a part of the text, counting the lines that end in it."""
        self._read += len(chunk)
        if lines:
            self.end = self._read - (len(chunk) - chunk.rfind(b"\n") - 1)
            self.line += len(lines)
            self.last_line = lines[-1]
        self.note_head(lines)

    def add_rest(self, line: bytes) -> None:
        """Advance the position over the last line, which has no line end."""
        self.end, self.line, self.last_line = self._read, self.line + 1, line
        self.note_head([line])

    def note_head(self, lines: Sequence[bytes]) -> None:
        """Look in the first lines for the line that identifies the file."""
        if not self.head:
            head = find_head(lines)
            self.head = digest_line(head) if head is not None else ""

    def position(self, state: dict[str, Any] | None) -> FilePosition | None:
        """Return the position to store on the server together with rows of the file, None before a head line.

        `state`: that of the parser, if with these rows everything up to the last line is given out.
        """
        if not self.head:
            return None
        after = self._stored[1]
        if state is not None and self.last_line is not None:
            self._stored = self.end, self.line, digest_line(self.last_line), {**state, "host": platform.node()}
        position, line, digest, state = self._stored
        return FilePosition(
            kind=self._kind,
            name=shown_path(self.path),
            head=self.head,
            device=self._file[0],
            inode=self._file[1],
            position=position,
            line=line,
            digest=digest,
            state=state,
            after=after,
        )

    def known(self) -> IntakeFile | None:
        """Return the position as the server would report it, None before the first line with a time."""
        position = self.position(None)
        return IntakeFile(**position.model_dump(exclude={"after"}), at=0) if position is not None else None


@dataclass(frozen=True)
class Part:
    """A log file to read. `known`: position to continue from, None for the start. `fills_in`: read before already.

    `identity`: device and inode, by which it is the same file after a rename.
    """

    path: Path
    known: IntakeFile | None = None
    fills_in: bool = False
    identity: tuple[int, int] | None = None


@dataclass(frozen=True)
class Plan:
    """Files of a rotated log to read, the oldest first, the one being written last.

    `missing`: the file that was read last and is not there any more; what was added to it since is not known.
    `unread`: older files beside it, of which nothing was ever read.
    """

    parts: list[Part]
    missing: IntakeFile | None = None
    unread: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    path: Path
    epoch: int
    head: str
    known: IntakeFile | None
    is_compressed: bool
    size: int
    changed: int
    identity: tuple[int, int]


def plan_file(path: Path, known: Iterable[IntakeFile], *, again: bool = False, kind: str = QUEUE_LOG) -> Part:
    """Return one log file to read by itself, with the stored position to continue from. Raises OSError."""
    if not stat.S_ISREG(path.stat().st_mode):
        return Part(path)
    candidate = _look_at(path, _by_head(known, kind), kind)
    return _part_of(candidate, again) if candidate is not None else Part(path)


def plan_log(
    path: Path,
    known: Iterable[IntakeFile],
    *,
    again: bool = False,
    opened: Collection[tuple[int, int]] = (),
    kind: str = QUEUE_LOG,
) -> Plan:
    """Return which files of a rotated log to read: unread older files first, the log itself last.

    Predecessors older than the oldest of which anything was read are left alone. `again`: from the start of each.
    `opened`: identities of files that are being read already, which are left out.
    """
    known = list(known)
    by_head = _by_head(known, kind)
    current = _look_at(path, by_head, kind) if path.is_file() else None
    found: dict[str, _Candidate] = {}
    for each in sorted(_rotated(path)):
        candidate = _look_at(each, by_head, kind)
        if candidate is None or (current is not None and candidate.head == current.head):
            continue  # a copy that is being made of the file itself
        rival = found.get(candidate.head)
        if rival is None or _rank(candidate) > _rank(rival):
            found[candidate.head] = candidate
    older = sorted(found.values(), key=lambda candidate: (candidate.epoch, candidate.changed))
    if current is not None:
        older = [candidate for candidate in older if candidate.epoch <= current.epoch]
    latest = max(_read_here(path, known, kind), key=last_time, default=None)
    starts = [each.epoch for each in older if each.known is not None or each.identity in opened]
    if latest is not None and last_time(latest):
        starts.append(last_time(latest) // 1000)  # what begins after everything that was read
    wanted = [each for each in older if starts and each.epoch >= min(starts) and each.identity not in opened]
    parts = [_part_of(candidate, again) for candidate in wanted]
    parts.append(_part_of(current, again) if current is not None else Part(path))
    present = {candidate.head for candidate in (*older, current) if candidate is not None}
    is_written = not _ROTATED_END.search(path.name) and (current is None or current.epoch > 0)
    missing = latest if latest is not None and is_written and latest.head not in present else None
    return Plan(parts, missing, [] if latest is not None else [candidate.path for candidate in older])


def last_time(file: IntakeFile) -> int:
    """Return the time (epoch ms) of the last line that was read of a file, 0 if unknown."""
    last = file.state.get("last")
    return last if isinstance(last, int) else 0


def _by_head(known: Iterable[IntakeFile], kind: str) -> dict[str, IntakeFile]:
    return {file.head: file for file in known if file.kind == kind}


def _read_here(path: Path, known: Sequence[IntakeFile], kind: str) -> list[IntakeFile]:
    """Return the stored positions of files with this name, or a rotated form of it, on this machine."""
    folder, host = path.absolute().parent, platform.node()
    return [
        file
        for file in known
        if file.kind == kind
        and file.position
        and file.state.get("host") == host
        and Path(file.name).parent == folder
        and (Path(file.name).name == path.name or _is_rotated(Path(file.name).name, path.name))
    ]


def _rotated(path: Path) -> list[Path]:
    folder = path.absolute().parent
    try:
        names = [entry.name for entry in os.scandir(folder) if _is_rotated(entry.name, path.name) and entry.is_file()]
    except OSError:
        return []
    return [path.with_name(name) for name in names]


def _is_rotated(name: str, base: str) -> bool:
    return name.startswith(base) and _ROTATED.fullmatch(name, len(base)) is not None


def _look_at(path: Path, by_head: dict[str, IntakeFile], kind: str) -> _Candidate | None:
    """Return a file's identity and its first line with a time, or None if it has none or cannot be read."""
    try:
        with open_log(path) as log:
            line = find_head(log.read_chunk(_HEAD).split(b"\n")[:-1])
            if line is None:
                return None
            head = digest_line(line)
            known = by_head.get(head)
            if known is not None and (not known.position or skip_to(log, known) is None):
                known = None
            match, status = _EPOCHS[kind].match(line), os.fstat(log.file.fileno())
            epoch, identity = int(match[1]) if match else 0, (status.st_dev, status.st_ino)
            return _Candidate(path, epoch, head, known, log.is_compressed, status.st_size, status.st_mtime_ns, identity)
    except (OSError, DamagedFileError):
        return None


def _rank(candidate: _Candidate) -> tuple[bool, bool, int]:
    """Return the sort key that prefers a complete file over an incomplete compressed copy with the same first line."""
    return candidate.known is not None, not candidate.is_compressed, candidate.size


def _part_of(candidate: _Candidate, again: bool) -> Part:
    known = candidate.known
    fills_in = known is not None and known.fills_in
    return Part(candidate.path, None if again or fills_in else known, fills_in, candidate.identity)
