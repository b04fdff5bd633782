"""What a file holds: objects, something else called by its name, or what is unread and why."""

# ruff: noqa: E501 - an example stands on one line

from __future__ import annotations

import json
from typing import Any

import pytest

from portside.model.finding import JUDGED, NOT_KUBERNETES, PARTLY_READ, UNREAD, FileFate
from portside.model.reading import ReadFile
from portside.sources.manifest import parse
from portside.syntax import Limits

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"


def read(text: str | bytes, name: str = "a.yaml") -> ReadFile:
    return parse(text if isinstance(text, bytes) else text.encode(), name)


def names(found: ReadFile) -> list[tuple[str, str, int]]:
    """Kind, name and line of each object."""
    return [(it.ref.kind, it.ref.name, it.line) for it in found.resources]


def other(text: str | bytes, name: str = "a.yaml") -> str:
    """What a file is that holds no object."""
    found = read(text, name)
    assert (found.fate.fate, found.fate.objects, found.unread) == (NOT_KUBERNETES, 0, ()), found
    return found.fate.reason


def unread(text: str | bytes, name: str = "a.yaml") -> list[tuple[int, str]]:
    """Line and reason of what is unread in a file of which nothing is read."""
    found = read(text, name)
    assert (found.fate.fate, found.fate.objects) == (UNREAD, 0), found
    assert found.fate.reason == found.unread[0].reason
    return [(it.line, it.reason) for it in found.unread]


def test_each_document_is_an_object() -> None:
    found = read(f"{POD}---\n{POD.replace('Pod', 'Secret')}---\n# nothing\n---\nnull\n")

    assert found.fate == ("a.yaml", JUDGED, 2, "")
    assert names(found) == [("Pod", "a", 1), ("Secret", "a", 5)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no content"),
        ("\n \n", "no content"),
        ("# a\n# apiVersion: v1\n", "no content"),
        ("---\n---\n# kind\n", "no content"),
        ("services:\n  a: {image: b}\n", "no apiVersion and no kind in it"),
        ("a: kind\nservices: {}\n", "a compose file"),
        ("stages: [kind]\n", "a CI pipeline"),
        ("openapi: 3.0.0\ninfo: {title: kind}\n", "an OpenAPI document"),
        ("a: 'kind'\n", "no apiVersion and no kind in it"),
        ("- kind\n- b\n", "a list, not an object"),
        ("kind of text", "text, not an object"),
        ("- {op: add, path: /metadata/annotations/kind, value: a}\n", "a list, not an object"),
        (b"\0\1\2", "binary data"),
        ("PNG\0\1", "binary data"),
        ("a: [1\n", "no apiVersion and no kind in it"),
        ("a: [kind\n", "no apiVersion in it, and no sound YAML"),
        ("a: [apiVersion, mankind: 1\n", "no apiVersion in it, and no sound YAML"),
    ],
)
def test_what_is_no_object_is_called_by_its_name(text: str | bytes, what: str) -> None:
    assert other(text) == what


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("docker-compose.yaml", "a compose file"),
        ("compose.prod.yml", "a compose file"),
        ("composer.yml", "no apiVersion and no kind in it"),
    ],
)
def test_a_file_without_the_words_is_called_by_its_path(name: str, what: str) -> None:
    assert other("a: 1\n", name) == what


@pytest.mark.parametrize(
    ("version", "kind", "what"),
    [
        ("skaffold/v4beta6", "Config", "a Skaffold configuration"),
        ("kind.x-k8s.io/v1alpha4", "Cluster", "a configuration of kind"),
        ("kubeadm.k8s.io/v1beta3", "ClusterConfiguration", "a configuration of kubeadm"),
        ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", "a configuration of the kubelet"),
        ("audit.k8s.io/v1", "Policy", "an audit policy of the API server"),
    ],
)
def test_what_is_not_applied_to_a_cluster_is_no_object(version: str, kind: str, what: str) -> None:
    assert (
        other(f"apiVersion: {version}\nkind: {kind}\n") == f"{what}: it is not applied to a cluster"
    )


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("values.yaml", "a: 1\n", "HelmValues"),
        ("b/values-prod.yaml", "kind: x\n", "HelmValues"),
        ("ci/large-values.yml", "a: 1\n", "HelmValues"),
        ("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "HelmChart"),
        ("kustomization.yaml", "resources: [a.yaml]\n", "Kustomization"),
        (
            "k.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
            "Kustomization",
        ),
        (
            "k.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
            "Kustomization",
        ),
    ],
)
def test_files_of_charts_and_overlays_are_judged_as_they_are(
    name: str, text: str, kind: str
) -> None:
    found = read(text, name)

    assert found.fate == FileFate(name, JUDGED, 1, "")
    assert [(it.kind, it.group) for it in found.resources] == [(kind, "")]


