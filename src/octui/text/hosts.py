"""Addresses of hosts."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether an address is only this machine's. Names other than localhost are not resolved."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
