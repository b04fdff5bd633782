"""Globs over names, field paths and files.

Over names and field paths `*` stands for any characters and `?` for one; everything else is itself.
Brackets are no classes here, as they are in a shell: field paths hold them (`containers[web]`).
"""

from __future__ import annotations


class Glob:
    """A pattern over one name. Its time is bounded by the product of both lengths."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` matches."""
        pattern = self.pattern
        at = position = resume = 0
        star = -1
        while position < len(text):
            letter = pattern[at : at + 1]
            if letter == "*":
                star, resume = at, position
                at += 1
            elif letter and letter in ("?", text[position]):
                at += 1
                position += 1
            elif star >= 0:
                at = star + 1
                resume += 1
                position = resume
            else:
                return False
        return not pattern[at:].strip("*")


class FieldGlob:
    """A pattern over field paths: the fields that match, and everything below them."""

    __slots__ = ("_globs",)

    def __init__(self, pattern: str) -> None:
        self._globs = [Glob(pattern + below) for below in ("", ".*", "[*")]

    def matches(self, path: str) -> bool:
        return any(glob.matches(path) for glob in self._globs)


class FileGlob:
    """A pattern over paths with slashes, which also matches everything below a folder that does.

    `*` stays within a step of the path, `**` stands for any steps; a pattern without a slash is
    meant at every depth, as in .gitignore.
    """

    __slots__ = ("_steps", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        steps = [step for step in pattern.split("/") if step not in ("", ".")]
        if "/" not in pattern.rstrip("/"):
            steps.insert(0, "**")
        self._steps = [Glob(step) for step in steps]

    def matches(self, path: str) -> bool:
        states = self._reached({0})
        if len(self._steps) in states:
            return True
        for part in path.split("/"):
            following = set()
            for at in states:
                if self._steps[at].pattern == "**":
                    following.add(at)
                elif self._steps[at].matches(part):
                    following.add(at + 1)
            states = self._reached(following)
            if len(self._steps) in states:
                return True
        return False

    def fixed(self) -> str:
        """The steps before the first one that holds a wildcard: where all it matches stands."""
        fixed = []
        for step in self._steps:
            if "*" in step.pattern or "?" in step.pattern:
                break
            fixed.append(step.pattern)
        return "/".join(fixed)

    def _reached(self, states: set[int]) -> set[int]:
        """`states`, and those that `**` reaches by standing for no step."""
        for at in sorted(states):
            end = at
            while end < len(self._steps) and self._steps[end].pattern == "**":
                end += 1
                states.add(end)
        return states
