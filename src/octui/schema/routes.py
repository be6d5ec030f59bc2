"""Every operation of the API: name, method, path, and who may call it.

The server registers exactly these and the client sends only these; a test walks all of them. Any one kind of caller in
`who` is enough.
"""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "/api/v1"


class Who(StrEnum):
    """A kind of caller, relative to the object of the request."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    SELF = "self"
    SERVICE_AGENT = "service_agent"
    SERVICE_ADMIN = "service_admin"
    ANY_SERVICE_ADMIN = "any_service_admin"
    ORGANIZATION_ADMIN = "organization_admin"
    OPERATOR = "operator"
    WALL = "wall"


@dataclass(frozen=True)
class Route:
    """An operation. `{service}` and `{account}` in the path name the object that `who` speaks of.

    `keyed`: a POST takes an Idempotency-Key and may be repeated; not where a secret is in the body, because not even
    its digest may be kept. `versioned`: a PATCH, PUT or DELETE needs If-Match.
    """

    name: str
    method: str
    path: str
    who: frozenset[Who]
    summary: str
    keyed: bool
    versioned: bool


def _route(
    name: str, method: str, path: str, who: tuple[Who, ...], summary: str, *, secret: bool = False, version: bool = True
) -> Route:
    keyed = method == "POST" and not secret
    versioned = method in ("PATCH", "PUT", "DELETE") and version
    return Route(name, method, PREFIX + path, frozenset(who), summary, keyed, versioned)


_MANAGE = (Who.OPERATOR, Who.ORGANIZATION_ADMIN)
_MANAGE_SERVICE = (Who.OPERATOR, Who.ORGANIZATION_ADMIN, Who.SERVICE_ADMIN)
_SEE_FLOOR = (*_MANAGE_SERVICE, Who.SERVICE_AGENT, Who.WALL)

ROUTES: tuple[Route, ...] = (
    _route("me", "GET", "/me", (Who.SIGNED_IN,), "The signed-in person and their rights"),
    _route("organization", "GET", "/organization", (Who.SIGNED_IN, Who.OPERATOR), "The organization"),
    _route("create_organization", "POST", "/organization", (Who.OPERATOR,), "Create organization and first admin"),
    _route(
        "change_organization",
        "PATCH",
        "/organization",
        (Who.OPERATOR,),
        "Change name, domain, or what CTI versions need",
        version=False,
    ),
    _route("organization_key", "GET", "/organization/key", _MANAGE, "The organization key, masked"),
    _route("show_key", "POST", "/organization/key/showing", _MANAGE, "The key in full, once", secret=True),
    _route("change_key", "POST", "/organization/key", _MANAGE, "A new key, shown once", secret=True),
    _route("organization_admins", "GET", "/organization/admins", _MANAGE, "Organization admins"),
    _route("add_organization_admin", "POST", "/organization/admins", _MANAGE, "Make a member organization admin"),
    _route(
        "remove_organization_admin",
        "DELETE",
        "/organization/admins/{account}",
        _MANAGE,
        "Take the right of an organization admin away",
        version=False,
    ),
    _route("services", "GET", "/services", (Who.SIGNED_IN, Who.OPERATOR, Who.WALL), "The services the caller may see"),
    _route("add_service", "POST", "/services", _MANAGE, "Add a service"),
    _route("contracts", "GET", "/contracts", _MANAGE, "Contracted services, drafts and terminated ones included"),
    _route("draft_service", "POST", "/contracts", _MANAGE, "Keep the basic information of a service as a draft"),
    _route("change_service", "PATCH", "/contracts/{service}", _MANAGE, "Change basic information"),
    _route("drop_draft", "DELETE", "/contracts/{service}", _MANAGE, "Take a draft away"),
    _route("edit_contract", "PUT", "/contracts/{service}/items", _MANAGE, "Register or edit the contract"),
    _route("switch_service", "PUT", "/contracts/{service}/state", _MANAGE, "Suspend, resume, terminate"),
    _route("banner", "GET", "/contracts/{service}/banner", _MANAGE, "The picture of a service"),
    _route("put_banner", "PUT", "/contracts/{service}/banner", _MANAGE, "Give it a picture", version=False),
    _route("remove_banner", "DELETE", "/contracts/{service}/banner", _MANAGE, "Take the picture away", version=False),
    _route("estimate", "POST", "/contracts/estimate", _MANAGE, "What a contract would cost", secret=True),
    _route("charges", "GET", "/charges", _MANAGE, "Charges of a month"),
    _route("rates", "GET", "/rates", _MANAGE, "Rate cards"),
    _route("add_rates", "POST", "/rates", (Who.OPERATOR,), "A rate card from a month on"),
    _route(
        "change_discount",
        "POST",
        "/contracts/{service}/discount",
        (Who.OPERATOR,),
        "A discount of a service from a month on",
    ),
    _route("members", "GET", "/members", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Look up members"),
    _route("add_member", "POST", "/members", _MANAGE, "Add a member"),
    _route("look_up_members", "GET", "/members/look-up", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Find a member to add"),
    _route("remove_member", "DELETE", "/members/{account}", _MANAGE, "Remove a member", version=False),
    _route("invitations", "GET", "/invitations", _MANAGE, "Invitations not yet accepted"),
    _route("invite_member", "POST", "/invitations", _MANAGE, "Invite a person"),
    _route("accept_invitation", "POST", "/invitations/accept", (Who.ANYONE,), "Set one's first password", secret=True),
    _route("resend_invitation", "POST", "/invitations/{invitation}/resend", _MANAGE, "A new code for an invitation"),
    _route("revoke_invitation", "DELETE", "/invitations/{invitation}", _MANAGE, "Take back", version=False),
    _route("agents", "GET", "/services/{service}/agents", _MANAGE_SERVICE, "Agents of a service"),
    _route("agents_head", "GET", "/services/{service}/agents/head", _MANAGE_SERVICE, "Live head of the agents"),
    _route("add_agent", "POST", "/services/{service}/agents", _MANAGE_SERVICE, "Give a member a role"),
    _route(
        "change_agent",
        "PATCH",
        "/services/{service}/agents/{account}",
        _MANAGE_SERVICE,
        "Change role or permissions",
    ),
    _route(
        "remove_agent",
        "DELETE",
        "/services/{service}/agents/{account}",
        _MANAGE_SERVICE,
        "Take the role away",
    ),
    _route("cti_agents", "GET", "/services/{service}/cti/agents", _MANAGE_SERVICE, "The CTI agent table"),
    _route("cti_head", "GET", "/services/{service}/cti/head", _MANAGE_SERVICE, "Live head of the CTI agent table"),
    _route("save_cti", "POST", "/services/{service}/cti/batch", _MANAGE_SERVICE, "Save CTI IDs, NOs and PBX names"),
    _route("unmatched_names", "GET", "/services/{service}/cti/unmatched", _MANAGE_SERVICE, "Names that match nobody"),
    _route("cti_settings", "GET", "/services/{service}/cti/settings", _MANAGE_SERVICE, "The CTI settings"),
    _route("change_cti_settings", "PATCH", "/services/{service}/cti/settings", _MANAGE, "Change the CTI settings"),
    _route("cti_readiness", "GET", "/services/{service}/cti/readiness", _MANAGE_SERVICE, "Who is ready for phone"),
    _route("cti_log_days", "GET", "/services/{service}/cti/log/days", _MANAGE_SERVICE, "Days of the CTI log"),
    _route("cti_log", "GET", "/services/{service}/cti/log", _MANAGE_SERVICE, "The CTI log of some days"),
    _route("audit", "GET", "/audit", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Search the permission-change log"),
    _route("audit_head", "GET", "/audit/head", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Newest entry of the log"),
    _route("verify_audit", "GET", "/audit/verification", _MANAGE, "Check the hash chain"),
    _route("floor", "GET", "/services/{service}/floor", _SEE_FLOOR, "Queue and agents of a service"),
    _route("floor_minutes", "GET", "/services/{service}/floor/minutes", _SEE_FLOOR, "The minutes of a service's day"),
    _route(
        "stats",
        "GET",
        "/services/{service}/stats/{account}",
        (Who.SELF, *_MANAGE_SERVICE),
        "Figures of a day",
    ),
    _route(
        "intervals",
        "GET",
        "/services/{service}/stats/{account}/intervals",
        (Who.SELF, *_MANAGE_SERVICE),
        "The intervals behind a figure",
    ),
    _route(
        "phone_day",
        "GET",
        "/services/{service}/stats/{account}/phone-day",
        (Who.SELF, *_MANAGE_SERVICE),
        "All closed phone intervals of a day",
    ),
    _route(
        "usual_days",
        "GET",
        "/services/{service}/stats/{account}/usual-days",
        (Who.SELF, *_MANAGE_SERVICE),
        "The phone intervals of earlier days with the same weekday",
    ),
    _route(
        "evidence",
        "GET",
        "/services/{service}/stats/{account}/evidence",
        (Who.SELF, *_MANAGE_SERVICE),
        "The events behind an interval",
    ),
    _route(
        "change_state",
        "POST",
        "/services/{service}/stats/{account}/state",
        (Who.SELF,),
        "Log in to CTI, change state",
    ),
    _route(
        "floor_limits",
        "GET",
        "/services/{service}/floor/limits",
        (*_MANAGE_SERVICE, Who.SERVICE_AGENT, Who.WALL),
        "The limits of a service's floor",
    ),
    _route("change_floor_limits", "PATCH", "/services/{service}/floor/limits", _MANAGE_SERVICE, "Change the limits"),
    _route("take_in_events", "POST", "/services/{service}/events", _MANAGE_SERVICE, "Take in CloudEvents"),
    _route(
        "take_in_file_events",
        "POST",
        "/services/{service}/file-events",
        _MANAGE_SERVICE,
        "Take in CloudEvents read from a file",
    ),
    _route(
        "take_in_queue_log", "POST", "/services/{service}/queue-log", _MANAGE_SERVICE, "Take in a queue_log's lines"
    ),
    _route(
        "check_log_names",
        "POST",
        "/services/{service}/queue-log/names",
        _MANAGE_SERVICE,
        "Whom the names in a log mean; nothing is written",
        secret=True,
    ),
    _route("intake_files", "GET", "/services/{service}/intake-files", _MANAGE_SERVICE, "How far files have been read"),
    _route("issue_token", "POST", "/tokens", (Who.OPERATOR,), "A token for a member, shown once"),
    _route("wall_tokens", "GET", "/wall-tokens", _MANAGE, "The tokens of wall terminals"),
    _route("issue_wall_token", "POST", "/wall-tokens", _MANAGE, "A token for a wall terminal, shown once", secret=True),
    _route("revoke_wall_token", "DELETE", "/wall-tokens/{token}", _MANAGE, "End a wall's token", version=False),
    _route("sign_in", "POST", "/sessions", (Who.ANYONE,), "Begin a session with a password", secret=True),
    _route("sessions", "GET", "/sessions", (Who.SIGNED_IN,), "The caller's own sessions and tokens"),
    _route("sign_out", "DELETE", "/sessions/current", (Who.SIGNED_IN,), "End the session one came by", version=False),
    _route("revoke_session", "DELETE", "/sessions/{session}", (Who.SIGNED_IN,), "End one's own", version=False),
    _route("settings", "GET", "/me/settings", (Who.SIGNED_IN,), "One's own settings"),
    _route("change_settings", "PATCH", "/me/settings", (Who.SIGNED_IN,), "Change one's own settings"),
    _route("change_password", "POST", "/me/password", (Who.SIGNED_IN,), "Change one's own password", secret=True),
    _route("live", "GET", "/live", (Who.SIGNED_IN, Who.OPERATOR, Who.WALL), "Wait for changes of several topics"),
)
