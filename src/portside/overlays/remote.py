"""Addresses of bases elsewhere, as Kustomize takes them, and what holds each to its content.

Source: kustomize, api/internal/git/repospec.go; a file over HTTP is tried before a repository.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from portside.records import NamedTuple

COMMIT, TAG, MOVES = "commit", "tag", "moves"
"""What holds a remote base: the hash of a commit, a tag of a version, or nothing."""
_SCHEMES = ("https://", "http://", "ssh://", "file://")
_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*@")
_HASH = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
_VERSION = re.compile(r"(?:refs/tags/|[\w./-]+/)?v?\d+(?:\.\d+)+(?:[-+][\w.+-]+)?")
_FILES = (".yaml", ".yml", ".json")


class Remote(NamedTuple):
    host: str
    ref: str
    """The revision that it names; empty for none."""
    pin: str


def remote(text: str) -> Remote | None:
    """What the address `text` refers to elsewhere; None where it is a path of the same tree."""
    address = text[5:] if text.lower().startswith("git::") else text
    scheme = next((it for it in _SCHEMES if address.lower().startswith(it)), "")
    address, _, query = address[len(scheme) :].partition("?")
    user = _USER.match(address)
    address = address[user.end() :] if user else address
    authority, slash, rest = address.partition("/")
    address = authority.rpartition("@")[2] + slash + rest
    host = re.split(r"[/:]", address, maxsplit=1)[0].lower()
    if scheme == "file://" or not (scheme or user or host == "github.com"):
        return None
    if not scheme and not user and len(address.split("/")) < 3 and ":" not in address:
        return None
    ref = _ref(query)
    if not ref and scheme in ("https://", "http://") and address.lower().endswith(_FILES):
        return Remote(host, *_of_file(address))
    return Remote(host, ref, _pin(ref))


def _ref(query: str) -> str:
    asked = parse_qs(query)
    return (asked.get("ref") or asked.get("version") or [""])[0]


def _pin(ref: str) -> str:
    if _HASH.fullmatch(ref):
        return COMMIT
    return TAG if _VERSION.fullmatch(ref) else MOVES


def _of_file(address: str) -> tuple[str, str]:
    """The revision that the parts of a file's address name, and what it holds it to."""
    parts = address.split("/")[1:-1]
    for part in parts:
        if _HASH.fullmatch(part):
            return part, COMMIT
    version = next((part for part in parts if _VERSION.fullmatch(part)), "")
    return version, TAG if version else MOVES
