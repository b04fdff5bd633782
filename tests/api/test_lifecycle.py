"""When a version of the API ends, as Kubernetes' modules, its API server and other tools say it."""

from __future__ import annotations

import re
import shutil
import ssl
import urllib.request
from collections.abc import Iterator

import pytest

from portside.model.api_lifecycle import LIVES
from tests.cluster import Cluster, Json
from tests.oracle import UnavailableError
from tools import api_lifecycle

NEWEST = 37
_WARNING = re.compile(
    r'"(\S+) (\w+) is deprecated in v1\.(\d+)\+, unavailable in v1\.(\d+)\+(?:; use (\S+) (\w+))?"'
)

DOCUMENTED = """
extensions/v1beta1 Deployment 16 apps/v1
extensions/v1beta1 DaemonSet 16 apps/v1
extensions/v1beta1 ReplicaSet 16 apps/v1
extensions/v1beta1 NetworkPolicy 16 networking.k8s.io/v1
extensions/v1beta1 PodSecurityPolicy 16 policy/v1beta1
extensions/v1beta1 Ingress 22 networking.k8s.io/v1
apps/v1beta1 Deployment 16 apps/v1
apps/v1beta1 StatefulSet 16 apps/v1
apps/v1beta2 Deployment 16 apps/v1
apps/v1beta2 DaemonSet 16 apps/v1
apps/v1beta2 ReplicaSet 16 apps/v1
apps/v1beta2 StatefulSet 16 apps/v1
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration 22 admissionregistration.k8s.io/v1
admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration 22 admissionregistration.k8s.io/v1
apiextensions.k8s.io/v1beta1 CustomResourceDefinition 22 apiextensions.k8s.io/v1
apiregistration.k8s.io/v1beta1 APIService 22 apiregistration.k8s.io/v1
certificates.k8s.io/v1beta1 CertificateSigningRequest 22 certificates.k8s.io/v1
coordination.k8s.io/v1beta1 Lease 22 coordination.k8s.io/v1
networking.k8s.io/v1beta1 Ingress 22 networking.k8s.io/v1
networking.k8s.io/v1beta1 IngressClass 22 networking.k8s.io/v1
rbac.authorization.k8s.io/v1beta1 ClusterRole 22 rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding 22 rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1beta1 Role 22 rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1beta1 RoleBinding 22 rbac.authorization.k8s.io/v1
scheduling.k8s.io/v1beta1 PriorityClass 22 scheduling.k8s.io/v1
storage.k8s.io/v1beta1 CSIDriver 22 storage.k8s.io/v1
storage.k8s.io/v1beta1 CSINode 22 storage.k8s.io/v1
storage.k8s.io/v1beta1 StorageClass 22 storage.k8s.io/v1
storage.k8s.io/v1beta1 VolumeAttachment 22 storage.k8s.io/v1
batch/v1beta1 CronJob 25 batch/v1
discovery.k8s.io/v1beta1 EndpointSlice 25 discovery.k8s.io/v1
events.k8s.io/v1beta1 Event 25 events.k8s.io/v1
autoscaling/v2beta1 HorizontalPodAutoscaler 25 autoscaling/v2
policy/v1beta1 PodDisruptionBudget 25 policy/v1
policy/v1beta1 PodSecurityPolicy 25 -
node.k8s.io/v1beta1 RuntimeClass 25 node.k8s.io/v1
autoscaling/v2beta2 HorizontalPodAutoscaler 26 autoscaling/v2
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema 26 flowcontrol.apiserver.k8s.io/v1beta3
flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration 26 flowcontrol.apiserver.k8s.io/v1beta3
storage.k8s.io/v1beta1 CSIStorageCapacity 27 storage.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema 29 flowcontrol.apiserver.k8s.io/v1beta3
flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration 29 flowcontrol.apiserver.k8s.io/v1beta3
flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema 32 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration 32 flowcontrol.apiserver.k8s.io/v1
"""  # noqa: E501 - a table
"""What the deprecated API migration guide lists, and what Pluto and kubent say of the same kinds:
apiVersion, kind, the minor that removes it, the replacement (`-` where there is none)."""


