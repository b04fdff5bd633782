"""What reports are told of where they run: the terminal, the words of rules, the lines of files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from portside import __version__
from portside.model.severity import severity
from portside.report.context import Context

if TYPE_CHECKING:
    import argparse

    from portside.cli.config import Config
    from portside.cli.plan import Chosen
    from portside.model.rule_text import RuleText

_LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty", "Hyper", "vscode", "Tabby", "rio")
_LINKING_TERMINALS = ("xterm-kitty", "xterm-ghostty", "foot", "foot-extra", "alacritty", "wezterm")
_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")
"""Variables in which CI services say where the repository was checked out."""


def context(options: argparse.Namespace, config: Config, chosen: Chosen) -> Context:
    """What the reports of this run need besides the evaluation."""
    terminal = sys.stdout.isatty()
    color = terminal and _dresses(os.environ)
    return Context(
        words=_words(chosen),
        source=Sources(config.limits.size).lines,
        version=__version__,
        fail_on=severity(options.fail_on or config.fail_on),
        target=_target(options.paths or ["."]) if terminal else "",
        terminal=terminal,
        color=color and not os.environ.get("NO_COLOR"),
        links=_links() if color and shows_links(os.environ) else "",
        width=_width() if terminal else 100,
        verbose=options.verbose,
        strict=options.strict,
        allow_unread=options.allow_unread,
        unicode=not terminal or _is_unicode(sys.stdout.encoding),
        published=_published(os.environ),
    )


def _dresses(environment: Mapping[str, str]) -> bool:
    """Whether the terminal knows escape sequences at all."""
    return environment.get("TERM", "") not in ("dumb", "")


def shows_links(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is one of those known to show links (OSC 8); not where unsure.

    tmux and screen pass links on only when told to, and old VTE breaks on them.
    """
    term = environment.get("TERM", "")
    if term.startswith(("tmux", "screen")) or "TMUX" in environment or "STY" in environment:
        return False
    if environment.get("TERM_PROGRAM") in _LINKING_PROGRAMS or term in _LINKING_TERMINALS:
        return True
    vte = environment.get("VTE_VERSION", "")
    return "WT_SESSION" in environment or (vte.isdecimal() and int(vte) >= 5000)


def _links() -> str:
    from pathlib import Path
    from socket import gethostname
    from urllib.parse import urlsplit

    here = urlsplit(Path.cwd().as_uri())
    return here._replace(netloc=gethostname()).geturl() + "/"


def _width() -> int:
    from shutil import get_terminal_size

    return max(40, get_terminal_size((100, 40)).columns)


def _is_unicode(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf16", "utf32")


def _target(paths: Sequence[str]) -> str:
    from shlex import quote

    return " ".join(quote(path) for path in paths)


def _published(environment: Mapping[str, str]) -> Callable[[str], str]:
    """How a service calls a file: by its path from the root of the repository, `/` between."""
    here = os.getcwd()
    roots = [os.path.realpath(environment[it]) for it in _ROOTS if environment.get(it)]
    real = os.path.realpath(here)
    root = next((it for it in roots if _below(real, it) is not None), real)

    def published(file: str) -> str:
        if file.startswith("<"):
            return file
        path = os.path.normpath(os.path.join(real, file))
        below = _below(path, root)
        name = (path if os.path.isabs(file) else file) if below is None else below
        return name.replace(os.sep, "/")

    return published


def _below(path: str, root: str) -> str | None:
    """`path` as it is called in the folder `root`; None where it is not in it."""
    if path == root:
        return "."
    lead = root.rstrip(os.sep) + os.sep
    return path[len(lead) :] if path.startswith(lead) else None


def _words(chosen: Chosen) -> Callable[[str], RuleText]:
    loaded: list[Mapping[str, RuleText]] = []

    def words(rule: str) -> RuleText:
        if not loaded:
            from portside.policy import builtin

            loaded.append({**builtin.texts(), **(chosen.texts or {})})
        return loaded[0][rule]

    return words


class Sources:
    """The lines of files that were scanned, decoded as they were read; the last file is kept."""

    __slots__ = ("_last", "_lines", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._last: str | None = None
        self._lines: list[str] | None = None

    def lines(self, name: str) -> list[str] | None:
        """The lines of the file called `name`; None where it cannot be had (standard input)."""
        if name != self._last:
            self._last, self._lines = name, self._read(name)
        return self._lines

    def _read(self, name: str) -> list[str] | None:
        from portside.syntax.read import decode

        try:
            if not os.path.isfile(name):
                return None
            with open(name, "rb") as file:
                text, _ = decode(file.read(self._most))
        except OSError:
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
