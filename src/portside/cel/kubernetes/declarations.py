"""The declarations of Kubernetes' own functions (see `portside.cel.declarations` for their form).

Versions: k8s.io/apiserver/pkg/cel/environment/base.go.
"""

from __future__ import annotations

from portside.cel.declarations import Library

_URL = """
    url|string -> kubernetes.URL = kubernetes.url.url
    isURL|string -> bool = kubernetes.url.is_url
    .getScheme|kubernetes.URL -> string = kubernetes.url.url_scheme
    .getHost|kubernetes.URL -> string = kubernetes.url.url_host
    .getHostname|kubernetes.URL -> string = kubernetes.url.url_hostname
    .getPort|kubernetes.URL -> string = kubernetes.url.url_port
    .getEscapedPath|kubernetes.URL -> string = kubernetes.url.url_escaped_path
    .getQuery|kubernetes.URL -> map(string, list(string)) = kubernetes.url.url_query
"""

_REGEX = """
    .find|string, string -> string = kubernetes.matching.find
    .findAll|string, string -> list(string) = kubernetes.matching.find_all
    .findAll|string, string, int -> list(string) = kubernetes.matching.find_all
"""

_AUTHORIZER = "kubernetes.authorization.Authorizer"
_PATH_CHECK = "kubernetes.authorization.PathCheck"
_GROUP_CHECK = "kubernetes.authorization.GroupCheck"
_CHECK = "kubernetes.authorization.ResourceCheck"
_DECISION = "kubernetes.authorization.Decision"
_HOME = "kubernetes.authorizer"
_AUTHORIZATION = f"""
    .path|{_AUTHORIZER}, string -> {_PATH_CHECK} = {_HOME}.authorizer_path
    .group|{_AUTHORIZER}, string -> {_GROUP_CHECK} = {_HOME}.authorizer_group
    .serviceAccount|{_AUTHORIZER}, string, string -> {_AUTHORIZER} = {_HOME}.authorizer_service_account
    .resource|{_GROUP_CHECK}, string -> {_CHECK} = {_HOME}.group_resource
    .subresource|{_CHECK}, string -> {_CHECK} = {_HOME}.resource_part
    .namespace|{_CHECK}, string -> {_CHECK} = {_HOME}.resource_part
    .name|{_CHECK}, string -> {_CHECK} = {_HOME}.resource_part
    .check|{_PATH_CHECK}, string -> {_DECISION} = {_HOME}.check_authorization
    .check|{_CHECK}, string -> {_DECISION} = {_HOME}.check_authorization
    .allowed|{_DECISION} -> bool = {_HOME}.decision_part
    .reason|{_DECISION} -> string = {_HOME}.decision_part
    .errored|{_DECISION} -> bool = {_HOME}.decision_part
    .error|{_DECISION} -> string = {_HOME}.decision_part
"""  # noqa: E501 - a declaration is one line
_SELECTORS = f"""
    .fieldSelector|{_CHECK}, string -> {_CHECK} = {_HOME}.resource_part
    .labelSelector|{_CHECK}, string -> {_CHECK} = {_HOME}.resource_part
"""


def _ordered(kind: str) -> str:
    return f"""
    .compareTo|{kind}, {kind} -> int = kubernetes.ordering.compare_to
    .isLessThan|{kind}, {kind} -> bool = kubernetes.ordering.is_less_than
    .isGreaterThan|{kind}, {kind} -> bool = kubernetes.ordering.is_greater_than
"""


_Q = "kubernetes.Quantity"
_QUANTITY = f"""
    quantity|string -> {_Q} = kubernetes.quantity.quantity
    isQuantity|string -> bool = kubernetes.quantity.is_quantity
    sign|{_Q} -> int = kubernetes.quantity.quantity_sign
    .isInteger|{_Q} -> bool = kubernetes.quantity.quantity_is_integer
    .asInteger|{_Q} -> int = kubernetes.quantity.quantity_as_integer
    .asApproximateFloat|{_Q} -> double = kubernetes.quantity.quantity_as_float
    .add|{_Q}, {_Q} -> {_Q} = kubernetes.quantity.quantity_add
    .add|{_Q}, int -> {_Q} = kubernetes.quantity.quantity_add
    .sub|{_Q}, {_Q} -> {_Q} = kubernetes.quantity.quantity_sub
    .sub|{_Q}, int -> {_Q} = kubernetes.quantity.quantity_sub
""" + _ordered(_Q)

