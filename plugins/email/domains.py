"""Addresses by their domain, which is compared in its own letters and connected to in ASCII."""

from __future__ import annotations

from helpdesk.api.text import domain_in_ascii as wire
from helpdesk.api.text import domain_in_letters as shown


def one_form(address: str) -> str:
    """An address to compare by: lower case, the domain in its own letters."""
    local, at, domain = address.rpartition("@")
    return f"{local.lower()}{at}{shown(domain)}"


def server(host: str) -> str:
    """The name of a server as its certificate and the resolver want it; what is no domain stays as it is."""
    try:
        return wire(host)
    except ValueError:
        return host
