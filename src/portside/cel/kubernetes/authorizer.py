"""The authorizer of a request, which is not to be had outside a cluster: its checks are undecided.

Source: k8s.io/apiserver/pkg/cel/library/authz.go. Whoever evaluates an admission policy binds
`authorizer` to `AUTHORIZER`; an expression that does not need the answer still has a value.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, CelUndecidedError, no_overload
from portside.cel.kubernetes.formats import dns1123_label, dns1123_subdomain
from portside.cel.values import Opaque


class Authorizer(Opaque):
    """Who asks."""

    __slots__ = ()
    type_name = "kubernetes.authorization.Authorizer"


class PathCheck(Opaque):
    """A question about a path of the API server."""

    __slots__ = ()
    type_name = "kubernetes.authorization.PathCheck"


class GroupCheck(Opaque):
    """A question about an API group, to be completed."""

    __slots__ = ()
    type_name = "kubernetes.authorization.GroupCheck"


class ResourceCheck(Opaque):
    """A question about a resource."""

    __slots__ = ()
    type_name = "kubernetes.authorization.ResourceCheck"


class Decision(Opaque):
    """The answer; none is ever made here."""

    __slots__ = ()
    type_name = "kubernetes.authorization.Decision"


AUTHORIZER = Authorizer()
_PATH, _GROUP, _RESOURCE = PathCheck(), GroupCheck(), ResourceCheck()


def _expect(name: str, kind: type, value: Any, *texts: Any) -> None:
    if type(value) is not kind or any(type(it) is not str for it in texts):
        raise no_overload(name)


def authorizer_path(value: Any, path: Any) -> PathCheck:
    _expect("path", Authorizer, value, path)
    if not path.strip():
        raise CelEvaluationError("path must not be empty")
    return _PATH


def authorizer_group(value: Any, group: Any) -> GroupCheck:
    _expect("group", Authorizer, value, group)
    return _GROUP


def authorizer_service_account(value: Any, namespace: Any, name: Any) -> Authorizer:
    _expect("serviceAccount", Authorizer, value, namespace, name)
    if dns1123_subdomain(name):
        raise CelEvaluationError(f"invalid service account name: {name[:80]!r}")
    if dns1123_label(namespace):
        raise CelEvaluationError(f"invalid service account namespace: {namespace[:80]!r}")
    return AUTHORIZER


def group_resource(value: Any, resource: Any) -> ResourceCheck:
    _expect("resource", GroupCheck, value, resource)
    return _RESOURCE


def resource_part(value: Any, text: Any) -> ResourceCheck:
    """subresource, namespace, name, fieldSelector and labelSelector: they narrow the question."""
    _expect("resource check", ResourceCheck, value, text)
    return _RESOURCE


def check_authorization(value: Any, verb: Any) -> Decision:
    """Always raises CelUndecidedError: nobody here knows the answer."""
    if type(value) not in (PathCheck, ResourceCheck) or type(verb) is not str:
        raise no_overload("check")
    raise CelUndecidedError("an authorizer answers only in a cluster")


def decision_part(value: Any) -> Any:
    """allowed, reason, error and errored of a decision, of which there is none here."""
    _expect("decision", Decision, value)
    raise CelUndecidedError("an authorizer answers only in a cluster")
