"""Charts and kustomizations in `portside scan`: judged as what they make, or unread, and why."""

from __future__ import annotations

import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from portside.render import process
from tests.scanning import Answer, portside

CHART = "apiVersion: v2\nname: {name}\nversion: 1.0.0\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: a, image: nginx, securityContext: {privileged: true}}]}
"""
TEMPLATE = POD.replace("name: a}\n", 'name: "{{ .Release.Name }}"}\n', 1)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def chart(root: Path, template: str = TEMPLATE, **more: str) -> Path:
    """A chart `shop` with one template; `more` are further files, `__` for a slash, `_` a point."""
    files = {"Chart.yaml": CHART.format(name="shop"), "templates/a.yaml": template}
    files |= {name.replace("__", "/").replace("_", "."): text for name, text in more.items()}
    return write(root, {f"shop/{name}": text for name, text in files.items()})


def scan(folder: Path, *words: str) -> Answer:
    return portside(folder, "scan", "-o", "json", "--no-cache", *words, ".")


def fates(answer: Answer) -> dict[str, str]:
    files = answer.report["ledger"]["files"]
    assert len({it["file"] for it in files}) == len(files)
    counted = Counter(it["file"] for it in answer.report["ledger"]["objects"])
    assert {it["file"]: it["objects"] for it in files if it["objects"]} == dict(counted)
    return {it["file"]: it["fate"] for it in files}


def of(answer: Answer, rule: str) -> dict[str, Any]:
    (found,) = answer.of(rule)
    return dict(found)


@pytest.mark.usefixtures("on_path")
class TestRendered:
    def test_a_finding_names_the_template_and_an_identity_of_chart_and_object(
        self, tmp_path: Path
    ) -> None:
        answer = scan(chart(tmp_path))
        found = of(answer, "privileged-container")

        assert answer.code == 1
        assert found["file"] == "shop/templates/a.yaml"
        assert found["confidence"] in ("exact", "template", "guess")
        assert found["id"].startswith("privileged-container|shop|/Pod//shop|")
        assert fates(answer)["shop/"] == "rendered"
        assert fates(answer)["shop/templates/a.yaml"] == "rendered"

    def test_a_warning_is_shown_and_the_chart_judged_whole(self, tmp_path: Path) -> None:
        folded = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {a: "x\\ny"}}\n'
        answer = scan(
            chart(
                tmp_path,
                values_yaml="sub: {a: {b: 1}}\n",
                charts__sub__Chart_yaml=CHART.format(name="sub"),
                charts__sub__values_yaml="a: text\n",
                charts__sub__templates__c_yaml=folded,
            )
        )

        assert answer.code == 1
        assert "portside: shop/: warning: skipped value for shop.sub.a" in answer.err
        assert fates(answer)["shop/charts/sub/templates/c.yaml"] == "rendered"
        assert of(answer, "privileged-container")["file"] == "shop/templates/a.yaml"

    def test_a_packed_chart_is_judged(self, tmp_path: Path) -> None:
        chart(tmp_path / "in")
        with tarfile.open(tmp_path / "shop-1.0.0.tgz", "w:gz") as packed:
            packed.add(tmp_path / "in" / "shop", "shop")
        answer = portside(tmp_path, "scan", "-o", "json", "--no-cache", "shop-1.0.0.tgz")

        assert of(answer, "privileged-container")["file"] == "shop-1.0.0.tgz"
        assert fates(answer) == {"shop-1.0.0.tgz": "rendered"}

    def test_a_base_is_judged_through_the_overlays_that_build_on_it(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "base/kustomization.yaml": "resources: [a.yaml]\n",
                "base/a.yaml": POD,
                "overlays/dev/kustomization.yaml": "resources: [../../base]\nnamePrefix: dev-\n",
                "unlisted.yaml": POD.replace("name: a}", "name: b}", 1),
            },
        )
        answer = scan(tmp_path)
        named = {it["resource"]["name"] for it in answer.of("privileged-container")}

        assert named == {"dev-a", "b"}
        assert fates(answer)["base/a.yaml"] == "rendered"
        assert fates(answer)["base/"] == "rendered"

    def test_one_finding_says_in_which_environments_it_holds(self, tmp_path: Path) -> None:
        answer = scan(
            chart(
                tmp_path,
                TEMPLATE.replace("privileged: true", "privileged: {{ .Values.p }}"),
                values_yaml="p: false\n",
                **{"values-dev_yaml": "p: false\n", "values-prod_yaml": "p: true\n"},
            )
        )

        assert of(answer, "privileged-container")["environments"] == ["prod"]
        assert of(answer, "latest-tag")["environments"] == ["default", "dev", "prod"]
        assert answer.report["summary"]["objects"] == len(answer.report["ledger"]["objects"])

    def test_a_test_hook_is_asked_nothing_about_serving_anybody(self, tmp_path: Path) -> None:
        hook = TEMPLATE.replace("}\nspec", ", annotations: {helm.sh/hook: test}}\nspec", 1)
        rules = [
            {
                it["rule"]
                for it in scan(chart(tmp_path / str(at), it), "--profile", "auditor").report[
                    "findings"
                ]
            }
            for at, it in enumerate((TEMPLATE, hook))
        ]

        assert {"bare-pod", "readiness-probe-missing"} <= rules[0]
        assert not {"bare-pod", "readiness-probe-missing"} & rules[1]
        assert "privileged-container" in rules[1]

    def test_a_generated_password_is_no_credential_in_the_repository(self, tmp_path: Path) -> None:
        head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
        secret = head + 'stringData: {password: "{{ randAlphaNum 20 }}"}\n'
        answer = scan(chart(tmp_path, secret), "--profile", "auditor")

        assert not answer.of("secret-in-repository")
        (doubt,) = [it for it in answer.report["undecided"] if it["rule"] == "secret-in-repository"]
        assert "generated" in doubt["missing"]

    def test_objects_stand_where_their_templates_begin_them(self, tmp_path: Path) -> None:
        text = (
            "{{- if .Values }}\n{{- end }}\napiVersion: v1\nkind: Secret  # a comment\n"
            'metadata: {name: a}\nstringData: {a: "{{ randAlphaNum 20 }}"}\n---\n'
            "{{- range until 2 }}\n---\napiVersion: v1\nkind: ConfigMap\n"
            "metadata: {name: 'm{{ . }}'}\n{{- end }}\n---\napiVersion: v1\nkind: Pod\n"
            "metadata: {name: p}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: q}\n"
        )
        answer = scan(chart(tmp_path, text), "--profile", "auditor")
        ledger = answer.report["ledger"]
        template = "shop/templates/a.yaml"
        stand = {
            it["resource"]["name"]: it["line"] for it in ledger["objects"] if it["file"] == template
        }
        (doubt,) = [it for it in answer.report["undecided"] if it["rule"] == "secret-in-repository"]
        (fate,) = [it for it in ledger["files"] if it["file"] == template]

        # Where two lines say the same kind, it is not told which of them began it.
        assert {stand[it] for it in ("p", "q")} == {1}
        assert (stand["a"], stand["m0"], stand["m1"]) == (4, 11, 11)
        assert (doubt["file"], doubt["line"]) == (template, 4)
        assert "depends on randAlphaNum" in fate["reason"]

    def test_what_is_cached_is_judged_again_when_a_file_of_the_chart_changes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        chart(tmp_path / "in", values_yaml="a: 1\n")
        words = ("scan", "-o", "json", ".")
        first = portside(tmp_path / "in", *words)
        again = portside(tmp_path / "in", *words)
        (tmp_path / "in/shop/templates/b.yaml").write_text(POD.replace("name: a", "name: b"))
        third = portside(tmp_path / "in", *words)

        assert first.out == again.out
        assert len(third.of("privileged-container")) == 2


UNREAD = {
    "a chart that fails": (
        {"templates/a.yaml": '\n{{ fail "no way" }}'},
        *("shop/templates/a.yaml", "no way", "mend the template"),
    ),
    "a refusal of the schema": (
        {
            "values.yaml": "replicas: many\n",
            "values.schema.json": '{"properties": {"replicas": {"type": "integer"}}}',
        },
        *("shop/values.schema.json", "got string, want integer", "mend the values"),
    ),
    "a dependency that is missing": (
        {"Chart.yaml": CHART.format(name="shop") + "dependencies: [{name: r, version: 1.x.x}]\n"},
        *("shop/Chart.yaml", "missing in charts/", "helm dependency build shop"),
    ),
    "a template with an error of syntax": (
        {"templates/a.yaml": "{{ if }}"},
        *("shop/templates/a.yaml", "missing value for if", "mend the template"),
    ),
}


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize(
    ("repository", "fetched"), [("https://example.com/charts", True), ("file://../base", False)]
)
def test_what_is_in_the_tree_is_not_said_to_be_fetched(
    repository: str, fetched: bool, tmp_path: Path
) -> None:
    listed = f"dependencies: [{{name: base, version: 1.0.0, repository: '{repository}'}}]\n"
    write(chart(tmp_path) / "shop", {"Chart.yaml": CHART.format(name="shop") + listed})

    (told,) = (
        it["reason"] for it in scan(tmp_path).report["unread"] if "missing in" in it["reason"]
    )

    assert ("portside vendor" in told) is fetched
    assert "helm dependency build shop puts it into charts/" in told


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_rendered_names_file_reason_and_remedy(name: str, tmp_path: Path) -> None:
    files, file, reason, remedy = UNREAD[name]
    write(chart(tmp_path) / "shop", files)
    answer = scan(tmp_path)
    told = [it for it in answer.report["unread"] if it["what"] == "Helm chart shop"]

    assert answer.code == 3
    assert [it["file"] for it in told] == [file]
    assert reason in told[0]["reason"]
    assert remedy in told[0]["reason"]
    assert fates(answer)["shop/"] == "unread"


@pytest.mark.usefixtures("on_path")
def test_a_remote_base_is_unread_and_never_fetched(tmp_path: Path) -> None:
    remote = 'resources: ["https://github.com/a/b//c?ref=v1"]\n'
    answer = scan(write(tmp_path, {"o/kustomization.yaml": remote}))
    (told,) = [it for it in answer.report["unread"] if it["what"] == "kustomization o"]

    assert answer.code == 3
    assert told["file"] == "o/kustomization.yaml"
    assert "https://github.com/a/b" in told["reason"]
    assert "portside vendor" in told["reason"]


@pytest.mark.usefixtures("on_path")
def test_a_link_out_of_what_is_scanned_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("hunter2\n")
    chart(tmp_path / "in", 'a: {{ .Files.Get "secret.txt" }}\n')
    (tmp_path / "in/shop/secret.txt").symlink_to(tmp_path / "secret.txt")
    answer = scan(tmp_path / "in")
    (told,) = answer.report["unread"]

    assert answer.code == 3
    assert told["file"] == "shop/secret.txt"
    assert f"nothing outside {tmp_path}/in is read" in told["reason"]
    assert "hunter2" not in answer.out


@pytest.mark.usefixtures("on_path")
def test_a_chart_without_an_end_is_a_clear_refusal(tmp_path: Path) -> None:
    answer = scan(chart(tmp_path, "{{ range until 100000000 }}a{{ end }}"))
    (told,) = answer.report["unread"]

    assert answer.code == 3
    assert told["file"] == "shop/templates/a.yaml"
    assert "more than a scan may" in told["reason"]


def test_without_a_renderer_all_is_unread_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_of_package", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    write(chart(tmp_path), {"o/kustomization.yaml": "resources: [a.yaml]\n", "o/a.yaml": POD})
    answer = scan(tmp_path)
    told = {it["file"]: it["reason"] for it in answer.report["unread"]}

    assert answer.code == 3
    assert set(told) == {"shop/Chart.yaml", "o/kustomization.yaml"}
    assert all("pip install portside-render" in it for it in told.values())
    assert of(answer, "privileged-container")["file"] == "o/a.yaml"


GENERATORS = {
    "helmfile.yaml": ("releases: [{name: a, chart: b/c}]\n", "helmfile template"),
    "main.jsonnet": ("{apiVersion: 'v1', kind: 'Pod'}\n", "jsonnet -y"),
    "app.cue": ('apiVersion: "v1"\nkind: "Pod"\n', "cue export"),
    "timoni.cue": ("package main\n", "timoni build"),
    "cdk8s.yaml": ("language: go\napp: go run .\n", "cdk8s synth"),
    "Kptfile": ("kind: Kptfile\npipeline: {mutators: [{image: a}]}\n", "kpt fn render"),
    "a.yaml": (POD.replace("nginx", "#@ data.values.image"), "ytt -f"),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_another_program_that_makes_manifests_is_unread_with_its_command(
    name: str, tmp_path: Path
) -> None:
    text, remedy = GENERATORS[name]
    answer = scan(write(tmp_path, {name: text}))
    (told,) = answer.report["unread"]

    assert answer.code == 3
    assert told["file"] == name
    assert remedy in told["reason"]
