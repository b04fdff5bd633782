"""ApplicationSets, held against Argo CD's own generators and templates."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from portside.render.gitops.applicationsets import applications
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import Told, UnresolvedError
from portside.sources.manifest import parse
from portside.syntax import DEFAULT
from tests.gitops_oracle import Program
from tests.oracle.toolchain import UnavailableError
from tests.render.gitops.objects import REPOSITORY
from tests.render.trees import write

FILES = {
    "apps/a/config.yaml": (
        "env: dev\nnested: {deep: {x: 1}, list: [p, q], f: 1.5, big: 12345678, no: null}\n"
    ),
    "apps/b/config.yaml": "- {env: prod, on: true}\n- {env: stage, t: 'true'}\n",
    "apps/b/deep/Config_X.yaml": "env: deep\n",
    "apps/.hidden/config.yaml": "env: hidden\n",
    "apps/c/empty.json": "",
    "clusters/Eu_West/one.json": '{"cluster": {"name": "eu", "size": 3}, "env": "dev"}',
    "clusters/us/one.json": '{"cluster": {"name": "us", "size": 5}, "env": "prod"}',
    "top.yaml": "env: top\n",
}
GIT = {"repoURL": REPOSITORY, "revision": "HEAD"}
TEMPLATE = {
    "metadata": {"name": "x-{{path.basename}}-{{env}}", "labels": {"{{env}}": "{{ env }}"}},
    "spec": {
        "project": "p",
        "source": {"repoURL": REPOSITORY, "path": "{{path}}", "targetRevision": "{{path[0]}}"},
        "destination": {
            "name": "{{a}}",
            "namespace": "{{nested.deep.x}}-{{nested.list.1}}-{{nested.f}}-{{nested.big}}",
            "server": "{{on}} {{t}} {{values.v}} {{path.basenameNormalized}} {{path.filename}}",
        },
    },
}
GO_TEMPLATE = {
    "metadata": {"name": "x-{{.path.basename}}", "labels": {"{{ .env }}": "{{- .env -}}"}},
    "spec": {
        "project": "p",
        "source": {
            "repoURL": REPOSITORY,
            "path": "{{.path.path}}",
            "targetRevision": "{{ index .path.segments 1 }} {{ .gone }}",
        },
        "destination": {
            "name": "{{.a}}-{{.nested.deep.x}}-{{.nested.deep.y}}",
            "namespace": "{{.values.v}}",
            "server": " {{- .path.filename }} x",
        },
    },
}


def directories(*paths: str, **more: Any) -> dict[str, Any]:
    items = [{"path": it.lstrip("!"), "exclude": it.startswith("!")} for it in paths]
    return {"git": {**GIT, "directories": items, **more}}


def files(*paths: str, **more: Any) -> dict[str, Any]:
    items = [{"path": it.lstrip("!"), "exclude": it.startswith("!")} for it in paths]
    return {"git": {**GIT, "files": items, **more}}


def elements(*them: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"list": {"elements": list(them), **more}}


def matrix(*generators: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"matrix": {"generators": list(generators), **more}}


def merge(keys: list[str], *generators: dict[str, Any]) -> dict[str, Any]:
    return {"merge": {"mergeKeys": keys, "generators": list(generators)}}


DEV, PROD = {"env": "dev", "a": "1"}, {"env": "prod", "a": "2"}
OWN = {"metadata": {"name": "own-{{env}}"}, "spec": {"project": "q"}}
GENERATORS: list[list[dict[str, Any]]] = [
    [elements(DEV, PROD)],
    [elements({"env": "x", "values": {"v": "w"}})],
    [elements({"env": 1})],
    [elements({"env": "x", "values": 1})],
    [elements(DEV, elementsYaml="- env: yaml\n  path: here\n- env: 2\n")],
    [elements(DEV, template=OWN)],
    [directories("apps/*")],
    [directories("apps/*", "!apps/b")],
    [directories("*", "apps/?", "apps/[ab]/*")],
    [directories("apps/b/*", values={"v": "{{path.basename}}-{{values.v}}-{{.path.basename}}"})],
    [directories("clusters/*", pathParamPrefix="pre")],
    [directories("nowhere/*")],
    [files("apps/*/config.yaml")],
    [files("**/config.yaml"), files("apps/b")],
    [files("apps/**", "!apps/c/*", "!*/b/*")],
    [files("clusters/*.json", values={"v": "{{cluster.name}}"})],
    [files("*.yaml")],
    [files("top.yaml", pathParamPrefix="pre")],
    [files("apps/c/empty.json")],
    [matrix(directories("apps/*"), elements(DEV, PROD))],
    [matrix(elements(DEV, PROD), elements({"b": "{{env}}-{{a}}"}, {"b": "2"}))],
    [matrix(elements({"dir": "apps"}, {"dir": "clusters"}), directories("{{dir}}/*"))],
    [matrix(elements(DEV), elements(PROD))],
    [matrix(elements(DEV), elements(DEV), elements(DEV))],
    [matrix(elements(DEV))],
    [matrix(files("clusters/*/*.json"), files("apps/{{path[1]}}/config.yaml"))],
    [matrix(matrix(elements({"x": "1"}), elements({"y": "2"})), elements(DEV))],
    [matrix(merge(["env"], elements(DEV), elements({**DEV, "a": "9"})), directories("apps/a"))],
    [merge(["env"], elements(DEV, PROD), elements({"env": "prod", "a": "3", "c": "4"}))],
    [matrix(directories("apps/*"),
            merge(["env"], elements(DEV), elements({"env": "dev", "a": ""})))],
    [matrix(directories("apps/*"),
            merge(["env"], elements({**DEV, "nested": {"deep": {"x": 1}}, "gone": "kept"}),
                  elements({"env": "dev", "gone": None, "nested": {"deep": {"x": 0, "y": 2}}})))],
    [merge(["env", "a"], elements(DEV, PROD), elements({"env": "prod", "b": "3"}))],
    [merge(["env"], elements(DEV, DEV), elements(PROD))],
    [merge([], elements(DEV), elements(PROD))],
    [merge(["env"], elements(DEV), files("clusters/*/*.json"))],
    [{**elements(DEV, PROD), "selector": {"matchLabels": {"env": "prod"}}}],
    [{**files("clusters/*/*.json"), "selector": {"matchExpressions": [
        {"key": "cluster.size", "operator": "In", "values": ["3", "4"]},
        {"key": "gone", "operator": "DoesNotExist"}]}}],
    [{**elements(DEV, PROD), "selector": {"matchExpressions": [
        {"key": "env", "operator": "NotIn", "values": ["dev"]},
        {"key": "a", "operator": "Exists"}]}}],
    [{**elements(DEV), **directories("apps/a")}],
]  # fmt: skip
PATCHES = (
    "",
    "spec: {source: {helm: {valueFiles: ['{{env}}.yaml']}, targetRevision: null}, project: other}",
    "metadata: {annotations: {a: '{{env}}'}}",
    "- a",
    "spec: [",
)


@pytest.fixture(scope="module")
def argo() -> Program:
    """Argo CD's own code; skips where Go or its modules cannot be had."""
    try:
        return Program("argo")
    except UnavailableError as reason:
        pytest.skip(f"no oracle of Argo CD: {reason}")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    write(folder, FILES)
    for words in (["init", "-q"], ["remote", "add", "origin", REPOSITORY], ["add", "-A"]):
        subprocess.run(["git", "-C", folder, *words], check=True)
    return folder


