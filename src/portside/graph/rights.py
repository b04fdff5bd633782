"""What the rules of a role let their holder do to others: abilities, of which one becomes another.

What is meant by each is Kubernetes' own (documentation: "RBAC good practices"). To write roles or
bindings alone is no ability: the API server lets nobody grant what he does not have, unless he may
`bind` or `escalate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portside.model.fields import maps, texts
from portside.records import NamedTuple

RBAC, ADMISSION, CERTIFICATES = (
    *("rbac.authorization.k8s.io", "admissionregistration.k8s.io"),
    "certificates.k8s.io",
)
_READ = frozenset(("get", "list", "watch"))
_CHANGE = frozenset(("create", "update", "patch"))
_ALL_VERBS = frozenset(("get", "list", "watch", "create", "update", "patch", "delete"))
_POWERFUL = ("cluster-admin", "admin", "edit")

EVERYTHING, ROLE_BIND, IMPERSONATE, TOKEN_CREATE, TOKEN_LIST, POD_CREATE, POD_EXEC = (
    *("EVERYTHING", "ROLE_BIND", "IDENTITY_IMPERSONATE", "TOKEN_CREATE", "TOKEN_LIST"),
    *("POD_CREATE", "POD_EXEC"),
)
NODE_PROXY, CERTIFICATE_APPROVE, ADMISSION_TAMPER, API_EXTEND, VOLUME_CREATE = (
    *("NODE_PROXY", "CERTIFICATE_APPROVE", "ADMISSION_TAMPER", "API_EXTEND", "VOLUME_CREATE"),
)
SYSTEM_CONFIG_WRITE = "SYSTEM_CONFIG_WRITE"
SECRET_CREATE, CERTIFICATE_REQUEST, CERTIFICATE_SIGN = (
    *("secret-create", "certificate-request", "certificate-sign"),
)
"""Parts of abilities, which become one with another part."""


class Grant(NamedTuple):
    """An ability, and what of its kind it is limited to; empty is everything in its scope."""

    ability: str
    about: str = ""
    """Which kind of thing, where an ability has several: `users` to impersonate."""
    names: tuple[str, ...] = ()


def abilities(rule: dict[str, Any]) -> Iterator[Grant]:
    """What one rule of a role gives, wherever it is bound."""
    it = _Rule(rule)
    if it.everything():
        yield Grant(EVERYTHING)
    yield from _over_roles(it)
    yield from _over_identities(it)
    yield from _over_secrets(it)
    yield from _over_pods(it)
    yield from _over_the_cluster(it)


class _Rule:
    """A rule of a role, asked whether it is about a resource."""

    __slots__ = ("_groups", "_resources", "names", "verbs")

    def __init__(self, rule: dict[str, Any]) -> None:
        self._groups = {it for _, it in texts(rule, "apiGroups")}
        self._resources = {it for _, it in texts(rule, "resources")}
        self.verbs = {it for _, it in texts(rule, "verbs")}
        self.names = tuple(it for _, it in texts(rule, "resourceNames"))

    def everything(self) -> bool:
        return (
            not self.names
            and "*" in self._groups
            and "*" in self._resources
            and ("*" in self.verbs or self.verbs >= _ALL_VERBS)
        )

    def has(self, group: str, resources: Iterable[str], verbs: Iterable[str]) -> bool:
        """Whether it allows any of `verbs` on any of `resources` of a group."""
        if group not in self._groups and "*" not in self._groups:
            return False
        if "*" not in self.verbs and self.verbs.isdisjoint(verbs):
            return False
        return any(self._names(it) for it in resources)

    def _names(self, resource: str) -> bool:
        if "*" in self._resources or resource in self._resources:
            return True
        _, slash, below = resource.partition("/")
        return bool(slash) and f"*/{below}" in self._resources


def _over_roles(it: _Rule) -> Iterator[Grant]:
    for resource in ("clusterroles", "roles"):
        if it.has(RBAC, (resource,), ("escalate",)) or (
            it.has(RBAC, (resource,), ("bind",)) and _powerful(it.names)
        ):
            yield Grant(ROLE_BIND, resource)


def _powerful(names: tuple[str, ...]) -> bool:
    """Whether roles of these names, or all where there are none, give what an attacker is after."""
    return not names or any(it in _POWERFUL or it.startswith("system:") for it in names)


def _over_identities(it: _Rule) -> Iterator[Grant]:
    for resource in ("users", "groups", "serviceaccounts"):
        if it.has("", (resource,), ("impersonate",)):
            yield Grant(IMPERSONATE, resource, it.names)
    if it.has("", ("serviceaccounts/token",), ("create",)):
        yield Grant(TOKEN_CREATE, "", it.names)


def _over_secrets(it: _Rule) -> Iterator[Grant]:
    if it.has("", ("secrets",), _READ):
        yield Grant(TOKEN_LIST, "", it.names)
    if not it.names and it.has("", ("secrets",), ("create",)):
        yield Grant(SECRET_CREATE)


_MAKING_PODS = {
    "": ("pods", "replicationcontrollers"),
    "apps": ("deployments", "daemonsets", "statefulsets", "replicasets"),
    "extensions": ("deployments", "daemonsets", "replicasets"),
    "batch": ("jobs", "cronjobs"),
}
"""By group: resources of which a pod is made. An update of a pod alone changes its image only."""


def _over_pods(it: _Rule) -> Iterator[Grant]:
    making = any(it.has(group, names, ("create",)) for group, names in _MAKING_PODS.items())
    changing = any(
        it.has(group, [name for name in names if name != "pods"], ("update", "patch"))
        for group, names in _MAKING_PODS.items()
    )
    if (making or changing) and not it.names:
        yield Grant(POD_CREATE)
    entering = (
        it.has("", ("pods/exec", "pods/attach"), ("create", "get"))
        or it.has("", ("pods/ephemeralcontainers",), ("update", "patch"))
        or it.has("", ("pods",), ("update", "patch"))
    )
    if entering:
        yield Grant(POD_EXEC, "", it.names)


def _over_the_cluster(it: _Rule) -> Iterator[Grant]:
    if not it.names and it.has("", ("nodes/proxy",), ("get", "create")):
        yield Grant(NODE_PROXY)
    mutating = ("mutatingwebhookconfigurations", "mutatingadmissionpolicies")
    if it.has(ADMISSION, mutating, _CHANGE) and not it.names:
        yield Grant(ADMISSION_TAMPER)
    if it.has("apiregistration.k8s.io", ("apiservices",), _CHANGE) and not it.names:
        yield Grant(API_EXTEND)
    if it.has("", ("persistentvolumes",), ("create",)):
        yield Grant(VOLUME_CREATE)
    if it.has("", ("configmaps",), ("update", "patch")):
        yield Grant(SYSTEM_CONFIG_WRITE, "", it.names)
    yield from _over_certificates(it)


def _over_certificates(it: _Rule) -> Iterator[Grant]:
    if it.has(CERTIFICATES, ("certificatesigningrequests/approval",), ("update", "patch")):
        yield Grant(CERTIFICATE_APPROVE)
    if it.has(CERTIFICATES, ("certificatesigningrequests",), ("create",)):
        yield Grant(CERTIFICATE_REQUEST)
    if it.has(CERTIFICATES, ("signers",), ("approve", "sign")) and (
        not it.names or any(name.startswith("kubernetes.io/") for name in it.names)
    ):
        yield Grant(CERTIFICATE_SIGN)


def uses_wildcard(rule: dict[str, Any]) -> bool:
    """Whether the rule says anything by a star."""
    return any(it == "*" for field in ("resources", "verbs") for _, it in texts(rule, field))


def rules_of(value: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rules of a role as it is written, each with its index."""
    return maps(value, "rules")


