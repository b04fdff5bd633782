"""Rules as ValidatingAdmissionPolicies: what is written, and what is said to be missing."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml

from portside.cli.export import run
from portside.errors import UsageError
from portside.policy.checkout import builtin_rules
from portside.policy.export.rewrite import NotExportableError, literal, rewritten
from portside.policy.export.vap import Settings, exported
from portside.policy.load import load
from portside.policy.resources import plural
from portside.policy.rule import Rule
from tests.oracle import Oracle
from tools.api_types import TARGET, table

NEWEST = Settings(minor=37, deny_from=2)
RULE = """\
id: odd
title: Something is odd
severity: {severity}
why: It is.
fix: Mend it.
kinds: [{kinds}]
each: {each}
params:
  pod: {{type: list(string), default: [a], description: Names}}
require: {require}
says: "says {{it}}"
examples:
  - bad: one
    lines: [1]
    manifest: "kind: x"
"""


def rule(
    each: str = "rules.verbs",
    require: str = "it in params.pod",
    kinds: str = "rbac.authorization.k8s.io/Role",
    severity: str = "high",
) -> Rule:
    text = RULE.format(each=each, require=require, kinds=kinds, severity=severity)
    return load(text.encode(), "odd.yaml", name="odd")


def export(*argv: str) -> tuple[str, str, int]:
    out, said = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(said):
        code = run(["--target", "vap", *argv])
    return out.getvalue(), said.getvalue(), code


def policies(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def findings(made: Rule, **params: Any) -> str:
    (policy,) = exported(made, NEWEST, params or {"pod": ["a"]})
    spec = policy.policy["spec"]
    found: str = next(it["expression"] for it in spec["variables"] if it["name"] == "findings")
    return found


def test_a_rule_becomes_a_policy_and_its_binding() -> None:
    text, _, code = export("host-port")
    policy, binding = policies(text)
    assert code == 0
    assert policy["metadata"]["name"] == "portside-host-port"
    assert policy["metadata"]["annotations"]["portside.dev/severity"] == "medium"
    assert policy["spec"]["failurePolicy"] == "Fail"
    assert binding["spec"]["policyName"] == "portside-host-port"
    assert binding["spec"]["validationActions"] == ["Deny"]
    rules = policy["spec"]["matchConstraints"]["resourceRules"]
    resources = {it for rule in rules for it in rule["resources"]}
    assert {"pods", "pods/ephemeralcontainers", "deployments", "podtemplates"} <= resources
    variables = {it["name"]: it["expression"] for it in policy["spec"]["variables"]}
    assert variables["findings"] == (
        "variables.containers.map(container, container.?ports.orValue([]).map(it, "
        "!(!has(it.hostPort) || it.hostPort == 0 || it.hostPort in variables.allowed), "
        '"container " + string(container.name) + " takes port " + string(it.hostPort)'
        ' + " of its node, past every Service").join("; ")).filter(s, s != "")'
    )


def test_what_is_below_the_threshold_warns_and_is_audited() -> None:
    _, lenient = policies(export("bare-pod")[0])
    _, stern = policies(export("bare-pod", "--fail-on", "low")[0])
    assert lenient["spec"]["validationActions"] == ["Warn", "Audit"]
    assert stern["spec"]["validationActions"] == ["Deny"]


def test_checks_of_another_severity_are_a_policy_of_their_own() -> None:
    low, low_binding, medium, medium_binding = policies(export("image-not-pinned")[0])
    assert low["metadata"]["name"] == "portside-image-not-pinned"
    assert low_binding["spec"]["validationActions"] == ["Warn", "Audit"]
    assert medium["metadata"]["name"] == "portside-image-not-pinned-medium"
    assert medium_binding["spec"]["validationActions"] == ["Deny"]


def test_the_checks_are_those_of_the_version() -> None:
    older, _ = policies(
        export("probe-host", "seccomp-unconfined", "--kubernetes-version", "1.30")[0]
    )[:2]
    assert older["metadata"]["name"] == "portside-seccomp-unconfined"
    text, said, code = export("probe-host", "--kubernetes-version", "1.30")
    assert code == 0
    assert "not exported: probe-host: it has nothing to say of Kubernetes 1.30" in said
    assert "# not exported: probe-host: it has nothing to say of Kubernetes 1.30\n" in text


def test_before_1_30_the_api_is_a_beta_and_before_1_29_it_does_not_suffice() -> None:
    policy, _ = policies(export("host-ipc", "--kubernetes-version", "1.29")[0])
    assert policy["apiVersion"] == "admissionregistration.k8s.io/v1beta1"
    with pytest.raises(UsageError, match=r"the policies of Kubernetes 1\.28 lack"):
        export("--kubernetes-version", "1.28")


def test_a_rule_about_the_written_text_is_said_to_be_left_out() -> None:
    text, said, code = export("--profile", "auditor")
    assert code == 0
    assert "security-context-missing: it is about the written text" in text
    assert "security-context-missing: it is about the written text" in said


def test_every_rule_of_every_profile_is_exported_or_named_with_its_reason() -> None:
    text, _, _ = export("--profile", "auditor")
    names = {it["metadata"]["labels"]["portside.dev/rule"] for it in policies(text)}
    left_out = {line.split(": ")[1] for line in text.splitlines() if line.startswith("# not exp")}
    assert names | left_out == {it.id for it in builtin_rules()}
    assert not names & left_out


def test_settings_reach_the_policy(tmp_path: Path) -> None:
    config = tmp_path / "portside.yaml"
    text = """\
