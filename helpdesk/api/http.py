"""Outgoing HTTP for plugins: httpx on connections to checked addresses, one deadline, bounded bodies."""

from helpdesk.security.http import Answer, Response, fetch, stream

__all__ = ["Answer", "Response", "fetch", "stream"]