_EDIT: tuple[dict[str, Any], ...] = (
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch", "create"]},
    {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]},
    {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["pods", "pods/exec", "configmaps"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["pods", "configmaps"], "verbs": ["update", "patch"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "daemonsets"], "verbs": ["create"]},
    {"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": ["create"]},
)
BUILT_IN: dict[str, tuple[dict[str, Any], ...]] = {
    "cluster-admin": ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},),
    "admin": _EDIT,
    "edit": _EDIT,
    "view": (),
    "system:kube-controller-manager": (
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]},
        {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
    ),
    "system:node-proxier": (),
    "system:discovery": (),
    "system:basic-user": (),
    "system:public-info-viewer": (),
    "system:service-account-issuer-discovery": (),
    "system:auth-delegator": (),
    "system:monitoring": (),
    "extension-apiserver-authentication-reader": (),
    "system:metrics-server-aggregated-reader": (),
    "system:kubelet-api-admin": (
        {"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get", "create"]},
    ),
    "system:persistent-volume-provisioner": (
        {"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["create"]},
    ),
    "system:node": (),
    "system:certificates.k8s.io:certificatesigningrequests:nodeclient": (),
    "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient": (),
    "system:node-bootstrapper": (),
}
"""The roles that Kubernetes itself makes, as far as their rules are abilities (bootstrappolicy)."""
AGGREGATED = {
    "admin": ("admin", "edit", "view"),
    "edit": ("edit", "view"),
    "view": ("view",),
}
"""By built-in role: which labels `rbac.authorization.k8s.io/aggregate-to-…` add rules to it."""
