"""The organization's URL, which follows from its domain (rules.md 12)."""

SUFFIX = "oc.toast.com"
"""Default suffix after the domain in an organization's URL."""


def organization_url(domain: str, suffix: str = SUFFIX) -> str:
    """Return the organization's URL (rules.md 12). It is neither stored nor edited."""
    return f"https://{domain}.{suffix}"
