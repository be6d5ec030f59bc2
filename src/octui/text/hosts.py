"""Check whether a host address is this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine's loopback; of names only `localhost` counts, none is resolved."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
