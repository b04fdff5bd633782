"""A lock fits its dependencies exactly where Helm says so."""

from __future__ import annotations

from typing import Any

import pytest

from portside.charts.dependencies import dependencies, is_exact, is_in_step, lock_of
from portside.sources.known import Known
from portside.sources.manifest import parse

CHART = """\
apiVersion: v2
name: a
version: 1.0.0
dependencies:
  - name: b
    version: ">=1.0.0 <2"
    repository: "file://../b"
    alias: c
    condition: b.enabled
    tags: [x, "y&z"]
    import-values:
      - data
      - child: zeta
        parent: alpha
  - {name: b, version: 1.x, repository: "file://../b"}
"""
LOCK = """\
dependencies:
- name: b
  repository: file://../b
  version: 1.2.3
- name: b
  repository: file://../b
  version: 1.2.3
digest: sha256:717c0212d4bd522d2a6ef66bc3c6b8f4275bb2f90d48f38da9e55304d92856b1
generated: "2026-11-25T01:58:46.097557014Z"
"""
"""What `helm dependency update` of Helm 4.3.1 wrote for the chart."""


def chart(text: str, **beside: str) -> Any:
    held = {name.replace("__", "/"): it.encode() for name, it in beside.items()}
    known = Known("HelmChart", names=tuple(held), beside=held)
    return parse(text.encode(), "Chart.yaml", known=known).resources[0]


def in_step(text: str, lock: str = LOCK) -> bool:
    found = lock_of(lock.encode())
    assert found is not None
    return is_in_step(chart(text).value["dependencies"], found)


def test_the_lock_that_helm_wrote_fits() -> None:
    assert in_step(CHART)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">=1.0.0 <2", ">=1.0.0 <3"),
        ("alias: c", "alias: d"),
        ("y&z", "y"),
        ("parent: alpha", "parent: beta"),
        ("1.x", "1.*"),
        ("file://../b", "file://../c"),
        ("condition: b.enabled\n    ", ""),
    ],
)
def test_after_any_change_of_the_dependencies_it_does_not(old: str, new: str) -> None:
    assert not in_step(CHART.replace(old, new))


def test_a_lock_that_was_edited_does_not_fit() -> None:
    assert not in_step(CHART, LOCK.replace("1.2.3", "1.2.4"))


@pytest.mark.parametrize("data", ["", "a", "[]", "dependencies: {", "\0"])
def test_what_is_no_lock_is_none(data: str) -> None:
    assert lock_of(data.encode()) is None


@pytest.mark.parametrize("version", ["1.2.3", "v1.2.3", "=1.2.3", "1.2.3-rc.1", "1.2.3+build.7"])
def test_one_version_is_exact(version: str) -> None:
    assert is_exact(version)


@pytest.mark.parametrize(
    "version", ["", "*", "1", "1.2", "1.2.x", "^1.2.3", "~1.2.3", ">=1.2.3", "1.2.3 - 2.0.0", "x"]
)
def test_a_range_is_not(version: str) -> None:
    assert not is_exact(version)


@pytest.mark.parametrize(
    ("name", "vendored"),
    [
        ("charts__b-1.2.3.tgz", True),
        ("charts__b-v1.2.3.tgz", True),
        ("charts__b__Chart.yaml", True),
        ("charts__b-extra-1.2.3.tgz", False),
        ("charts__bb-1.2.3.tgz", False),
        ("charts__v1.tgz", False),
        ("values.yaml", False),
    ],
)
def test_a_chart_in_the_folder_of_charts_is_vendored(name: str, vendored: bool) -> None:
    found = dependencies(chart(CHART, **{name: ""}))
    assert [it.vendored for it in found] == [vendored, vendored]


def test_dependencies_of_odd_types_are_passed_over() -> None:
    odd = "name: a\nversion: 1.0.0\ndependencies: [1, null, [], {name: 2, version: 3}]\n"
    assert [(it.name, it.version) for it in dependencies(chart(odd))] == [("", "")]
