"""Manifests that are yet to be made: templates, and charts packed into an archive.

None of it is broken YAML, and none of it is nothing: what holds objects is unread, with the remedy.
"""

from __future__ import annotations

ENGINES = (
    *(".tmpl", ".tpl", ".gotmpl", ".template", ".j2", ".jinja", ".jinja2", ".erb"),
    *(".mustache", ".hbs", ".envsubst", ".in"),
)
"""What template engines add to the name of what they make."""

_SUFFIXES = tuple(
    f"{suffix}{engine}" for suffix in (".yaml", ".yml", ".json") for engine in ENGINES
)
ARCHIVES = (".tgz", ".tar.gz")
"""What a packed chart is called."""
_MOST_UNPACKED = 1 << 16


def may_hold_manifests(name: str) -> bool:
    """Whether a file of that name is to be opened, although it is neither YAML nor JSON by it."""
    return name.lower().endswith((*_SUFFIXES, *ARCHIVES))


def is_packed(name: str) -> bool:
    """Whether a file of that name may be a packed chart."""
    return name.lower().endswith(ARCHIVES)


def is_packed_chart(path: str) -> bool:
    """Whether the archive at `path` is a packed chart."""
    try:
        with open(path, "rb") as file:
            return _is_chart(file.read(_MOST_UNPACKED))
    except OSError:
        return False


def unmade(data: bytes, name: str) -> tuple[bool, str] | None:
    """What the file `name` is, if it is one that `may_hold_manifests`, by its bytes.

    Whether it holds objects that are not read, and what it is.
    """
    lower = name.lower()
    if lower.endswith(ARCHIVES):
        if _is_chart(data):
            return True, f"a packed Helm chart: helm template NAME {name} | portside scan -"
        return False, "an archive, and no Helm chart"
    if lower.endswith(_SUFFIXES):
        if b"apiVersion" in data and b"kind" in data:
            return True, "a template of a manifest: scan what it makes"
        return False, "a template, without apiVersion and kind in it"
    return None


def _is_chart(data: bytes) -> bool:
    """Whether a Chart.yaml is among the first files of an archive: helm package puts it first."""
    import zlib

    unpack = zlib.decompressobj(wbits=31)
    try:
        head = unpack.decompress(data[:_MOST_UNPACKED], _MOST_UNPACKED)
    except zlib.error:
        return False
    return b"/Chart.yaml\0" in head


def is_template(data: bytes) -> bool:
    """Whether `data`, which is no YAML, is a template: an expression where YAML has none."""
    if b"{{" not in data and b"{%" not in data and b"<%" not in data:
        return False
    import re

    return bool(re.search(rb"^[ \t-]*+(?:\{\{|\{%|<%)|: ++\{\{", data, re.MULTILINE))