def a_set(generators: list[dict[str, Any]], go: bool, patch: str, strict: bool) -> dict[str, Any]:
    spec: dict[str, Any] = {"generators": generators, "goTemplate": go,
                            "template": GO_TEMPLATE if go else TEMPLATE}  # fmt: skip
    if patch:
        spec["templatePatch"] = patch.replace("{{env}}", "{{.env}}") if go else patch
    if strict:
        spec["goTemplateOptions"] = ["missingkey=error"]
    metadata = {"name": "s", "namespace": "argocd"}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet",
            "metadata": metadata, "spec": spec}  # fmt: skip


def ours(root: Path, value: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The applications, and why some could not be made."""
    from portside.render.tree import Tree

    (resource,) = parse(json.dumps(value).encode(), "set.json", DEFAULT, "set.json").resources
    unresolved: list[UnresolvedError] = []
    told = Told(resource, resource.value)
    made = applications(told, Sources(Tree(str(root))), {}, unresolved)
    return sorted(shown(it.value) for it in made), [it.reason for it in unresolved]


def shown(application: Any) -> str:
    """What matters of an application: its name, its labels and its spec, without what is empty."""
    metadata = application["metadata"]
    kept = {key: metadata.get(key) for key in ("name", "labels", "annotations")}
    return json.dumps(pruned({"metadata": kept, "spec": application["spec"]}), sort_keys=True)


def pruned(value: Any) -> Any:
    if isinstance(value, dict):
        made = {key: pruned(it) for key, it in value.items()}
        return {key: it for key, it in made.items() if it not in (None, "", {}, [])}
    return value


@pytest.mark.usefixtures("on_path")
def test_applications_are_those_that_argo_makes(argo: Program, root: Path) -> None:
    sets = [
        a_set(generators, go, patch, strict)
        for generators in GENERATORS
        for go, strict in ((False, False), (True, False), (True, True))
        for patch in PATCHES
    ]
    agree(argo, root, sets)


@pytest.mark.usefixtures("on_path")
def test_any_generators_yield_what_argo_yields(argo: Program, root: Path) -> None:
    chance = random.Random(7)
    agree(argo, root, [
        a_set([any_generator(chance, 2)], chance.random() < 0.3, "", False) for _ in range(1500)
    ])  # fmt: skip


@pytest.mark.usefixtures("on_path")
def test_any_go_templates_make_what_argo_makes(argo: Program, root: Path) -> None:
    chance = random.Random(8)
    agree(argo, root, [any_go_set(chance) for _ in range(1500)])


@pytest.mark.usefixtures("on_path")
def test_any_name_is_a_slug_as_argo_has_it(argo: Program, root: Path) -> None:
    chance = random.Random(9)
    sets = []
    for _ in range(300):
        name = "".join(chance.choices("aB9-_. /é", k=chance.randint(0, 70)))
        options = chance.choice(("", "8 ", "23 ", "0 ", "5 false ", "30 false ", "9 true "))
        text = f"x{{{{ slugify {options}.n }}}} {{{{ normalize .n }}}}"
        sets.append(a_go_set([elements({"n": name})], {"metadata": {"name": text}}))
    agree(argo, root, sets)


def any_go_set(chance: random.Random) -> dict[str, Any]:
    generator = (
        any_generator(chance, 1)
        if chance.random() < 0.5
        else chance.choice(
            (files("apps/**", "!apps/.hidden/*"), files("clusters/*/*.json"), elements(DEV, PROD))
        )
    )
    if chance.random() < 0.3:
        generator[next(iter(generator))]["values"] = {"v": any_go_text(chance)}
    values = {any_go_text(chance): [{"k": any_go_text(chance), "n": 1}], "whole": True}
    helm: dict[str, Any] = {"values": any_go_text(chance)}
    if chance.random() < 0.5:
        helm = {"valuesObject": values}
    template = {
        "metadata": {"name": any_go_text(chance), "labels": {"l": any_go_text(chance)}},
        "spec": {"project": "p", "source": {"repoURL": REPOSITORY, "helm": helm},
                 "destination": {"namespace": any_go_text(chance)}},
    }  # fmt: skip
    made = a_go_set([generator], template)
    if chance.random() < 0.3:
        made["spec"]["templatePatch"] = chance.choice(GO_PATCHES)
    if chance.random() < 0.5:
        made["spec"]["goTemplateOptions"] = [chance.choice(GO_OPTIONS)]
    return made


def a_go_set(generators: list[dict[str, Any]], template: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "s", "namespace": "argocd"},
        "spec": {"goTemplate": True, "generators": generators, "template": template},
    }


def any_go_text(chance: random.Random) -> str:
    if chance.random() < 0.04:
        return chance.choice(GO_REFUSED)
    return "".join(chance.choices(GO_TEXTS, k=chance.randint(1, 3)))


GO_OPTIONS = ("missingkey=error", "missingkey=default", "missingkey=zero", "missingkey=no")
GO_REFUSED = (
    *("{{", "{{ .env", "{{ end }}", "{{ env `HOME` }}", "{{ expandenv `$HOME` }}"),
    *("{{ getHostByName `localhost` }}", "{{ lookup `v1` `Pod` `` `` }}", "{{ tpl `a` . }}"),
    *("{{ include `a` . }}", "{{ required `a` .a }}", "{{ fail `no` }}", "{{ .a.b.c }}"),
    *("{{ fromYaml `- a` }}", "{{ fromYamlArray `a: 1` }}", "{{ index .env `a` }}"),
    *("{{ portsideEnter `a` }}", "{{ fromJson `{` }}"),
)
GO_TEXTS = (
    *("plain", " ", "{{ .env }}", "{{- .a -}}", "{{ .env | upper }}", "{{ .gone }}"),
    *("{{ .nested.deep.x }}", "{{ .nested.big }}", "{{ .nested.f }}", "{{ .nested }}", "{{ . }}"),
    *("{{ .on }}", "{{ .t | quote }}", "{{ .values.v }}", "{{ default `x` .gone }}"),
    *("{{ if eq .env `dev` }}a{{ else }}b{{ end }}", "{{ with .a }}<{{ . }}>{{ end }}"),
    "{{ range $i, $s := .path.segments }}{{ $i }}={{ $s }},{{ end }}",
    *("{{ .path.basename | default `Some_Thing` | normalize }}", "{{ slugify 4 .env }}"),
    *("{{ dig `nested` `deep` `x` `none` . }}", "{{ toYaml .nested }}", "{{ toJson . }}"),
    *("{{ (fromYaml `a: {b: 1}`).a.b }}", "{{ fromYamlArray `[1, x]` | join `-` }}"),
    *("{{ printf `%s-%v` .env .a }}", "{{ trunc 2 .env }}", "{{ .env | b64enc | sha256sum }}"),
    *("{{ regexReplaceAll `[a-d]` .env `x` }}", "{{ splitList `-` `a-b` | last }}"),
    *("{{ until 3 | join `,` }}", "{{ repeat 3 .env }}", "{{ seq 3 }}", "{{ untilStep 9 1 -4 }}"),
    *("{{ .cluster.size | int | add 1 }}", "{{/* c */}}", "{{ $x := .env }}{{ $x }}"),
    *("{{ define `t` }}x{{ . }}{{ end }}{{ template `t` .env }}", "{{ len . }}"),
    *("{{ semverCompare `>=1.2` `1.3.0` }}", "{{ dict `a` (list 1 .a) | toJson }}"),
    *("{{ ternary `y` `n` (has .env (list `dev`)) }}", "{{ index .path.segments 0 }}"),
    *("{{ coalesce .gone .a `z` }}", "{{ get . `env` }}", "{{ hasKey . `env` }}"),
)
GO_PATCHES = (
    "spec: {source: {helm: {valueFiles: ['{{ .env }}.yaml']}}}",
    "{{ if eq .env `prod` }}\nmetadata: {annotations: {a: b}}\n{{ end }}",
    "spec:\n  sources:\n  {{- range $i := until 2 }}\n  - repoURL: r{{ $i }}\n  {{- end }}",
    "{{ toYaml (dict `metadata` (dict `labels` .values)) }}",
    "{{ fail `no` }}",
)


def any_generator(chance: random.Random, depth: int) -> dict[str, Any]:
    kind = chance.choice(("list", "list", "directories", "files", "matrix", "merge"))
    if depth and kind in ("matrix", "merge"):
        inner = [any_generator(chance, depth - 1) for _ in range(2)]
        return matrix(*inner) if kind == "matrix" else merge(any_keys(chance), *inner)
    if kind == "directories":
        return directories(*any_patterns(chance, ("apps/*", "*", "clusters/*", "!apps/b", "{{a}}")))
    if kind == "files":
        names = ("apps/*/config.yaml", "*.json", "!*/us/*", "{{env}}.yaml", "top.yaml")
        return files(*any_patterns(chance, names))
    return elements(*({key: chance.choice(("dev", "prod", "{{env}}")) for key in any_keys(chance)}
                      for _ in range(chance.randint(1, 3))))  # fmt: skip


def any_keys(chance: random.Random) -> list[str]:
    return chance.sample(["env", "a", "path"], chance.randint(1, 2))


def any_patterns(chance: random.Random, names: tuple[str, ...]) -> list[str]:
    return chance.sample(names, chance.randint(1, 3))


def agree(argo: Program, root: Path, sets: list[dict[str, Any]]) -> None:
    """Where all can be made the same are made; where Argo CD refuses something, so do we."""
    answers = argo.ask([{"root": str(root), "set": it} for it in sets])
    differ, made_by_both = [], 0
    for value, answer in zip(sets, answers, strict=True):
        made, refused = ours(root, value)
        expected = sorted(shown(it) for it in answer["applications"] or ())
        if answer.get("error"):
            same = bool(refused)
        else:
            same, made_by_both = not refused and made == expected, made_by_both + 1
        if not same:
            differ.append((json.dumps(value["spec"]), made, refused, expected, answer.get("error")))
    assert differ == []
    assert made_by_both > len(sets) / 10
