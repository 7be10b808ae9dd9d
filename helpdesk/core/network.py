"""Network addresses as far as they tell one place from another."""

from __future__ import annotations

import ipaddress


def place(remote: str | None) -> str:
    """The network address; of IPv6 the part that one household has to itself."""
    try:
        ip = ipaddress.ip_address(remote or "")
    except ValueError:
        return "nowhere"
    return str(ip if ip.version == 4 else ipaddress.ip_network((ip, 64), strict=False))
