"""Suppressions of other tools, honoured in place: each excuses what its tool would not report."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.patience import within
from tests.scanning import NOW, POD, Answer, portside, scan

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: store{top}
spec:
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata:
      labels: {{app: shop}}{inner}
    spec:
      containers:
        - name: web
          image: registry.example.org/web:2.1
          securityContext:
            privileged: true
        - name: log
          image: registry.example.org/log:2.1
          securityContext:
            privileged: true
"""
DOCKERFILE = """\
FROM alpine:3.20
{above}RUN apk add curl
USER root
"""
WORKFLOW = """\
name: ci
on:
  push:
jobs:
  build:
    runs-on: ubuntu-24.04
    permissions: {{}}
    steps:
      - uses: actions/checkout@v4{behind}
        with:
          fetch-depth: 0{inside}
      - uses: actions/setup-go@v5
"""


def annotated(top: str = "", inner: str = "") -> str:
    """The deployment with an annotation on it, or on its pod template."""
    return DEPLOYMENT.format(
        top=f"\n  annotations: {{{top}}}" if top else "",
        inner=f"\n      annotations: {{{inner}}}" if inner else "",
    )


def importing(
    folder: Path, text: str, *tools: str, name: str = "shop.yaml", more: str = ""
) -> Answer:
    """The answer to a scan of one file, with the suppressions of `tools` honoured."""
    (folder / "portside.yaml").write_text(f"imports: [{', '.join(tools)}]\n{more}")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return scan(folder, "--profile", "auditor", "." if "/" in name else name)


KSV = "# trivy:ignore:KSV-0017"
INLINE = [
    ("checkov", annotated('checkov.io/skip1: "CKV_K8S_16=it loads a module"'), [True, True]),
    ("checkov", annotated("checkov.io/skip1: CKV_K8S_16"), [True, True]),
    ("checkov", annotated("checkov.io/skip1: CKV_K8S_20"), [False, False]),
    ("checkov", annotated(inner="checkov.io/skip1: CKV_K8S_16"), [True, True]),
    ("checkov", annotated("bridgecrew.io/skip2: CKV_K8S_16"), [True, True]),
    ("trivy", annotated("checkov.io/skip1: CKV_K8S_16"), [False, False]),
    ("checkov", f"# checkov:skip=CKV_K8S_16:it must\n{annotated()}", [True, True]),
    ("checkov", f"# checkov:skip=CKV_K8S_20,CKV_K8S_16: it must\n{annotated()}", [True, True]),
    ("kube-linter", annotated('ignore-check.kube-linter.io/privileged-container: "it must"'),
     [True, True]),
    ("kube-linter", annotated('kube-linter.io/ignore-all: "it must"'), [True, True]),
    ("kube-linter", annotated('ignore-check.kube-linter.io/host-pid: "it must"'), [False, False]),
    ("kube-linter", annotated(inner="ignore-check.kube-linter.io/privileged-container: x"),
     [False, False]),
    ("polaris", annotated('polaris.fairwinds.com/runAsPrivileged-exempt: "true"'), [True, True]),
    ("polaris", annotated('polaris.fairwinds.com/exempt: "true"'), [True, True]),
    ("polaris", annotated('polaris.fairwinds.com/exempt: "false"'), [False, False]),
    ("polaris", annotated('polaris.fairwinds.com/hostPIDSet-exempt: "true"'), [False, False]),
    ("trivy", f"#trivy:ignore:AVD-KSV-0017\n{annotated()}", [True, True]),
    ("trivy", f"# trivy:ignore:KSV017\n{annotated()}", [True, True]),
    ("trivy", f"# trivy:ignore:AVD-KSV-0001 trivy:ignore:avd-ksv-0017\n{annotated()}",
     [True, True]),
    ("trivy", f"#trivy:ignore:*\n{annotated()}", [True, True]),
    ("trivy", f"#trivy:ignore:KSV-0017:exp:2026-07-02\n{annotated()}", [True, True]),
    ("trivy", f"#trivy:ignore:KSV-0017:exp:2026-07-01\n{annotated()}", [False, False]),
    ("trivy", f"#trivy:ignore:AVD-KSV-0017 exp:2026-07-01\n{annotated()}", [False, False]),
    ("trivy", f"#trivy:ignore:AVD-KSV-0017 exp:2027-01-01\n{annotated()}", [True, True]),
    ("trivy", f"#trivy:ignore:KSV-0017:exp:soon\n{annotated()}", [False, False]),
    ("trivy", f"#trivy:ignore:KSV-0017[name=a]\n{annotated()}", [False, False]),
    ("trivy", annotated().replace("true", "true # trivy:ignore:KSV-0017", 1), [True, False]),
    ("trivy", annotated().replace("          sec", f"          {KSV}\n          sec", 1),
     [True, False]),
    ("trivy", annotated().replace("2.1", "'2.1 # trivy:ignore:KSV-0017'", 1), [False, False]),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "text", "excused"), INLINE)