@pytest.mark.parametrize("line", DOCUMENTED.strip().splitlines())
def test_the_migration_guide_and_other_tools_say_the_same(line: str) -> None:
    version, kind, removed, instead = line.split()
    life = LIVES[version][kind]
    assert life[1:] == (int(removed), "" if instead == "-" else instead)
    assert 0 < life[0] < life[1]


def test_nothing_is_replaced_by_what_the_newest_kubernetes_does_not_have() -> None:
    """Whoever follows the replacements arrives at a version that is not removed, or at none."""
    for version, kinds in LIVES.items():
        for kind in kinds:
            now, seen = (version, kind), set()
            while now[0] and (life := LIVES.get(now[0], {}).get(now[1])) and life[1]:
                assert now not in seen, f"{version} {kind} goes in a circle"
                seen.add(now)
                if life[1] > NEWEST:
                    break
                to, _, other = life[2].partition(" ")
                now = (to, other or kind)


@pytest.mark.needs_oracle
def test_the_table_is_what_the_modules_of_every_minor_say() -> None:
    if shutil.which("go") is None:
        pytest.skip("no go")
    try:
        lives = api_lifecycle.lives()
    except api_lifecycle.UnavailableError as reason:
        pytest.skip(f"no modules: {reason}")
    assert api_lifecycle.table(lives) == LIVES, "run python -m tools.api_lifecycle"


@pytest.fixture(scope="module", params=["", "1.34"])
def serving(request: pytest.FixtureRequest) -> Iterator[tuple[int, Cluster]]:
    """A real API server that serves all it has, of the newest Kubernetes and as an older one."""
    flags = ["--runtime-config=api/all=true"]
    if request.param:
        flags.append(f"--emulated-version=kube={request.param}")
    try:
        with Cluster(*flags) as cluster:
            yield int((request.param or f"1.{NEWEST}").partition(".")[2]), cluster
    except UnavailableError as reason:
        pytest.skip(f"no cluster: {reason}")


@pytest.mark.needs_cluster
def test_the_api_server_serves_nothing_that_is_removed_and_warns_as_the_table_says(
    serving: tuple[int, Cluster],
) -> None:
    minor, cluster = serving
    served = dict(_served(cluster))
    assert len(served) > 50
    gone = {
        (version, kind)
        for version, kinds in LIVES.items()
        for kind, life in kinds.items()
        if 0 < life[1] <= minor
    }
    assert not served.keys() & gone
    warned = 0
    for (version, kind), resource in served.items():
        life = LIVES.get(version, {}).get(kind, (0, 0, ""))
        found = _WARNING.search(_warning(cluster, f"/apis/{version}/{resource['name']}"))
        if found is None:
            assert not 0 < life[0] <= minor, f"no warning of {version} {kind}"
        else:
            warned += 1
            assert (int(found[3]), int(found[4])) == life[:2], f"{version} {kind}"
            assert not found[5] or found[5] == life[2]
    assert warned > 10


def _served(cluster: Cluster) -> Iterator[tuple[tuple[str, str], Json]]:
    for group in cluster.request("GET", "/apis")[1]["groups"]:
        for version in group["versions"]:
            name = version["groupVersion"]
            for resource in cluster.request("GET", f"/apis/{name}")[1]["resources"]:
                if "/" not in resource["name"] and "list" in resource["verbs"]:
                    yield (name, resource["kind"]), resource


def _warning(cluster: Cluster, path: str) -> str:
    request = urllib.request.Request(
        f"https://127.0.0.1:{cluster._plane.port}{path}",
        headers={"Authorization": f"Bearer {cluster._plane.token}"},
    )
    trusted = ssl.create_default_context(cafile=cluster._plane.certificate)
    with urllib.request.urlopen(request, context=trusted) as answer:  # noqa: S310
        return str(answer.headers.get("Warning") or "")
