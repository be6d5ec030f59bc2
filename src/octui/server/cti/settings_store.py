"""SQL of the CTI settings, which all services of the organization share (rules.md 20)."""

from dataclasses import asdict

from sqlalchemy import Connection, select, update

from octui.schema.audit import Action, CtiSettingsValue
from octui.schema.cti import CtiSettings, CtiSettingsChange
from octui.schema.live import CTI_SETTINGS
from octui.server.core.errors import not_found, version_mismatch
from octui.server.cti import settings_rules as rules
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.services import store as services_store

_c, _o = tables.cti_settings, tables.organization
_ROW = select(_c, _o.c.ipcc_agreed, _o.c.mobile_contact_activated).join_from(_c, _o, _o.c.id == _c.c.id)


SettingsRow = tuple[CtiSettingsValue, rules.Flags, int]
"""Settings, flags of the organization, version."""


def _find_row(connection: Connection, *, lock: bool = False) -> SettingsRow | None:
    """Return the stored settings, or None before there is an organization."""
    row = connection.execute(_ROW.with_for_update(of=_c) if lock else _ROW).one_or_none()
    if row is None:
        return None
    return CtiSettingsValue(**row._asdict()), rules.Flags(row.ipcc_agreed, row.mobile_contact_activated), row.version


def _require_row(connection: Connection, *, lock: bool = False) -> SettingsRow:
    row = _find_row(connection, lock=lock)
    if row is None:
        raise not_found()
    return row


def _settings_model(settings: CtiSettingsValue, flags: rules.Flags, version: int) -> CtiSettings:
    return CtiSettings(
        **settings.model_dump(), **asdict(flags), complete=rules.is_complete(settings, flags), version=version
    )


def is_complete(connection: Connection) -> bool:
    """Return whether agents can log in to CTI with the present settings; False without an organization."""
    row = _find_row(connection)
    return row is not None and rules.is_complete(row[0], row[1])


def find_settings(connection: Connection, code: str) -> CtiSettings:
    """Return the settings. Raises 403 unless the service's contract has phone."""
    services_store.find_phone_service(connection, code)
    return _settings_model(*_require_row(connection))


def change_settings(change: Change, code: str, edit: CtiSettingsChange, version: int) -> CtiSettings:
    """Change the settings, based on `version`, and record it.

    Raises 412 with the present settings, 422 by field, 403 without phone, and 409 from a terminated service.
    """
    service = services_store.find_phone_service(change.connection, code)
    services_store.require_changeable(service)
    before, flags, present_version = _require_row(change.connection, lock=True)
    if present_version != version:
        raise version_mismatch("The settings were changed meanwhile.", _settings_model(before, flags, present_version))
    after = rules.changed_settings(before, flags, edit.model_dump(exclude_unset=True))
    if after == before:
        return _settings_model(before, flags, present_version)
    change.connection.execute(update(_c).values(**after.model_dump(exclude={"kind"}), version=present_version + 1))
    change.touch(CTI_SETTINGS)
    change.record(
        Action.CTI_SETTINGS_CHANGED,
        service=code,
        before=before,
        after=after,
    )
    return _settings_model(after, flags, present_version + 1)
