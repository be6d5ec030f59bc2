"""One's own settings."""

from octui.schema.settings import SettingsChange, UserSettings
from octui.server.settings import store
from octui.server.web.operations import CallArg, Operations

operations = Operations()


@operations("settings")
def own(call: CallArg) -> UserSettings:
    """What is known of the caller."""
    return call.store.read(lambda connection: store.find(connection, call.principal.member_id))


@operations("change_settings")
def change(body: SettingsChange, call: CallArg) -> UserSettings:
    """Change nickname, language or ticket assignment; needs If-Match."""
    version = call.version()
    return call.store.write(lambda change: store.edit(change, body, version), call.principal)
