"""What the package managers that builds use are told to do, as far as their command lines say."""

from __future__ import annotations

from portside.records import NamedTuple
from portside.syntax.dockerfile.commands import Ran

INSTALLS = frozenset(
    {
        *("install", "add", "reinstall", "source-install", "groupinstall", "localinstall"),
        *("upgrade", "dist-upgrade", "full-upgrade", "in", "i"),
    }
)
UPDATES = frozenset({"update", "up", "makecache", "refresh", "ref"})
FAMILIES = {
    "apt-get": "apt",
    "apt": "apt",
    "aptitude": "apt",
    "apk": "apk",
    "yum": "yum",
    "dnf": "dnf",
    "microdnf": "dnf",
    "zypper": "zypper",
}
_VALUED = {
    "apt": frozenset({"t", "target-release", "o", "option", "c", "config-file", "default-release"}),
    "apk": frozenset({"t", "virtual", "repository", "X", "p", "root", "keys-dir"}),
}


class Package(NamedTuple):
    """A package that is asked for, and the index of its word."""

    name: str
    at: int


def arguments(ran: Ran, valued: frozenset[str] = frozenset()) -> list[Package]:
    """The arguments that are no options and not the value of one of the options `valued`."""
    found: list[Package] = []
    skips = False
    for index, word in enumerate(ran.words[1:], 1):
        text = word.text
        if text.startswith("-") and text not in ("-", "--"):
            skips = "=" not in text and not valued.isdisjoint(_names(text))
        elif skips:
            skips = False
        elif text != "--":
            found.append(Package(text, index))
    return found


def _names(option: str) -> set[str]:
    return {option[2:]} if option.startswith("--") else set(option[1:])


def verb(ran: Ran) -> str:
    """What a package manager of a distribution is told to do; empty for other commands."""
    family = FAMILIES.get(ran.name)
    if family is None:
        return ""
    found = arguments(ran, _VALUED.get(family, frozenset()))
    return found[0].name if found else ""


def distribution_packages(ran: Ran) -> list[Package]:
    """The packages that `apt-get install`, `apk add`, `yum install` and so on name."""
    family = FAMILIES.get(ran.name, "")
    found = arguments(ran, _VALUED.get(family, frozenset()))
    wanted = ("add",) if family == "apk" else ("install",)
    if not family or not any(it.name in wanted for it in found):
        return []
    return [it for it in found if it.name not in wanted]


def verbs(ran: Ran) -> frozenset[str]:
    """All words of a command that may say what a package manager is to do."""
    return frozenset(word.text.removeprefix("--") for word in ran.words[1:])


_PIP_VALUED = frozenset(
    {
        *(
            "abi",
            "b",
            "build",
            "e",
            "editable",
            "extra-index-url",
            "f",
            "find-links",
            "i",
            "index-url",
        ),
        *(
            "implementation",
            "no-binary",
            "only-binary",
            "platform",
            "prefix",
            "progress-bar",
            "proxy",
        ),
        *("python", "python-version", "root", "root-user-action", "src", "t", "target"),
        *("trusted-host", "upgrade-strategy", "cache-dir", "timeout", "retries", "cert", "log"),
    }
)
_PIP_FILES = ("-r", "--requirement", "-c", "--constraint")
_PIP_SIGNS = ("==", ">=", "<=", ">", "<", "!=", "~=", "$")
_NPM_VALUED = frozenset({"loglevel", "registry", "prefix", "cache", "tag", "w", "workspace"})
_GIT = ("git://", "git+ssh://", "git+http://", "git+https://")


def unpinned_library(ran: Ran) -> Package | None:
    """The first library that pip, npm, gem or go is to install in whatever version there is."""
    if ran.name.startswith("pip") and not ran.name.startswith("pipenv"):
        return _unpinned_by_pip(ran, arguments(ran, _PIP_VALUED))
    if ran.name.startswith("python"):
        found = arguments(ran, _PIP_VALUED - {"b", "i", "t", "e", "f"})
        is_pip = [it.name for it in found[:2]] == ["pip", "install"] and "-m" in ran.arguments
        return _unpinned_by_pip(ran, found[1:]) if is_pip else None
    if ran.name == "npm":
        return _unpinned_by_npm(arguments(ran, _NPM_VALUED))
    if ran.name == "gem":
        return _unpinned_by_gem(ran)
    if ran.name == "go":
        found = arguments(ran, frozenset({"ldflags", "tags", "o"}))
        unpinned = [it for it in found if it.name.endswith("@latest")]
        return unpinned[0] if unpinned and found[0].name in ("install", "get", "run") else None
    return None


def _unpinned_by_pip(ran: Ran, found: list[Package]) -> Package | None:
    names = [it.name for it in found]
    if "install" not in names or ran.has(*_PIP_FILES) or "." in names:
        return None
    packages = found[names.index("install") + 1 :]
    return next((it for it in packages if not _is_fixed_for_pip(it.name)), None)


def _is_fixed_for_pip(name: str) -> bool:
    if any(sign in name for sign in _PIP_SIGNS) or name.endswith((".whl", ".tar.gz")):
        return True
    if name.startswith(("git", "hg+", "svn", "bzr+")) and "://" in name:
        return "@" in name
    return "/" in name


def _unpinned_by_npm(found: list[Package]) -> Package | None:
    if not found or found[0].name not in ("install", "i", "add"):
        return None
    return next((it for it in found[1:] if not _is_fixed_for_npm(it.name)), None)


def _is_fixed_for_npm(name: str) -> bool:
    if name.startswith(_GIT):
        return "#" in name
    if name.endswith((".tar", ".tar.gz", ".tgz")) or name.startswith(("/", "./", "../", "~/", "$")):
        return True
    return "@" in name[1:] or "$" in name


def _unpinned_by_gem(ran: Ran) -> Package | None:
    texts = ran.arguments
    if not {"install", "i"} & set(texts) or any(
        it in ("-v", "--version") or it.startswith("--version=") for it in texts
    ):
        return None
    skips = False
    for index, text in enumerate(texts, 1):
        if text == "--":
            return None
        if skips or text in ("install", "i"):
            skips = False
        elif text.startswith("-"):
            skips = True
        elif ":" not in text and "$" not in text:
            return Package(text, index)
    return None
