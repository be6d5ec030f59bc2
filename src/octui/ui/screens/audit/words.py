"""Texts of the log in the reader's language: columns, values, whole entries."""

from octui.schema.agents import Role
from octui.schema.audit import (
    AgentRights,
    AuditEntry,
    AuditValue,
    BannerFacts,
    ContractItems,
    CtiIdentity,
    CtiSettingsValue,
    DiscountValue,
    LegacyText,
    Log,
    MaskedKey,
    Membership,
    OrganizationAdminRight,
    OrganizationFacts,
    PurgedEntries,
    RateRows,
    ServiceBasics,
    ServiceLimits,
    ServiceStateValue,
    Via,
    WallAccess,
)
from octui.schema.charges import Rate
from octui.schema.cti import CtiVersion
from octui.schema.members import MemberState
from octui.text.action_labels import action_label
from octui.text.glyphs import glyphs, shown_text
from octui.text.pbx_names import join_names
from octui.ui.locale import N_, Words
from octui.ui.words.charges import percent_text, price_text
from octui.ui.words.contracts import ITEM_LABELS, STATE_LABELS, TYPE_LABELS
from octui.ui.words.stats import PHONE_LABELS
from octui.ui.words.times import date_and_time

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
"""Titles of the columns, on screen and in exported files."""

_ROLES: dict[Role, str] = {Role.ADMIN: N_("Admin"), Role.AGENT: N_("Agent")}
_CHANNELS = {"ticket": N_("Ticket"), "chat": N_("Chat"), "phone": N_("Phone")}
_MEMBER_STATES: dict[MemberState, str] = {MemberState.ACTIVE: N_("Member"), MemberState.INVITED: N_("Invited")}
_CTI_VERSIONS: dict[CtiVersion, str] = {
    CtiVersion.IPCC: N_("IPCC (Private)"),
    CtiVersion.MOBILE_CONTACT: N_("Mobile Contact"),
}
_CTI_SETTINGS = {
    "cti_version": N_("CTI version"),
    "tenant_id": N_("Tenant ID"),
    "tenant_name": N_("Tenant name"),
    "monitoring": N_("CTI log monitoring"),
    "retention_years": N_("CTI log kept (years)"),
}
_LIMITS = {
    "threshold_seconds": N_("In time (s)"),
    "longest_wait_seconds": N_("Longest wait (s)"),
    "level_percent": N_("Service level (%)"),
    "level_calls": N_("from calls"),
    "breaks": N_("Breaks in sum (min)"),
}
_ORGANIZATION = {
    "id": N_("ID"),
    "domain": N_("Domain"),
    "time_zone": N_("Time zone"),
    "ipcc_agreed": N_("IPCC (Private)"),
    "mobile_contact_activated": N_("Mobile Contact"),
    "name": N_("Organization name"),
}


def describe_value(value: AuditValue | None, t: Words, *, unlike: AuditValue | None = None) -> str:
    """Return a log entry's value before or after the change in the reader's language; a dash for no value.

    With another value of the same kind in `unlike`, only what differs from it.
    """
    parts = _value_parts(value, t)
    if type(value) is type(unlike) and value != unlike:
        others = _value_parts(unlike, t)
        parts = {name: text for name, text in parts.items() if others.get(name) != text}
    separator = " " if isinstance(value, AgentRights | ServiceBasics | DiscountValue) else ", "
    return separator.join(parts.values()) or "-"


def describe_change(before: AuditValue | None, after: AuditValue | None, t: Words, *, whole: bool = False) -> str:
    """Return `before -> after`, short enough for a column; all parts with `whole`, else only the changed ones."""
    if whole:
        return f"{describe_value(before, t)} -> {describe_value(after, t)}"
    return f"{describe_value(before, t, unlike=after)} -> {describe_value(after, t, unlike=before)}"


def _value_parts(value: AuditValue | None, t: Words) -> dict[str, str]:
    """Return the texts that make up a logged value, each under a name shared by values of the same kind."""
    match value:
        case None:
            return {}
        case AgentRights():
            channels = {name: t(label) for name, label in _CHANNELS.items() if getattr(value, name)}
            return {"role": t(_ROLES[value.role]), **channels}
        case ServiceBasics():
            languages = ",".join(value.languages)
            kind = t(TYPE_LABELS[value.type])
            return {"type": kind, "languages": languages, "time_zone": value.time_zone, "name": value.name}
        case ContractItems():
            return {
                row.item: t(ITEM_LABELS[row.item]) + (f" {glyphs().times} {row.users}" if row.users != 1 else "")
                for row in value.items
            }
        case CtiSettingsValue():
            return _cti_settings_parts(value, t)
        case OrganizationFacts():
            return {
                name: f"{t(label)} {_yes_or_no(getattr(value, name), t)}"
                for name, label in _ORGANIZATION.items()
                if getattr(value, name) is not None
            }
        case ServiceLimits():
            numbers = {name: f"{t(label)} {getattr(value, name)}" for name, label in _LIMITS.items()}
            states = {state.value: f"{t(PHONE_LABELS[state])} {minutes}" for state, minutes in value.states.items()}
            return numbers | states
        case WallAccess():
            days = t("{count} days", count=value.days)
            return {"services": ",".join(value.services), "network": value.network, "days": days}
        case RateRows():
            return {rate.item: _rate_text(rate, t) for rate in value.rates}
        case DiscountValue():
            return {"percent": f"{percent_text(value.basis_points)}%"} | (
                {"valid_from": value.valid_from} if value.valid_from else {}
            )
    return {"": _plain_text(value, t)}


