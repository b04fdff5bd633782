"""`portside compliance` as people run it: verdicts, evidence, exit codes and the four reports."""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from portside.cli import main
from portside.schemas import schema_text

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop}}
spec:
  hostPID: {pid}
  serviceAccountName: shop
  automountServiceAccountToken: false
  containers: [{{name: web, image: "registry.example.org/shop:1"}}]
"""
WAIVED = """\
version: 1
waivers:
  - rule: host-pid
    subject: {kind: Pod, namespace: shop, name: bad}
    reason: it watches the processes of the node
    approver: security@example.org
    expires: 2027-01-01
"""
GOOD, BAD = POD.format(name="good", pid="false"), POD.format(name="bad", pid="true")


def run(
    capsys: pytest.CaptureFixture[str], *words: str, framework: str = "cis-1.12"
) -> tuple[int, str]:
    code = main(["compliance", framework, "--now", "2026-11-24", *words])
    return code, capsys.readouterr().out


def items(
    capsys: pytest.CaptureFixture[str], *words: str, framework: str = "cis-1.12"
) -> dict[str, dict[str, Any]]:
    _, out = run(capsys, *words, "-o", "json", framework=framework)
    return {it["id"]: it for it in json.loads(out)["items"]}


def test_evidence_counts_the_objects_that_each_rule_has_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(f"{GOOD}---\n{BAD}---\n{GOOD.replace('good', 'other')}")
    (tmp_path / "b.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    found = items(capsys, str(tmp_path), "--no-cache")
    assert found["5.2.3"]["state"] == "not_met"
    assert found["5.2.3"]["objects"] == 3
    assert [it["judged"] for it in found["5.2.3"]["rules"]] == [3]
    [finding] = found["5.2.3"]["rules"][0]["findings"]
    assert (finding["resource"], finding["line"]) == ("Pod shop/bad", 14)
    assert found["5.2.4"]["state"] == "met"
    assert found["5.1.3"]["reason"]["kind"] == "nothing"
    assert found["4.2.1"]["reason"]["kind"] == "node"


def test_item_is_never_met_because_nothing_was_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    for framework in ("cis-gke-1.9", "pss:restricted", "attack-containers"):
        found = items(capsys, str(tmp_path), framework=framework)
        about_pods = [
            it for it in found.values() if any(r["rule"] == "host-pid" for r in it["rules"])
        ]
        assert all(it["state"] == "not_judged" for it in about_pods)


def test_undecided_is_not_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("hostPID: false", "hostPID: {a: b}"))
    found = items(capsys, str(tmp_path))
    assert found["5.2.3"]["state"] == "not_judged"
    assert found["5.2.3"]["reason"]["kind"] == "undecided"
    assert found["5.2.3"]["rules"][0]["judged"] == 0
    assert main(["compliance", "cis-1.12", str(tmp_path), "--strict"]) == 3


def test_what_is_unread_leaves_every_item_open_unless_that_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(f"{GOOD}---\na: [\n")
    found = items(capsys, str(tmp_path))
    assert found["5.2.3"]["reason"]["kind"] == "unread"
    assert run(capsys, str(tmp_path))[0] == 3
    found = items(capsys, str(tmp_path), "--allow-unread")
    assert found["5.2.3"]["state"] == "met"


def test_rule_that_is_switched_off_leaves_its_item_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "portside.yaml").write_text("version: 1\nrules: {host-pid: off}\n")
    found = items(capsys, str(tmp_path))
    assert found["5.2.3"]["reason"]["kind"] == "silent"
    assert found["5.2.3"]["rules"][0]["silent"] == "it is switched off"


def test_waived_finding_makes_an_item_met_with_exceptions_and_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(BAD)
    (tmp_path / "portside.yaml").write_text(WAIVED)
    found = items(capsys, str(tmp_path))
    assert found["5.2.3"]["state"] == "met_with_exceptions", found["5.2.3"]
    [finding] = found["5.2.3"]["rules"][0]["findings"]
    assert finding["excuse"]["reason"] == "it watches the processes of the node"
    _, text = run(capsys, str(tmp_path))
    assert "excused by the waiver" in text


def test_verdicts_are_the_same_from_the_cache_and_in_many_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(230):
        (folder / f"{number}.yaml").write_text(BAD if number % 7 == 0 else GOOD)
    first = items(capsys, str(folder))
    again = items(capsys, str(folder))
    anew = items(capsys, str(folder), "--no-cache")
    assert first == again == anew
    assert first["5.2.3"]["objects"] == 230
    assert len(first["5.2.3"]["rules"][0]["findings"]) == 33


@pytest.mark.parametrize(
    ("text", "code"), [(BAD, 1), ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", 0)]
)
def test_exit_code_says_whether_an_item_is_unmet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    (tmp_path / "a.yaml").write_text(text)
    assert run(capsys, str(tmp_path), framework="pss:baseline")[0] == code


def test_unknown_framework_is_refused_with_the_one_it_is_near_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["compliance", "cis-1.13", "."]) == 2
    said = capsys.readouterr().err
    assert "no framework is called cis-1.13" in said
    assert "did you mean cis-1.1" in said


def test_list_names_every_framework(capsys: pytest.CaptureFixture[str]) -> None:
    from portside.policy.framework import framework_names

    assert main(["compliance", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [it.split()[0] for it in lines] == list(framework_names())
    assert all("not confirmed" in it for it in lines if "pci-dss" in it or "soc2" in it)


@pytest.mark.parametrize("framework", ["cis-1.12", "soc2", "pss:baseline@1.31"])
def test_json_is_valid_by_its_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], framework: str
) -> None:
    (tmp_path / "a.yaml").write_text(f"{BAD}---\na: [\n")
    _, out = run(capsys, str(tmp_path), "-o", "json", framework=framework)
    schema = json.loads(schema_text("compliance"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(out), schema)


class _Page(HTMLParser):
    """Which tags and addresses a page has, and whether each tag that was opened is closed."""

    VOID = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("framework", ["cis-1.12", "owasp-k8s-2025"])
def test_page_needs_nothing_else_and_escapes_what_files_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], framework: str
) -> None:
    (tmp_path / "<b>.yaml").write_text(
        BAD.replace("name: bad", "name: '<script>alert(1)</script>'")
    )
    _, out = run(capsys, str(tmp_path), "-o", "html", framework=framework)
    page = _Page()
    page.feed(out)
    assert not page.open
    assert "<script" not in out
    assert "&lt;script&gt;" in out
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    assert not any("src" in attributes for _, attributes in page.tags)
    hrefs = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    assert hrefs == ["#items"]
    assert ("html", {"lang": "en"}) in page.tags
    assert {"h1", "main", "caption", "th", "title"} <= names
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")


def test_page_and_text_say_what_is_not_confirmed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    for report in ("html", "text"):
        assert "from memory" in run(capsys, str(tmp_path), "-o", report, framework="soc2")[1]
        assert "from memory" not in run(capsys, str(tmp_path), "-o", report)[1]


def test_secret_values_are_in_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    canary = "hTg7pq2Lw9zQx41Vb8"
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}\n"
        f"stringData: {{password: {canary}}}\n---\n"
        + GOOD.replace("image:", f"env: [{{name: DB_PASSWORD, value: {canary}}}], image:")
    )
    for report in ("html", "text", "json", "oscal"):
        _, out = run(capsys, str(tmp_path), "-v", "-o", report, framework="owasp-k8s-2022")
        assert "credential-in-environment" in out
        assert canary not in out


def _oscal_schemas() -> list[Path]:
    """The official schemas, where PORTSIDE_OSCAL names their folder."""
    folder = os.environ.get("PORTSIDE_OSCAL", "")
    return sorted(Path(folder).glob("*.json")) if folder else []


@pytest.fixture
def oscal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    (tmp_path / "a.yaml").write_text(f"{BAD}---\n{GOOD}---\na: [\n")
    (tmp_path / "portside.yaml").write_text(WAIVED)
    return run(capsys, str(tmp_path), "-o", "oscal")[1]


@pytest.mark.parametrize("framework", ["cis-1.12", "nsa-cisa-1.2", "attack-containers", "soc2"])
def test_oscal_is_valid_by_the_official_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], framework: str
) -> None:
    schemas = _oscal_schemas()
    if not schemas:
        pytest.skip(
            "PORTSIDE_OSCAL names no folder with NIST's oscal_assessment-results_schema.json"
        )
    (tmp_path / "a.yaml").write_text(f"{BAD}---\n{GOOD}---\na: [\n")
    made = json.loads(run(capsys, str(tmp_path), "-o", "oscal", framework=framework)[1])
    for file in schemas:
        # Python's expressions know no Unicode classes; all our names are ASCII.
        text = file.read_text().replace("\\\\p{L}", "[A-Za-z]").replace("\\\\p{N}", "[0-9]")
        jsonschema.validate(made, json.loads(text))


def test_oscal_is_the_same_bytes_each_time_and_refers_to_what_it_holds(
    oscal: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, str(tmp_path), "-o", "oscal")[1] == oscal
    made = json.loads(oscal)["assessment-results"]
    [result] = made["results"]
    observations = {it["uuid"] for it in result["observations"]}
    referred = {
        it["observation-uuid"]
        for f in result["findings"]
        for it in f.get("related-observations", ())
    }
    assert referred == observations
    objects = {it["uuid"] for it in result["local-definitions"]["inventory-items"]}
    subjects = {s["subject-uuid"] for it in result["observations"] for s in it.get("subjects", ())}
    assert subjects == objects
    assert made["import-ap"]["href"] == f"#{made['back-matter']['resources'][0]['uuid']}"
    assert made["metadata"]["last-modified"] == "2026-11-24T00:00:00Z"


def test_oscal_satisfies_only_what_is_met(oscal: str) -> None:
    [result] = json.loads(oscal)["assessment-results"]["results"]
    for it in result["findings"]:
        verdict = next(p["value"] for p in it["props"] if p["name"] == "verdict")
        satisfied = it["target"]["status"]["state"] == "satisfied"
        assert satisfied == verdict.startswith("met")
