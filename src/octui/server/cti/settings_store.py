"""CTI settings of the organization, which all its services share (rules.md 20)."""

from dataclasses import asdict

from sqlalchemy import Connection, select, update

from octui.schema.audit import Action
from octui.schema.cti import CtiSettings, CtiSettingsChange, CtiVersion
from octui.schema.live import CTI_SETTINGS
from octui.schema.problems import Code
from octui.server.core.errors import ProblemError, not_found
from octui.server.cti import settings_rules as rules
from octui.server.database import tables
from octui.server.database.store import Change
from octui.server.services import store as services_store

_c, _o = tables.cti_settings, tables.organization
_ROW = select(_c, _o.c.ipcc_agreed, _o.c.mobile_contact_activated).join_from(_c, _o, _o.c.id == _c.c.id)


Found = tuple[rules.Settings, rules.Flags, int]
"""The settings, the flags of the organization, the version."""


def _find(connection: Connection, *, lock: bool = False) -> Found | None:
    """None before there is an organization."""
    row = connection.execute(_ROW.with_for_update(of=_c) if lock else _ROW).one_or_none()
    if row is None:
        return None
    settings = rules.Settings(
        CtiVersion(row.cti_version) if row.cti_version is not None else None,
        row.tenant_id,
        row.tenant_name,
        row.monitoring,
        row.retention_years,
    )
    return settings, rules.Flags(row.ipcc_agreed, row.mobile_contact_activated), row.version


def _read(connection: Connection, *, lock: bool = False) -> Found:
    found = _find(connection, lock=lock)
    if found is None:
        raise not_found()
    return found


def _answer(settings: rules.Settings, flags: rules.Flags, version: int) -> CtiSettings:
    return CtiSettings(**asdict(settings), **asdict(flags), complete=rules.complete(settings, flags), version=version)


def complete(connection: Connection) -> bool:
    """Whether agents can log in to CTI by the settings of now; False before there is an organization."""
    found = _find(connection)
    return found is not None and rules.complete(found[0], found[1])


def find(connection: Connection, code: str) -> CtiSettings:
    """The settings as seen from a service; 403 where its contract has no phone."""
    services_store.need_phone(services_store.find(connection, code))
    return _answer(*_read(connection))


def change(unit: Change, code: str, wanted: CtiSettingsChange, version: int) -> CtiSettings:
    """Change the settings as of `version`, recorded. 412 brings those of now, 422 names the field, 403: no phone,
    409: terminated."""
    service = services_store.find(unit.connection, code)
    services_store.need_phone(service)
    services_store.need_changeable(service)
    before, flags, present = _read(unit.connection, lock=True)
    if present != version:
        current = _answer(before, flags, present).model_dump(mode="json")
        raise ProblemError(Code.VERSION_MISMATCH, 412, "The settings were changed meanwhile.", current=current)
    after = rules.changed(before, flags, wanted.model_dump(exclude_unset=True))
    if after == before:
        return _answer(before, flags, present)
    unit.connection.execute(update(_c).values(**asdict(after), version=present + 1))
    unit.touch(CTI_SETTINGS)
    unit.record(
        Action.CTI_SETTINGS_CHANGED,
        target_account="",
        target_name="",
        service=code,
        before=rules.written(before),
        after=rules.written(after),
    )
    return _answer(after, flags, present + 1)