_PARSED = """
    ip|string -> net.IP = kubernetes.network.ip_address
    isIP|string -> bool = kubernetes.network.is_ip
"""
_NETWORK = """
    ip.isCanonical|string -> bool = kubernetes.network.ip_is_canonical
    .family|net.IP -> int = kubernetes.network.ip_family
    .isUnspecified|net.IP -> bool = kubernetes.network.ip_is_unspecified
    .isLoopback|net.IP -> bool = kubernetes.network.ip_is_loopback
    .isLinkLocalMulticast|net.IP -> bool = kubernetes.network.ip_is_link_local_multicast
    .isLinkLocalUnicast|net.IP -> bool = kubernetes.network.ip_is_link_local_unicast
    .isGlobalUnicast|net.IP -> bool = kubernetes.network.ip_is_global_unicast
    string|net.IP -> string = library.conversions.to_string
    cidr|string -> net.CIDR = kubernetes.network.network
    isCIDR|string -> bool = kubernetes.network.is_cidr
    .containsIP|net.CIDR, string -> bool = kubernetes.network.cidr_contains_ip
    .containsIP|net.CIDR, net.IP -> bool = kubernetes.network.cidr_contains_ip
    .containsCIDR|net.CIDR, string -> bool = kubernetes.network.cidr_contains_cidr
    .containsCIDR|net.CIDR, net.CIDR -> bool = kubernetes.network.cidr_contains_cidr
    .ip|net.CIDR -> net.IP = kubernetes.network.cidr_ip
    .prefixLength|net.CIDR -> int = kubernetes.network.cidr_prefix_length
    .masked|net.CIDR -> net.CIDR = kubernetes.network.cidr_masked
    string|net.CIDR -> string = library.conversions.to_string
"""

_FORMAT = (
    """
    format.named|string -> optional(kubernetes.NamedFormat) = kubernetes.formats.format_named
    .validate|kubernetes.NamedFormat, string -> optional(list(string)) = kubernetes.formats.format_validate
"""  # noqa: E501 - a declaration is one line
    + "".join(
        f"\n    format.{name}| -> kubernetes.NamedFormat = kubernetes.formats.format_{function}"
        for name, function in (
            ("dns1123Label", "dns1123_label"),
            ("dns1123Subdomain", "dns1123_subdomain"),
            ("dns1035Label", "dns1035_label"),
            ("qualifiedName", "qualified_name"),
            ("dns1123LabelPrefix", "dns1123_label_prefix"),
            ("dns1123SubdomainPrefix", "dns1123_subdomain_prefix"),
            ("dns1035LabelPrefix", "dns1035_label_prefix"),
            ("labelValue", "label_value"),
            ("uri", "uri"),
            ("uuid", "uuid"),
            ("byte", "byte"),
            ("date", "date"),
            ("datetime", "datetime"),
        )
    )
)

_S = "kubernetes.Semver"
_SEMVER = f"""
    semver|string -> {_S} = kubernetes.semver.semver
    semver|string, bool -> {_S} = kubernetes.semver.semver
    isSemver|string -> bool = kubernetes.semver.is_semver
    isSemver|string, bool -> bool = kubernetes.semver.is_semver
    .major|{_S} -> int = kubernetes.semver.semver_major
    .minor|{_S} -> int = kubernetes.semver.semver_minor
    .patch|{_S} -> int = kubernetes.semver.semver_patch
""" + _ordered(_S)

KUBERNETES: tuple[Library, ...] = (
    Library("URLs", _URL, cel=False),
    Library("regular expressions", _REGEX, cel=False),
    Library("authorizer", _AUTHORIZATION, cel=False, since=27),
    Library("quantities", _QUANTITY, cel=False, since=28),
    Library("IP addresses", _PARSED, cel=False, since=30),
    Library("IP addresses and networks", _NETWORK, since=30),
    Library("formats", _FORMAT, cel=False, since=31),
    Library("authorizer's selectors", _SELECTORS, cel=False, since=31),
    Library("semantic versions", _SEMVER, cel=False, since=33),
)
"""What Kubernetes adds to the language, each since a version."""
