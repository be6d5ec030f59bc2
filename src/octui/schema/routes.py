"""Every operation of the API: name, method, path, and who may call it.

The service registers exactly these; the client calls exactly these; a test walks all of them. `who` lists the callers
of which any one is enough; an operation without a declaration cannot exist.
"""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "/api/v1"


class Who(StrEnum):
    """A kind of caller, seen from the object of the call."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    SELF = "self"
    SERVICE_AGENT = "service_agent"
    SERVICE_ADMIN = "service_admin"
    ANY_SERVICE_ADMIN = "any_service_admin"
    ORGANIZATION_ADMIN = "organization_admin"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Route:
    """One operation. `{service}` and `{account}` in the path name the object that `who` speaks of.

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


def _declare_route(
    name: str, method: str, path: str, who: tuple[Who, ...], summary: str, *, secret: bool = False, version: bool = True
) -> Route:
    keyed = method == "POST" and not secret
    versioned = method in ("PATCH", "PUT", "DELETE") and version
    return Route(name, method, PREFIX + path, frozenset(who), summary, keyed, versioned)


_MANAGE = (Who.OPERATOR, Who.ORGANIZATION_ADMIN)
_MANAGE_SERVICE = (Who.OPERATOR, Who.ORGANIZATION_ADMIN, Who.SERVICE_ADMIN)

