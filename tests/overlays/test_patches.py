"""A patch that stands in a kustomization is led back to its own line and column."""

from __future__ import annotations

import pytest

from portside.model.resource import FileResource
from portside.overlays.patches import inline, weakenings
from portside.sources.manifest import parse


def places(text: str) -> list[tuple[int, int]]:
    """Line and column of what the patches in the kustomization loosen."""
    (resource,) = parse(text.encode(), "kustomization.yaml").resources
    assert isinstance(resource, FileResource)
    return [
        patch.mark(path)[:2] for patch in inline(resource) for path, _, _ in weakenings(patch.value)
    ]


@pytest.mark.parametrize("sign", ["|", "|-", "|+", "|2"])
def test_a_literal_block_keeps_its_lines_and_columns(sign: str) -> None:
    text = f"patches:\n- patch: {sign}\n    spec:\n      hostPID: true\n"
    assert places(text) == [(4, 7)]


def test_documents_and_blank_lines_in_a_block_are_counted() -> None:
    first = "\n    spec: {hostPID: true}\n    ---\n    # a\n"
    text = f"patchesStrategicMerge:\n  - |\n{first}    spec:\n      hostIPC: true\n"
    assert places(text) == [(4, 12), (8, 7)]


def test_a_quoted_or_folded_patch_has_one_place() -> None:
    quoted = 'patches:\n  - patch: "spec: {hostPID: true}"\n'
    folded = "patches:\n  - patch: >-\n      [{op: add, path: /spec/hostPID, value: true}]\n"
    assert places(quoted) == [(2, 5)]
    assert places(folded) == [(2, 5)]


def test_a_kustomization_in_several_documents_keeps_its_lines() -> None:
    text = "a: 1\n---\npatches:\n- patch: |\n    spec:\n      hostPID: true\n"
    found = parse(text.encode(), "kustomization.yaml").resources[1]
    assert isinstance(found, FileResource)
    (patch,) = inline(found)
    assert patch.mark(("spec", "hostPID"))[:2] == (6, 7)


@pytest.mark.parametrize(
    "value",
    [None, 1, "a", [], {}, [1, None, {}], [{"op": "remove"}], [{"op": "remove", "path": ""}]],
)
def test_what_is_no_patch_loosens_nothing(value: object) -> None:
    assert list(weakenings(value)) == []


def test_a_patch_nested_very_deep_is_looked_at_to_a_limit() -> None:
    value: object = {"hostPID": True}
    for _ in range(5_000):
        value = {"a": value}
    assert list(weakenings(value)) == []


def test_a_capability_that_an_operation_appends_counts() -> None:
    path = "/spec/containers/0/securityContext/capabilities/add/-"
    ((place, said, _),) = weakenings([{"op": "add", "path": path, "value": "SYS_ADMIN"}])
    assert place == (0, "path")
    assert "SYS_ADMIN" in said
