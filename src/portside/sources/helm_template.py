"""A template of a Helm chart → the one resource that it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from portside.charts.template import HelmTemplate
from portside.model.finding import JUDGED, PARTLY_READ, UNREAD, Comment, FileFate, Unread
from portside.model.place import FieldPath
from portside.model.reading import ReadFile
from portside.model.resource import FileResource
from portside.sources.files import HELM_TEMPLATE
from portside.syntax import DEFAULT, Limits
from portside.syntax.document import Lines
from portside.syntax.gotemplate.lex import TemplateError
from portside.syntax.gotemplate.parse import Template, parse
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
    found = ReadFile(FileFate(name, PARTLY_READ if rest else JUDGED, 1, rest), (resource,))
    if b"portside:ignore" not in data:
        return found
    from portside.sources.comments import MOST

    return found._replace(comments=tuple(islice(_comments(resource, template), MOST)))


def _comments(resource: FileResource, template: Template) -> Iterator[Comment]:
    """The excuses in the comments of YAML and of Go: for their line, or alone for the next one."""
    from portside.sources.comments import excuse_in

    lines = template.text.split("\n")
    for number, line in enumerate(lines):
        if "portside:ignore" not in line:
            continue
        text, before = _comment_in(line)
        for directive, whole_file, offset, width in excuse_in(text):
            about = number if before else _next(lines, number)
            yield Comment(
                kind="comment",
                rules=directive.rules,
                reason=directive.reason,
                until=directive.until,
                scope="file" if whole_file else "field",
                resource=None if whole_file else resource.ref,
                path=("line",),
                file=resource.file,
                line=number + 1,
                column=line.index("portside:ignore") + 1 if not offset else offset + 1,
                width=width,
                first=0 if whole_file else about + 1,
                last=0 if whole_file else about + 1,
                object_key=resource.object_key(),
                fault=directive.fault,
            )


def _comment_in(line: str) -> tuple[str, bool]:
    """The line with its comment as one of YAML, and whether something stands before that."""
    begin = line.find("{{")
    inside = line.find("/*", begin)
    if 0 <= begin < inside < line.find("portside:ignore"):
        text = line[inside + 2 :].partition("*/")[0].strip()
        return text if text.startswith("#") else f"# {text}", bool(line[:begin].strip())
    return line, bool(line.partition("#")[0].strip())


def _next(lines: Sequence[str], number: int) -> int:
    """The first line below that is neither empty nor a comment; the line itself where none is."""
    for at in range(number + 1, len(lines)):
        text = lines[at].strip()
        if text and not text.startswith(("#", "{{/*", "{{- /*")):
            return at
    return number


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
