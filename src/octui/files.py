"""A file written whole or not at all, for its owner's eyes only."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, body: bytes, *, sync: bool) -> None:
    """Put `body` in the place of the file in one step: mode 0600, its folder 0700. Raises OSError.

    `sync`: it is on the disk when this returns, and outlives a power cut; without, the end of this program.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes the file 0600; replacing it is one step, so that no reader and no crash sees half of it.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if sync:
        with suppress(OSError):  # not every file system can
            _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
