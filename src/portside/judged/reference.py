"""Image references as the API server reads them to choose a pull policy.

Source: github.com/distribution/reference, `ParseNormalizedNamed`, and go-digest. Written without
patterns: a scan starts without Python's `re`.
"""

from __future__ import annotations

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ALPHANUMERIC = _LETTERS | frozenset("0123456789")
_HEX = frozenset("0123456789abcdefABCDEF")
_LOWER_HEX = frozenset("0123456789abcdef")
_TAG = _ALPHANUMERIC | frozenset("_.-")
_DIGESTS = {"sha256": 64, "sha384": 96, "sha512": 128}
_LONGEST_NAME = 255


def is_latest(image: str) -> bool:
    """Whether `image` is a reference with the tag `latest`, or with neither tag nor digest."""
    if len(image) == 64 and _LOWER_HEX.issuperset(image):
        return False
    domain, remote = _split(image)
    before_tag = remote.partition(":")[0]
    if before_tag.lower() != before_tag:
        return False
    name, at, digest = remote.partition("@")
    if at and not _is_digest(digest):
        return False
    path, colon, tag = name.partition(":")
    if colon and not _is_tag(tag):
        return False
    if not _is_domain(domain):
        # Then it is the first part of the path: an underscore makes it one.
        path = f"{domain}/{path}"
    if not all(_is_component(it) for it in path.split("/")):
        return False
    # A name is at most that long without its domain.
    return len(path) <= _LONGEST_NAME and (tag == "latest" if colon else not at)


def _split(image: str) -> tuple[str, str]:
    """The domain and the rest, with what Docker leaves out put in."""
    first, slash, rest = image.partition("/")
    named = "." in first or ":" in first or first == "localhost" or first.lower() != first
    domain, remote = (first, rest) if slash and named else ("docker.io", image)
    if domain == "index.docker.io":
        domain = "docker.io"
    if domain == "docker.io" and "/" not in remote:
        remote = f"library/{remote}"
    return domain, remote


def _is_domain(domain: str) -> bool:
    host, colon, port = domain, "", ""
    if domain.startswith("["):
        host, bracket, port = domain[1:].partition("]")
        ends_well = bool(bracket) and (not port or (port[0] == ":" and port[1:].isdigit()))
        return ends_well and bool(host) and set(host) <= _HEX | {":"}
    host, colon, port = domain.partition(":")
    if colon and not (port.isascii() and port.isdigit()):
        return False
    return all(_is_label(it) for it in host.split("."))


def _is_label(label: str) -> bool:
    if not label or not _ALPHANUMERIC.issuperset(label.replace("-", "")):
        return False
    return label[0] != "-" and label[-1] != "-"


def _is_component(component: str) -> bool:
    """Lower case letters and digits, joined by a point, one or two underscores, or hyphens."""
    if not component or component[0] not in _LOWER or component[-1] not in _LOWER:
        return False
    joint = ""
    for letter in component:
        if letter not in _LOWER:
            joint += letter
        elif joint:
            if joint not in (".", "_", "__") and set(joint) != {"-"}:
                return False
            joint = ""
    return True


def _is_tag(tag: str) -> bool:
    return 0 < len(tag) <= 128 and _TAG.issuperset(tag) and tag[0] not in ".-"


def _is_digest(digest: str) -> bool:
    algorithm, _, encoded = digest.partition(":")
    length = _DIGESTS.get(algorithm)
    return len(encoded) == length and _LOWER_HEX.issuperset(encoded)
