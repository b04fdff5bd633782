"""What an editor is shown of each file, open or not, and what each part of it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from portside.lsp.marks import Mark

Publish = Callable[[types.PublishDiagnosticsParams], None]
Marks = Mapping[str, list["Mark"]]
"""What is shown, by the URIs of the files that it stands in."""
_Key = tuple[object, ...]


class Shown:
    """Publishes, by URI: what is said of a text by itself, by the charts around it, of problems."""

    __slots__ = ("_builds", "_problems", "_publish", "_texts", "_versions")

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._texts: dict[str, list[Mark]] = {}
        self._builds: dict[str, Marks] = {}
        self._problems: dict[str, types.Diagnostic] = {}
        self._versions: dict[str, int] = {}

    def at(self, uri: str) -> list[Mark]:
        """All that is shown of `uri`, each thing once: overlays share the files of a base."""
        found = list(self._texts.get(uri, ()))
        seen: set[_Key] = set()
        for marks in self._builds.values():
            for it in marks.get(uri, ()):
                key = _key(it)
                if key not in seen:
                    seen.add(key)
                    found.append(it)
        return found

    def show(self, uri: str, version: int, marks: list[Mark], builds: Mapping[str, Marks]) -> None:
        """Show what is said of a version of `uri`, by itself and by the charts that it is in."""
        self._texts[uri] = marks
        self._versions[uri] = version
        changed = dict.fromkeys(it for name in builds for it in self._put(name, builds[name]))
        changed.pop(uri, None)
        for it in (*changed, uri):
            self.send(it)

    def drop(self, uri: str, builds: Iterable[str]) -> None:
        """Show nothing more of a text that was closed, and of `builds`: it was their last."""
        self._texts.pop(uri, None)
        self._versions.pop(uri, None)
        changed = dict.fromkeys(it for name in builds for it in self._put(name, {}))
        for it in {uri: None, **changed}:
            self.send(it)

    def leave(self, builds: Iterable[str]) -> None:
        """Show nothing more of `builds`: nothing that is open is a part of them."""
        for uri in dict.fromkeys(it for name in builds for it in self._put(name, {})):
            self.send(uri)

    def tell(self, problems: dict[str, types.Diagnostic]) -> None:
        """Show what is wrong with configurations and own rules in the files themselves."""
        before, self._problems = self._problems, problems
        for uri in {*before, *problems}:
            if before.get(uri) != problems.get(uri):
                self.send(uri)

    def send(self, uri: str) -> None:
        """Publish what is known of `uri`."""
        found = [it.diagnostic for it in self.at(uri)]
        problem = self._problems.get(uri)
        if problem is not None:
            found.append(problem)
        self._publish(types.PublishDiagnosticsParams(uri, found, self._versions.get(uri)))

    def _put(self, name: str, marks: Marks) -> Iterator[str]:
        """Note what is shown of a build; the URIs for which it is something else than before."""
        before = self._builds.pop(name, {})
        if marks:
            self._builds[name] = marks
        for uri in {**before, **marks}:
            if before.get(uri) != marks.get(uri):
                yield uri


def _key(mark: Mark) -> _Key:
    it = mark.diagnostic
    begin = it.range.start
    identity = mark.finding.identity if mark.finding is not None else ""
    return it.code, identity, it.message, begin.line, begin.character
