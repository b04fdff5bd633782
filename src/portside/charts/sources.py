"""Where charts come from, by their addresses."""

from __future__ import annotations

_HERE = ("localhost", "127.0.0.1", "[::1]")
_INSIDE = (".svc", ".svc.cluster.local")


def is_plain_http(url: str) -> bool:
    """Whether `url` is read over HTTP without TLS, from another machine, outside of the cluster."""
    if not url.lower().startswith("http://"):
        return False
    host = url[len("http://") :].partition("/")[0].rpartition("@")[2].lower()
    name = host if host.startswith("[") else host.partition(":")[0]
    return not name.startswith(_HERE) and not name.endswith(_INSIDE)