profile: strict
kubernetes-version: "1.33"
fail-on: low
rules:
  host-port: {params: {allowed: [443]}, severity: info}
  host-ipc: {off: true}
"""
    config.write_text(text, encoding="utf-8")
    text, _, _ = export("--config", str(config))
    assert "profile strict, for Kubernetes 1.33\n" in text
    made = {(it["kind"], it["metadata"]["name"]): it for it in policies(text)}
    policy = made["ValidatingAdmissionPolicy", "portside-host-port"]
    binding = made["ValidatingAdmissionPolicyBinding", "portside-host-port"]
    assert {"name": "allowed", "expression": "[443]"} in policy["spec"]["variables"]
    assert binding["spec"]["validationActions"] == ["Warn", "Audit"]
    assert ("ValidatingAdmissionPolicy", "portside-host-ipc") not in made


def test_an_alias_names_its_rule_and_a_typo_is_met_with_a_guess() -> None:
    policy, _ = policies(export("CKV_K8S_16")[0])
    assert policy["metadata"]["name"] == "portside-privileged-container"
    with pytest.raises(UsageError, match="no rule is called host-prt") as caught:
        export("host-prt")
    assert caught.value.hint == "did you mean host-port?"


def test_lists_on_the_way_are_walked_and_a_list_that_may_be_null_is_none() -> None:
    role = "(object.?rules.orValue(null) == null ? [] : object.?rules.orValue([]))"
    # verbs, too, is a list that Kubernetes' encoder never leaves out.
    verbs = "(v1.?verbs.orValue(null) == null ? [] : v1.?verbs.orValue([]))"
    assert findings(rule()) == (
        f'{role}.map(v1, {verbs}.map(it, !(it in variables.podParam), "says " + string(it))'
        '.join("; ")).filter(s, s != "")'
    )


def test_a_value_that_is_no_list_is_itself_the_item() -> None:
    said = findings(rule(each="spec.type", kinds="Service"))
    assert said.startswith("[?object.?spec.?type].map(it, ")


def test_of_a_custom_kind_a_list_is_told_when_it_is_seen() -> None:
    said = findings(rule(each="spec.things", kinds="example.org/Widget"))
    assert said.startswith(
        "[?object.?spec.?things].map(v, (type(v) == list ? v : dyn([v])).map(it, "
    )


def test_of_a_custom_kind_lists_on_the_way_are_told_too() -> None:
    made = exported(rule("spec.servers.tls", kinds="example.org/Odd"), NEWEST, {"pod": ["a"]})
    said = made[0].policy["spec"]["variables"][-1]["expression"]
    assert "(type(v1) == list ? v1 : dyn([v1])).map(v1, [?v1.?tls]" in said


def test_a_rule_of_a_pod_says_nothing_of_its_other_kinds() -> None:
    made = exported(
        rule("pod.hostname", kinds="Pod, networking.k8s.io/Ingress"), NEWEST, {"pod": ["a"]}
    )
    said = {it["name"]: it["expression"] for it in made[0].policy["spec"]["variables"]}
    assert said["pod"].startswith('object.kind == "Pod" ? object.spec : ')
    assert said["pod"].endswith(" : {}")
    assert said["findings"].startswith('!(object.kind == "Pod" || ')


def test_a_label_is_asked_for_by_its_whole_name() -> None:
    made = exported(rule('metadata.labels["a.b/c"]', kinds="Namespace"), NEWEST, {"pod": ["a"]})
    said = made[0].policy["spec"]["variables"][-1]["expression"]
    key = '"a.b/c"'
    found = f"optFlatMap(m, {key} in dyn(m) ? optional.of(dyn(m)[{key}]) : optional.none())"
    assert said.startswith(f"[?object.?metadata.?labels.{found}].map(")


def test_only_free_variables_are_renamed() -> None:
    text = "pod.a.exists(pod, pod == params.x) && [1].all(i, pod.b == i)"
    made = rewritten(text, {"pod": "variables.pod"}, {"x": "variables.x"})
    assert made == (
        "variables.pod.a.exists(pod, pod == variables.x) && [1].all(i, variables.pod.b == i)"
    )


def test_a_status_tells_nothing_of_what_is_being_created() -> None:
    made = rewritten("has(object.status) && has(object.status.phase)", {}, {})
    assert made == "(oldObject != null && has(object.status)) && has(object.status.phase)"


def test_a_parameter_read_by_a_computed_name_cannot_be_exported() -> None:
    for text in ("params[it]", 'params["b"]', "size(params)"):
        with pytest.raises(NotExportableError, match="reads its parameters"):
            rewritten(text, {}, {"a": "variables.a"})


@pytest.mark.parametrize("text", ['params["a-b"]', "params['a-b']", 'params [ "a-b" ]'])
def test_a_parameter_may_be_read_by_a_name_that_is_no_word(text: str) -> None:
    assert rewritten(f"it in {text}", {}, {"a-b": "variables.aB"}) == "it in variables.aB"


def test_what_the_version_refuses_cannot_be_exported() -> None:
    odd = rule(require="isSemver(it)")
    with pytest.raises(NotExportableError, match=r"Kubernetes 1\.30 refuses it"):
        exported(odd, Settings(30, 0), {"pod": ["a"]})


def test_values_become_literals_of_the_language() -> None:
    assert literal(['a"\n', 1, True, {"k": 1.5}]) == '["a\\"\\n", 1, true, {"k": 1.5}]'


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("Pod", "pods"),
        ("NetworkPolicy", "networkpolicies"),
        ("Ingress", "ingresses"),
        ("Endpoints", "endpoints"),
        ("StorageClass", "storageclasses"),
        ("Gateway", "gateways"),
    ],
)
def test_a_kind_is_served_as_its_plural(kind: str, resource: str) -> None:
    assert plural(kind) == resource


@pytest.mark.needs_oracle
def test_the_table_of_fields_is_kubernetes_own(oracle: Oracle) -> None:
    assert TARGET.read_text(encoding="utf-8") == table(oracle.ask(op="types"))
