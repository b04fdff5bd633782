"""What a terminal can show: colour, links, characters. Every word makes sense without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.report.context import in_ascii, in_bytes, shown

if TYPE_CHECKING:
    from portside.model.finding import Finding
    from portside.report.context import Context

_COLORS = ("2", "36", "33", "31", "1;31")


class Paint:
    """Text for one terminal, as its context describes it."""

    __slots__ = ("bar", "context", "dot")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.bar = "│" if context.unicode else "|"
        self.dot = "·" if context.unicode else "|"

    def clean(self, text: str) -> str:
        """`text` with nothing in it that this terminal could not show, or should not get."""
        text = shown(text)
        return text if self.context.unicode else in_ascii(text)

    def bold(self, text: str) -> str:
        return self._styled(self.clean(text), "1")

    def dim(self, text: str) -> str:
        return self._styled(text, "2")

    def severity(self, severity: int) -> str:
        return self._styled(f"{NAMES[severity]:<9}", _COLORS[severity])

    def marked(self, mark: str, severity: int) -> str:
        return self._styled(mark, _COLORS[severity])

    def place(self, it: Finding) -> str:
        return self.link(it.file, f":{it.line}:{it.column}")

    def link(self, file: str, position: str = "") -> str:
        """The file's name with the `position` in it, as a link where the terminal shows links.

        OSC 8, as terminals agreed on it: a URI of a file, on this host.
        """
        text = self.clean(file) + position
        if not self.context.links or file.startswith("<"):
            return text
        from urllib.parse import quote, urljoin

        uri = urljoin(self.context.links, quote(in_bytes(file)))
        return f"\x1b]8;;{uri}\x1b\\{text}\x1b]8;;\x1b\\"

    def _styled(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.context.color else text
