"""Menus: their order, and which people have them; their words are the packages' names (architecture.md 3)."""

from dataclasses import dataclass

from octui.schema.agents import Role
from octui.schema.items import ServiceState
from octui.schema.organization import KnownService
from octui.ui.connection import Connection
from octui.ui.locale import N_


@dataclass(frozen=True)
class Menu:
    """A menu of the screens: its name, label and screen.

    `word` is its name in every room, `screen` its class as `module:Class` below `ui/screens`, `short` its label where
    all menus have to fit in one line.
    """

    word: str
    label: str
    screen: str
    short: str


MENUS: tuple[Menu, ...] = (
    Menu("floor", N_("Floor"), "floor.screen:FloorScreen", N_("Floor")),
    Menu("stats", N_("My stats"), "stats:StatsScreen", N_("Stats")),
    Menu("agents", N_("Agents"), "agents:AgentsScreen", N_("Agents")),
    Menu("cti", N_("CTI agents"), "cti.screen:CtiScreen", N_("CTI")),
    Menu("cti_settings", N_("CTI settings"), "cti_settings.screen:CtiSettingsScreen", N_("CTI set-up")),
    Menu("audit", N_("Change log"), "audit.screen:AuditScreen", N_("Log")),
    Menu("contracts", N_("Contracts"), "contracts.screen:ContractsScreen", N_("Contracts")),
    Menu("charges", N_("Charges"), "charges:ChargesScreen", N_("Charges")),
    Menu("organization", N_("Organization"), "organization:OrganizationScreen", N_("Org.")),
    Menu("members", N_("Members"), "members:MembersScreen", N_("Members")),
    Menu("settings", N_("Settings"), "settings:SettingsScreen", N_("Settings")),
)

NO_SERVICE = N_("There is no service yet, or you have no role in one. An admin can give you one.")

NOT_IN_USE: dict[ServiceState, str] = {
    ServiceState.DRAFT: N_("Nobody works in this service: it is a draft."),
    ServiceState.SUSPENDED: N_("Nobody works in this service: it is suspended."),
    ServiceState.TERMINATED: N_("Nobody works in this service: it is terminated."),
}


def floor_services(connection: Connection) -> list[KnownService]:
    """Return the services with phone that are in use and that this person manages, as the floor shows them."""
    managed = {role.service for role in connection.me.services if role.role is Role.ADMIN}
    return [
        service
        for service in connection.me.known_services
        if (connection.me.organization_admin or service.service in managed)
        and service.phone_contract
        and service.state is ServiceState.IN_USE
    ]


def why_not(word: str, connection: Connection) -> str | None:
    """Return why a person does not have a menu (a message ID), or None if they have it."""
    role, service = connection.role, connection.known_service
    manages = connection.me.organization_admin or (role is not None and role.role is Role.ADMIN)
    if word == "settings":
        return None
    if word == "floor" and floor_services(connection):
        return None
    if word in ("contracts", "charges", "organization", "members"):
        return None if connection.me.organization_admin else N_("Only organization admins have this menu.")
    if not connection.service and word != "audit":
        return NO_SERVICE
    if word == "stats":
        if role is None:
            return N_("My stats needs a role in this service.")
        return None if service is None else NOT_IN_USE.get(service.state)
    if not manages:
        return N_("Only organization admins and admins of the service have this menu.")
    if word == "floor":
        return N_("No service that you manage has phone (CTI) and is in use.")
    if word in ("cti", "cti_settings") and not (service is not None and service.phone_contract):
        return N_("The contract of this service has no phone (CTI).")
    return None


def menus_of(connection: Connection) -> list[Menu]:
    """Return the menus that a person has, in their order."""
    return [menu for menu in MENUS if why_not(menu.word, connection) is None]


def home_of(connection: Connection) -> str:
    """Return the menu to open first, by the person's role."""
    role = connection.role
    if role is not None and role.role is Role.ADMIN:
        return "floor" if why_not("floor", connection) is None else "agents"
    if connection.me.organization_admin:
        return next(word for word in ("cti", "agents", "organization") if why_not(word, connection) is None)
    return "stats" if why_not("stats", connection) is None else "settings"
