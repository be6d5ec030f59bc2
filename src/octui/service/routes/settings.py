"""One's own settings."""

from octui.schema.settings import SettingsChange, UserSettings
from octui.service.routes.operations import CallArg, Operations
from octui.service.store import settings

operations = Operations()


@operations("settings")
def own(call: CallArg) -> UserSettings:
    """What is known of the caller."""
    return call.store.read(lambda connection: settings.find(connection, call.principal.member_id))


@operations("change_settings")
def change(body: SettingsChange, call: CallArg) -> UserSettings:
    """Change nickname, language or ticket assignment; needs If-Match."""
    version = call.version()
    return call.store.write(lambda change: settings.edit(change, body, version), call.principal)
