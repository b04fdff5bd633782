"""Policies and networks of plugins, which change who reaches whom and are not understood here."""

from __future__ import annotations

_POLICY = "its rules are not taken into account"
_NETWORK = "networks beside that of the cluster are not taken into account"
_FOREIGN = {
    "cilium.io": {
        "CiliumNetworkPolicy": _POLICY,
        "CiliumClusterwideNetworkPolicy": _POLICY,
        "CiliumLocalRedirectPolicy": _POLICY,
    },
    "projectcalico.org": {
        "NetworkPolicy": _POLICY,
        "GlobalNetworkPolicy": _POLICY,
        "StagedNetworkPolicy": "",
        "StagedGlobalNetworkPolicy": "",
    },
    "crd.antrea.io": {"NetworkPolicy": _POLICY, "ClusterNetworkPolicy": _POLICY},
    "k8s.ovn.org": {
        "UserDefinedNetwork": _NETWORK,
        "ClusterUserDefinedNetwork": _NETWORK,
        "EgressFirewall": _POLICY,
    },
    "nmstate.io": {"UserDefinedNetwork": _NETWORK},
    "k8s.cni.cncf.io": {
        "NetworkAttachmentDefinition": _NETWORK,
        "MultiNetworkPolicy": _POLICY,
    },
    "networking.gke.io": {"FQDNNetworkPolicy": _POLICY},
    "networking.k8s.aws": {
        "ApplicationNetworkPolicy": _POLICY,
        "ClusterNetworkPolicy": _POLICY,
    },
}
_FOREIGN["crd.projectcalico.org"] = _FOREIGN["projectcalico.org"]


def why_not_taken_into_account(group: str, kind: str) -> str:
    """Why the map does not hold what an object of this kind does; empty where it does nothing."""
    return _FOREIGN.get(group, {}).get(kind, "")
