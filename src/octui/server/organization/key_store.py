"""SQL of the organization key, which signs machine API requests: sealed, shown in full once (rules.md 11)."""

import secrets
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from octui.schema.audit import Action, MaskedKey
from octui.schema.organization import KeyChange, OrganizationKey, ShownKey
from octui.schema.problems import Code, FieldCode
from octui.server.core.errors import ProblemError, invalid_field, not_found, version_mismatch
from octui.server.core.topics import SERVICES
from octui.server.database import tables
from octui.server.database.locks import lock_until_commit
from octui.server.database.secrets import Sealer
from octui.server.database.unit_of_work import Change
from octui.text.safe import nfc

DIGITS = 32
_TAIL = 4
_o, _k = tables.organization, tables.organization_key


def mask_key(tail: str) -> str:
    """Return the key with all but its last characters masked."""
    return f"••••{tail}"


def find_key(connection: Connection) -> OrganizationKey | None:
    """Return the masked key, or None if none has been made. Raises 404 before there is an organization."""
    _find_organization(connection)
    row = connection.execute(select(_k)).one_or_none()
    return None if row is None else _key_from_row(row)


def make_key(change: Change, sealer: Sealer) -> OrganizationKey:
    """Make the organization's first key and record it in the log; return the existing key if there is one."""
    organization = _lock_key(change)
    row = change.connection.execute(select(_k)).one_or_none()
    if row is not None:
        return _key_from_row(row)
    key, version = _new_key(), 1
    row = change.connection.execute(
        insert(_k)
        .values(id=1, sealed=_seal_key(sealer, organization.code, key, version), tail=key[-_TAIL:], version=version)
        .values(changed=change.now, shown=None)
        .returning(_k)
    ).one()
    change.touch(SERVICES)
    _record_change(change, Action.ORGANIZATION_KEY_MADE, organization.name, after=row.tail)
    return _key_from_row(row)


def show_key(change: Change, sealer: Sealer) -> ShownKey:
    """Return the organization key in full, once, and record it in the log. Raises 409 if it was shown before."""
    organization = _lock_key(change)
    make_key(change, sealer)
    row = change.connection.execute(
        update(_k).where(_k.c.shown.is_(None)).values(shown=change.now).returning(_k)
    ).one_or_none()
    if row is None:
        raise ProblemError(
            Code.KEY_ALREADY_SHOWN, 409, "The key has been shown already; who does not have it changes it."
        )
    key = sealer.open(bytes(row.sealed), _seal_context(organization.code, row.version)).decode()
    change.touch(SERVICES)
    _record_change(change, Action.ORGANIZATION_KEY_SHOWN, organization.name, after=row.tail)
    return ShownKey(key=key, changed=row.changed, version=row.version)


def change_key(change: Change, sealer: Sealer, request: KeyChange) -> ShownKey:
    """Replace the organization key, record it in the log and return the new key in full; the old one stops working.

    Raises 422 unless the organization's name was typed, and 412 if the key is not the one the caller saw.
    """
    organization = _lock_key(change)
    if nfc(request.name.strip()) != organization.name:
        raise invalid_field("name", FieldCode.WRONG, "This is not the organization's name.")
    before = make_key(change, sealer)
    if request.version is not None and request.version != before.version:
        raise version_mismatch("The key was changed meanwhile.", before)
    key, version = _new_key(), before.version + 1
    change.connection.execute(
        update(_k).values(
            sealed=_seal_key(sealer, organization.code, key, version),
            tail=key[-_TAIL:],
            changed=change.now,
            shown=change.now,
            version=version,
        )
    )
    change.touch(SERVICES)
    _record_change(
        change,
        Action.ORGANIZATION_KEY_CHANGED,
        organization.name,
        before=before.masked[-_TAIL:],
        after=key[-_TAIL:],
    )
    return ShownKey(key=key, changed=change.now, version=version)


def signing_secret(connection: Connection, sealer: Sealer) -> str | None:
    """Return the present key, to verify a signature with, or None. It must never be shown."""
    organization = _find_organization(connection)
    row = connection.execute(select(_k.c.sealed, _k.c.version)).one_or_none()
    if row is None:
        return None
    return sealer.open(bytes(row.sealed), _seal_context(organization.code, row.version)).decode()


def _new_key() -> str:
    return secrets.token_hex(DIGITS // 2)


def _seal_context(organization: str, version: int) -> str:
    return f"octui-organization-key-1 {organization} {version}"


def _seal_key(sealer: Sealer, organization: str, key: str, version: int) -> bytes:
    return sealer.seal(key.encode(), _seal_context(organization, version))


def _find_organization(connection: Connection) -> Row[Any]:
    statement: Select[Any] = select(_o.c.code, _o.c.name)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _lock_key(change: Change) -> Row[Any]:
    """Return the organization; until the transaction ends, no other one makes or changes its key."""
    lock_until_commit(change, "organization_key")
    return _find_organization(change.connection)


def _key_from_row(row: Row[Any]) -> OrganizationKey:
    return OrganizationKey(masked=mask_key(row.tail), changed=row.changed, shown=row.shown, version=row.version)


def _record_change(change: Change, action: Action, name: str, *, before: str = "", after: str) -> None:
    change.record(
        action,
        target_name=name,
        before=MaskedKey(masked=mask_key(before)) if before else None,
        after=MaskedKey(masked=mask_key(after)),
    )
