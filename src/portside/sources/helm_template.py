"""A template of a Helm chart → the one resource that it is."""

from __future__ import annotations

from portside.charts.template import HelmTemplate
from portside.model.finding import JUDGED, PARTLY_READ, UNREAD, FileFate, Unread
from portside.model.place import FieldPath
from portside.model.reading import ReadFile
from portside.model.resource import FileResource
from portside.sources.files import HELM_TEMPLATE
from portside.syntax import DEFAULT, Limits
from portside.syntax.document import Lines
from portside.syntax.gotemplate.lex import TemplateError
from portside.syntax.gotemplate.parse import parse
from portside.syntax.read import decode


def parse_template(
    data: bytes, name: str, limits: Limits = DEFAULT, identity: str = "", rest: str = ""
) -> ReadFile:
    """What the template called `name` holds; one that Helm refuses is unread.

    `rest` is why it is only partly read.
    """
    if len(data) > limits.size:
        said = f"more than {limits.size:,} bytes; limits.size in portside.yaml allows more"
        return _unread(name, f"refused unparsed: {said}", 0, 0)
    text = decode(data)[0].replace("\r\n", "\n")
    try:
        template = parse(text)
    except TemplateError as error:
        return _unread(name, f"no sound template: {error.message}", *Lines(text, 0)(error.at))
    partial = name.rpartition("/")[2].startswith("_") or name.endswith(".txt")
    source = HelmTemplate(template, partial)
    resource = FileResource(HELM_TEMPLATE, {}, _Whole(), name, source)
    resource.identity_file = identity
    return ReadFile(FileFate(name, PARTLY_READ if rest else JUDGED, 1, rest), (resource,))


def _unread(name: str, reason: str, line: int, column: int) -> ReadFile:
    unread = Unread(name, reason, name, line, column)
    return ReadFile(FileFate(name, UNREAD, 0, reason), unread=(unread,))


class _Whole:
    """A text whose findings all say their place themselves."""

    __slots__ = ()

    def nearest(self, path: FieldPath) -> tuple[int, int]:
        return 1, 1

    def width(self, path: FieldPath) -> int:
        return 1

    def mark(self, path: FieldPath) -> tuple[int, int, int]:
        return 1, 1, 1
