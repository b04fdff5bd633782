"""A check of a rule → an expression that lists the sentences it has to say of an object.

The list is empty where the check holds: the policy's condition is that it is, and its message is
the list itself. So the condition stands in the policy once, and the message names every container
at fault as a scan does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portside.policy.apitypes import Fields, api_types, is_list
from portside.policy.export.rewrite import rewritten
from portside.policy.rule import CONTAINER, ITEM, OBJECT, POD, POD_METADATA, Check
from portside.policy.says import message_expression, quoted
from portside.records import NamedTuple

PLACES = {
    OBJECT: "object",
    POD: "variables.pod",
    POD_METADATA: "variables.podMetadata",
    CONTAINER: "container",
}
"""What a policy calls the variables of a rule."""


_STRUCTS = ("metadata", "labels", "annotations", "spec", "template", "status")
"""Fields that are no list in any kind, custom or not."""


class Words(NamedTuple):
    """What the check's texts become inside: `fails` is a condition, `says` a text."""

    fails: str
    says: str


def sentences(
    check: Check, params: Mapping[str, str], fields: Fields | None, containers: str
) -> str:
    """The expression. `params` are by name what stands for them, `fields` the object's fields.

    `containers` is the expression of the containers that the check is asked about. Raises
    NotExportableError.
    """
    names = {**PLACES, "target": "variables.target"}
    if not check.each:
        names[ITEM] = PLACES[check.root]
    fails = f"!({rewritten(check.condition, names, params)})"
    subject = "container {container.name} " if check.root == CONTAINER else ""
    text = subject + check.says
    says = rewritten(message_expression(text) or quoted(text), names, params)
    words = Words(fails, says)
    base = PLACES[check.root]
    if check.root == CONTAINER:
        return _of_containers(check, words, containers)
    if not check.each:
        return f"{fails} ? [{says}] : []"
    return _of_items(base, check.each, _fields(check.root, fields), words)


def _of_containers(check: Check, words: Words, containers: str) -> str:
    if not check.each:
        return f"{containers}.map(container, {words.fails}, {words.says})"
    inner = _of_items("container", check.each, _fields(CONTAINER, None), words)
    return _nested(containers, "container", inner)


def _nested(outer: str, name: str, inner: str) -> str:
    """All sentences of `inner`, a list for each of `outer`, as one list."""
    return f'{outer}.map({name}, {inner}.join("; ")).filter(s, s != "")'


def _fields(root: str, fields: Fields | None) -> Fields | None:
    types = api_types()
    pod = types.fields("v1", "Pod")
    if root == OBJECT or pod is None:
        return fields
    if root == POD_METADATA:
        return types.below(pod, "metadata")
    spec = types.below(pod, "spec")
    if root == POD or spec is None:
        return spec
    return types.below(spec, "containers")


def _of_items(
    base: str, steps: Sequence[str], fields: Fields | None, words: Words, depth: int = 1
) -> str:
    """The sentences of every item at `steps` below `base`: lists on the way are walked too."""
    path, code = base, ""
    for position, step in enumerate(steps):
        path = _optional(path, step)
        known = fields is not None
        code = fields.get(step, "") if fields is not None else ""
        below = api_types().below(fields, step) if fields is not None else None
        rest, name = steps[position + 1 :], f"v{depth}"
        if is_list(code):
            listed = _list(path, code)
            if not rest:
                return f"{listed}.map(it, {words.fails}, {words.says})"
            return _nested(listed, name, _of_items(name, rest, below, words, depth + 1))
        if rest and not code and (known or step not in _STRUCTS):
            return _of_either(path, name, _of_items(name, rest, None, words, depth + 1))
        fields = below
    if code:
        return f"[?{path}].map(it, {words.fails}, {words.says})"
    # Of a custom kind nobody knows here which fields are lists.
    inner = f"(type(v) == list ? v : dyn([v])).map(it, {words.fails}, {words.says})"
    return _nested(f"[?{path}]", "v", inner)


def _of_either(path: str, name: str, inner: str) -> str:
    """The sentences of `inner` about what stands at the optional `path`, or of its items."""
    items = f"(type({name}) == list ? {name} : dyn([{name}]))"
    return _nested(f"[?{path}]", name, _nested(items, name, inner))


def _optional(path: str, step: str) -> str:
    """The field below `path` that may be absent; a label is no name of a field.

    An optional index would do for a label, did the API server not panic at it in a list: of a dyn
    operand it has no type whose parameter cel-go's check of list literals could take.
    """
    if step.isidentifier():
        return f"{path}.?{step}"
    if ".?" not in path:
        path = f"optional.of({path})"
    key = quoted(step)
    known = f"{key} in dyn(m) ? optional.of(dyn(m)[{key}]) : optional.none()"
    return f"{path}.optFlatMap(m, {known})"


def _list(path: str, code: str) -> str:
    """The list at the optional `path`; the encoder writes null for one that it never leaves out."""
    if code.startswith(("?", "!")):
        return f"{path}.orValue([])"
    return f"({path}.orValue(null) == null ? [] : {path}.orValue([]))"