def test_what_stands_in_a_manifest_excuses_what_its_tool_would_not_say(
    tool: str, text: str, excused: list[bool], tmp_path: Path
) -> None:
    answer = importing(tmp_path, text, tool, more="comments: critical\n")

    assert answer.excused("privileged-container") == excused


def test_an_excuse_says_what_it_is_and_where_it_stands(tmp_path: Path) -> None:
    text = annotated('checkov.io/skip1: "CKV_K8S_16=it loads a module"')

    (found, _) = importing(tmp_path, text, "checkov", more="comments: critical\n").of(
        "privileged-container"
    )

    assert found["waived"] == {
        "kind": "imported",
        "reason": "checkov: it loads a module",
        "owner": None,
        "approver": None,
        "ticket": None,
        "until": None,
        "where": "shop.yaml:6",
    }


def test_an_alias_of_several_rules_excuses_exactly_those(tmp_path: Path) -> None:
    from portside.policy.names import RuleNames

    names = RuleNames()
    several = {alias: ids for alias, ids in names.of_tool("checkov").items() if len(ids) > 1}
    assert several
    answer = importing(tmp_path, annotated("checkov.io/skip1: CKV_K8S_16"), "checkov",
                       more="comments: critical\n")  # fmt: skip
    excused = {it["rule"] for it in answer.report["findings"] if it["waived"]}

    assert excused == set(names.named("checkov:CKV_K8S_16")) & {
        it["rule"] for it in answer.report["findings"]
    }


