"""What the package managers that builds use are told to do, as far as their command lines say."""

from __future__ import annotations

from typing import NamedTuple

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
    index: int


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
