"""Names of the figures of My stats, and of the states that have no figure of their own."""

from octui.schema.stats import ChatState, PhoneState
from octui.ui.locale import N_

PHONE_LABELS: dict[PhoneState, str] = {
    PhoneState.INBOUND_CALLS: N_("Inbound"),
    PhoneState.OUTBOUND_CALLS: N_("Outbound"),
    PhoneState.READY: N_("Ready"),
    PhoneState.TRANSFER: N_("Transfer"),
    PhoneState.TICKET_WORK: N_("Ticket work"),
    PhoneState.CHAT_WORK: N_("Chat work"),
    PhoneState.REST: N_("Rest"),
    PhoneState.MEAL: N_("Meal"),
    PhoneState.EDUCATION: N_("Education"),
    PhoneState.REPORT: N_("Report"),
    PhoneState.MEETING: N_("Meeting"),
    PhoneState.COACHING: N_("Coaching"),
    PhoneState.OTHER: N_("Other"),
}
SHORT_LABELS: dict[PhoneState, str] = {
    PhoneState.TICKET_WORK: N_("Ticketing"),
    PhoneState.CHAT_WORK: N_("Chatting"),
}
"""Labels for columns in which the full ones have no room."""
CHAT_LABELS: dict[ChatState, str] = {
    ChatState.READY: N_("Chat ready"),
    ChatState.ONLINE: N_("Chat online"),
    ChatState.REST: N_("Chat rest"),
}
TICKET_LABELS: dict[str, str] = {
    "unassigned": N_("Unassigned"),
    "open": N_("Open"),
    "solved": N_("Solved"),
    "closed": N_("Closed"),
}
DETAIL_LABELS = {
    "ringing": N_("Ringing"),
    "dialling": N_("Dialing"),
    "hold": N_("Hold"),
    "default": N_("Default"),
}
"""Names of the states that are shown as other."""