def test_without_the_key_nothing_is_honoured(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(annotated("checkov.io/skip1: CKV_K8S_16"))

    assert scan(tmp_path, "shop.yaml").excused("privileged-container") == [False, False]


def test_it_is_capped_like_a_comment_and_that_is_told(tmp_path: Path) -> None:
    text = annotated("checkov.io/skip1: CKV_K8S_16")

    answer = importing(tmp_path, text, "checkov", more="comments: medium\n")

    assert answer.excused("privileged-container") == [False, False]
    (told,) = answer.told
    assert told[0] == "invalid-waiver"
    assert told[1] == 6
    assert "the suppression of checkov may excuse no more than medium here" in told[2]


def test_the_list_of_exceptions_has_them_with_their_state(tmp_path: Path) -> None:
    (tmp_path / ".trivyignore").write_text("KSV-0014\nCVE-2019-1543\nKSV-0012 exp:2020-01-01\n")
    (tmp_path / "shop.yaml").write_text(annotated("checkov.io/skip1: CKV_K8S_16=it must"))
    (tmp_path / "portside.yaml").write_text("imports: [trivy, checkov]\n")

    listed = json.loads(portside(tmp_path, "waivers", "list", "-o", "json", "--now", NOW).out)

    assert [(it["kind"], it["state"], it["rule"], it["line"]) for it in listed] == [
        ("imported", "active", ["trivy:KSV-0014"], 1),
        ("imported", "invalid", ["trivy:CVE-2019-1543"], 2),
        ("imported", "expired", ["trivy:KSV-0012"], 3),
        ("imported", "active", ["checkov:CKV_K8S_16"], 6),
    ]


def test_what_needs_an_approver_cannot_be_excused_for_another_tool(tmp_path: Path) -> None:
    text = annotated("checkov.io/skip1: CKV_K8S_16")
    more = "comments: critical\napprove-comments: high\n"

    answer = importing(tmp_path, text, "checkov", more=more)

    assert answer.excused("privileged-container") == [False, False]
    assert "may excuse no more than medium here" in answer.told[0][2]


def test_one_that_is_over_and_still_needed_is_told(tmp_path: Path) -> None:
    text = f"#trivy:ignore:KSV-0017:exp:2026-06-30\n{annotated()}"

    answer = importing(tmp_path, text, "trivy", more="comments: critical\n")

    assert [it[0] for it in answer.told] == ["expired-waiver"]
    assert "until 2026-06-29, which is over" in answer.told[0][2]


@pytest.mark.parametrize(
    ("tool", "above", "rule", "excused"),
    [
        ("hadolint", "# hadolint ignore=DL3018\n", "distribution-package-unpinned", True),
        (
            "hadolint",
            "# hadolint ignore=DL3008,DL3018 # why\n",
            "distribution-package-unpinned",
            True,
        ),
        ("hadolint", "# hadolint global ignore=DL3018\n", "distribution-package-unpinned", True),
        ("hadolint", "# hadolint ignore=DL3018\n# more\n", "distribution-package-unpinned", False),
        ("hadolint", "# hadolint ignore=DL3007\n", "distribution-package-unpinned", False),
        ("checkov", "# checkov:skip=CKV_DOCKER_8: it must\n", "dockerfile-runs-as-root", True),
        ("trivy", "#trivy:ignore:AVD-DS-0002\n", "dockerfile-runs-as-root", False),
    ],
)
def test_what_stands_in_a_dockerfile_excuses_as_its_tool_has_it(
    tool: str, above: str, rule: str, excused: bool, tmp_path: Path
) -> None:
    text = DOCKERFILE.format(above=above)
    plain = importing(tmp_path, DOCKERFILE.format(above=""), tool, name="Dockerfile")
    names = {it["rule"] for it in plain.report["findings"]}
    assert rule in names, names

    answer = importing(tmp_path, text, tool, name="Dockerfile", more="comments: critical\n")

    assert answer.excused(rule) == [excused]


@pytest.mark.parametrize(
    ("behind", "inside", "excused"),
    [
        ("", "", [False, False]),
        (" # zizmor: ignore[unpinned-uses]", "", [True, False]),
        (" # zizmor: ignore[artipacked,unpinned-uses] it must", "", [True, False]),
        ("", " # zizmor: ignore[unpinned-uses]", [True, False]),
        ("", "\n          # zizmor: ignore[unpinned-uses] here, too", [True, False]),
        (" # zizmor: ignore[artipacked]", "", [False, False]),
        (" # zizmor: ignore", "", [False, False]),
    ],
)
def test_a_comment_for_zizmor_excuses_the_step_it_stands_in(
    behind: str, inside: str, excused: list[bool], tmp_path: Path
) -> None:
    from portside.policy.names import RuleNames

    text = WORKFLOW.format(behind=behind, inside=inside)
    (rule,) = RuleNames().named("zizmor:unpinned-uses")

    answer = importing(
        tmp_path, text, "zizmor", name=".github/workflows/ci.yaml", more="comments: critical\n"
    )

    assert answer.excused(rule) == excused


BASELINE = json.dumps(
    {
        "failed_checks": [
            {
                "file": "/shop.yaml",
                "findings": [
                    {"resource": "Deployment.store.shop", "check_ids": ["CKV_K8S_16", "CKV_K8S_8"]}
                ],
            }
        ]
    }
)


def exception(attributes: dict[str, str], **policy: str) -> str:
    return json.dumps(
        [
            {
                "name": "it must",
                "policyType": "postureExceptionPolicy",
                "actions": ["alertOnly"],
                "resources": [{"designatorType": "Attributes", "attributes": attributes}],
                "posturePolicies": [policy or {"controlID": "C-0057"}],
            }
        ]
    )


SETTINGS = [
    ("checkov", ".checkov.yaml", "skip-check: [CKV_K8S_16]\n", [True, True]),
    ("checkov", ".checkov.yml", "skip-check:\n  - CKV_K8S_1*\n", [True, True]),
    ("checkov", ".checkov.yaml", "skip-check: CKV_K8S_20,CKV_K8S_16\n", [True, True]),
    ("checkov", ".checkov.yaml", "skip-path: [shop.yaml]\n", [True, True]),
    ("checkov", ".checkov.yaml", "skip-path: [other]\n", [False, False]),
    ("checkov", ".checkov.yaml", "skip-path: ['sh.*']\n", [False, False]),
    ("checkov", ".checkov.baseline", BASELINE, [True, True]),
    ("checkov", ".checkov.baseline", BASELINE.replace("store.", "other."), [False, False]),
    ("checkov", ".checkov.baseline", BASELINE.replace("/shop.yaml", "/web.yaml"), [False, False]),
    ("checkov", ".checkov.baseline",
     BASELINE.replace("Deployment.store.shop", "Pod.store.shop.app-shop"), [True, True]),
    ("trivy", ".trivyignore", "# it must\nAVD-KSV-0017\n", [True, True]),
    ("trivy", ".trivyignore", "CVE-2019-1543\nKSV017 exp:2026-07-02\n", [True, True]),
    ("trivy", ".trivyignore", "AVD-KSV-0017 exp:2026-07-01\n", [False, False]),
    ("trivy", ".trivyignore", "#AVD-KSV-0017\n", [False, False]),
    ("trivy", ".trivyignore.yaml", "misconfigurations: [{id: AVD-KSV-0017}]\n", [True, True]),
    ("trivy", ".trivyignore.yaml",
     "misconfigurations: [{id: AVD-KSV-0017, paths: [shop.yaml], statement: it must}]\n",
     [True, True]),
    ("trivy", ".trivyignore.yaml",
     "misconfigurations: [{id: AVD-KSV-0017, paths: ['deploy/**']}]\n", [False, False]),
    ("trivy", ".trivyignore.yaml", "vulnerabilities: [{id: AVD-KSV-0017}]\n", [False, False]),
    ("trivy", ".trivyignore.yaml",
     "misconfigurations: [{id: AVD-KSV-0017, expired_at: 2026-06-01}]\n", [False, False]),
    ("kube-linter", ".kube-linter.yaml", "checks: {exclude: [privileged-container]}\n",
     [True, True]),
    ("kube-linter", ".kube-linter.yml", "checks: {ignorePaths: [shop.yaml]}\n", [True, True]),
    ("kube-linter", ".kube-linter.yaml", "checks: {ignorePaths: [/tmp/*.yaml]}\n", [False, False]),
    ("kube-linter", ".kube-linter.yaml", "checks: {doNotAutoAddDefaults: true}\n", [False, False]),
    ("kubescape", "exceptions.json", exception({"kind": ".*"}), [True, True]),
    ("kubescape", "exceptions.json", exception({"kind": "Deployment", "name": "sh.*"}),
     [True, True]),
    ("kubescape", "exceptions.json", exception({"kind": "DaemonSet|deployment"}), [True, True]),
    ("kubescape", "exceptions.json", exception({"namespace": "store", "cluster": ".*"}),
     [True, True]),
    ("kubescape", "exceptions.json", exception({"namespace": "stor"}), [False, False]),
    ("kubescape", "exceptions.json", exception({"name": "(a+)+"}), [False, False]),
    ("kubescape", "exceptions.json", exception({"sector": "ot"}), [False, False]),
    ("kubescape", "exceptions.json", exception({"kind": ".*"}, controlID="C-0046"),
     [False, False]),
    ("kubescape", "exceptions.json",
     exception({"kind": ".*"}, controlID="C-0057", frameworkName="NSA"), [False, False]),
    ("polaris", "polaris.yaml",
     "exemptions: [{namespace: store, controllerNames: [sho], rules: [runAsPrivileged]}]\n",
     [True, True]),
    ("polaris", "polaris.yaml", "exemptions: [{controllerNames: [shop]}]\n", [True, True]),
    ("polaris", "polaris.yaml",
     "exemptions: [{controllerNames: [shop], containerNames: [lo], rules: [runAsPrivileged]}]\n",
     [False, True]),
    ("polaris", "polaris.yaml",
     "exemptions: [{namespace: other, rules: [runAsPrivileged]}]\n", [False, False]),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "name", "text", "excused"), SETTINGS)
