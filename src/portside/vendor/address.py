"""Addresses as people write them: of repositories, charts, files, and what each leads to."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from portside.records import NamedTuple

CHART, GIT, FILE, ARCHIVE, ARTIFACT = "chart", "git", "file", "archive", "artifact"
KINDS = (ARCHIVE, ARTIFACT, CHART, FILE, GIT)
"""A chart of a repository or registry, a tree of Git, a file, a packed tree, an OCI artifact."""

_SCP = re.compile(r"((?:[A-Za-z0-9][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*):(?!/?/)(.+)")
_USER = re.compile(r"[A-Za-z][A-Za-z0-9-]*@")
_SCHEMES = ("ssh://", "https://", "http://", "file://")
_PACKED = (".tar.gz", ".tgz")
_TEXTS = (".yaml", ".yml", ".json")
_LONGEST = 2_048


class Wanted(NamedTuple):
    """What is wanted from outside: the same for all that refer to it."""

    kind: str
    url: str
    name: str = ""
    """Of a chart its name, else empty."""
    version: str = ""
    """As it is asked for: a version or range, a tag, a branch, a commit; empty: the default."""

    @property
    def title(self) -> str:
        """What people call it by, and `--update` takes."""
        if self.name:
            return self.name
        path = self.url.rstrip("/").rpartition("/")[2] or self.url
        return path.rpartition(":")[2].removesuffix(".git")

    def key(self) -> tuple[str, str, str, str]:
        """What two ways to write the same thing have in common."""
        return self.kind, plain(self.url), self.name, self.version


class Located(NamedTuple):
    """What is wanted, and the path below it that is meant."""

    wanted: Wanted
    path: str = ""


def plain(address: str) -> str:
    """An address without what makes no difference: letters of the host, `.git`, a last slash."""
    text = address.strip().rstrip("/").removesuffix(".git")
    found = _SCP.fullmatch(text)
    if found and "://" not in text:
        text = f"ssh://{found[1]}/{found[2]}"
    scheme, separator, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{path}" if separator else text


def trouble_of(url: str) -> str:
    """Why nothing is fetched from `url`, in words without it; empty where it may be."""
    if len(url) > _LONGEST or not (url.isprintable() and url.isascii()) or " " in url:
        return "the address holds what no address may"
    if url.startswith("-") or "://-" in url or "@-" in url:
        return "the address begins like an option of a program"
    if "://" not in url:
        return "" if _SCP.fullmatch(url) else "this is no address"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "this is no address"
    if parts.password is not None or (parts.username and parts.scheme in ("http", "https")):
        return "the address holds credentials: keep them in git credential or docker login"
    if port == 0 or not (parts.hostname or parts.scheme == "file"):
        return "the address names no host"
    return ""


def located(text: str) -> Located | None:
    """What Kustomize, and `extends`, mean by a remote `text`; None for what is no address.

    Source: api/internal/git/repospec.go and api/pkg/loader of Kustomize; `oci://` is our own.
    """
    if text.startswith("oci://"):
        url, _, path = text[6:].partition("//")
        return Located(artifact(f"oci://{url}"), path.strip("/"))
    whole, _, query = text.partition("?")
    lower = whole.lower()
    web = lower.startswith(("https://", "http://"))
    if web and not _ref(query) and ".git/" not in lower:
        head, _, below = whole[8:].partition("//")
        if head.lower().endswith(_PACKED) and not _climbs(below):
            address = f"{whole[:8]}{head}{'?' if query else ''}{query}"
            return Located(Wanted(ARCHIVE, address), below.strip("/"))
        if lower.endswith(_TEXTS) and not below:
            return Located(Wanted(FILE, text))
    found = _repository(whole)
    if found is None:
        return Located(Wanted(FILE, text)) if web else None
    url, path = found
    if _climbs(path):
        return None
    return Located(Wanted(GIT, url, version=_ref(query)), path)


def _climbs(path: str) -> bool:
    return ".." in path.split("/")


def artifact(url: str, version: str = "") -> Wanted:
    """What `oci://HOST/NAME[:TAG|@DIGEST]` means."""
    head, slash, last = url.rpartition("/")
    name, at, digest = last.partition("@")
    name, colon, tag = name.partition(":")
    found = digest if at else tag if colon else ""
    return Wanted(ARTIFACT, f"{head}{slash}{name}", version=version or found)


def _ref(query: str) -> str:
    values = parse_qs(query)
    return (values.get("ref") or values.get("version") or [""])[0]


def _repository(whole: str) -> tuple[str, str] | None:
    """The address of the repository and the path in it."""
    text = whole[5:] if whole[:5].lower() == "git::" else whole
    scheme = next((it for it in _SCHEMES if text.lower().startswith(it)), "")
    rest = text[len(scheme) :]
    user = _USER.match(rest)
    name = user[0] if user else ""
    rest = rest[len(name) :]
    if scheme == "file://":
        cut = _marked(name + rest)
        return (scheme + cut[0], cut[1]) if cut else (text, "")
    github = rest.lower().startswith(("github.com/", "github.com:"))
    if not scheme and not name and not github:
        return None
    host, separator, path = _host(rest, scp=not scheme)
    if not path:
        return None
    if github:
        over_ssh = scheme == "ssh://" or name
        scheme, host, separator = (
            ("", "github.com", ":") if over_ssh else ("https://", "github.com", "/")
        )
    cut = _marked(path) or _first_two(path)
    return (f"{scheme}{name}{host}{separator}{cut[0]}", cut[1]) if cut else None


def _host(rest: str, *, scp: bool) -> tuple[str, str, str]:
    slash, colon = rest.find("/"), rest.find(":") if scp else -1
    at = colon if colon > 0 and (slash < 0 or colon < slash) else slash
    return (rest, "", "") if at < 0 else (rest[:at], rest[at], rest[at + 1 :])


def _marked(path: str) -> tuple[str, str] | None:
    """Cut where the text says that the repository ends."""
    if "_git/" in path:
        head, _, rest = path.partition("_git/")
        name, _, below = rest.partition("/")
        return f"{head}_git/{name}", below
    if "//" in path:
        head, _, below = path.partition("//")
        return head, below.strip("/")
    if ".git" in path:
        head, _, below = path.partition(".git")
        return f"{head}.git", below.strip("/")
    return None


def _first_two(path: str) -> tuple[str, str] | None:
    steps = path.split("/")
    if len(steps) < 2 or not all(steps[:2]):
        return None
    return "/".join(steps[:2]), "/".join(steps[2:]).strip("/")
