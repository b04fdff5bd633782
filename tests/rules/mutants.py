"""Random pods made from real ones: what Pod Security looks at is set, dropped, nulled and moved."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

Json = dict[str, Any]
Change = Callable[[Json, Random], None]

_GONE = object()
_BOOLS = (True, False, None, _GONE)
_PROFILES = (
    *({"type": name} for name in ("RuntimeDefault", "Unconfined", "runtimedefault", "")),
    *({"type": "Localhost", "localhostProfile": "web.json"}, {"type": None}, {}, None, _GONE),
)
_SELINUX = (
    *(
        {"type": name}
        for name in ("container_t", "container_init_t", "container_kvm_t", "container_engine_t")
    ),
    *({"type": "spc_t"}, {"type": ""}, {"user": "system_u"}, {"role": "sysadm_r", "type": ""}),
    *(
        {"level": "s0:c1,c2"},
        {"type": "container_t", "user": "", "role": None},
        {"type": None},
        {},
        None,
        _GONE,
    ),
)
_IDS = (0, 1000, 65534, None, _GONE)
_WINDOWS: tuple[Any, ...] = (
    {"hostProcess": True},
    {"hostProcess": False},
    {"hostProcess": None},
    {},
    None,
    _GONE,
)
_SHARED: dict[str, Sequence[Any]] = {
    "runAsNonRoot": _BOOLS,
    "runAsUser": _IDS,
    "runAsGroup": _IDS,
    "seccompProfile": _PROFILES,
    "appArmorProfile": _PROFILES,
    "seLinuxOptions": _SELINUX,
    "windowsOptions": _WINDOWS,
}
_SYSCTLS = (
    *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
    *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "kernel.msgmax"),
    *("net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem"),
    *("net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_wmem"),
    *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_slow_start_after_idle", "net.core.somaxconn"),
    *("net.ipv4.tcp_notsent_lowat", "net/ipv4/tcp_syncookies", "Kernel.shm_rmid_forced", ""),
)
_CAPABILITIES = (
    *("ALL", "all", "NET_BIND_SERVICE", "NET_RAW", "SYS_ADMIN", "CHOWN", "chown", "CAP_CHOWN"),
    *("AUDIT_WRITE", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "SETFCAP", "SETGID"),
    *("SETPCAP", "SETUID", "SYS_CHROOT", "SYS_PTRACE", "BPF", "", "net_bind_service"),
)
_SOURCES: tuple[tuple[str, Any], ...] = (
    *(("emptyDir", {}), ("emptyDir", None), ("configMap", {"name": "a"}), ("secret", {})),
    *(
        ("hostPath", {"path": "/srv"}),
        ("hostPath", {}),
        ("hostPath", None),
        ("csi", {"driver": "d"}),
    ),
    *(("persistentVolumeClaim", {"claimName": "a"}), ("projected", {"sources": []}), ("nfs", None)),
    *(("downwardAPI", {"items": []}), ("ephemeral", {}), ("image", {"reference": "a:1"})),
    *(
        ("nfs", {"server": "s", "path": "/"}),
        ("gitRepo", {"repository": "r"}),
        ("iscsi", {"lun": 0}),
    ),
    *(("awsElasticBlockStore", {"volumeID": "v"}), ("gcePersistentDisk", {"pdName": "p"})),
    *(("azureFile", {"secretName": "s", "shareName": "t"}), ("azureDisk", {"diskName": "d"})),
    *(("cephfs", {"monitors": []}), ("cinder", {"volumeID": "v"}), ("fc", {}), ("rbd", {})),
    *(("flexVolume", {"driver": "d"}), ("flocker", {}), ("glusterfs", {"path": "p"})),
    *(("photonPersistentDisk", {"pdID": "p"}), ("portworxVolume", {"volumeID": "v"})),
    *(("quobyte", {"volume": "v"}), ("scaleIO", {"system": "s"}), ("storageos", {})),
    *(("vsphereVolume", {"volumePath": "v"}), ("image", None), ("image", {})),
)
_HANDLERS = ("livenessProbe", "readinessProbe", "startupProbe", "postStart", "preStop")
_HOSTS = ("10.0.0.7", "", None, "db", _GONE)
_SECCOMP_VALUES = (
    *("unconfined", "runtime/default", "docker/default", "localhost/a", "localhost", "", "Runtime"),
)
_APPARMOR_VALUES = (
    "unconfined",
    "runtime/default",
    "localhost/a",
    "localhost",
    "",
    "docker/default",
)
LISTS = ("containers", "initContainers", "ephemeralContainers")


def mutants(pods: Sequence[Json], count: int, chance: Random) -> Iterator[Json]:
    """`count` pods, each made from one of `pods` by up to eight changes."""
    for _ in range(count):
        pod = copy.deepcopy(chance.choice(pods))
        for _ in range(chance.randint(1, 8)):
            chance.choice(_CHANGES)(pod, chance)
        yield pod


def mistyped(pod: Json, chance: Random) -> Json:
    """`pod` with one value, of those that Pod Security reads, of a type that is not decoded."""
    pod = copy.deepcopy(pod)
    pod["metadata"] = pod.get("metadata") or {}
    container = chance.choice(_containers(pod) or [_spec(pod)])
    context = container.setdefault("securityContext", {}) or {}
    container["securityContext"] = context
    place, key, wrong = chance.choice(
        (
            *((context, key, "true") for key in ("privileged", "runAsNonRoot", "procMount")),
            *((context, "capabilities", ["ALL"]), (context, "seccompProfile", "RuntimeDefault")),
            *(
                (context, "runAsUser", "0"),
                (context, "procMount", 1),
                (_spec(pod), "hostPID", "no"),
            ),
            *((context, "capabilities", {"add": "ALL"}), (context, "capabilities", {"drop": [1]})),
            *(
                (_spec(pod), "volumes", {}),
                (_spec(pod), "volumes", ["a"]),
                (_spec(pod), "os", "linux"),
            ),
            *((_spec(pod), "containers", {"name": "web"}), (_spec(pod), "initContainers", "none")),
            *((_spec(pod), "containers", ["web"]), (container, "ports", "80"), (pod, "spec", [])),
            *((container, "ports", [{"hostPort": "80"}]), (container, "securityContext", "none")),
            *((_spec(pod), "hostUsers", "false"), (container, "livenessProbe", {"httpGet": "/"})),
            *((_spec(pod), "securityContext", []), (pod["metadata"], "annotations", ["a"])),
            *((pod["metadata"], "annotations", {"a": 1}), (container, "lifecycle", "none")),
            *((_spec(pod), "securityContext", {"sysctls": {"name": "a"}}), (pod, "metadata", "a")),
            *((_spec(pod), "securityContext", {"seLinuxOptions": {"type": 7}}),),
        )
    )
    place[key] = wrong
    return pod


def _spec(pod: Json) -> Json:
    spec: Json = pod["spec"]
    return spec


def _containers(pod: Json, *lists: str) -> list[Json]:
    spec = _spec(pod)
    return [it for name in lists or LISTS for it in spec.get(name) or () if isinstance(it, dict)]


def _list(place: Json, key: str) -> list[Any]:
    value = place.get(key)
    return value if isinstance(value, list) else []


def _put(place: Json, key: str, value: Any) -> None:
    if value is _GONE:
        place.pop(key, None)
    else:
        place[key] = copy.deepcopy(value)


def _context(place: Json, chance: Random) -> Json:
    if not isinstance(place.get("securityContext"), dict):
        place["securityContext"] = {}
    context: Json = place["securityContext"]
    return context


def _pod_field(pod: Json, chance: Random) -> None:
    key = chance.choice(("hostNetwork", "hostPID", "hostIPC", "hostUsers", "hostUsers"))
    _put(_spec(pod), key, chance.choice(_BOOLS))


def _os(pod: Json, chance: Random) -> None:
    names = ("windows", "windows", "linux", "Windows", "", None)
    values = (*({"name": name} for name in names), {}, None, _GONE)
    _put(_spec(pod), "os", chance.choice(values))


def _pod_context(pod: Json, chance: Random) -> None:
    key = chance.choice(tuple(_SHARED))
    _put(_context(_spec(pod), chance), key, chance.choice(_SHARED[key]))


def _no_context(pod: Json, chance: Random) -> None:
    place = chance.choice([_spec(pod), *_containers(pod)])
    _put(place, "securityContext", chance.choice((None, {}, _GONE)))


def _sysctl(pod: Json, chance: Random) -> None:
    listed = [{"name": chance.choice(_SYSCTLS), "value": "1"} for _ in range(chance.randint(1, 2))]
    _put(
        _context(_spec(pod), chance),
        "sysctls",
        chance.choice((listed, listed, listed, [], None, [{"value": "1"}], [None], [{}])),
    )


def _container_context(pod: Json, chance: Random) -> None:
    for container in _some(_containers(pod), chance):
        key = chance.choice(tuple(_SHARED))
        _put(_context(container, chance), key, chance.choice(_SHARED[key]))


def _container_only(pod: Json, chance: Random) -> None:
    for container in _some(_containers(pod), chance):
        key, values = chance.choice(
            (
                ("privileged", _BOOLS),
                ("allowPrivilegeEscalation", (False, *_BOOLS)),
                ("procMount", ("Default", "Unmasked", "", "default", "Other", None, _GONE)),
            )
        )
        _put(_context(container, chance), key, chance.choice(values))


def _capabilities(pod: Json, chance: Random) -> None:
    for container in _some(_containers(pod), chance):
        listed = [chance.choice(_CAPABILITIES) for _ in range(chance.randint(0, 3))]
        drop = chance.choice((["ALL"], ["ALL"], ["all"], listed, [], None, _GONE))
        add = chance.choice((listed, ["NET_BIND_SERVICE"], [], None, _GONE, [None]))
        made: Json = {}
        _put(made, "drop", drop)
        _put(made, "add", add)
        _put(_context(container, chance), "capabilities", chance.choice((made, made, made, None)))


def _hardened(pod: Json, chance: Random) -> None:
    """Everything that the restricted level asks for, so that single deviations decide."""
    _context(_spec(pod), chance).update(
        runAsNonRoot=True, seccompProfile={"type": "RuntimeDefault"}
    )
    for container in _containers(pod):
        _context(container, chance).update(
            allowPrivilegeEscalation=False, capabilities={"drop": ["ALL"]}
        )


def _ports(pod: Json, chance: Random) -> None:
    for container in _some(_containers(pod), chance):
        port: Json = {"containerPort": chance.choice((80, 8080))}
        _put(port, "hostPort", chance.choice((80, 0, None, _GONE)))
        _put(container, "ports", chance.choice(([port], [port, {}], [], None, _GONE, [None])))


def _probe(pod: Json, chance: Random) -> None:
    for container in _some(_containers(pod), chance):
        call: Json = {"port": 80}
        _put(call, "host", chance.choice(_HOSTS))
        handler = {chance.choice(("httpGet", "tcpSocket")): chance.choice((call, call, call, None))}
        name = chance.choice(_HANDLERS)
        if name.endswith("Probe"):
            _put(container, name, chance.choice((handler, handler, {}, None)))
        else:
            if not isinstance(container.get("lifecycle"), dict):
                container["lifecycle"] = {}
            container["lifecycle"][name] = chance.choice((handler, handler, {}, None))


def _volume(pod: Json, chance: Random) -> None:
    sources = dict(chance.choice(_SOURCES) for _ in range(chance.choice((0, 1, 1, 1, 1, 2))))
    volume = {"name": chance.choice("abc"), **sources}
    spec = _spec(pod)
    listed = _list(spec, "volumes")
    spec["volumes"] = chance.choice(([*listed, volume], [volume], [], None, [*listed, None], [{}]))


def _annotation(pod: Json, chance: Random) -> None:
    metadata = pod["metadata"] = pod.get("metadata") or {}
    if not isinstance(metadata.get("annotations"), dict):
        metadata["annotations"] = {}
    names = [it.get("name") for it in _containers(pod)] or ["web"]
    name = chance.choice([*names, "other", ""])
    key, values = chance.choice(
        (
            ("seccomp.security.alpha.kubernetes.io/pod", _SECCOMP_VALUES),
            (f"container.seccomp.security.alpha.kubernetes.io/{name}", _SECCOMP_VALUES),
            (f"container.apparmor.security.beta.kubernetes.io/{name}", _APPARMOR_VALUES),
        )
    )
    metadata["annotations"][key] = chance.choice((*values, None))


def _move(pod: Json, chance: Random) -> None:
    """A container into another list; a sidecar where it lands among the init containers."""
    spec = _spec(pod)
    source, target = chance.sample(LISTS, 2)
    listed = spec.get(source)
    if not isinstance(listed, list) or not listed:
        return
    container = copy.deepcopy(listed[0]) if chance.random() < 0.5 else listed.pop(0)
    if isinstance(container, dict):
        container["name"] = f"{container.get('name')}-{target[:4].lower()}"
        _put(container, "restartPolicy", chance.choice(("Always", None, _GONE)))
    spec[target] = [*_list(spec, target), container]


def _odd_container(pod: Json, chance: Random) -> None:
    spec = _spec(pod)
    name = chance.choice(LISTS)
    listed = _list(spec, name)
    spec[name] = chance.choice(([*listed, None], [*listed, {}], listed[:1], None, []))


def _rename(pod: Json, chance: Random) -> None:
    for container in _some(_containers(pod), chance):
        _put(container, "name", chance.choice(("web", "", None, _GONE)))


def _some(containers: list[Json], chance: Random) -> list[Json]:
    if not containers:
        return []
    return containers if chance.random() < 0.3 else [chance.choice(containers)]


def _metadata(pod: Json, chance: Random) -> None:
    _put(pod, "metadata", chance.choice(({"name": "shop"}, {"annotations": None}, {}, None, _GONE)))


_CHANGES: tuple[Change, ...] = (
    *(_hardened, _hardened, _hardened, _pod_field, _os, _pod_context, _pod_context, _no_context),
    *(_sysctl, _container_context, _container_context, _container_only, _container_only),
    *(_capabilities, _capabilities, _ports, _probe, _probe, _volume, _volume, _annotation),
    *(_annotation, _move, _odd_container, _rename, _metadata),
)


def templated(pod: Json, kind: str) -> Json:
    """The object of `kind` whose pod template is `pod`, in the namespace of `pod`."""
    template = {key: it for key, it in pod.items() if key in ("metadata", "spec")}
    named = pod["metadata"] if isinstance(pod.get("metadata"), dict) else {}
    where = {key: it for key, it in named.items() if key == "namespace"}
    head = {"kind": kind, "metadata": {"name": "shop", **where}}
    if kind == "Pod":
        return {"apiVersion": "v1", **pod, "kind": kind}
    if kind == "PodTemplate":
        return {"apiVersion": "v1", **head, "template": template}
    if kind == "CronJob":
        job = {"spec": {"template": template}}
        return {
            "apiVersion": "batch/v1",
            **head,
            "spec": {"schedule": "@daily", "jobTemplate": job},
        }
    if kind == "ReplicationController":
        return {"apiVersion": "v1", **head, "spec": {"template": template}}
    group = "batch/v1" if kind == "Job" else "apps/v1"
    selector = {} if kind == "Job" else {"selector": {"matchLabels": {"app": "shop"}}}
    return {"apiVersion": group, **head, "spec": {**selector, "template": template}}


KINDS = (
    *(
        "Pod",
        "Pod",
        "Pod",
        "Deployment",
        "DaemonSet",
        "StatefulSet",
        "ReplicaSet",
        "Job",
        "CronJob",
    ),
    *("PodTemplate", "ReplicationController"),
)
