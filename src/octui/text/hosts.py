"""Checks of host addresses."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether an address is this machine's loopback. Names other than localhost are not resolved."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
