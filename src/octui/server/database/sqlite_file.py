"""The file of a SQLite store: made for its user alone, and only on a file system that SQLite can rely on."""

import os
import re
from pathlib import Path

from octui.server.database.errors import Fault

# The index of SQLite's write-ahead log is in shared memory, which machines on a network do not share.
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "9p", "fuse.sshfs", "davfs"})
_MOUNTS = Path("/proc/self/mountinfo")


def make_file(path: Path) -> None:
    """Make the folder (0700) and the file (0600) if missing, and remove other users' access to the file.

    Raises StoreError for another user's file, what cannot be written, and network file systems.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if kind := network_file_system(path.parent):
            raise Fault.READ_ONLY.store_error(f"{path} is on a network file system ({kind}): SQLite is not safe there.")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except IsADirectoryError:
        raise Fault.READ_ONLY.store_error(f"{path} is a folder, not a database.") from None
    except OSError as error:
        raise Fault.READ_ONLY.store_error(f"{path} cannot be written ({error.strerror}).") from error
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid():
            raise Fault.READ_ONLY.store_error(f"{path} belongs to another user.")
        if status.st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise Fault.READ_ONLY.store_error(f"The folder {path.parent} cannot be written: SQLite keeps its log there.")


def network_file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """Return the kind of network file system a folder is on; empty for none or an unknown one."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    resolved = folder.resolve()
    nearest, kind = Path("/"), ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4]))
        if resolved.is_relative_to(point) and len(point.parts) >= len(nearest.parts):
            nearest, kind = point, after.split(" ")[0]  # a later mount hides an earlier one
    return kind if kind in _NETWORK else ""
