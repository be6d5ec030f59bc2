"""SQL of a person's own settings, three of which they may change (rules.md 32)."""

from sqlalchemy import Connection, select, update

from octui.schema.common import LONGEST_NAME
from octui.schema.settings import SettingsChange, UserSettings
from octui.server.core.errors import not_found, version_mismatch
from octui.server.core.topics import me_topic
from octui.server.core.validation import validate_text
from octui.server.database import tables
from octui.server.database.unit_of_work import Change

_m = tables.member


def find_settings(connection: Connection, member_id: int | None, *, lock: bool = False) -> UserSettings:
    """Return a member's settings. Raises 404."""
    statement = select(_m).where(_m.c.id == member_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise not_found()
    return UserSettings(**row._asdict())


def change_settings(change: Change, edit: SettingsChange, version: int) -> UserSettings:
    """Change the caller's own settings, based on `version`; raises 412 with the present ones.

    The topic `me` is touched, so that open screens follow.
    """
    before = find_settings(change.connection, change.principal.member_id, lock=True)
    if before.version != version:
        raise version_mismatch("The settings were changed meanwhile.", before)
    values = {name: value for name, value in edit.model_dump(exclude_unset=True).items() if value is not None}
    if values.get("nickname"):
        values["nickname"] = validate_text("nickname", values["nickname"], LONGEST_NAME)
    if values.items() <= before.model_dump().items():
        return before
    change.connection.execute(
        update(_m).where(_m.c.id == change.principal.member_id).values(**values, version=before.version + 1)
    )
    change.touch(me_topic(before.account))
    return find_settings(change.connection, change.principal.member_id)
