"""The organization's URL, which follows from its domain (rules.md 12)."""

SUFFIX = "oc.toast.com"
"""What follows the domain in an organization's URL where the service is not told otherwise."""


def organization_url(domain: str, suffix: str = SUFFIX) -> str:
    """Return the organization's URL (rules.md 12). It is neither stored nor edited."""
    return f"https://{domain}.{suffix}"
