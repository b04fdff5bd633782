"""Which rules' findings are which steps: an edge of the graph exists as its control fails.

The rules are named by their ids; a test holds each to the controls that its file names. What a
step costs: 0 is trivial, 1 needs another bug, 2 a rare condition.
"""

from __future__ import annotations

from portside.records import NamedTuple


class Step(NamedTuple):
    """A step that findings of a rule stand for."""

    kind: str
    controls: tuple[str, ...]
    why: str
    cost: int = 0


CONTAINER_TO_NODE = {
    "privileged-container": Step("CE_PRIV_MOUNT", ("W001",), "runs privileged"),
    "windows-host-process": Step("CE_HOST_PROCESS", ("W026",), "runs as a process of the node"),
    "unmasked-proc": Step("CE_UMH_CORE_PATTERN", ("W024",), "has an unmasked /proc", 2),
}
"""Findings about one container."""
VOLUME_TO_NODE = {
    "runtime-socket-mount": Step(
        "EXPLOIT_CONTAINERD_SOCK", ("W008",), "mounts the socket of the container runtime"
    ),
    "sensitive-host-path": Step("EXPLOIT_HOST_WRITE", ("W007",), "writes to the node's files"),
}
"""Findings about one volume: steps of each container that mounts it."""
CAPABILITY = "dangerous-capability"
HOST_PID = "host-pid"
CAPABILITIES = {
    "ALL": Step("CE_MODULE_LOAD", ("W017",), "has every capability"),
    "SYS_MODULE": Step("CE_MODULE_LOAD", ("W017",), "may load modules into the kernel"),
    "SYS_ADMIN": Step("CE_SYS_ADMIN", ("W017",), "may mount and set up cgroups", 1),
    "DAC_READ_SEARCH": Step("CE_DAC_READ_SEARCH", ("W017",), "may open any file by its handle", 1),
    "SYS_RAWIO": Step("CE_SYS_RAWIO", ("W017",), "may write to devices and memory", 1),
    "BPF": Step("CE_BPF", ("W017",), "may load programs into the kernel", 2),
    "SYS_BOOT": Step("CE_KEXEC", ("W017",), "may load another kernel", 2),
}
"""What each capability alone does; the others lead nowhere by themselves."""
IN_HOST_PID = {
    "SYS_PTRACE": Step("CE_SYS_PTRACE", ("W002", "W017"), "traces the processes of the node"),
    "SYS_ADMIN": Step("CE_NSENTER", ("W002", "W017"), "enters the namespaces of the node"),
}
"""What capabilities do together with the process IDs of the node."""
SHARED_PROCESSES = "shared-process-namespace"
READ_ONLY_GIVES = {
    **dict.fromkeys(("/", "/etc", "/etc/kubernetes", "/root", "/home", "/var", "/var/lib"), 1),
    **dict.fromkeys(("/var/lib/kubelet", "/var/lib/etcd", "/run", "/var/run"), 1),
    **dict.fromkeys(("/proc", "/dev", "/var/lib/docker", "/var/lib/containerd"), 2),
}
"""What it costs where a directory can only be read; nothing is gained from the others."""
WRITING_COSTS = {"/var/log": 1, "/var/lib/docker": 0, "/home": 1, "/sys": 1, "/boot": 1}
"""Where writing is no way in at once; 0 elsewhere."""

UNNEEDED_TOKEN = "unneeded-api-token"  # noqa: S105 - the id of a rule
TOKEN_SECRET = "service-account-token-secret"  # noqa: S105 - the id of a rule
PUBLIC_LOAD_BALANCER, NODE_PORT, EXTERNAL_IPS, HOST_PORT, HOST_NETWORK = (
    *("public-load-balancer", "node-port-service", "external-ips"),
    *("host-port", "host-network"),
)
SENSITIVE_INTERFACE = "sensitive-interface-exposed"
NO_POD_SECURITY = ("pod-security-not-enforced", "pod-security-privileged")
OPEN_TO_INGRESS = ("namespace-without-ingress-deny", "pod-without-network-policy")
OPEN_TO_EGRESS = ("namespace-without-egress-deny", "pod-without-network-policy")
HALF_OPEN = "pod-half-isolated"
ALLOWS_ALL = {
    "Ingress": ("policy-allows-all-ingress",),
    "Egress": ("policy-allows-all-egress",),
}
BINDINGS = (
    *("cluster-admin-bound", "anonymous-binding", "everybody-bound", "masters-binding"),
    *("default-account-bound", "namespace-role-everywhere"),
)
"""Findings about a binding, without which its subjects would not have the role."""
GRANTS_EVERYTHING = "role-grants-everything"
WILDCARDS = ("wildcard-resource", "wildcard-verb", "wildcard-api-group")

