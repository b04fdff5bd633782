"""The text of one file, in documents, ready to be edited: its line endings and marks are kept."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any

from portside.model.mending import LineEdit
from portside.syntax import Document, Limits, TooLargeError, read
from portside.syntax.change import CannotEditError, Change, changed, existing, is_made
from portside.syntax.document import Path
from portside.syntax.edit import edited, image
from portside.syntax.split import in_lines
from portside.syntax.style import Style
from portside.syntax.write import written

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
State = tuple[list[str], list[int], list["Document | None"]]
_ODD = "how its text is divided into documents is too unusual to be edited"


class FileText:
    """A file's text with LF for every line end, cut where its documents begin and end.

    Raises CannotEditError for what could not be written back as it was.
    """

    __slots__ = (
        *("_begins", "_coding", "_cut", "_ends", "_is_yaml", "_limits", "_mark", "_parts"),
        *("_slots", "documents"),
    )

    def __init__(self, data: bytes, limits: Limits, *, is_yaml: bool = True) -> None:
        self._mark, self._coding = next(
            ((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8")
        )
        try:
            text = data[len(self._mark) :].decode(self._coding)
        except UnicodeDecodeError as error:
            raise CannotEditError("it holds bytes that are no text") from error
        self._ends = "\r\n" if "\r" in text else "\n"
        if "\r" in text and not text.count("\r\n") == text.count("\n") == text.count("\r"):
            raise CannotEditError("its lines end in several ways")
        self._limits = limits
        self._is_yaml = is_yaml
        self._cut = not text.endswith("\n")
        self._take(text.replace("\r\n", "\n"))
        self._begins = [0 if it is None else it.line for it in self.documents]

    def encoded(self) -> bytes:
        """The bytes of the file as it now is."""
        text = "".join(self._parts)
        if self._cut:
            text = text.removesuffix("\n")
        if self._ends != "\n":
            text = text.replace("\n", self._ends)
        return self._mark + text.encode(self._coding)

    def lines(self) -> list[str]:
        """The lines as they now are, without their ends."""
        return "".join(self._parts).split("\n")

    def number_of(self, line: int) -> int:
        """Which of the documents began its content on `line`, before anything was edited."""
        if self._begins.count(line) != 1:
            raise CannotEditError("which document it stands in cannot be told")
        return self._begins.index(line)

    def change(self, number: int, change: Change) -> None:
        """Make the change in a document. Raises CannotEditError; then nothing was changed."""
        document = self.documents[number]
        if document is None:
            raise CannotEditError("the document cannot be read")
        made = edited(document, change, number)
        if len(self._parts) == 1:
            self._take(made.text)
        else:
            self._parts[self._slots[number]] = made.text
            self.documents[number] = made.document

    def state(self) -> State:
        """What `restore` goes back to."""
        return list(self._parts), list(self._slots), list(self.documents)

    def restore(self, state: State) -> None:
        """Be as when `state` was taken."""
        self._parts, self._slots, self.documents = state

    def change_lines(self, edits: Sequence[LineEdit]) -> None:
        """Make the edits, from the last line to the first. Raises CannotEditError, as above."""
        lines = "".join(self._parts).split("\n")
        for edit in sorted(edits, key=lambda it: (it.line, it.column), reverse=True):
            _edit_line(lines, edit)
        before = self.state()
        try:
            self._take("\n".join(lines))
            _refuse_other_changes(before[2], self.documents, [it.path for it in edits])
        except CannotEditError:
            self.restore(before)
            raise

    def replace_lines(
        self, begin: int, end: int, new: Sequence[str], path: Path | None = None
    ) -> None:
        """Put `new` in place of the lines from the index `begin` to `end`.

        In YAML nothing but the field at `path` may change by it. Raises CannotEditError, as above.
        """
        lines = self.lines()
        lines[begin:end] = new
        before = self.state()
        try:
            self._take("\n".join(lines))
            if path is not None:
                _refuse_other_changes(before[2], self.documents, [path])
        except CannotEditError:
            self.restore(before)
            raise

    def append(self, value: dict[str, Any]) -> None:
        """One more document, behind the last. Raises CannotEditError; then nothing was changed."""
        before = self.state()
        text = "".join(self._parts)
        last = self.documents[-1] if self.documents else None
        if last is None or Style(last).json:
            raise CannotEditError("no document can be put behind its last")
        try:
            self._take(f"{text}---\n{''.join(written([value]))}")
            if len(self.documents) != len(before[2]) + 1:
                raise CannotEditError(_ODD)
            _refuse_other_changes(before[2], self.documents[:-1], [])
        except CannotEditError:
            self.restore(before)
            raise

    def _take(self, text: str) -> None:
        """Cut the text where its documents begin and end."""
        text = in_lines(text)
        self._parts, self._slots, self.documents = [text], [], []
        if not self._is_yaml:
            return
        try:
            found = list(read(text.encode(), self._limits))
        except TooLargeError as error:
            raise CannotEditError(str(error)) from error
        self.documents = [it if isinstance(it, Document) else None for it in found]
        whole = [it for it in self.documents if it is not None and it.lines.text == text]
        if len(whole) == len(found):
            self._slots = [0] * len(found)
            return
        if whole:
            raise CannotEditError(_ODD)
        self._cut_up(text)

    def _cut_up(self, text: str) -> None:
        at = 0
        parts: list[str] = []
        for document in self.documents:
            if document is None:
                self._slots.append(-1)
                continue
            own = document.lines.text
            begin = text.find(own, at)
            if begin < 0:
                raise CannotEditError(_ODD)
            self._slots.append(len(parts) + 1)
            parts += [text[at:begin], own]
            at = begin + len(own)
        self._parts = [*parts, text[at:]]


def _edit_line(lines: list[str], edit: LineEdit) -> None:
    at = edit.line - 1
    if not 0 <= at < len(lines):
        raise CannotEditError("the line is not there")
    if not edit.old:
        lines.insert(at + 1, edit.new)
        return
    line = lines[at]
    begin = edit.column - 1 if edit.column else line.find(edit.old)
    if not line.startswith(edit.old, begin) or (not edit.column and line.count(edit.old) != 1):
        raise CannotEditError("the line does not hold it once")
    lines[at] = line[:begin] + edit.new + line[begin + len(edit.old) :]


def _refuse_other_changes(
    before: Sequence[Document | None], after: Sequence[Document | None], allowed: Sequence[Path]
) -> None:
    """Refuse what changed more than the fields at the allowed paths."""
    if len(before) != len(after):
        raise CannotEditError("it would no longer be as many documents")
    for one, other in zip(before, after, strict=True):
        if (one is None) is not (other is None):
            raise CannotEditError("a document could no longer be read")
        if one is None or other is None:
            continue
        if image(_without(one.value, allowed)) != image(_without(other.value, allowed)):
            raise CannotEditError("more would change than the field")


def _without(value: object, paths: Sequence[Path]) -> object:
    for path in paths:
        change = Change("set", path, None)
        if path and existing(value, path)[1] and not is_made(value, change):
            value = changed(value, change)
    return value