ROUTES: tuple[Route, ...] = (
    _declare_route("me", "GET", "/me", (Who.SIGNED_IN,), "The signed-in person and their rights"),
    _declare_route("organization", "GET", "/organization", (Who.SIGNED_IN, Who.OPERATOR), "The organization"),
    _declare_route(
        "create_organization", "POST", "/organization", (Who.OPERATOR,), "Create organization and first admin"
    ),
    _declare_route(
        "change_organization",
        "PATCH",
        "/organization",
        (Who.OPERATOR,),
        "Change name, domain, or what CTI versions need",
        version=False,
    ),
    _declare_route("organization_key", "GET", "/organization/key", _MANAGE, "The organization key, masked"),
    _declare_route("show_key", "POST", "/organization/key/showing", _MANAGE, "The key in full, once", secret=True),
    _declare_route("change_key", "POST", "/organization/key", _MANAGE, "A new key, shown once", secret=True),
    _declare_route("organization_admins", "GET", "/organization/admins", _MANAGE, "Organization admins"),
    _declare_route(
        "add_organization_admin", "POST", "/organization/admins", _MANAGE, "Make a member organization admin"
    ),
    _declare_route(
        "remove_organization_admin",
        "DELETE",
        "/organization/admins/{account}",
        _MANAGE,
        "Take the right of an organization admin away",
        version=False,
    ),
    _declare_route("services", "GET", "/services", (Who.SIGNED_IN, Who.OPERATOR), "The services the caller may see"),
    _declare_route("add_service", "POST", "/services", _MANAGE, "Add a service"),
    _declare_route(
        "contracts", "GET", "/contracts", _MANAGE, "Contracted services, drafts and terminated ones included"
    ),
    _declare_route(
        "draft_service", "POST", "/contracts", _MANAGE, "Keep the basic information of a service as a draft"
    ),
    _declare_route("change_service", "PATCH", "/contracts/{service}", _MANAGE, "Change basic information"),
    _declare_route("drop_draft", "DELETE", "/contracts/{service}", _MANAGE, "Take a draft away"),
    _declare_route("edit_contract", "PUT", "/contracts/{service}/items", _MANAGE, "Register or edit the contract"),
    _declare_route("switch_service", "PUT", "/contracts/{service}/state", _MANAGE, "Suspend, resume, terminate"),
    _declare_route("banner", "GET", "/contracts/{service}/banner", _MANAGE, "The picture of a service"),
    _declare_route("put_banner", "PUT", "/contracts/{service}/banner", _MANAGE, "Give it a picture", version=False),
    _declare_route(
        "remove_banner", "DELETE", "/contracts/{service}/banner", _MANAGE, "Take the picture away", version=False
    ),
    _declare_route("estimate", "POST", "/contracts/estimate", _MANAGE, "What a contract would cost", secret=True),
    _declare_route("charges", "GET", "/charges", _MANAGE, "Charges of a month"),
    _declare_route("rates", "GET", "/rates", _MANAGE, "Rate cards"),
    _declare_route("add_rates", "POST", "/rates", (Who.OPERATOR,), "A rate card from a month on"),
    _declare_route(
        "change_discount",
        "POST",
        "/contracts/{service}/discount",
        (Who.OPERATOR,),
        "A discount of a service from a month on",
    ),
    _declare_route("members", "GET", "/members", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Look up members"),
    _declare_route("add_member", "POST", "/members", _MANAGE, "Add a member"),
    _declare_route(
        "look_up_members", "GET", "/members/look-up", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Find a member to add"
    ),
    _declare_route("remove_member", "DELETE", "/members/{account}", _MANAGE, "Remove a member", version=False),
    _declare_route("invitations", "GET", "/invitations", _MANAGE, "Invitations not yet accepted"),
    _declare_route("invite_member", "POST", "/invitations", _MANAGE, "Invite a person"),
    _declare_route(
        "accept_invitation", "POST", "/invitations/accept", (Who.ANYONE,), "Set one's first password", secret=True
    ),
    _declare_route(
        "resend_invitation", "POST", "/invitations/{invitation}/resend", _MANAGE, "A new code for an invitation"
    ),
    _declare_route("revoke_invitation", "DELETE", "/invitations/{invitation}", _MANAGE, "Take back", version=False),
    _declare_route("agents", "GET", "/services/{service}/agents", _MANAGE_SERVICE, "Agents of a service"),
    _declare_route("agents_head", "GET", "/services/{service}/agents/head", _MANAGE_SERVICE, "Live head of the agents"),
    _declare_route("add_agent", "POST", "/services/{service}/agents", _MANAGE_SERVICE, "Give a member a role"),
    _declare_route(
        "change_agent",
        "PATCH",
        "/services/{service}/agents/{account}",
        _MANAGE_SERVICE,
        "Change role or permissions",
    ),
    _declare_route(
        "remove_agent",
        "DELETE",
        "/services/{service}/agents/{account}",
        _MANAGE_SERVICE,
        "Take the role away",
    ),
    _declare_route("cti_agents", "GET", "/services/{service}/cti/agents", _MANAGE_SERVICE, "The CTI agent table"),
    _declare_route(
        "cti_head", "GET", "/services/{service}/cti/head", _MANAGE_SERVICE, "Live head of the CTI agent table"
    ),
    _declare_route("save_cti", "POST", "/services/{service}/cti/batch", _MANAGE_SERVICE, "Save CTI IDs and NOs"),
    _declare_route("cti_settings", "GET", "/services/{service}/cti/settings", _MANAGE_SERVICE, "The CTI settings"),
    _declare_route(
        "change_cti_settings", "PATCH", "/services/{service}/cti/settings", _MANAGE, "Change the CTI settings"
    ),
    _declare_route(
        "cti_readiness", "GET", "/services/{service}/cti/readiness", _MANAGE_SERVICE, "Who is ready for phone"
    ),
    _declare_route("cti_log_days", "GET", "/services/{service}/cti/log/days", _MANAGE_SERVICE, "Days of the CTI log"),
    _declare_route("cti_log", "GET", "/services/{service}/cti/log", _MANAGE_SERVICE, "The CTI log of some days"),
    _declare_route("audit", "GET", "/audit", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Search the permission-change log"),
    _declare_route("audit_head", "GET", "/audit/head", (*_MANAGE, Who.ANY_SERVICE_ADMIN), "Newest entry of the log"),
    _declare_route("verify_audit", "GET", "/audit/verification", _MANAGE, "Check the hash chain"),
    _declare_route(
        "stats",
        "GET",
        "/services/{service}/stats/{account}",
        (Who.SELF, *_MANAGE_SERVICE),
        "Figures of a day",
    ),
    _declare_route(
        "intervals",
        "GET",
        "/services/{service}/stats/{account}/intervals",
        (Who.SELF, *_MANAGE_SERVICE),
        "The intervals behind a figure",
    ),
    _declare_route(
        "change_state",
        "POST",
        "/services/{service}/stats/{account}/state",
        (Who.SELF,),
        "Log in to CTI, change state",
    ),
    _declare_route("take_in_events", "POST", "/services/{service}/events", _MANAGE_SERVICE, "Take in CloudEvents"),
    _declare_route("issue_token", "POST", "/tokens", (Who.OPERATOR,), "A token for a member, shown once"),
    _declare_route("sign_in", "POST", "/sessions", (Who.ANYONE,), "Begin a session with a password", secret=True),
    _declare_route("sessions", "GET", "/sessions", (Who.SIGNED_IN,), "The caller's own sessions and tokens"),
    _declare_route(
        "sign_out", "DELETE", "/sessions/current", (Who.SIGNED_IN,), "End the session one came by", version=False
    ),
    _declare_route("revoke_session", "DELETE", "/sessions/{session}", (Who.SIGNED_IN,), "End one's own", version=False),
    _declare_route("settings", "GET", "/me/settings", (Who.SIGNED_IN,), "One's own settings"),
    _declare_route("change_settings", "PATCH", "/me/settings", (Who.SIGNED_IN,), "Change one's own settings"),
    _declare_route(
        "change_password", "POST", "/me/password", (Who.SIGNED_IN,), "Change one's own password", secret=True
    ),
    _declare_route("live", "GET", "/live", (Who.SIGNED_IN, Who.OPERATOR), "Wait for changes of several topics"),
)
