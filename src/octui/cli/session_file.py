"""The session of `octui login`, saved for the address it was begun at and sent nowhere else."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from octui.cli import paths
from octui.cli.failures import CommandError
from octui.cli.private_files import check_folder, read_private, write_private

KIND = "session file"


class SavedSession(BaseModel):
    """One session: its address, account and token, and when it ends at the latest (epoch ms)."""

    url: str
    account: str
    token: str = Field(repr=False)
    expires: int


def canonical_url(url: str) -> str:
    """Return an address in the form it is compared in: scheme and host in lower case, no slash at the end."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl().rstrip("/")


def path_of(url: str) -> Path:
    """Return the path of the session at `url`: a file in the state folder, readable by its owner alone."""
    return paths.state_folder() / "sessions" / f"{hashlib.sha256(canonical_url(url).encode()).hexdigest()[:16]}.json"


def load(url: str) -> SavedSession | None:
    """Return the session at `url`, or None. Raises CommandError when others could have read or written it."""
    path = path_of(url)
    text = read_private(path, KIND)
    if text is None:
        return None
    check_folder(path.parent)
    try:
        session = SavedSession.model_validate_json(text)
    except ValidationError:
        raise CommandError(f"{KIND} {path} is damaged: octui login") from None
    return session if session.url == canonical_url(url) else None


def save(url: str, account: str, token: str, expires: int) -> Path:
    """Save a session, replacing the previous one, and return its path. Raises CommandError or OSError."""
    path = path_of(url)
    session = SavedSession(url=canonical_url(url), account=account, token=token, expires=expires)
    write_private(path, session.model_dump_json() + "\n")
    return path


def delete(url: str) -> None:
    """Delete the session saved for `url`."""
    path_of(url).unlink(missing_ok=True)
