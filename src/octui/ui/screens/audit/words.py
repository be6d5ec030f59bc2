"""The permission-change log in the reader's words: actions, ways, rights, whole entries."""

import re

from octui.schema.agents import Role
from octui.schema.audit import Action, AuditEntry, Log, Via
from octui.schema.cti import CtiVersion
from octui.schema.items import Item, ServiceState, ServiceType
from octui.ui.contract_labels import ITEM_LABELS, STATE_LABELS, TYPE_LABELS
from octui.ui.locale import N_, Words
from octui.ui.times import date_and_time

ACTION_LABELS: dict[Action, str] = {
    Action.ORGANIZATION_CREATED: N_("Org. created"),
    Action.ORGANIZATION_ADMIN_ADDED: N_("Org. admin added"),
    Action.ORGANIZATION_ADMIN_REMOVED: N_("Org. admin removed"),
    Action.MEMBER_ADDED: N_("Member added"),
    Action.MEMBER_REMOVED: N_("Member removed"),
    Action.MEMBER_INVITED: N_("Member invited"),
    Action.MEMBER_JOINED: N_("Invitation accepted"),
    Action.INVITATION_REVOKED: N_("Invitation revoked"),
    Action.SERVICE_ADDED: N_("Service added"),
    Action.SERVICE_REGISTERED: N_("Service registered"),
    Action.SERVICE_CHANGED: N_("Service changed"),
    Action.CONTRACT_CHANGED: N_("Contract changed"),
    Action.SERVICE_SUSPENDED: N_("Service suspended"),
    Action.SERVICE_RESUMED: N_("Service resumed"),
    Action.SERVICE_TERMINATED: N_("Service terminated"),
    Action.SERVICE_DRAFT_DROPPED: N_("Draft dropped"),
    Action.BANNER_CHANGED: N_("Service banner changed"),
    Action.AGENT_ADDED: N_("Agent added"),
    Action.AGENT_ROLE_CHANGED: N_("Role changed"),
    Action.AGENT_PERMISSIONS_CHANGED: N_("Permissions changed"),
    Action.AGENT_REMOVED: N_("Agent removed"),
    Action.DISCOUNT_CHANGED: N_("Discount changed"),
    Action.RATES_ADDED: N_("Rate card changed"),
    Action.CTI_CHANGED: N_("CTI ID changed"),
    Action.CTI_SETTINGS_CHANGED: N_("CTI settings changed"),
    Action.CTI_LOG_PURGED: N_("CTI log purged"),
    Action.ORGANIZATION_CHANGED: N_("Organization changed"),
    Action.ORGANIZATION_KEY_MADE: N_("Organization key made"),
    Action.ORGANIZATION_KEY_SHOWN: N_("Organization key shown"),
    Action.ORGANIZATION_KEY_CHANGED: N_("Organization key changed"),
}
LOG_LABELS: dict[Log, str] = {
    Log.PERMISSIONS: N_("Permission log"),
    Log.ADMINISTRATION: N_("Administration log"),
}
VIA_LABELS: dict[Via, str] = {
    Via.SCREEN: N_("screen"),
    Via.API: N_("API"),
    Via.COMMAND: N_("command"),
    Via.IMPORT: N_("import"),
}
QUERY_ERRORS: dict[str, str] = {
    "unknown_field": N_("No such field: time, action, name, ip, service, id, since, until."),
    "empty_value": N_("Nothing stands after the colon."),
    "repeated_field": N_("A field is asked for twice."),
    "bad_time": N_("That is not a time; write 7d, 3h, or 2026-11-01."),
    "time_order": N_("It ends before it begins."),
    "bad_ip": N_("That is not an address, a part of one, or a network like 10.0.0.0/8."),
    "unclosed_quote": N_("The quote is not closed."),
    "too_long": N_("The line is too long."),
}

TITLES = {
    "at": N_("Time"),
    "action": N_("Action"),
    "service": N_("Service"),
    "target_account": N_("ID"),
    "target_name": N_("Name"),
    "ip": N_("IP"),
    "change": N_("Before/after"),
    "actor": N_("By"),
    "via": N_("Via"),
}
"""The columns, on screen and in what is exported."""

_ROLES: dict[str, str] = {Role.ADMIN: N_("Admin"), Role.AGENT: N_("Agent")}
_RIGHTS: dict[str, str] = {
    **_ROLES,
    "ticket": N_("Ticket"),
    "chat": N_("Chat"),
    "phone": N_("Phone"),
    "telticket": N_("Phone (CTI)"),
    "organization_admin": N_("Organization admin"),
    "member": N_("Member"),
    "invited": N_("Invited"),
}
# What these say is somebody's own text: a CTI ID `chat` is no channel.
_OWN_TEXT = frozenset(
    (
        Action.CTI_CHANGED,
        Action.ORGANIZATION_CREATED,
        Action.CTI_LOG_PURGED,
        Action.BANNER_CHANGED,
        Action.RATES_ADDED,
        Action.DISCOUNT_CHANGED,
    )
)
_ORGANIZATION: dict[str, str] = {
    "domain": N_("Domain"),
    "ipcc_agreed": N_("IPCC (Private)"),
    "mobile_contact_activated": N_("Mobile Contact"),
    "name": N_("Organization name"),
}
_CTI_VERSIONS: dict[str, str] = {CtiVersion.IPCC: N_("IPCC (Private)"), CtiVersion.MOBILE_CONTACT: N_("Mobile Contact")}
_CTI_LABELS = (
    N_("CTI version"),
    N_("Tenant ID"),
    N_("Tenant name"),
    N_("CTI log monitoring"),
    N_("CTI log kept (years)"),
)
_CTI_SETTINGS = re.compile(
    r"version (\S+) tenant ID (.*) tenant name (.*) monitoring (on|off) kept (\d+) years", re.DOTALL
).fullmatch
_YES_NO = {"yes": N_("yes"), "no": N_("no")}
_ITEMS = frozenset((Action.SERVICE_REGISTERED, Action.CONTRACT_CHANGED))
_STATES = frozenset((Action.SERVICE_SUSPENDED, Action.SERVICE_RESUMED, Action.SERVICE_TERMINATED))
_BASICS = frozenset((Action.SERVICE_ADDED, Action.SERVICE_CHANGED, Action.SERVICE_DRAFT_DROPPED))


