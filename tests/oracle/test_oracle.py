"""The oracle answers as its page says, so that other tests may rest on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.oracle import BadQuestionError, Oracle, OracleError, encoded

pytestmark = pytest.mark.needs_oracle


def test_the_packages_are_those_of_the_newest_known_version(oracle: Oracle) -> None:
    assert oracle.ask(op="version") == {"kubernetes": "1.37"}


def test_an_answer_carries_the_id_of_its_question(oracle: Oracle) -> None:
    assert oracle.ask(op="version", id=["any", 1])["id"] == ["any", 1]


def test_a_wrong_question_is_raised_and_the_next_one_is_answered(oracle: Oracle) -> None:
    with pytest.raises(BadQuestionError, match="unknown op"):
        oracle.ask(op="nonsense")
    assert oracle.ask(op="version") == {"kubernetes": "1.37"}


def test_many_large_questions_are_answered_in_order_without_a_deadlock(oracle: Oracle) -> None:
    padding = "x" * 5000
    questions = [
        {"op": "yaml", "text": encoded(f"number: {n}\npadding: {padding}")} for n in range(2000)
    ]
    answers = oracle.ask_many(questions)
    assert [answer["documents"][0]["json"]["number"] for answer in answers] == list(range(2000))


def test_a_program_that_ends_is_an_error_and_not_a_wait() -> None:
    with Oracle(_program("false")) as broken, pytest.raises(OracleError, match="status 1"):
        broken.ask_many([{"op": "version"}] * 10)


def test_a_program_that_falls_silent_is_ended() -> None:
    # Without arguments tail says nothing before the end of its input.
    with Oracle(_program("tail"), patience=0.3) as silent, pytest.raises(OracleError):
        silent.ask(op="version")


def test_yaml_is_read_document_by_document_in_kubernetes_dialect(oracle: Oracle) -> None:
    text = "a: yes\nb: 0644\nb: 2\n---\nc: [\n---\nd: 1e3\n"
    first, second, third = oracle.ask(op="yaml", text=encoded(text))["documents"]
    assert first == {"json": {"a": True, "b": 2}}
    assert "did not find expected node content" in second["error"]
    assert third == {"json": {"d": 1000}}


def test_strict_yaml_refuses_a_duplicate_key(oracle: Oracle) -> None:
    (document,) = oracle.ask(op="yaml", text=encoded("a: 1\na: 2\n"), strict=True)["documents"]
    assert 'key "a" already set' in document["error"]


def test_a_file_is_read_as_kubectl_reads_it(oracle: Oracle) -> None:
    answer = oracle.ask(op="yaml", text=encoded('{"a": 1}\n{"a": 2}'), stream="kubectl")
    assert answer["documents"] == [{"json": {"a": 1}}, {"json": {"a": 2}}]


def test_pod_security_names_the_checks_that_refuse_at_each_level(oracle: Oracle) -> None:
    pod = {"spec": {"containers": [{"name": "web", "securityContext": {"privileged": True}}]}}
    policies = [["privileged", "latest"], ["baseline", "v1.31"], ["restricted", "v1.0"]]
    answers = oracle.ask(op="pss", pod=pod, policies=policies)["results"]
    assert [answer["allowed"] for answer in answers] == [True, False, False]
    assert [check["id"] for check in answers[1]["checks"]] == ["privileged"]
    # Until 1.8 restricted said nothing of privilege escalation.
    assert "allowPrivilegeEscalation" not in {check["id"] for check in answers[2]["checks"]}


def test_pod_security_judges_a_volume_after_the_servers_defaults(oracle: Oracle) -> None:
    pod = {"spec": {"containers": [], "volumes": [{"name": "scratch"}]}}
    answer = oracle.ask(op="pss", pod=pod, level="restricted", version="latest")
    assert "restrictedVolumes" not in {check["id"] for check in answer["checks"]}


@pytest.mark.parametrize(
    ("version", "kind", "path"),
    [
        ("v1", "PodTemplate", ["template"]),
        ("v1", "ReplicationController", ["spec", "template"]),
        ("apps/v1", "Deployment", ["spec", "template"]),
        ("apps/v1beta1", "Deployment", ["spec", "template"]),
        ("batch/v1", "CronJob", ["spec", "jobTemplate", "spec", "template"]),
    ],
)
def test_pod_security_finds_the_template_of_a_workload(
    oracle: Oracle, version: str, kind: str, path: list[str]
) -> None:
    inside: object = {"spec": {"hostNetwork": True, "containers": []}}
    for key in reversed(path):
        inside = {key: inside}
    assert isinstance(inside, dict)
    workload = {"apiVersion": version, "kind": kind, "metadata": {"name": "shop"}, **inside}
    answer = oracle.ask(op="pss", object=workload, level="baseline", version="latest")
    assert [check["id"] for check in answer["checks"]] == ["hostNamespaces"]


def test_pod_security_has_nothing_to_say_of_a_service(oracle: Oracle) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}}
    answer = oracle.ask(op="pss", object=service, level="baseline", version="latest")
    assert answer["no_pod"] is True


@pytest.mark.parametrize(
    ("expression", "type_name", "value"),
    [
        ("1 + 1", "int", 2),
        ("1u + 1u", "uint", {"uint": 2}),
        ("1.0 / 0.0", "double", {"double": "inf"}),
        ("b'hi'", "bytes", {"bytes": "aGk="}),
        ("timestamp('2024-01-01T01:00:00+01:00')", None, {"timestamp": "2024-01-01T00:00:00Z"}),
        ("duration('1.5s')", None, {"duration": 1500000000}),
        ("optional.of([1])", "optional_type", {"optional": [[1]]}),
        ("{1u: null}", "map", {"map": [[{"uint": 1}, None]]}),
        ("type(1)", "type", {"type": "int"}),
        ("quantity('1024Mi')", None, {"opaque": "kubernetes.Quantity", "text": "1Gi"}),
    ],
)
def test_a_value_of_cel_keeps_its_type(
    oracle: Oracle, expression: str, type_name: str | None, value: object
) -> None:
    answer = oracle.ask(op="cel", expression=expression)
    assert answer["value"] == value
    assert type_name is None or answer["type"] == type_name


def test_a_variable_is_read_as_the_api_server_reads_objects(oracle: Oracle) -> None:
    question = {"op": "cel", "variables": {"object": {"whole": 1, "part": 1.5}}}
    expression = "[type(object.whole), type(object.part)]"
    answer = oracle.ask(**question, expression=expression)
    assert answer["value"] == [{"type": "int"}, {"type": "double"}]
    assert answer["cost"] > 0


def test_a_tagged_value_comes_back_as_it_went(oracle: Oracle) -> None:
    values = [
        {"uint": 1},
        {"double": "NaN"},
        {"bytes": "AA=="},
        {"duration": 5},
        {"timestamp": "2024-02-29T00:00:00.5Z"},
        {"map": [[1, ["a", None, True]]]},
        {"optional": []},
    ]
    answer = oracle.ask(op="cel", expression="x", values={"x": values})
    assert answer["value"] == values


def test_a_typed_variable_is_checked_before_anything_runs(oracle: Oracle) -> None:
    question = {"op": "cel", "variables": {"m": {"a": 1}}, "types": {"m": "map(string, int)"}}
    assert oracle.ask(**question, expression="m.a + 1")["value"] == 2
    answer = oracle.ask(**question, expression="m.a +\n 'x'")
    assert (answer["issues"][0]["line"], answer["issues"][0]["column"]) == (1, 5)


def test_each_version_has_its_own_libraries(oracle: Oracle) -> None:
    expression = "ip('::1').family()"
    assert "compile_error" in oracle.ask(op="cel", expression=expression, version="1.29")
    assert oracle.ask(op="cel", expression=expression, version="1.30")["value"] == 6


def test_a_failing_evaluation_and_a_spent_budget_are_errors_with_their_cost(
    oracle: Oracle,
) -> None:
    assert oracle.ask(op="cel", expression="1 / 0")["error"] == "division by zero"
    answer = oracle.ask(op="cel", expression="[1, 2, 3].all(x, x > 0)", cost_limit=2)
    assert "cost limit exceeded" in answer["error"]


def test_an_object_is_read_and_completed_as_the_server_does_it(oracle: Oracle) -> None:
    container = {"name": "web", "image": "shop", "securityContext": None}
    pod = {"metadata": {"labels": {"app": None}}, "spec": {"containers": [container]}}
    answer = oracle.ask(op="default", object={"apiVersion": "v1", "kind": "Pod", **pod})
    assert answer["object"]["metadata"]["labels"] == {"app": ""}
    (completed,) = answer["object"]["spec"]["containers"]
    assert completed["imagePullPolicy"] == "Always"
    assert "securityContext" not in completed


def test_an_object_of_an_unknown_kind_or_a_wrong_type_is_refused(oracle: Oracle) -> None:
    rollout = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
    assert oracle.ask(op="default", object=rollout)["unknown_kind"] is True
    answer = oracle.ask(op="default", text=encoded("apiVersion: v1\nkind: Pod\nspec: {tty: 1}"))
    assert "unknown_kind" not in answer
    mistyped = {"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": "yes"}}
    assert "hostNetwork" in oracle.ask(op="default", object=mistyped)["error"]


def test_strict_decoding_names_unknown_and_duplicate_fields(oracle: Oracle) -> None:
    written = '{"apiVersion": "v1", "kind": "Pod", "kind": "Pod", "x": 1}'
    assert oracle.ask_raw(f'{{"op": "strict", "object": {written}}}')["errors"] == [
        'duplicate field "kind"',
        'unknown field "x"',
    ]
    text = encoded("apiVersion: v1\nkind: Pod\nspec: {}\nspec: {}\n")
    assert any("spec" in error for error in oracle.ask(op="strict", text=text)["errors"])


def test_a_quantity_is_parsed_exactly(oracle: Oracle) -> None:
    assert oracle.ask(op="quantity", text="1.5Gi")["canonical"] == "1536Mi"
    assert "error" in oracle.ask(op="quantity", text="1.5GiB")


def test_names_are_validated_as_the_server_does_it(oracle: Oracle) -> None:
    question = {"op": "valid", "as": "label-value"}
    assert oracle.ask(**question, text="a.b")["errors"] == []
    assert "a valid label must be" in oracle.ask(**question, text="-a")["errors"][0]


def _program(name: str) -> Path:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"no {name} on PATH")
    return Path(path)