def test_what_stands_in_the_settings_of_a_tool_excuses_what_it_would_not_say(
    tool: str, name: str, text: str, excused: list[bool], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)

    answer = importing(tmp_path, annotated(), tool, more="comments: critical\n")

    assert answer.excused("privileged-container") == excused


@pytest.mark.parametrize(
    ("ignore", "excused"),
    [
        ("[ci.yaml]", [True, True]),
        ("['ci.yaml:9']", [True, False]),
        ("['ci.yaml:9:9']", [True, False]),
        ("['ci.yaml:8']", [False, False]),
        ("[other.yaml]", [False, False]),
        ("['ci.yaml:x']", [False, False]),
    ],
)
def test_the_lines_that_zizmor_yml_names_are_excused(
    ignore: str, excused: list[bool], tmp_path: Path
) -> None:
    from portside.policy.names import RuleNames

    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/zizmor.yml").write_text(
        f"rules: {{unpinned-uses: {{ignore: {ignore}}}}}\n"
    )
    (rule,) = RuleNames().named("zizmor:unpinned-uses")

    answer = importing(
        tmp_path, WORKFLOW.format(behind="", inside=""), "zizmor",
        name=".github/workflows/ci.yaml", more="comments: critical\n",
    )  # fmt: skip

    assert answer.excused(rule) == excused


