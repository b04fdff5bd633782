"""What `scan --policy` makes of policies, bindings and parameters; and of files that hold none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scanning import Answer, portside, process

GROUP = "admissionregistration.k8s.io/v1"
Json = dict[str, Any]

POD: Json = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "shop", "labels": {"app": "shop"}},
    "spec": {"containers": [{"name": "web", "image": "registry.example.org/web:2.1"}]},
}
NO_PODS = "object.kind != 'Pod'"


def rule(*resources: str, group: str = "", **more: Any) -> Json:
    return {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": list(resources),
        **more,
    }


def policy(*validations: Json | str, name: str = "no-pods", **spec: Any) -> Json:
    rules = spec.pop("rules", [rule("pods")])
    constraints = {"resourceRules": rules, **spec.pop("constraints", {})}
    checks = [{"expression": it} if isinstance(it, str) else it for it in validations]
    return {
        "apiVersion": GROUP,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name, **spec.pop("metadata", {})},
        "spec": {
            "matchConstraints": constraints,
            "validations": checks or [{"expression": NO_PODS, "message": "no pods"}],
            **spec,
        },
    }


def binding(name: str = "no-pods", actions: tuple[str, ...] = ("Deny",), **spec: Any) -> Json:
    return {
        "apiVersion": GROUP,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": f"{name}-binding"},
        "spec": {"policyName": name, "validationActions": list(actions), **spec},
    }


def scan(
    folder: Path, *policies: Json, on: list[Json] | None = None, params: list[Json] | None = None
) -> Answer:
    """Scan the objects (default: a pod) with these policies and bindings."""
    write(folder / "objects" / "objects.yaml", on or [POD])
    write(folder / "policy.yaml", list(policies))
    words = ["scan", "objects", "--policy", "policy.yaml", "--profile", "pss:baseline"]
    if params is not None:
        write(folder / "params.yaml", params)
        words += ["--params", "params.yaml"]
    return portside(folder, *words, "-o", "json")


def write(path: Path, documents: list[Json]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")


def messages(answer: Answer, name: str = "no-pods") -> list[str]:
    return [it["message"] for it in answer.of(name)]


def missing(answer: Answer, name: str = "no-pods") -> list[str]:
    return [it["missing"] for it in answer.report["undecided"] if it["rule"] == name]


def test_a_finding_has_the_policys_name_and_medium_severity(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy(), binding())
    (found,) = answer.of("no-pods")
    assert (found["message"], found["severity"], found["path"]) == ("no pods", "medium", [])
    assert (found["file"], found["line"]) == ("objects/objects.yaml", 1)
    assert answer.code == 1
    assert answer.report["summary"]["rules"] == 1 + len_of_baseline(tmp_path)


def len_of_baseline(folder: Path) -> int:
    words = ("scan", "objects", "--profile", "pss:baseline", "-o", "json")
    rules: int = portside(folder, *words).report["summary"]["rules"]
    return rules


def test_an_annotation_sets_the_severity(tmp_path: Path) -> None:
    noted = {"annotations": {"portside.dev/severity": "low"}}
    answer = scan(tmp_path, policy(metadata=noted), binding())
    assert [it["severity"] for it in answer.of("no-pods")] == ["low"]
    assert answer.code == 0


def test_a_severity_that_is_none_is_an_error_with_its_place(tmp_path: Path) -> None:
    noted = {"annotations": {"portside.dev/severity": "bad"}}
    answer = scan(tmp_path, policy(metadata=noted))
    assert answer.code == 2
    assert "policy.yaml:6:" in answer.err
    assert "'bad' is none of info, low, medium, high, critical" in answer.err


def test_without_a_binding_it_is_run_as_if_bound_everywhere_and_says_so(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy())
    said = "no binding of it is among the files: it is run as if bound to everything, with Deny"
    assert f"policy no-pods: {said}" in answer.err
    (found,) = answer.of("no-pods")
    assert found["note"].startswith("no binding of this policy is among the files")


def test_a_binding_elsewhere_keeps_a_policy_from_what_it_does_not_bind(tmp_path: Path) -> None:
    where = {"objectSelector": {"matchLabels": {"app": "other"}}}
    answer = scan(tmp_path, policy(), binding(matchResources=where))
    assert not answer.of("no-pods")
    assert not answer.err


def test_a_binding_that_only_warns_or_audits_is_said_to_do_so(tmp_path: Path) -> None:
    (warned,) = scan(tmp_path, policy(), binding(actions=("Warn",))).of("no-pods")
    (audited,) = scan(tmp_path, policy(), binding(actions=("Audit",))).of("no-pods")
    assert warned["note"] == "the API server admits it and warns: binding no-pods-binding"
    assert audited["note"].startswith("the API server admits it and notes it in the audit log")


def test_two_bindings_make_one_finding(tmp_path: Path) -> None:
    assert len(scan(tmp_path, policy(), binding(), binding()).of("no-pods")) == 1


def test_each_validation_that_fails_is_a_finding_with_an_id_of_its_own(tmp_path: Path) -> None:
    both = ({"expression": "false", "message": it} for it in ("one", "two"))
    answer = scan(tmp_path, policy(*both))
    assert messages(answer) == ["one", "two"]
    assert len({it["id"] for it in answer.of("no-pods")}) == 2


def test_the_json_report_and_the_text_show_them_like_any_other(tmp_path: Path) -> None:
    scan(tmp_path, policy(), binding())
    words = ("scan", "objects", "--policy", "policy.yaml", "--profile", "pss:baseline")
    assert "objects/objects.yaml:1:1: medium no-pods no pods\n" in portside(tmp_path, *words).out
    for report in ("sarif", "junit", "gitlab", "github", "markdown"):
        assert "no-pods" in portside(tmp_path, *words, "-o", report).out


def test_a_waiver_may_name_a_policy(tmp_path: Path) -> None:
    scan(tmp_path, policy(), binding())
    (tmp_path / "portside.yaml").write_text(
        'waivers:\n  - {rule: "policy:no-*", subject: {name: shop}, reason: known, '
        "approver: b, expires: 2099-01-01}\n",
        encoding="utf-8",
    )
    words = ("scan", "objects", "--policy", "policy.yaml", "--profile", "pss:baseline")
    answer = portside(tmp_path, *words, "-o", "json")
    assert answer.excused("no-pods") == [True]


# What is not known.


def test_who_asks_is_not_known(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy("request.userInfo.username != 'eve'"))
    assert missing(answer) == ["request.userInfo is not known here"]
    assert not answer.of("no-pods")


def test_who_asks_may_not_matter(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy("request.userInfo.username == 'eve' || object.kind == 'Pod'"))
    assert not missing(answer)
    assert not answer.of("no-pods")


def test_what_an_authorizer_would_say_is_not_known(tmp_path: Path) -> None:
    asked = "authorizer.group('').resource('pods').check('delete').allowed()"
    assert missing(scan(tmp_path, policy(asked))) == ["an authorizer answers only in a cluster"]
    asked = "authorizer.requestResource.check('delete').allowed()"
    assert missing(scan(tmp_path, policy(asked))) == ["an authorizer answers only in a cluster"]


def test_an_object_that_only_undecided_policies_judge_is_undecided(tmp_path: Path) -> None:
    service: Json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}
    unknown = policy("request.userInfo.username != 'eve'", rules=[rule("services")])
    answer = scan(tmp_path, unknown, on=[service])
    assert [it["fate"] for it in answer.report["ledger"]["objects"]] == ["undecided"]


LABELLED = {"namespaceSelector": {"matchLabels": {"team": "a"}}}


def namespace(labels: dict[str, str], name: str = "shop") -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def inside(name: str) -> Json:
    return {**POD, "metadata": {**POD["metadata"], "namespace": name}}


def test_the_labels_of_a_namespace_that_is_not_scanned_are_not_known(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy(constraints=LABELLED), on=[inside("shop")])
    assert missing(answer) == ["the label team of the namespace shop"]
    answer = scan(tmp_path, policy(), binding(matchResources=LABELLED), on=[inside("shop")])
    assert missing(answer) == ["the label team of the namespace shop"]


@pytest.mark.parametrize(("team", "found"), [("a", ["no pods"]), ("b", [])])
def test_the_labels_of_a_scanned_namespace_are(tmp_path: Path, team: str, found: list[str]) -> None:
    write(tmp_path / "objects" / "namespace.yaml", [namespace({"team": team})])
    answer = scan(tmp_path, policy(constraints=LABELLED), on=[inside("shop")])
    assert messages(answer) == found
    assert not missing(answer)


def test_of_two_namespaces_of_one_name_that_differ_nothing_is_known(tmp_path: Path) -> None:
    twins = [namespace({"team": "a"}), namespace({"team": "b"})]
    answer = scan(tmp_path, policy(constraints=LABELLED), on=[*twins, inside("shop")])
    assert missing(answer) == ["the label team of the namespace shop"]


def test_the_name_of_a_namespace_is_always_known(tmp_path: Path) -> None:
    outside = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]}
    selected = {"namespaceSelector": {"matchExpressions": [outside]}}
    answer = scan(tmp_path, policy(constraints=selected), on=[POD, inside("kube-system")])
    # An object that names no namespace is created in the one called default.
    assert [it["resource"]["namespace"] for it in answer.of("no-pods")] == [None]
    assert not missing(answer)


def test_a_namespace_is_found_in_what_is_piped_in(tmp_path: Path) -> None:
    write(tmp_path / "policy.yaml", [policy(constraints=LABELLED)])
    piped = yaml.safe_dump_all([namespace({"team": "a"}), inside("shop")])
    words = ("scan", "-", "--policy", "policy.yaml", "-o", "json")
    answer = process(tmp_path, *words, stdin=piped)
    assert messages(answer) == ["no pods"]


def test_an_object_of_another_version_would_be_converted(tmp_path: Path) -> None:
    old: Json = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "a"}}
    jobs = [rule("cronjobs", group="batch")]
    answer = scan(tmp_path, policy("false", rules=jobs), on=[old])
    assert missing(answer) == ["the API server would show it to the policy as version v1"]
    exact = policy("false", rules=jobs, constraints={"matchPolicy": "Exact"})
    assert not missing(scan(tmp_path, exact, on=[old]))


WIDGET: Json = {"apiVersion": "example.org/v1", "kind": "Mouse", "metadata": {"name": "a"}}
MICE: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "mice.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Cluster",
        "names": {"plural": "mice", "kind": "Mouse"},
        "versions": [{"name": "v1"}],
    },
}


def test_a_custom_kind_has_the_name_that_its_definition_gives(tmp_path: Path) -> None:
    mice = policy("false", rules=[rule("mice", group="example.org", scope="Cluster")])
    assert not messages(scan(tmp_path, mice, on=[WIDGET]))
    answer = scan(tmp_path, mice, MICE, on=[WIDGET])
    assert messages(answer) == ["failed expression: false"]


def test_whether_an_unknown_kind_stands_in_a_namespace_is_not_known(tmp_path: Path) -> None:
    mouses = policy("false", rules=[rule("mouses", group="example.org", scope="Cluster")])
    answer = scan(tmp_path, mouses, on=[WIDGET])
    assert missing(answer) == ["whether its kind stands in a namespace"]


# Parameters.

KIND = {"apiVersion": "example.org/v1", "kind": "Limits"}
LIMITS: Json = {**KIND, "metadata": {"name": "strict", "labels": {"tier": "a"}}, "most": 0}
MOST: Json = {
    "expression": "size(object.spec.containers) <= params.most",
    "messageExpression": "'more than ' + string(params.most)",
}


def test_a_parameter_object_that_is_not_given_leaves_the_policy_undecided(tmp_path: Path) -> None:
    said = "its parameter object: Limits of example.org/v1"
    assert missing(scan(tmp_path, policy(MOST, paramKind=KIND))) == [said]
    named = binding(paramRef={"name": "strict", "parameterNotFoundAction": "Allow"})
    answer = scan(tmp_path, policy(MOST, paramKind=KIND), named)
    assert missing(answer) == ["its parameter object: Limits strict of example.org/v1"]


def test_a_binding_takes_the_parameter_object_that_it_names(tmp_path: Path) -> None:
    named = binding(paramRef={"name": "strict", "parameterNotFoundAction": "Deny"})
    other = {**LIMITS, "metadata": {"name": "other"}, "most": 9}
    answer = scan(tmp_path, policy(MOST, paramKind=KIND), named, params=[other, LIMITS])
    assert messages(answer) == ["more than 0"]


def test_without_a_binding_every_parameter_object_given_is_one(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy(MOST, paramKind=KIND), params=[LIMITS])
    assert messages(answer) == ["more than 0"]


@pytest.mark.parametrize("action", ["Allow", "Deny"])
def test_a_selector_that_selects_nothing_does_what_the_binding_says(
    tmp_path: Path, action: str
) -> None:
    ref = {"selector": {"matchLabels": {"tier": "b"}}, "parameterNotFoundAction": action}
    answer = scan(tmp_path, policy(MOST, paramKind=KIND), binding(paramRef=ref), params=[LIMITS])
    said = "no params found for policy binding with `Deny` parameterNotFoundAction"
    wanted = [f"failed to configure binding: {said}"] if action == "Deny" else []
    assert messages(answer) == wanted
    assert not missing(answer)


def test_a_binding_without_a_reference_gives_null(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy("params != null", paramKind=KIND), binding(), params=[LIMITS])
    assert messages(answer) == ["failed expression: params != null"]


# Errors of expressions.


def test_an_error_denies_where_the_policy_fails_closed(tmp_path: Path) -> None:
    (said,) = messages(scan(tmp_path, policy("object.spec.nothing == 1")))
    assert said == ("expression 'object.spec.nothing == 1' resulted in error: no such key: nothing")


def test_an_error_is_undecided_where_the_policy_ignores_it(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy("object.spec.nothing == 1", failurePolicy="Ignore"))
    assert not messages(answer)
    (said,) = missing(answer)
    assert said.endswith("no such key: nothing (failurePolicy: Ignore admits it)")


def test_an_expression_that_costs_too_much_ends(tmp_path: Path) -> None:
    digits = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
    costly = f"{digits}.all(a, " * 6 + "true" + ")" * 6
    (said,) = messages(scan(tmp_path, policy(costly)))
    assert "actual cost limit exceeded" in said


def test_a_policy_is_not_asked_about_policies(tmp_path: Path) -> None:
    everything = [rule("*", group="*", apiVersions=["*"])]
    answer = scan(tmp_path, policy("false", rules=everything), on=[policy(), binding()])
    assert not messages(answer)


# Files that do not hold what they should.


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (policy("object.kind = 'Pod'"), "spec.validations[0].expression: "),
        (policy("object.kind"), "must evaluate to bool but got dyn"),
        (policy("variables.x == 1"), "undeclared reference to 'variables'"),
        (policy("params.a == 1"), "undeclared reference to 'params'"),
        (policy("cel.bind(a, 1, a == 1)"), "unsupported"),
        (policy("request.user == 'eve'"), "undefined field 'user'"),
        (
            policy({"expression": "true", "messageExpression": "1"}),
            "must evaluate to string but got int",
        ),
        (
            policy({"expression": "true", "messageExpression": "authorizer.path('/x')"}),
            "undeclared reference to 'authorizer'",
        ),
        (policy({"expresion": "true"}), "expresion: no such key"),
        (policy(rules=[]), "spec.matchConstraints.resourceRules: is required"),
        (policy(rules=[rule("pods", operations=["MAKE"])]), "'MAKE' is none of CREATE"),
        (policy(failurePolicy="Open"), "'Open' is none of Fail, Ignore"),
        (
            policy(variables=[{"name": "a", "expression": "variables.b"}, {"name": "b"}]),
            "undeclared reference",
        ),
        (
            policy(constraints={"objectSelector": {"matchExpressions": [{"key": "a"}]}}),
            "operator: is required",
        ),
        ({**POD}, "no ValidatingAdmissionPolicy is in the files given"),
        ({"kind": "Pod"}, "apiVersion: is required"),
    ],
)
def test_a_policy_that_is_none_is_an_error_with_place_and_reason(
    tmp_path: Path, broken: Json, said: str
) -> None:
    answer = scan(tmp_path, broken)
    assert answer.code == 2
    assert said in answer.err
    assert not answer.out
    assert "Traceback" not in answer.err


def test_the_place_of_an_error_in_an_expression_is_told(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy("object.kind ==\n  nothing"))
    assert "undeclared reference to 'nothing' at line 2, column 3 of the expression" in answer.err
    assert "policy.yaml:17:5: " in answer.err


def test_two_policies_of_one_name_are_an_error(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy(), policy())
    assert answer.code == 2
    assert "another policy is called no-pods: policy.yaml:1" in answer.err


def test_a_policy_may_not_have_the_name_of_a_rule(tmp_path: Path) -> None:
    answer = scan(tmp_path, policy(name="host-port"))
    assert answer.code == 2
    assert "a rule is called host-port, too" in answer.err


def test_files_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    write(tmp_path / "objects.yaml", [POD])
    (tmp_path / "broken.yaml").write_text("a: [", encoding="utf-8")
    for words, said in (
        (("--policy", "nowhere.yaml"), "nowhere.yaml: cannot be opened"),
        (("--policy", "broken.yaml"), "broken.yaml:"),
        (("--params", "broken.yaml"), "--params without --policy"),
    ):
        answer = portside(tmp_path, "scan", "objects.yaml", *words)
        assert answer.code == 2
        assert said in answer.err


def test_what_is_not_run_is_said(tmp_path: Path) -> None:
    hook = {"apiVersion": GROUP, "kind": "MutatingWebhookConfiguration", "metadata": {"name": "a"}}
    answer = scan(tmp_path, policy(), binding(), binding("other"), hook)
    assert "binding other-binding: its policy other is not among the files: not run" in answer.err
    assert "MutatingWebhookConfiguration: not run: what it does is decided elsewhere" in answer.err


def test_older_versions_of_the_api_and_lists_are_read(tmp_path: Path) -> None:
    older = {**policy(), "apiVersion": "admissionregistration.k8s.io/v1beta1"}
    listed = {"apiVersion": "v1", "kind": "List", "items": [older, binding()]}
    assert messages(scan(tmp_path, listed)) == ["no pods"]


def test_a_folder_of_policies_may_be_given(tmp_path: Path) -> None:
    write(tmp_path / "objects.yaml", [POD])
    write(tmp_path / "policies" / "a.yaml", [policy()])
    write(tmp_path / "policies" / "b.yml", [binding()])
    words = ("scan", "objects.yaml", "--policy", "policies", "-o", "json")
    assert messages(portside(tmp_path, *words)) == ["no pods"]
