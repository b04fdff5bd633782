"""Functions that a kustomization runs while it is built: programs, and images of containers.

Source: the annotation config.kubernetes.io/function of the KRM functions specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath
from portside.model.resource import FileResource
from portside.syntax import Document, read

_FIELDS = ("generators", "transformers", "validators")
_ANNOTATIONS = ("config.kubernetes.io/function", "config.k8s.io/function")


def functions(it: FileResource) -> Iterator[tuple[FieldPath, str | None]]:
    """Each entry that configures one: (path, what is wrong); None where its file is not known."""
    for field in _FIELDS:
        listed = it.value.get(field)
        for index, text in enumerate(listed if type(listed) is list else ()):
            if type(text) is not str:
                continue
            if "\n" in text.strip():
                yield (field, index), _said(text.encode())
            elif text.endswith((".yaml", ".yml", ".json")):
                yield (field, index), _of_file(text, it.source)


def _of_file(name: str, beside: Mapping[str, bytes] | None) -> str | None:
    if "://" in name:
        return ""
    if beside is None or name.removeprefix("./") not in beside:
        return None
    return _said(beside[name.removeprefix("./")])


def _said(data: bytes) -> str:
    """What is wrong with the functions that the documents configure; empty for nothing."""
    for document in read(data):
        value = document.value if isinstance(document, Document) else None
        annotations = _map(_map(value).get("metadata")).get("annotations")
        for key in _ANNOTATIONS:
            found = _of_annotation(_map(annotations).get(key))
            if found:
                return found
    return ""


def _of_annotation(text: Any) -> str:
    document = next(iter(read(text.encode())), None) if type(text) is str else None
    value = document.value if isinstance(document, Document) else None
    if type(value) is not dict:
        return ""
    if "exec" in value:
        return "runs a program of the repository while it is built"
    container = value.get("container")
    image = container.get("image") if type(container) is dict else None
    if type(image) is str and "@sha256:" not in image:
        return f"runs the image {image} while it is built, which no digest holds"
    return ""


def _map(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}
