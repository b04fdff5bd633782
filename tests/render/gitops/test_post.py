"""postRenderers and commonMetadata of a HelmRelease: what is judged is what they leave."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portside.render.environment import NO_HOOKS, SEPARATE, Post
from portside.render.post import Posted, PostError, post_rendered
from portside.render.post_origins import path_before
from portside.render.process import Limits, Program
from portside.render.wire import HelmRequest, Rendered, RenderedFile
from portside.syntax import Document, read
from tests.render.gitops.objects import RELEASE, deployed
from tests.render.test_scan import CHART, fates, of, scan, write
from tests.scanning import Answer, portside

TREE = {
    ".git/config": '[remote "origin"]\n\turl = https://git.example.org/team/shop.git\n',
    "c/Chart.yaml": CHART.format(name="c"),
    "c/values.yaml": "tag: '1.2'\n",
    "c/templates/a.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: live}
spec:
  containers:
  - name: web
    image: registry.example.org/web:{{ .Values.tag }}
""",
}
NON_ROOT = """\
  postRenderers:
  - kustomize:
      patches:
      - target: {kind: Pod}
        patch: '- {op: add, path: /spec/securityContext, value: {runAsNonRoot: true}}'
"""
ROOT = NON_ROOT.replace("true", "false")
LATEST = """\
  postRenderers:
  - kustomize: {images: [{name: registry.example.org/web, newTag: latest}]}
"""
PRIVILEGED = """\
  postRenderers:
  - kustomize:
      patches:
      - target: {kind: Pod}
        patch: |
          - op: add
            path: /spec/containers/0
            value: {name: side, image: "registry.example.org/side:1",
              securityContext: {privileged: true}}
"""
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a"},
    "spec": {"containers": [{"name": "a", "image": "x:1"}]},
}
CHART_S = Rendered((
    RenderedFile("c/crds/d.yaml", "kind: CustomResourceDefinition\n", kind="crd"),
    RenderedFile("c/templates/a.yaml", json.dumps(POD), path="templates/a.yaml"),
    RenderedFile(
        "c/templates/h.yaml",
        """\
apiVersion: v1
kind: Pod
metadata: {name: hook, annotations: {helm.sh/hook: "pre-install"}}
spec: {containers: [{name: a, image: "x:1"}]}
""",
        "pre-install",
        "hook",
    ),
))  # fmt: skip
_ANNOTATED = "- {op: add, path: /metadata/annotations/b, value: c}"
TAGGED = json.dumps({"images": [{"name": "x", "newTag": "2"}]})


def released(tmp_path: Path, more: str, **files: str) -> Answer:
    return scan(write(tmp_path, TREE | files | {"flux/c.yaml": RELEASE + more}))


def post(*kustomizations: str, hooks: str = "combined") -> Post:
    return Post(kustomizations, hooks, "flux/c.yaml", 7, 3, "spec.postRenderers")


def value_of(it: Posted) -> Any:
    (found,) = read(it.file.text.encode())
    assert isinstance(found, Document)
    return found.value


def images(made: list[Posted]) -> dict[str, str]:
    pods = [value_of(it) for it in made if it.file.kind != "crd"]
    return {it["metadata"]["name"]: it["spec"]["containers"][0]["image"] for it in pods}


@pytest.mark.usefixtures("on_path")
class TestScan:
    def test_a_patch_ends_a_finding_of_the_chart(self, tmp_path: Path) -> None:
        without = released(tmp_path, "")
        patched = released(tmp_path, NON_ROOT)

        assert of(without, "run-as-non-root")["confidence"] == "exact"
        assert patched.of("run-as-non-root") == []
        assert patched.report["unread"] == []
        assert fates(patched)["c/"] == "rendered"

    def test_what_a_patch_makes_is_the_release_s(self, tmp_path: Path) -> None:
        found = of(released(tmp_path, LATEST), "latest-tag")

        assert (found["file"], found["line"], found["column"]) == ("flux/c.yaml", 7, 3)
        assert found["confidence"] == "template"
        assert [it["role"] for it in found["chain"]] == ["patch"]

    def test_what_no_patch_made_is_the_template_s_and_never_exact(self, tmp_path: Path) -> None:
        answer = released(tmp_path, PRIVILEGED)
        found = {it["file"]: it for it in answer.of("run-as-non-root")}

        assert of(answer, "privileged-container")["file"] == "flux/c.yaml"
        assert found["c/templates/a.yaml"]["confidence"] == "template"
        assert found["c/templates/a.yaml"]["line"] == 6
        assert {it["confidence"] for it in answer.of("privilege-escalation-allowed")} == {
            "template"
        }

    def test_values_that_an_image_override_hides_are_not_blamed(self, tmp_path: Path) -> None:
        files = {"c/values.yaml": "tag: latest\n"}
        pinned = LATEST.replace("newTag: latest", "newTag: '3'")

        assert of(released(tmp_path, "", **files), "latest-tag")["file"] == "c/values.yaml"
        assert released(tmp_path, pinned, **files).of("latest-tag") == []

    def test_metadata_for_all_goes_to_objects_alone(self, tmp_path: Path) -> None:
        template = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {team: other, app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "x:1"}]}
