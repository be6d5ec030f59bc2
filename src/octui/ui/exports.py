"""Where exports go: the person's own downloads folder, a new file each time, never over an old one."""

import time
from pathlib import Path

import platformdirs


def export_path(stem: str, suffix: str = ".xlsx") -> Path:
    """A path that is free: `<Downloads>/octui-<stem>-YYYYMMDD-HHMMSS.xlsx`; the home folder where there is none."""
    folder = platformdirs.user_downloads_path()
    if not folder.is_dir():
        folder = Path.home()
    moment = time.strftime("%Y%m%d-%H%M%S")
    path = folder / f"octui-{stem}-{moment}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"octui-{stem}-{moment}-{number}{suffix}"
        number += 1
    return path
