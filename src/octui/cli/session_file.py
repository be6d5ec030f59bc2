"""The session of `octui login`, kept for the address it was begun at and sent nowhere else."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from octui.cli import paths
from octui.cli.failures import CommandError
from octui.cli.private_files import check_folder, read_private, write_private

WHAT = "session file"


class Kept(BaseModel):
    """One session: where, whose, its token and when it ends at the latest (epoch ms)."""

    url: str
    account: str
    token: str = Field(repr=False)
    expires: int


def address(url: str) -> str:
    """An address in the form it is compared in: scheme and host in lower case, no slash at the end."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl().rstrip("/")


def path_of(url: str) -> Path:
    """Where the session at `url` is kept: a file in the state folder, readable by its owner alone."""
    return paths.state_folder() / "sessions" / f"{hashlib.sha256(address(url).encode()).hexdigest()[:16]}.json"


def load(url: str) -> Kept | None:
    """The session at `url`, or None. Raises CommandError when others could have read or written it."""
    path = path_of(url)
    text = read_private(path, WHAT)
    if text is None:
        return None
    check_folder(path.parent)
    try:
        kept = Kept.model_validate_json(text)
    except ValidationError:
        raise CommandError(f"{WHAT} {path} is damaged: octui login") from None
    return kept if kept.url == address(url) else None


def save(url: str, account: str, token: str, expires: int) -> Path:
    """Keep a session; one kept before is replaced."""
    path = path_of(url)
    kept = Kept(url=address(url), account=account, token=token, expires=expires)
    write_private(path, kept.model_dump_json() + "\n")
    return path


def forget(url: str) -> None:
    """Delete what is kept for `url`."""
    path_of(url).unlink(missing_ok=True)
