"""What charts are told of the API versions that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portside.render.api_versions import served
from portside.render.definitions import defined
from tests.cluster import Cluster
from tests.render.test_scan import CHART, POD, scan, write
from tests.scanning import Answer, portside

ASKING = f"""\
{{{{- if .Capabilities.APIVersions.Has "%s" }}}}
{POD}{{{{- end }}}}
"""
MONITOR = "monitoring.coreos.com/v1/ServiceMonitor"
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: servicemonitors.monitoring.coreos.com}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {kind: ServiceMonitor, plural: servicemonitors}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
"""


def chart(asked: str) -> dict[str, str]:
    return {"c/Chart.yaml": CHART.format(name="c"), "c/templates/a.yaml": ASKING % asked}


def made(answer: Answer) -> bool:
    return bool(answer.of("privileged-container"))


@pytest.mark.needs_cluster
def test_what_is_served_is_what_the_api_server_tells(cluster: Cluster) -> None:
    found: set[str] = set()
    for version in _versions(cluster):
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        listed = cluster.request("GET", path)[1]["resources"]
        found |= {version, *(f"{version}/{it['kind']}" for it in listed)}
    ours = set(served(37))

    assert ours - found == set()
    # What stands below an object is told of, too, but nobody applies it.
    assert {it.rpartition("/")[2] for it in found - ours if _is_own(it)} <= {
        *("Binding", "Scale", "PodAttachOptions", "PodExecOptions", "PodPortForwardOptions"),
        *("NodeProxyOptions", "PodProxyOptions", "ServiceProxyOptions", "TokenRequest", "Eviction"),
    }


def _is_own(version: str) -> bool:
    """Whether Kubernetes has it itself: other tests define kinds of their own in the cluster."""
    group = version.partition("/")[0] if "/" in version else ""
    return "." not in group or group.endswith(".k8s.io")


def _versions(cluster: Cluster) -> list[str]:
    groups: list[dict[str, Any]] = cluster.request("GET", "/apis")[1]["groups"]
    return ["v1", *(one["groupVersion"] for it in groups for one in it["versions"])]


@pytest.mark.parametrize(
    ("version", "since", "gone"),
    [
        ("policy/v1beta1/PodSecurityPolicy", 16, 25),
        ("policy/v1/PodDisruptionBudget", 21, 99),
        ("autoscaling/v2", 23, 99),
        ("batch/v1beta1", 16, 25),
        ("flowcontrol.apiserver.k8s.io/v1beta3/FlowSchema", 26, 32),
        ("v1/Pod", 16, 99),
        ("resource.k8s.io/v1beta1", 99, 99),
        ("node.k8s.io/v1alpha1", 99, 99),
    ],
)
def test_a_version_is_served_from_one_minor_to_another(version: str, since: int, gone: int) -> None:
    assert [it for it in range(16, 38) if version in served(it)] == [
        it for it in range(16, 38) if since <= it < gone
    ]


def test_a_definition_adds_the_versions_that_it_serves() -> None:
    spec = {"group": "g", "names": {"kind": "K"}, "version": "v1beta1"}
    assert list(defined({"spec": spec})) == ["g/v1beta1", "g/v1beta1/K"]
    several = [{"name": "v1", "served": True}, {"name": "v2", "served": False}, "v3"]
    assert list(defined({"spec": {**spec, "versions": several}})) == ["g/v1", "g/v1/K"]
    assert list(defined({"spec": None})) == []


@pytest.mark.usefixtures("on_path")
class TestScan:
    @pytest.mark.parametrize("asked", [MONITOR, "monitoring.coreos.com/v1"])
    def test_a_chart_is_told_of_definitions_in_files(self, asked: str, tmp_path: Path) -> None:
        assert not made(scan(write(tmp_path, chart(asked))))
        assert made(scan(write(tmp_path, {"monitor.yaml": DEFINITION})))

    def test_a_version_that_is_not_served_is_not_there(self, tmp_path: Path) -> None:
        tree = {**chart("monitoring.coreos.com/v1alpha1"), "monitor.yaml": DEFINITION}
        assert not made(scan(write(tmp_path, tree)))

    def test_a_chart_is_told_of_its_own_definitions(self, tmp_path: Path) -> None:
        tree = {**chart(MONITOR), "c/crds/monitor.yaml": DEFINITION}
        assert made(scan(write(tmp_path, tree)))

    def test_a_chart_is_told_of_what_another_chart_defines(self, tmp_path: Path) -> None:
        other = {"o/Chart.yaml": CHART.format(name="o"), "o/templates/crd.yaml": DEFINITION}
        assert made(scan(write(tmp_path, {**chart(MONITOR), **other})))

    def test_a_chart_is_told_of_definitions_that_are_given(self, tmp_path: Path) -> None:
        write(tmp_path, {"given.yaml": DEFINITION})
        tree = write(tmp_path / "tree", chart(MONITOR))
        assert made(scan(tree, "--crds", "../given.yaml"))

    def test_a_chart_is_told_what_the_target_serves(self, tmp_path: Path) -> None:
        tree = write(tmp_path, chart("policy/v1beta1/PodSecurityPolicy"))
        assert made(scan(tree, "--kubernetes-version", "1.24"))
        assert not made(scan(tree, "--kubernetes-version", "1.25"))

    def test_a_new_definition_is_noticed_with_a_cache(self, tmp_path: Path) -> None:
        tree = write(tmp_path, chart(MONITOR))
        write(tree, {f"more/{it}.yaml": POD.replace("true", "false") for it in range(60)})
        assert not made(portside(tree, "scan", "-o", "json", "."))
        write(tree, {"monitor.yaml": DEFINITION})
        assert made(portside(tree, "scan", "-o", "json", "."))


@pytest.mark.usefixtures("on_path")
class TestRender:
    def test_an_environment_is_told_as_a_scan_is(self, tmp_path: Path) -> None:
        tree = {**chart(MONITOR), "c/values-prod.yaml": "a: 1\n"}
        without = portside(write(tmp_path, tree), "render", "c", "-e", "prod")
        with_one = portside(
            write(tmp_path, {"monitor.yaml": DEFINITION}), "render", "c", "-e", "prod"
        )

        assert "kind: Pod" not in without.out
        assert "kind: Pod" in with_one.out

    def test_a_chart_by_hand_is_told_what_helm_template_tells_it(self, tmp_path: Path) -> None:
        tree = write(tmp_path, {**chart(MONITOR), "monitor.yaml": DEFINITION})
        assert "kind: Pod" not in portside(tree, "render", "c").out
        tree = write(tmp_path, chart("apps/v1beta1"))
        assert "kind: Pod" in portside(tree, "render", "c").out