def test_an_object_in_a_file_called_as_values_is_an_object() -> None:
    found = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "values.yaml")

    assert [it.kind for it in found.resources] == ["ConfigMap"]


def test_a_kubeconfig_is_no_object_and_a_config_of_others_is_one() -> None:
    text = "apiVersion: v1\nkind: Config\nclusters: []\n"

    assert other(text) == "a kubeconfig: it is not applied to a cluster"
    assert read("apiVersion: example.org/v1\nkind: Config\nclusters: []\n").fate.fate == JUDGED


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n"
        "spec: {versions: [{schema: {openAPIV3Schema: {properties: {kind: {type: string}}}}}]}\n",
        "apiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\nmetadata: {name: a}\ndata: {release: aGk=}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.yaml: |\n    services: {}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\non: 1\njobs: 2\n",
    ],
)
def test_objects_that_hold_something_else_are_objects(text: str) -> None:
    assert read(text).fate[1:] == (JUDGED, 1, "")


def test_one_broken_document_costs_only_itself() -> None:
    found = read(f"{POD}---\na: [1\n---\n{POD}--- b\n{POD}---\nc: 'd\n")

    assert found.fate[1:3] == (PARTLY_READ, 3)
    assert [it[2] for it in names(found)] == [1, 7, 11]
    assert [(it.line, it.column) for it in found.unread] == [(5, 4), (10, 4), (15, 4)]


@pytest.mark.parametrize(
    "text", ["kind: [1\n", '{"kind": "Pod", "a": \'b\', [}', "- apiVersion: [\n"]
)
def test_a_broken_file_that_spells_a_key_of_objects_is_unread(text: str) -> None:
    assert len(unread(text)) == 1


def test_text_that_kubectl_drops_in_silence_is_unread() -> None:
    found = read(f"{POD}...\nkind: Secret\n")

    assert found.fate[1:3] == (PARTLY_READ, 1)
    assert [(it.line, it.reason.partition(":")[0]) for it in found.unread] == [
        (5, "text behind the end of the document, which kubectl drops in silence")
    ]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("kind: Pod\nmetadata: {name: a}\nspec: {}\n", "apiVersion"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "kind"),
        ("apiVersion: v1\nkind:\nmetadata: {name: a}\n", "kind"),
        ("apiVersion: 1\nkind: Pod\nmetadata: {name: a}\nspec: {}\n", "apiVersion"),
        ("apiVersion: ''\nkind: Pod\nmetadata: {name: a}\nspec: {}\n", "apiVersion"),
    ],
)
def test_an_object_without_its_kind_is_unread(text: str, missing: str) -> None:
    assert unread(text) == [(1, f"an object without {missing}: the API server refuses it")]


def test_objects_beside_something_else_are_judged() -> None:
    found = read(f"stages: [a]\n---\n{POD}")

    assert found.fate == ("a.yaml", JUDGED, 1, "besides objects: a CI pipeline")


def items(*each: str, kind: str = "List", version: str = "v1") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nitems:\n" + "".join(f"- {it}\n" for it in each)


A = "{apiVersion: v1, kind: Pod, metadata: {name: a}}"
B = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}"


def test_the_items_of_a_list_are_objects_with_their_own_lines() -> None:
    found = read(items(A, B))

    assert found.fate[1:] == (JUDGED, 2, "")
    assert names(found) == [("Pod", "a", 4), ("Deployment", "b", 5)]
    assert [it.prefix for it in found.resources] == [("items", 0), ("items", 1)]
    assert found.resources[1].place(("metadata", "name")) == (5, 54)


def test_the_items_of_a_typed_list_have_its_kind() -> None:
    found = read(items("metadata: {name: a}", A, kind="PodList"))

    assert [(*it[:2],) for it in names(found)] == [("Pod", "a"), ("Pod", "a")]
    assert found.resources[0].ref.api_version == "v1"
    custom = read(items("metadata: {name: a}", kind="ThingList", version="example.org/v1"))
    assert str(custom.resources[0].ref) == "Thing a"


