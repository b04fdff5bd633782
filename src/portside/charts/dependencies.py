"""The charts that a chart depends on, and whether their versions are written down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath
from portside.model.resource import FileResource
from portside.records import NamedTuple

_EXACT = re.compile(
    r"=?\s*v?\d+\.\d+\.\d+(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?(?:\+[0-9A-Za-z][0-9A-Za-z.-]*)?"
)
_FIELDS = (
    *(("name", ""), ("version", None), ("repository", ""), ("condition", None)),
    *(("tags", None), ("enabled", None), ("import-values", None), ("alias", None)),
)
"""The fields of Helm's Dependency in their order; those with None are left out where empty."""
_ESCAPED = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
"""What Go's encoder of JSON writes otherwise than Python's."""


class Dependency(NamedTuple):
    name: str
    version: str
    """A version, or a range of them; empty for any."""
    repository: str
    path: FieldPath
    vendored: bool
    """Whether the chart lies in `charts/`, so that what is installed is in the repository."""

    @property
    def is_exact(self) -> bool:
        return is_exact(self.version)

    @property
    def is_local(self) -> bool:
        """Whether it is a chart of the same tree."""
        return is_local(self.repository)


def is_exact(version: str) -> bool:
    """Whether `version` is one version, and no range of them; `1.2` means any of 1.2."""
    return _EXACT.fullmatch(version.strip()) is not None


def is_local(repository: str) -> bool:
    """Whether a chart from there is one of the same tree."""
    return not repository or repository.startswith("file:")


class Lock(NamedTuple):
    """What `Chart.lock` says: the digest of the dependencies that it was made for, and theirs."""

    digest: str
    entries: tuple[Mapping[str, Any], ...]


def dependencies(it: FileResource) -> Iterator[Dependency]:
    """The dependencies that a Chart.yaml or a requirements.yaml lists."""
    listed = it.value.get("dependencies")
    vendored = tuple(name for name in it.source or () if name.startswith("charts/"))
    for index, entry in enumerate(listed if type(listed) is list else ()):
        if type(entry) is dict:
            name = _text(entry.get("name"))
            yield Dependency(
                name,
                _text(entry.get("version")),
                _text(entry.get("repository")),
                ("dependencies", index),
                any(_is_of(name, path) for path in vendored),
            )


def lock_name(it: FileResource) -> str:
    """What the lock of this file is called."""
    name = it.file.rpartition("/")[2]
    return "requirements.lock" if name.startswith("requirements") else "Chart.lock"


def lock_of(data: bytes) -> Lock | None:
    """The lock in a file's bytes; None where it is none."""
    from portside.syntax import Document, read

    document = next(iter(read(data)), None)
    if not isinstance(document, Document) or type(document.value) is not dict:
        return None
    listed = document.value.get("dependencies")
    entries = [entry for entry in listed if type(entry) is dict] if type(listed) is list else []
    return Lock(_text(document.value.get("digest")), tuple(entries))


def is_in_step(listed: Any, lock: Lock) -> bool:
    """Whether the lock was made for the dependencies `listed`, as `helm dependency build` asks it.

    Helm keeps a digest of both lists (resolver.HashReq); Helm 2 kept one of the first alone, which
    is accepted too.
    """
    from hashlib import sha256

    wanted = [_encoded(entry) for entry in listed if type(entry) is dict]
    locked = [_encoded(entry) for entry in lock.entries]
    both = f"[[{','.join(wanted)}],[{','.join(locked)}]]"
    first = f'{{"dependencies":[{",".join(wanted)}]}}'
    digests = (f"sha256:{sha256(text.encode()).hexdigest()}" for text in (both, first))
    return lock.digest in tuple(digests)


def _encoded(entry: Mapping[str, Any]) -> str:
    """A dependency as Go writes it in JSON."""
    import json

    kept = {}
    for key, default in _FIELDS:
        value = entry.get(key)
        if value or default is not None:
            kept[key] = _sorted(value) if value else default
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return "".join(_ESCAPED.get(letter, letter) for letter in text)


def _sorted(value: Any) -> Any:
    """`value` with the keys of its maps in order, as Go has them."""
    if type(value) is dict:
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(it) for it in value] if type(value) is list else value


def _is_of(name: str, path: str) -> bool:
    """Whether what lies at `charts/…` is the chart `name`."""
    base = path.removeprefix("charts/")
    if base.endswith("/Chart.yaml"):
        return base == f"{name}/Chart.yaml"
    rest = base.removeprefix(f"{name}-")
    return rest != base and rest.removeprefix("v")[:1].isdigit()


def _text(value: object) -> str:
    return value if type(value) is str else ""
