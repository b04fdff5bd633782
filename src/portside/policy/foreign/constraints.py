"""Which requests a policy or a binding is about: MatchResources.

Source: k8s.io/apiserver/pkg/admission/plugin/policy/matching and …/webhook/predicates.
"""

from __future__ import annotations

from portside.policy.foreign.selector import Labels, Selector, read_selector, selects
from portside.policy.section import Section
from portside.records import NamedTuple

_KEYS = (
    *("resourceRules", "excludeResourceRules", "namespaceSelector", "objectSelector"),
    "matchPolicy",
)
_RULE_KEYS = ("apiGroups", "apiVersions", "resources", "operations", "scope", "resourceNames")
_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT", "*")
OPERATION = "CREATE"


class UndecidedError(Exception):
    """What must be known to tell, and is not."""


class Request(NamedTuple):
    """What the API server would be asked: to create the object."""

    group: str
    version: str
    kind: str
    resource: str
    versions: frozenset[str] | None
    """The versions that the resource is served as; None where that is not known."""
    name: str
    """Empty where the server is to make one up."""
    namespace: str | None
    """Empty for an object in no namespace; None where it is not known whether it is in one."""
    labels: Labels
    """Of the object."""
    namespace_labels: Labels


class ResourceRule(NamedTuple):
    groups: tuple[str, ...]
    versions: tuple[str, ...]
    resources: tuple[str, ...]
    operations: tuple[str, ...]
    scope: str
    names: tuple[str, ...]


class Constraints(NamedTuple):
    """`exact` where other versions of a resource do not match."""

    rules: tuple[ResourceRule, ...]
    excluded: tuple[ResourceRule, ...]
    namespaces: Selector
    objects: Selector
    exact: bool

    def matched(self, request: Request) -> str | None:
        """The version as which they are about `request`; None where they are not.

        Raises UndecidedError where that hangs on what is not known.
        """
        namespace = self._namespace(request)
        if namespace is False or selects(self.objects, request.labels) is False:
            return None
        if self.excluded and _version(self.excluded, request, self.exact):
            return None
        found = _version(self.rules, request, self.exact) if self.rules else request.version
        if found and namespace is None:
            raise UndecidedError(_missing(self.namespaces, request))
        return found

    def _namespace(self, request: Request) -> bool | None:
        if not self.namespaces:
            return True
        if request.namespace == "" and request.resource != "namespaces":
            # What is in no namespace is never exempted.
            return True
        return selects(self.namespaces, request.namespace_labels)


def _missing(selector: Selector, request: Request) -> str:
    keys = sorted({it.key for it in selector if it.holds(request.namespace_labels) is None})
    if request.namespace is None:
        return "whether its kind stands in a namespace"
    return f"the label {', '.join(keys)} of the namespace {request.namespace}"


def _version(rules: tuple[ResourceRule, ...], request: Request, exact: bool) -> str | None:
    for rule in rules:
        if _concerns(rule, request) and _is_in(rule.versions, request.version):
            return request.version
    others = (
        () if exact else (it for rule in rules if _concerns(rule, request) for it in rule.versions)
    )
    for version in others:
        if request.versions is None:
            raise UndecidedError(f"whether {request.resource} are served as {version} too")
        if version in request.versions:
            return version
    return None


def _concerns(rule: ResourceRule, request: Request) -> bool:
    """Whether the rule is about the request, its version aside."""
    return (
        _is_in(rule.operations, OPERATION)
        and _is_in(rule.groups, request.group)
        and any(_is_resource(it, request.resource) for it in rule.resources)
        and (not rule.names or request.name in rule.names)
        and _is_in_scope(rule.scope, request)
    )


def _is_in(words: tuple[str, ...], word: str) -> bool:
    return word in words or "*" in words


def _is_resource(text: str, resource: str) -> bool:
    name, _, subresource = text.partition("/")
    return name in ("*", resource) and subresource in ("", "*")


def _is_in_scope(scope: str, request: Request) -> bool:
    if scope == "*":
        return True
    if request.namespace is None:
        raise UndecidedError("whether its kind stands in a namespace")
    inside = request.namespace != "" and request.kind != "Namespace"
    return inside is (scope == "Namespaced")


def read_constraints(section: Section) -> Constraints:
    """The constraints that `section` writes. Raises the section's error."""
    section.only(_KEYS)
    policy = section.word("matchPolicy", ("Exact", "Equivalent"), "Equivalent")
    return Constraints(
        rules=tuple(_rule(it) for it in section.sections("resourceRules")),
        excluded=tuple(_rule(it) for it in section.sections("excludeResourceRules")),
        namespaces=read_selector(section.section("namespaceSelector")),
        objects=read_selector(section.section("objectSelector")),
        exact=policy == "Exact",
    )


def _rule(section: Section) -> ResourceRule:
    section.only(_RULE_KEYS)
    for key in ("apiGroups", "apiVersions", "resources", "operations"):
        if not section.value.get(key):
            section.fail("is required", key)
    operations = section.texts("operations")
    for index, it in enumerate(operations):
        if it not in _OPERATIONS:
            section.fail(f"{it!r} is none of {', '.join(_OPERATIONS)}", "operations", index)
    return ResourceRule(
        groups=section.texts("apiGroups"),
        versions=section.texts("apiVersions"),
        resources=section.texts("resources"),
        operations=operations,
        scope=section.word("scope", ("*", "Namespaced", "Cluster"), "*"),
        names=section.texts("resourceNames"),
    )