def rights(action: Action, written: str, t: Words) -> str:
    """What the log keeps of somebody's rights, in the reader's words; what is not one of ours stays as it is."""
    if action in _OWN_TEXT or not written:
        return written or "-"
    if action in _ITEMS:
        return ", ".join(_item(word, t) for word in written.split(" "))
    if action is Action.ORGANIZATION_CHANGED:
        return _organization(written, t)
    if action is Action.CTI_SETTINGS_CHANGED:
        said = _cti_settings(written, t)
        return written if said is None else ", ".join(said)
    first, _, rest = written.partition(" ")
    if action in _STATES:
        return t(STATE_LABELS[ServiceState(written)]) if written in list(ServiceState) else written
    if action in _BASICS and (first in list(ServiceType) or action is not Action.SERVICE_ADDED):
        # Version 0001 recorded the items of a service that was added.
        return f"{t(TYPE_LABELS[ServiceType(first)])} {rest}".strip() if first in list(ServiceType) else written
    return " ".join(t(_RIGHTS[word]) if word in _RIGHTS else word for word in written.split(" ")) or "-"


def _organization(written: str, t: Words) -> str:
    """`domain=acme ipcc_agreed=no name=Acme 고객센터` as labels and values; the name, the last, may have spaces."""
    rest, named, name = written.partition("name=")
    said = [pair.partition("=") for pair in [*rest.split(" "), *([f"name={name}"] if named else [])] if pair]
    return ", ".join(
        f"{t(_ORGANIZATION.get(key, key))} {t(_YES_NO[value]) if value in _YES_NO and key != 'name' else value}".strip()
        for key, _, value in said
    )


def _cti_settings(written: str, t: Words) -> list[str] | None:
    """Each setting as a label and its value; None where a text of somebody's own looks like the words between them."""
    found = _CTI_SETTINGS(written)
    if found is None or written.count(" tenant name ") != 1:
        return None
    version, tenant, name, monitoring, years = found.groups()
    version = t(_CTI_VERSIONS[version]) if version in _CTI_VERSIONS else version
    values = (version, tenant, name, t("On") if monitoring == "on" else t("Off"), years)
    return [f"{t(label)} {value}" for label, value in zip(_CTI_LABELS, values, strict=True)]


def whose(name: str, account: str) -> str:
    """A person or thing of the log: what has no account has no parentheses, what has nothing is a dash."""
    return f"{name} ({account})" if name and account else name or account or "-"


def _item(word: str, t: Words) -> str:
    """`telticket:users=20` as a label and a number."""
    name, _, users = word.partition(":users=")
    label = t(ITEM_LABELS[Item(name)]) if name in list(Item) else name
    return f"{label} ×{users}" if users else label


def changed(action: Action, before: str, after: str, t: Words) -> str:
    """Before -> after of somebody's rights without what is the same, so that it fits a column: `- -> chat`."""
    old, new = before.split(" "), after.split(" ")
    of_roles = old[0] in _ROLES and new[0] in _ROLES and old != new
    if of_roles or action is Action.CONTRACT_CHANGED:
        old, new = [word for word in old if word not in new], [word for word in new if word not in old]
    elif action is Action.SERVICE_CHANGED:
        # Type, languages, zone and, last, the name with its spaces.
        pairs = [pair for pair in zip(before.split(" ", 3), after.split(" ", 3), strict=False) if pair[0] != pair[1]]
        old, new = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    elif action is Action.CTI_SETTINGS_CHANGED:
        was, now = _cti_settings(before, t), _cti_settings(after, t)
        if was is not None and now is not None:
            differ = [pair for pair in zip(was, now, strict=True) if pair[0] != pair[1]]
            return f"{', '.join(one for one, _ in differ) or '-'} -> {', '.join(one for _, one in differ) or '-'}"
    return _arrow(action, " ".join(old), " ".join(new), t)


def _arrow(action: Action, before: str, after: str, t: Words) -> str:
    return f"{rights(action, before, t)} -> {rights(action, after, t)}"


def texts(entry: AuditEntry, zone: str, t: Words, *, whole: bool = False) -> tuple[str, ...]:
    """One entry as texts, in the order of TITLES; times in `zone`. `whole`: all rights before and after, as a file
    that leaves the house has to say them."""
    return (
        date_and_time(entry.at, zone),
        t(ACTION_LABELS[entry.action]),
        entry.service,
        entry.target_account,
        entry.target_name,
        entry.ip,
        (_arrow if whole else changed)(entry.action, entry.before, entry.after, t),
        entry.actor_name or entry.actor_account,
        t(VIA_LABELS[entry.via]),
    )
