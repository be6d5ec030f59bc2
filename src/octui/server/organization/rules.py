"""What follows from an organization's domain (rules.md 12)."""

SUFFIX = "oc.toast.com"
"""What follows the domain in an organization's URL where the service is not told otherwise."""


def organization_url(domain: str, suffix: str = SUFFIX) -> str:
    """The organization's URL (rules.md 12): never kept, never edited itself."""
    return f"https://{domain}.{suffix}"