"""
        common = "  commonMetadata: {labels: {team: shop}, annotations: {owner: us}}\n"
        files = {"c/templates/a.yaml": template, "flux/c.yaml": RELEASE + common}
        answer = portside(write(tmp_path, TREE | files), "render", "c", "-e", "c", "-o", "json")
        (made,) = json.loads(answer.out)

        assert made["metadata"] == {
            "name": "web",
            "labels": {"team": "shop", "app": "web"},
            "annotations": {"owner": "us"},
        }
        assert made["spec"]["template"]["metadata"] == {"labels": {"app": "web"}}
        assert made["spec"]["selector"] == {"matchLabels": {"app": "web"}}

    def test_metadata_for_all_leaves_other_fields_exact(self, tmp_path: Path) -> None:
        common = "  commonMetadata: {labels: {team: shop}}\n"
        found = of(released(tmp_path, common), "run-as-non-root")

        assert (found["file"], found["confidence"]) == ("c/templates/a.yaml", "exact")

    def test_a_patch_that_fits_nothing_makes_the_release_unread(self, tmp_path: Path) -> None:
        gone = """\
  postRenderers:
  - kustomize: {patches: [{patch: '{apiVersion: v1, kind: Pod, metadata: {name: gone}}'}]}
"""
        answer = released(tmp_path, gone)
        (said,) = answer.report["unread"]

        assert answer.code == 3
        assert (said["file"], said["line"]) == ("flux/c.yaml", 7)
        assert "its postRenderers cannot be built: " in said["reason"]
        assert "gone" in said["reason"]
        assert str(tmp_path.parent) not in said["reason"]
        assert "portside-post-" not in said["reason"]
        assert answer.of("run-as-non-root") == []

    def test_a_fix_that_a_patch_would_undo_is_rolled_back(self, tmp_path: Path) -> None:
        tree = TREE | {"flux/c.yaml": RELEASE + ROOT}
        tree["c/templates/a.yaml"] = TREE["c/templates/a.yaml"].replace(
            "spec:\n", "spec:\n  securityContext: {runAsNonRoot: false}\n"
        )
        write(tmp_path, tree)
        words = ("scan", "--fix", "--unsafe", "--allow-dirty", "--no-cache", ".")
        answer = portside(tmp_path, *words)

        assert "run-as-non-root" in answer.out
        assert "rolled back: Pod live/web of c (c) would" in answer.out
        assert (tmp_path / "c/templates/a.yaml").read_text().count("runAsNonRoot: true") == 0

    def test_a_fix_that_a_patch_lets_through_is_made_and_proved(self, tmp_path: Path) -> None:
        write(tmp_path, TREE | {"flux/c.yaml": RELEASE + LATEST})
        words = ("scan", "--fix", "--unsafe", "--allow-dirty", "--no-cache", ".")
        answer = portside(tmp_path, *words)

        assert "fixed run-as-non-root" in answer.out
        assert scan(tmp_path).of("run-as-non-root") == []

    def test_what_a_patch_made_is_refused_to_a_fix(self, tmp_path: Path) -> None:
        write(tmp_path, TREE | {"flux/c.yaml": RELEASE + PRIVILEGED})
        words = ("scan", "--fix", "--unsafe", "--allow-dirty", "--no-cache", ".")
        answer = portside(tmp_path, *words)

        assert "refused privileged-container" in answer.out
        assert "flux/c.yaml:7 makes it" in answer.out
        assert (tmp_path / "flux/c.yaml").read_text() == RELEASE + PRIVILEGED


class TestHooks:
    def test_all_but_definitions_goes_through_together(self, rendering: Program) -> None:
        made = post_rendered(CHART_S, post(TAGGED), rendering)

        assert [(it.file.name, it.file.kind, it.passed) for it in made] == [
            ("c/crds/d.yaml", "crd", False),
            ("c/templates/a.yaml", "template", True),
            ("c/templates/h.yaml", "hook", True),
        ]
        assert images(made) == {"a": "x:2", "hook": "x:2"}
        assert made[0].file == CHART_S.files[0]
        assert "annotations" not in value_of(made[1])["metadata"]
        assert value_of(made[2])["metadata"]["annotations"] == {"helm.sh/hook": "pre-install"}

    def test_hooks_stay_out_where_the_release_says_so(self, rendering: Program) -> None:
        made = post_rendered(CHART_S, post(TAGGED, hooks=NO_HOOKS), rendering)

        assert images(made) == {"a": "x:2", "hook": "x:1"}
        assert made[-1].file == CHART_S.files[-1]

    def test_by_themselves_hooks_may_be_called_as_other_objects_are(
        self, rendering: Program
    ) -> None:
        text = CHART_S.files[2].text.replace("name: hook", "name: a")
        twice = CHART_S._replace(files=(*CHART_S.files[:2], CHART_S.files[2]._replace(text=text)))

        assert len(post_rendered(twice, post(TAGGED, hooks=SEPARATE), rendering)) == 3
        with pytest.raises(PostError, match="already registered"):
            post_rendered(twice, post(TAGGED), rendering)

    def test_a_patch_may_make_a_hook_a_plain_object(self, rendering: Program) -> None:
        patch = "- {op: remove, path: /metadata/annotations/helm.sh~1hook}"
        made = post_rendered(CHART_S, post(patches(patch, name="hook")), rendering)

        assert [(it.file.kind, it.file.hook) for it in made[1:]] == [("template", "")] * 2


def patches(patch: str, **target: str) -> str:
    return json.dumps({"patches": [{"patch": patch, "target": target}]})


_PLUGIN = """\
apiVersion: v1
type: postrenderer/v1
name: kustomized
version: 0.1.0
runtime: subprocess
runtimeConfig: {platformCommand: [{command: "${HELM_PLUGIN_DIR}/run.sh"}]}
"""
_PROGRAM = """\
#!/bin/sh
cat > "$HELM_PLUGIN_DIR/helm-output.yaml" && exec "$KUBECTL" kustomize "$HELM_PLUGIN_DIR"
"""


def test_it_is_what_helm_makes_of_a_chart_with_a_hook(
    tmp_path: Path, rendering: Program, real_helm: Path
) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl, which is what builds the kustomization for Helm")
    kustomization = json.dumps(
        {"images": [{"name": "x", "newTag": "2"}], **json.loads(patches(_ANNOTATED))}
    )
    texts = {it.path or it.name.partition("/")[2]: it.text for it in CHART_S.files[1:]}
    write(tmp_path / "c", {"Chart.yaml": CHART.format(name="c"), **texts})
    plugin = {"plugin.yaml": _PLUGIN, "run.sh": _PROGRAM}
    with_resources = f'{{"resources": ["helm-output.yaml"], {kustomization[1:]}'
    write(tmp_path / "plugins/p", plugin | {"kustomization.yaml": with_resources})
    (tmp_path / "plugins/p/run.sh").chmod(0o755)
    done = subprocess.run(
        [real_helm, "template", "c", tmp_path / "c", "--post-renderer", "kustomized"],
        env={"HELM_PLUGINS": str(tmp_path / "plugins"), "KUBECTL": kubectl, "HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    answer = rendering.helm(HelmRequest(str(tmp_path / "c"), release="c"))
    made = post_rendered(answer, post(kustomization), rendering)

    assert done.stderr == b""
    theirs = [it.value for it in read(done.stdout) if isinstance(it, Document)]
    assert [value_of(it) for it in made] == theirs
    assert {it["metadata"]["annotations"]["b"] for it in theirs} == {"c"}


class TestKustomizations:
    def test_they_are_built_one_after_the_other(self, rendering: Program) -> None:
        second = json.dumps({"images": [{"name": "x", "newName": "y"}]})
        third = json.dumps({"images": [{"name": "x", "newTag": "3"}]})
        made = post_rendered(CHART_S, post(TAGGED, second, third), rendering)

        assert images(made) == {"a": "y:2", "hook": "y:2"}

    def test_every_object_has_annotations_to_patch_as_with_helm(self, rendering: Program) -> None:
        patch = patches("- {op: add, path: /metadata/annotations/b, value: c}", name="a")
        made = post_rendered(CHART_S, post(patch), rendering)

        assert value_of(made[1])["metadata"]["annotations"] == {"b": "c"}

    def test_annotations_that_a_patch_replaces_are_no_reason_to_lose_an_object(
        self, rendering: Program
    ) -> None:
        patch = patches("- {op: replace, path: /metadata/annotations, value: {b: c}}", name="a")
        made = post_rendered(CHART_S, post(patch), rendering)

        assert (made[1].source.file, value_of(made[1])["metadata"]["annotations"]) == (
            1,
            {"b": "c"},
        )

    def test_what_a_patch_deletes_is_not_installed(self, rendering: Program) -> None:
        patch = "{$patch: delete, apiVersion: v1, kind: Pod, metadata: {name: a}}"
        made = post_rendered(CHART_S, post(patches(patch, name="a")), rendering)

        assert [it.source.file for it in made] == [0, 2]

    def test_items_of_a_list_become_objects(self, rendering: Program) -> None:
        text = json.dumps(
            {"apiVersion": "v1", "kind": "List", "items": [POD, {**POD, "kind": "Q"}]}
        )
        made = post_rendered(Rendered((RenderedFile("c", text),)), post(TAGGED), rendering)

        assert [it.source.prefix for it in made] == [("items", 0), ("items", 1)]

    def test_a_text_that_looks_like_another_kind_stays_one(self, rendering: Program) -> None:
        data = {"a": "yes", "b": "012", "c": "1e3", "d": "x\n---\ny: 1\n", "e": "\u00e9 \u2028"}
        value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data}
        answer = Rendered((RenderedFile("c", json.dumps(value)),))
        (made,) = post_rendered(answer, post(TAGGED), rendering)

        assert value_of(made) == value

    def test_a_chart_that_makes_nothing_is_not_built(self, rendering: Program) -> None:
        assert post_rendered(Rendered(), post(TAGGED), rendering) == []

    @pytest.mark.parametrize("text", ["[1]", "a: [", "metadata: {annotations: 1}", "x"])
    def test_what_is_no_object_is_said(self, text: str, rendering: Program) -> None:
        with pytest.raises(PostError):
            post_rendered(Rendered((RenderedFile("c", text),)), post(TAGGED), rendering)


class TestHostile:
    def test_a_patch_that_doubles_itself_is_stopped(self, bounded: Program) -> None:
        copies = [
            {"op": "copy", "from": "/metadata/annotations", "path": f"/metadata/annotations/{at}"}
            for at in range(40)
        ]
        with pytest.raises(PostError):
            post_rendered(CHART_S, post(patches(json.dumps(copies), name="a")), bounded)

    def test_nothing_is_read_from_the_disk(self, rendering: Program, tmp_path: Path) -> None:
        (tmp_path / "secret.yaml").write_text("- {op: add, path: /spec/x, value: seen}\n")
        by_path = json.dumps({"patches": [{"path": str(tmp_path / "secret.yaml")}]})
        with pytest.raises(PostError) as said:
            post_rendered(CHART_S, post(by_path), rendering)

        assert "seen" not in str(said.value)

    def test_many_kustomizations_are_bounded_together(
        self, rendering: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("portside.render.post._SECONDS", 0.0)
        with pytest.raises(PostError, match="take longer than"):
            post_rendered(CHART_S, post(*[TAGGED] * 90), rendering)

    def test_no_text_of_a_chart_stays_on_the_disk(
        self, rendering: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        post_rendered(CHART_S, post(TAGGED), rendering)

        assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True, slots=True)
class Refused:
    renderers: str
    said: str
    version: str = "v2"


@pytest.mark.parametrize(
    "case",
    [
        Refused(
            "[{exec: {command: sh}}]", "spec.postRenderers[0] has exec, and Flux knows kustomize"
        ),
        Refused("[x]", "spec.postRenderers[0] is no map"),
        Refused("{kustomize: {}}", "its postRenderers are no list"),
        Refused("[{kustomize: {patches: {a: b}}}]", "kustomize.patches is no list of maps"),
        Refused("[{kustomize: {patches: [x]}}]", "kustomize.patches is no list of maps"),
        Refused("[{kustomize: {resources: [/etc]}}]", "kustomize has resources"),
        Refused("[{kustomize: {patchesStrategicMerge: []}}]", "has patchesStrategicMerge"),
        Refused(str([{}] * 101), "more than 100 postRenderers"),
        Refused("[]\n  postRenderStrategy: some", "'some' is no postRenderStrategy"),
    ],
    ids=lambda it: it.said,
)
def test_what_flux_does_not_know_is_unread(case: Refused, tmp_path: Path) -> None:
    text = f"{RELEASE}  postRenderers: {case.renderers}\n"
    found = deployed(tmp_path, TREE | {"flux/c.yaml": text})
    (said,) = found.unread

    assert found.found == ()
    assert case.said in said.reason
    assert (said.file, said.line) == ("flux/c.yaml", 8 if "Strategy:" in text else 7)


@pytest.mark.parametrize(
    ("more", "made"),
    [
        ("", None),
        ("  postRenderers: []\n  commonMetadata: {}\n", None),
        ("  postRenderers: [{}, {kustomize: {}}]\n", None),
        (
            "  postRenderers: [{kustomize: {images: [{name: a, newTag: '1', other: x}]}}]\n"
            "  postRenderStrategy: nohooks\n",
            Post(
                ('{"images": [{"name": "a", "newTag": "1"}]}',),
                NO_HOOKS, "flux/c.yaml", 7, 3, "spec.postRenderers",
            ),
        ),
    ],
)  # fmt: skip
def test_a_release_says_what_it_goes_through(more: str, made: Post | None, tmp_path: Path) -> None:
    (found,) = deployed(tmp_path, TREE | {"flux/c.yaml": RELEASE + more}).found

    assert found.post == made


def test_older_versions_have_more_fields(tmp_path: Path) -> None:
    text = RELEASE.replace("/v2", "/v2beta2") + (
        "  postRenderers:\n"
        "  - kustomize:\n"
        "      patchesStrategicMerge: [{kind: Pod}]\n"
        "      patchesJson6902: [{patch: [{op: remove}], target: {kind: Pod}}]\n"
    )
    (found,) = deployed(tmp_path, TREE | {"flux/c.yaml": text}).found

    assert found.post is not None
    assert json.loads(found.post.kustomizations[0]) == {
        "patches": [
            {"patch": '{"kind": "Pod"}'},
            {"patch": '[{"op": "remove"}]', "target": {"kind": "Pod"}},
        ]
    }


def test_metadata_for_all_comes_last(tmp_path: Path) -> None:
    more = f"  commonMetadata: {{labels: {{a: b, odd: 1}}}}\n{LATEST}"
    (found,) = deployed(tmp_path, TREE | {"flux/c.yaml": RELEASE + more}).found

    assert found.post is not None
    images_of, common = map(json.loads, found.post.kustomizations)
    assert list(images_of) == ["images"]
    assert json.loads(common["patches"][0]["patch"])["metadata"]["labels"] == {"a": "b"}


THEN: dict[str, Any] = {
    "c": [{"name": "a", "x": 1, "m": {"p": 1}}, {"name": "b"}],
    "l": ["p", "q"],
    "s": 1,
}


@pytest.mark.parametrize(
    ("now", "path", "before"),
    [
        (THEN, ("s",), ("s",)),
        (THEN, ("gone", "x"), ("gone", "x")),
        ({**THEN, "s": True}, ("s",), None),
        ({**THEN, "s": {}}, ("s",), None),
        ({"c": []}, ("s",), None),
        ({"c": [{"name": "z"}, *THEN["c"]]}, ("c", 0, "x"), None),
        ({"c": [{"name": "z"}, *THEN["c"]]}, ("c", 1, "x"), ("c", 0, "x")),
        ({"c": [{"name": "z"}, *THEN["c"]]}, ("c", 2, "x"), ("c", 1, "x")),
        ({"c": [{"name": "a"}, {"name": "a"}]}, ("c", 0), ("c", 0)),
        ({"c": [{"name": "a", "m": {"p": 2}}]}, ("c", 0, "m"), ("c", 0, "m")),
        ({"l": ["n", "p", "q"]}, ("l", 2), ("l", 1)),
        ({"l": ["n", "p", "q"]}, ("l", 0), None),
        ({"l": ["p", "n"]}, ("l", 1), None),
    ],
)  # fmt: skip
def test_a_field_is_found_again_by_names(now: Any, path: Any, before: Any) -> None:
    assert path_before(THEN, now, path) == before


def test_limits_of_the_renderer_hold_for_what_is_posted(render_program: Path) -> None:
    program = Program(str(render_program), Limits(seconds=10, memory=512, output=1))
    value = {**POD, "kind": "ConfigMap", "data": {"a": "x" * (2 << 20)}}
    try:
        with pytest.raises(PostError):
            post_rendered(Rendered((RenderedFile("c", json.dumps(value)),)), post(TAGGED), program)
    finally:
        program.close()
