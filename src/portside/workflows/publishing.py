"""Commands that publish a package."""

from __future__ import annotations

from portside.workflows.shell import Command

_DRY = ("--dry-run", "-n")
_ORDERED: dict[str, tuple[tuple[str, ...], ...]] = {
    "cargo": (("publish",),),
    "hatch": (("publish",),),
    "pdm": (("publish",),),
    "poetry": (("publish",),),
    "twine": (("upload",),),
    "gem": (("push",),),
    "bundle": (("exec", "gem", "push"),),
    "npm": (("publish",),),
    "yarn": (("publish",), ("npm", "publish")),
    "pnpm": (("publish",),),
    "bun": (("publish",),),
    "bunx": (("npm*", "publish"),),
    "nuget": (("push",),),
    "nuget.exe": (("push",),),
    "dotnet": (("nuget", "push"),),
    "uv": (("publish",), ("run", "twine", "upload")),
    "uvx": (("twine*", "upload"),),
    "pipx": (("run", "twine*", "upload"),),
    "python": (("-m", "twine", "upload"),),
}
"""By program: words that stand among its arguments in this order; a star for any end of a word."""


def publishes(command: Command) -> bool:
    """Whether it puts a package where the public gets it, and does not only rehearse that."""
    name = "python" if command.name.startswith("python") else command.name
    arguments = command.arguments
    if any(it in _DRY for it in arguments):
        return False
    return any(_in_order(words, arguments) for words in _ORDERED.get(name, ()))


def _in_order(words: tuple[str, ...], arguments: list[str]) -> bool:
    at = 0
    for argument in arguments:
        wanted = words[at]
        if argument == wanted or (wanted[-1] == "*" and argument.startswith(wanted[:-1])):
            at += 1
            if at == len(words):
                return True
    return False