ABILITY_RULES: dict[str, tuple[str, ...]] = {
    "EVERYTHING": (),
    "ROLE_BIND": ("bind-or-escalate",),
    "IDENTITY_IMPERSONATE": ("impersonation",),
    "TOKEN_CREATE": ("token-minting",),
    "TOKEN_LIST": ("cluster-wide-secret-access", "namespace-secret-access"),
    "POD_CREATE": ("workload-write-access",),
    "POD_EXEC": ("pod-exec-access",),
    "NODE_PROXY": ("nodes-proxy-access",),
    "CERTIFICATE_APPROVE": ("certificate-approval",),
    "ADMISSION_TAMPER": ("admission-write-access",),
    "API_EXTEND": ("api-extension-write-access",),
    "VOLUME_CREATE": ("persistent-volume-write-access",),
    "SYSTEM_CONFIG_WRITE": ("system-config-map-write",),
}
"""By ability: the rules that find it in a role."""

EDGE_RULES: dict[str, tuple[str, ...]] = {
    **{rule: step.controls for rule, step in {**CONTAINER_TO_NODE, **VOLUME_TO_NODE}.items()},
    **{CAPABILITY: ("W017",), HOST_PID: ("W002",), SHARED_PROCESSES: ("W029",)},
    **{UNNEEDED_TOKEN: ("T001",), TOKEN_SECRET: ("T005",)},
    **{PUBLIC_LOAD_BALANCER: ("X001",), NODE_PORT: ("X002",), EXTERNAL_IPS: ("X003",)},
    **{HOST_PORT: ("W005",), HOST_NETWORK: ("W004",), SENSITIVE_INTERFACE: ("X013",)},
    **{NO_POD_SECURITY[0]: ("Q003",), NO_POD_SECURITY[1]: ("Q004",)},
    **{"namespace-without-ingress-deny": ("N001",), "namespace-without-egress-deny": ("N002",)},
    **{"pod-without-network-policy": ("N003",), HALF_OPEN: ("N003",)},
    **{"policy-allows-all-ingress": ("N004",), "policy-allows-all-egress": ("N005",)},
    **{"cluster-admin-bound": ("A001",), "anonymous-binding": ("A017",)},
    **{"everybody-bound": ("A018",), "masters-binding": ("A019",)},
    **{"default-account-bound": ("A020",), "namespace-role-everywhere": ("A001",)},
    **{GRANTS_EVERYTHING: ("A002",)},
    **dict.fromkeys(WILDCARDS, ("A003",)),
    **{"bind-or-escalate": ("A009",), "impersonation": ("A011",), "token-minting": ("A012",)},
    **{"cluster-wide-secret-access": ("A004",), "namespace-secret-access": ("A005",)},
    **{"workload-write-access": ("A006",), "pod-exec-access": ("A007",)},
    **{"nodes-proxy-access": ("A008",), "certificate-approval": ("A013",)},
    **{"admission-write-access": ("A014",), "api-extension-write-access": ("A016",)},
    **{"persistent-volume-write-access": ("A015",), "system-config-map-write": ("A022",)},
}
"""Every rule that is asked for the sake of the graph, and its controls."""
FOLLOWED = "ANQTWX"
"""The families of controls whose findings are steps, or hindrances that are missing."""
HARDENING = frozenset(
    (
        *("added-capability", "aggregated-rights", "apparmor-unconfined", "bare-pod"),
        *("broad-reference-grant", "capabilities-not-dropped", "control-plane-placement"),
        *("dangling-backend", "dangling-binding", "debug-leftovers", "default-account-automounts"),
        *("default-namespace", "default-service-account", "egress-without-dns", "event-deletion"),
        *("gateway-open-to-namespaces", "gateway-plaintext-listener", "git-repo-volume"),
        *("host-aliases", "host-ipc", "host-path-volume", "incomplete-limit-range"),
        *("incomplete-resource-quota", "ingress-nginx-injection", "ingress-nginx-snippet"),
        *("ingress-without-tls", "internal-target", "invalid-port-name", "legacy-admin-ui"),
        *("load-balancer-node-ports", "long-lived-projected-token", "low-group-id", "low-user-id"),
        *("management-port-published", "mass-deletion", "masters-certificate"),
        *("mesh-authorization-open", "mesh-bypass", "mesh-mtls-not-strict"),
        *("metadata-api-reachable", "missing-service-account", "namespace-not-named"),
        *("namespace-or-node-relabel", "namespace-without-quota", "net-raw-capability"),
        *("node-name", "owner-missing", "permissive-scc", "pod-security-version"),
        *("policy-peer-matches-nothing", "policy-selector-missing", "policy-selects-nothing"),
        *("privilege-escalation-allowed", "privileged-port", "probe-host", "retired-ingress-nginx"),
        *("role-write-access", "root-group", "route-claimed-twice", "run-as-non-root"),
        *("runs-as-root", "runtime-install", "sandbox-runtime-missing", "scc-granted-to-all"),
        *("seccomp-profile-missing", "seccomp-unconfined", "security-context-missing"),
        *("selinux-options", "service-selects-nothing", "shared-service-account", "ssh-port"),
        *("sudo-in-command", "system-namespace-workload", "system-priority-class"),
        *("target-port-unknown", "traffic-write-access", "unsafe-sysctl", "user-namespace-missing"),
        *("volume-type", "weak-edge-tls", "widely-held-cloud-identity", "wildcard-host"),
        *("writable-host-path", "writable-root-filesystem"),
    )
)
"""Rules of these families that are no step. Of other families nothing is said: a credential in a
file, a mutable action in a pipeline are on paths that the graph does not follow."""