def test_a_file_of_another_name_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "ours.json").write_text(exception({"kind": ".*"}))

    answer = importing(tmp_path, annotated(), "{kubescape: ours.json}", more="comments: critical\n")

    assert answer.excused("privileged-container") == [True, True]


@pytest.mark.parametrize(
    ("tool", "name", "text", "said"),
    [
        ("checkov", ".checkov.yaml", "skip-check: {a: b}\n",
         ".checkov.yaml:1:13: skip-check: expected a list, got a map"),
        ("checkov", ".checkov.yaml", "skip-check: [\n", ".checkov.yaml:2:1: not YAML"),
        ("checkov", ".checkov.baseline", '{"failed_checks": [{"findings": []}]}',
         ".checkov.baseline:1:20: failed_checks[0].file: is required"),
        ("trivy", ".trivyignore.yaml", "misconfigurations: [{paths: [a]}]\n",
         "misconfigurations[0].id: is required"),
        ("kubescape", "exceptions.json", '["postureExceptionPolicy"]', "expected a map, got text"),
        ("polaris", "polaris.yaml", "exemptions: [1]\n", "polaris.yaml:1:14: exemptions[0]"),
        ("hadolint", ".hadolint.yaml", "ignored: 1\n", "ignored: expected a list"),
        ("zizmor", "zizmor.yml", "rules: []\n", "zizmor.yml:1:8: rules: expected a map"),
    ],
)  # fmt: skip
def test_settings_that_are_not_well_formed_are_an_error_with_their_line(
    tool: str, name: str, text: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)

    answer = importing(tmp_path, POD, tool)

    assert answer.code == 2
    assert said in answer.err
    assert "nothing was scanned" in answer.err


def test_a_scan_says_once_that_there_are_such_files(tmp_path: Path) -> None:
    (tmp_path / ".trivyignore").write_text("AVD-KSV-0017\n")
    (tmp_path / ".checkov.yaml").write_text("skip-check: [CKV_K8S_16]\n")
    (tmp_path / "pod.yaml").write_text(POD)

    said = scan(tmp_path).err
    (tmp_path / "portside.yaml").write_text("imports: []\n")
    quiet = scan(tmp_path).err

    assert said.count("portside: .checkov.yaml and 1 more: what other tools are told") == 1
    assert quiet == ""


def seconds(folder: Path, text: str, tool: str, name: str) -> float:
    start = time.process_time()
    importing(folder, text, tool, name=name, more="comments: critical\n")
    return time.process_time() - start


MANY = 8_000


@pytest.mark.parametrize(
    ("tool", "name", "text"),
    [
        ("checkov", "shop.yaml", "# checkov:skip=CKV_K8S_1\n" * MANY + annotated()),
        ("hadolint", "Dockerfile", "FROM a:1\n" + "# hadolint ignore=DL3018\nRUN a\n" * MANY),
        ("hadolint", "Dockerfile", f"FROM a:1\n# hadolint ignore={' ' * 100_000}x\nRUN a\n"),
        ("hadolint", "Dockerfile", f"FROM a:1\n# hadolint ignore=A{' ' * 100_000}x\nRUN a\n"),
        ("checkov", "shop.yaml", f"# {'checkov:skip=' * 10_000}\n{POD}"),
        ("trivy", "shop.yaml", f"# {'trivy:ignore:' * 10_000}\n{POD}"),
        ("trivy", "shop.yaml", f"# {'trivy:ignore:A ' * 10_000}\n{POD}"),
        ("zizmor", "ci.yaml", f"# zizmor: ignore[{' ' * 100_000}\n{POD}"),
        (
            "zizmor",
            ".github/workflows/ci.yaml",
            WORKFLOW.format(behind="", inside="")
            + "      - run: a # zizmor: ignore[artipacked]\n" * (MANY // 4),
        ),
    ],
)
def test_time_grows_with_the_text_and_no_faster(
    tool: str, name: str, text: str, tmp_path: Path
) -> None:
    usual = tmp_path / "usual"
    usual.mkdir()
    plain = text.replace("skip", "skap").replace("ignore", "ignare")

    without = seconds(usual, plain, tool, name)
    with within(3 * without + 4):
        importing(tmp_path, text, tool, name=name, more="comments: critical\n")


def test_many_lines_of_settings_are_found_by_rule(tmp_path: Path) -> None:
    lines = "".join(f"AVD-KSV-{number:04d}\n" for number in range(15_000))
    (tmp_path / ".trivyignore").write_text(lines)

    answer = importing(tmp_path, annotated(), "trivy", more="comments: critical\n")

    assert answer.excused("privileged-container") == [True, True]
