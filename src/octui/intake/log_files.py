"""Lines of log files, plain or compressed with gzip, read forward or backward."""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from octui.intake.batches import LONGEST_LINE

CHUNK = 192 * 1024
_GZIP = b"\x1f\x8b"
_KEPT = LONGEST_LINE + 2
"""Bytes of a line that are kept: enough to see that it is too long."""


class DamagedFileError(ValueError):
    """Error for a compressed file that cannot be read to its end."""


class LineBuffer:
    """Buffer that cuts bytes into lines, and of an overlong line holds only the beginning."""

    def __init__(self) -> None:
        self._part = bytearray()

    def split_chunk(self, chunk: bytes) -> list[bytes]:
        """Return the lines that end in this chunk of bytes, without their line ends."""
        lines = chunk.split(b"\n")
        last = lines.pop()
        if lines and self._part:
            self._append_part(lines[0])
            lines[0] = bytes(self._part)
            self._part.clear()
        self._append_part(last)
        return lines

    def _append_part(self, part: bytes) -> None:
        self._part += part[: max(0, _KEPT - len(self._part))]

    def take_rest(self) -> bytes:
        """Remove and return the last line, which has no line end yet."""
        rest = bytes(self._part)
        self._part.clear()
        return rest


@dataclass
class LogFile:
    """An open log. `stream`: its unpacked text; `file`: the bytes on disk; both are the same for a plain file."""

    path: Path
    file: BinaryIO
    stream: BinaryIO
    head: bytes = field(default=b"", init=False)
    """What `read_head` has read, and `read_chunks` gives first."""
    _damage: DamagedFileError | None = field(default=None, init=False)
    """Damage behind the text that was read last."""

    @property
    def is_compressed(self) -> bool:
        return self.stream is not self.file

    @property
    def size(self) -> int:
        """Return the log's bytes on disk; 0 for a pipe."""
        return os.fstat(self.file.fileno()).st_size

    def read_head(self) -> bytes:
        """Return the first bytes of the text, read once and then cached. Raises DamagedFileError."""
        if not self.head:
            head = bytearray()
            while self._damage is None and len(head) < CHUNK and (part := self.read_chunk(CHUNK - len(head))):
                head += part  # a pipe gives what there is
            self.head = bytes(head)
        return self.head

    def read_chunk(self, size: int = CHUNK) -> bytes:
        """Return the next part of the text; empty at the end. Raises DamagedFileError behind the last readable byte."""
        if self._damage is not None:
            raise self._damage
        if not isinstance(self.stream, gzip.GzipFile):
            return self.stream.read(size)
        chunk = bytearray()
        try:
            # Not `read`, which loses what it has unpacked before it meets the damage.
            while len(chunk) < size and (part := self.stream.read1(size - len(chunk))):
                chunk += part
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._damage = DamagedFileError(f"the compressed file is damaged or cut off here: {error}")
            if not chunk:
                raise self._damage from None
        return bytes(chunk)

    def read_chunks(self) -> Iterator[bytes]:
        """Yield the whole text in parts. Raises DamagedFileError."""
        head, self.head = self.head, b""
        if head:
            yield head
        while chunk := self.read_chunk():
            yield chunk

    def forget_head(self) -> None:
        """Go back to the file's start after `read_head`, except on a pipe."""
        if self.head:
            self.head = b""
            self.stream.seek(0)

    def read_backwards(self) -> Iterator[tuple[list[bytes], range]]:
        """Yield the lines from last to first with their numbers. Raises DamagedFileError; OSError for a pipe."""
        with _seekable_text(self) as text:
            text.seek(0)
            total, ended = 0, True
            while chunk := text.read(CHUNK):
                total += chunk.count(b"\n")
                ended = chunk.endswith(b"\n")
            last = total if ended else total + 1
            for lines in _split_backwards(text):
                yield lines, range(last, last - len(lines), -1)
                last -= len(lines)


def _split_backwards(text: BinaryIO) -> Iterator[list[bytes]]:
    position = end = text.seek(0, os.SEEK_END)
    rest = b""
    while position:
        start = max(0, position - CHUNK)
        text.seek(start)
        rest, *lines = (text.read(position - start) + rest).split(b"\n")
        if position == end and lines and not lines[-1]:
            lines.pop()  # the last line has an end
        rest = rest[-_KEPT:]
        yield lines[::-1]
        position = start
    if end:
        yield [rest]


@contextmanager
def open_log(path: Path) -> Iterator[LogFile]:
    """Open a log, plain or compressed as its first bytes show. Raises OSError."""
    with path.open("rb") as file:
        if file.peek(2)[:2] != _GZIP:
            yield LogFile(path, file, file)
            return
        with gzip.GzipFile(fileobj=file) as stream:
            yield LogFile(path, file, cast(BinaryIO, stream))


@contextmanager
def _seekable_text(log: LogFile) -> Iterator[BinaryIO]:
    """Yield a log's text as a seekable file, unpacked into a temporary file if compressed."""
    if not log.is_compressed:
        yield log.file
        return
    with tempfile.TemporaryFile() as unpacked:
        for chunk in log.read_chunks():
            unpacked.write(chunk)
        yield unpacked
