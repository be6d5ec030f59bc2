"""HTTP routes of the caller's own settings."""

from octui.schema.settings import SettingsChange, UserSettings
from octui.server.settings import store
from octui.server.web.operations import ContextArg, Operations

operations = Operations()


@operations("settings")
def read_settings(context: ContextArg) -> UserSettings:
    """Return the caller's own settings."""
    return context.store.read(lambda connection: store.find_settings(connection, context.principal.member_id))


@operations("change_settings")
def change_settings(body: SettingsChange, context: ContextArg) -> UserSettings:
    """Change nickname, language or ticket assignment; needs If-Match."""
    version = context.expected_version()
    return context.store.write(lambda change: store.change_settings(change, body, version), context.principal)