@pytest.mark.parametrize(
    "item", ["{kind: Pod, metadata: {name: a}}", "{apiVersion: v1, metadata: {}}"]
)
def test_an_item_has_the_kind_of_its_list_only_where_it_has_nothing_of_it(item: str) -> None:
    ((line, reason),) = unread(items(item, kind="PodList"))

    assert (line, reason.partition(":")[0][:17]) == (4, "an object without")


def test_lists_within_lists_are_unrolled() -> None:
    inner = f"{{apiVersion: v1, kind: List, items: [{A}, {B}]}}"
    found = read(items(inner, A))

    assert [it.prefix for it in found.resources] == [
        ("items", 0, "items", 0),
        ("items", 0, "items", 1),
        ("items", 1),
    ]


def test_lists_that_nest_too_deep_are_unread() -> None:
    text = A
    for _ in range(20):
        text = f"{{apiVersion: v1, kind: List, items: [{text}]}}"

    assert unread(text) == [(1, "Lists nested too deep")]


def test_items_that_are_no_objects_are_unread_and_cost_only_themselves() -> None:
    found = read(items("", "a", "[1]", A, "{a: 1}"))

    assert found.fate[1:3] == (PARTLY_READ, 1)
    assert [(it.line, it.reason) for it in found.unread] == [
        (4, "an item of a List that is nothing, not an object"),
        (5, "an item of a List that is text, not an object"),
        (6, "an item of a List that is a list, not an object"),
        (8, "an object without apiVersion: the API server refuses it"),
    ]


@pytest.mark.parametrize("text", ["items: []", "items:", "metadata: {}"])
def test_an_empty_list_holds_nothing(text: str) -> None:
    assert other(f"apiVersion: v1\nkind: List\n{text}\n") == "an empty List"


def test_a_list_whose_items_are_no_list_is_unread() -> None:
    assert unread("apiVersion: v1\nkind: List\nitems: {a: 1}\n") == [
        (1, "a List whose items are a map")
    ]


def test_objects_that_a_second_items_replaces_are_said_to_be_lost() -> None:
    found = read(f"{items(A)}items:\n- {B}\n")

    assert names(found) == [("Deployment", "b", 6)]
    assert found.fate.fate == PARTLY_READ
    (lost,) = found.unread
    assert (lost.line, lost.reason) == (
        3,
        "items of a List is written again in line 5, which replaces it",
    )


def test_a_kind_that_is_called_a_list_and_has_no_items_is_an_object() -> None:
    found = read(
        "apiVersion: example.org/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {items: [1]}\n"
    )

    assert names(found) == [("AllowList", "a", 1)]


def test_duplicate_keys_belong_to_their_object() -> None:
    text = items("{apiVersion: v1, kind: Pod, metadata: {name: x, name: z}}", A)
    found = read(text)

    assert found.resources[0].duplicates == ((("metadata", "name"), (4, 42), (4, 51)),)
    assert found.resources[1].duplicates == ()
    assert found.resources[0].ref.name == "z"


def test_a_file_over_the_limit_is_refused_unparsed_with_the_remedy() -> None:
    found = parse(POD.encode(), "a.yaml", Limits(size=20))

    assert found.fate == (
        "a.yaml",
        UNREAD,
        0,
        "refused unparsed: more than 20 bytes; limits.size in portside.yaml allows more",
    )


def test_words_beyond_the_limit_do_not_make_a_file_harmless() -> None:
    data = (b"#" * 100 + b"\n" + POD.encode())[:21]

    assert parse(data, "a.yaml", Limits(size=20)).fate.fate == UNREAD


@pytest.mark.parametrize(
    "text",
    [
        '"api\\x56ersion": v1\n"k\\x69nd": Pod\nmetadata: {name: a}\n',
        "!!binary YXBpVmVyc2lvbg==: v1\n!!binary a2luZA==: Pod\nmetadata: {name: a}\n",
        POD.encode("utf-16"),
        b"\xff\xfe" + POD.encode("utf-16-le"),
        b"\xfe\xff" + POD.encode("utf-16-be"),
    ],
)
def test_an_object_is_found_however_its_keys_are_spelt(text: str | bytes) -> None:
    assert read(text).fate[1:3] == (JUDGED, 1)


def test_a_nul_does_not_hide_the_documents_before_it() -> None:
    found = read(f"{POD}---\na: \0\n")

    assert found.fate[1:3] == (PARTLY_READ, 1)


def test_json_is_read_value_by_value() -> None:
    one: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
    found = read(json.dumps(one, indent=2) + "\n" + json.dumps(one), "a.json")

    assert names(found) == [("Pod", "a", 1), ("Pod", "a", 8)]