def _plain_text(value: AuditValue, t: Words) -> str:
    """Return the text of a logged value that is always shown whole."""
    match value:
        case OrganizationAdminRight():
            return t("Organization admin")
        case Membership():
            return t(_MEMBER_STATES[value.state])
        case CtiIdentity():
            names = " " + t("PBX names") + " " + join_names(value.pbx_names) if value.pbx_names else ""
            return f"CTI ID {value.cti_id or '-'} CTI NO {value.cti_no or '-'}{names}"
        case ServiceStateValue():
            return t(STATE_LABELS[value.state])
        case BannerFacts():
            return f"{value.media_type} {value.width}x{value.height} {value.digest}"
        case PurgedEntries():
            return t("{count} entries up to {day}", count=f"{value.count:,}", day=value.last_day)
        case MaskedKey():
            return shown_text(value.masked)
        case LegacyText():
            return value.text
    raise TypeError(value)


def _cti_settings_parts(settings: CtiSettingsValue, t: Words) -> dict[str, str]:
    texts = {
        "cti_version": t(_CTI_VERSIONS[settings.cti_version]) if settings.cti_version is not None else "-",
        "tenant_id": settings.tenant_id or "-",
        "tenant_name": settings.tenant_name or "-",
        "monitoring": t("On") if settings.monitoring else t("Off"),
        "retention_years": str(settings.retention_years),
    }
    return {name: f"{t(_CTI_SETTINGS[name])} {text}" for name, text in texts.items()}


def _rate_text(rate: Rate, t: Words) -> str:
    """Return one row of a rate card: `Chat 10,000 a month / 500 a day / per user / 100 free ...`."""
    tier1, tier2 = t("Usage, tier 1"), t("Usage, tier 2")
    texts = [t("{price} a month", price=f"{rate.monthly:,}"), t("{price} a day", price=f"{rate.per_day:,}")]
    if rate.per_user:
        texts.append(t("per user"))
    if rate.free_count is not None:
        texts.append(t("{count} free", count=f"{rate.free_count:,}"))
        texts.append(f"{tier1} {price_text(rate.tier1_price or 0)}")
    if rate.tier1_cap is not None:
        texts.append(t("up to {count}", count=f"{rate.tier1_cap:,}"))
        texts.append(f"{tier2} {price_text(rate.tier2_price or 0)}")
    return f"{t(ITEM_LABELS[rate.item])} {' / '.join(texts)}"


def _yes_or_no(value: str | bool, t: Words) -> str:
    return value if isinstance(value, str) else t("yes") if value else t("no")


def person_text(name: str, account: str) -> str:
    """Return `name (account)`, or whichever of the two there is; a dash for neither."""
    return f"{name} ({account})" if name and account else name or account or "-"


def entry_details(entry: AuditEntry, zone: str, t: Words) -> list[tuple[str, str]]:
    """Return all data of a log entry as labels and texts; times in `zone`."""
    return [
        (t("Number"), str(entry.seq)),
        (t("Time"), f"{date_and_time(entry.at, zone)} ({zone})"),
        (t("Action"), action_label(entry.action, t.language)),
        (t("Service"), entry.service or "-"),
        (t("Whom"), person_text(entry.target_name, entry.target_account)),
        (t("Before"), describe_value(entry.before, t)),
        (t("After"), describe_value(entry.after, t)),
        (t("By"), person_text(entry.actor_name, entry.actor_account)),
        (t("IP"), entry.ip),
        (t("Via"), t(VIA_LABELS[entry.via])),
        (t("Hash"), entry.hash),
    ]


def entry_texts(entry: AuditEntry, zone: str, t: Words, *, whole: bool = False) -> tuple[str, ...]:
    """Return a log entry as texts in the order of TITLES; times in `zone`.

    `whole`: before and after in full, as an exported file needs them.
    """
    return (
        date_and_time(entry.at, zone),
        action_label(entry.action, t.language),
        entry.service,
        entry.target_account,
        entry.target_name,
        entry.ip,
        describe_change(entry.before, entry.after, t, whole=whole),
        entry.actor_name or entry.actor_account,
        t(VIA_LABELS[entry.via]),
    )
