"""Patches as they are written: strategic merges and lists of operations, and what they loosen.

What a patch says is held against nothing: whether the base was protected only the build tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.model.place import FieldPath
from portside.model.resource import FileResource
from portside.model.severity import LOW, MEDIUM
from portside.syntax import Document, read

Weakening = tuple[FieldPath, str, int | None]
"""Where, what is said, and its severity where that is not the rule's."""

_SET: dict[str, tuple[Any, str, int | None]] = {
    "privileged": (True, "makes a container privileged", None),
    "hostNetwork": (True, "puts pods into the network of the node", None),
    "hostPID": (True, "shows pods the processes of the node", None),
    "hostIPC": (True, "shows pods the shared memory of the node", None),
    "allowPrivilegeEscalation": (True, "lets programs gain rights", MEDIUM),
    "runAsNonRoot": (False, "lets a container run as root", MEDIUM),
    "runAsUser": (0, "makes a container run as root", MEDIUM),
    "readOnlyRootFilesystem": (False, "makes the root filesystem writable", LOW),
    "automountServiceAccountToken": (True, "gives pods a token of the API server", LOW),
    "procMount": ("Unmasked", "shows a container the whole of /proc", None),
    "pod-security.kubernetes.io/enforce": ("privileged", "lets any pod into the namespace", None),
}
"""By key: the value that loosens."""
_REMOVED: dict[str, tuple[str, int | None]] = {
    "securityContext": ("removes a security context", None),
    "seccompProfile": ("removes the filter of system calls", MEDIUM),
    "runAsNonRoot": ("removes what keeps a container from running as root", MEDIUM),
    "readOnlyRootFilesystem": ("removes what keeps the root filesystem as it is", LOW),
    "drop": ("removes what drops capabilities", MEDIUM),
    "resources": ("removes the limits of a container", LOW),
    "limits": ("removes the limits of a container", LOW),
    "pod-security.kubernetes.io/enforce": ("removes the standard of the namespace's pods", None),
}
"""By key: what is said where it goes."""
_GUARDS = frozenset(
    (
        *(
            "NetworkPolicy",
            "CiliumNetworkPolicy",
            "ResourceQuota",
            "LimitRange",
            "PeerAuthentication",
        ),
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "AuthorizationPolicy"),
        *("ValidatingWebhookConfiguration", "ClusterPolicy", "Policy", "PodDisruptionBudget"),
    )
)
"""Kinds that are protections themselves."""
_PATCH = "$patch"
_DEEPEST = 100


def weakenings(value: Any) -> Iterator[Weakening]:
    """What the patch `value` loosens, in its order."""
    if type(value) is list:
        for index, operation in enumerate(value):
            if type(operation) is dict:
                yield from _of_operation(operation, (index,))
    elif type(value) is dict:
        if value.get(_PATCH) == "delete":
            if value.get("kind") in _GUARDS:
                said = f"deletes a {value['kind']}"
                yield (_PATCH,), said, LOW if value["kind"] == "PodDisruptionBudget" else None
            return
        yield from _of_map(value, (), 0)


def _of_map(value: dict[str, Any], path: FieldPath, depth: int) -> Iterator[Weakening]:
    for key, inner in value.items():
        below = (*path, key)
        found = _of_key(key, inner)
        if found is not None:
            yield below, *found
        elif key == "add" and path and path[-1] == "capabilities":
            yield from _of_added(inner, below)
        elif key == "seccompProfile" and type(inner) is dict and inner.get("type") == "Unconfined":
            yield (*below, "type"), "lets a container make any system call", MEDIUM
        elif depth < _DEEPEST:
            yield from _of_inner(inner, below, depth + 1)


def _of_inner(value: Any, path: FieldPath, depth: int) -> Iterator[Weakening]:
    if type(value) is dict and value.get(_PATCH) != "delete":
        yield from _of_map(value, path, depth)
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from _of_inner(item, (*path, index), depth + 1)


def _of_key(key: str, value: Any) -> tuple[str, int | None] | None:
    """What a key with this value says; None where it loosens nothing by itself."""
    wrong = _SET.get(key)
    if wrong is not None and type(value) is type(wrong[0]) and value == wrong[0]:
        return wrong[1:]
    gone = value is None or (type(value) is dict and value.get(_PATCH) == "delete")
    if gone or (type(value) is dict and value == {_PATCH: "replace"}):
        return _REMOVED.get(key)
    return None


def _of_added(value: Any, path: FieldPath) -> Iterator[Weakening]:
    for name in value if type(value) is list else ():
        if name != "NET_BIND_SERVICE" and type(name) is str:
            yield path, f"adds the capability {name}", None
            return


def _of_operation(operation: dict[str, Any], path: FieldPath) -> Iterator[Weakening]:
    """An operation of a JSON patch (RFC 6902)."""
    kind, pointer = operation.get("op"), operation.get("path")
    if type(pointer) is not str:
        return
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if not steps:
        return
    at = (*path, "path")
    if kind == "remove":
        removed = _REMOVED.get(steps[-1])
        if removed is not None:
            yield at, *removed
    elif kind in ("add", "replace"):
        yield from _of_written(steps, operation.get("value"), at, path)


def _of_written(
    steps: list[str], value: Any, at: FieldPath, path: FieldPath
) -> Iterator[Weakening]:
    if steps[-2:-1] == ["add"] and "capabilities" in steps:
        steps, value = steps[:-1], [value]
    around: FieldPath = tuple(steps[:-1])
    for below, said, severity in _of_map({steps[-1]: value}, around, 0):
        inner = below[len(steps) :]
        yield (*path, "value", *inner) if inner else at, said, severity


class Inline:
    """A patch that stands in a kustomization as a text."""

    __slots__ = ("_document", "_inner", "path", "value")

    def __init__(self, path: FieldPath, document: Document, inner: Document) -> None:
        self.path = path
        self._document = document
        self._inner = inner
        self.value: Any = inner.value

    def mark(self, below: FieldPath) -> tuple[int, int, int]:
        """Where the field of the patch stands in the file; the text's own place where it is no
        literal block."""
        begin = self._document.value_position(self.path)
        if begin is None or not self._document.is_literal(self.path):
            return self._document.mark(self.path)
        line, column, width = self._inner.mark(below)
        return begin[0] + line, column + self._indentation(begin[0], line), width

    def _indentation(self, begin: int, line: int) -> int:
        """How many blanks the block's lines have before what is of the patch."""
        lines = self._document.lines.text.split("\n")
        at = begin - self._document.first_line + line - 1
        own = self._inner.lines.text.split("\n")
        row = line - 1 - self._inner.first_line
        inner = own[row] if row < len(own) else ""
        return len(lines[at]) - len(inner) if at < len(lines) and inner else 0


def inline(it: FileResource) -> Iterator[Inline]:
    """The patches that stand in the kustomization itself."""
    document = it.text
    if not isinstance(document, Document):
        return
    for path, text in _texts(it.value):
        for inner in read(text.encode()):
            if isinstance(inner, Document) and type(inner.value) in (dict, list):
                yield Inline(path, document, inner)


def _texts(value: dict[str, Any]) -> Iterator[tuple[FieldPath, str]]:
    for field in ("patches", "patchesJson6902"):
        for index, one in enumerate(_list(value.get(field))):
            if type(one) is dict and type(one.get("patch")) is str:
                yield (field, index, "patch"), one["patch"]
    for index, text in enumerate(_list(value.get("patchesStrategicMerge"))):
        if type(text) is str and "\n" in text.strip():
            yield ("patchesStrategicMerge", index), text


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []
