"""Labels of items, and of types and states of services (rules.md 2, 8, 9)."""

from octui.schema.items import Item, ServiceState, ServiceType
from octui.ui.locale import N_

ITEM_LABELS: dict[Item, str] = {
    Item.TICKET: N_("Ticket"),
    Item.TELTICKET: N_("Ticket + phone"),
    Item.CHAT: N_("Chat"),
    Item.ENDUSERMANAGEMENT: N_("End-user management"),
    Item.CALLBACK: N_("Callback"),
    Item.HELPDOC: N_("FAQ"),
    Item.KNOWLEDGE: N_("Knowledge"),
    Item.TICKETEVALUATION: N_("Ticket evaluation"),
}
TYPE_LABELS: dict[ServiceType, str] = {
    ServiceType.CONSULTATION: N_("Consultation"),
    ServiceType.ISSUE: N_("Issue"),
}
STATE_LABELS: dict[ServiceState, str] = {
    ServiceState.DRAFT: N_("Draft"),
    ServiceState.IN_USE: N_("In use"),
    ServiceState.SUSPENDED: N_("Suspended"),
    ServiceState.TERMINATED: N_("Terminated"),
}
