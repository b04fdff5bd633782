"""`portside rules` and `portside explain`: every rule by any of its names, and the user's own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from portside.policy import builtin
from portside.policy.profile import parse_profile
from tests.cli.running import POD, portside


def test_the_list_has_every_rule_with_what_programs_need() -> None:
    listed = json.loads(portside("rules", "list", "-o", "json").out)
    assert [it["id"] for it in listed] == sorted(builtin.rules())
    for it in listed:
        text = builtin.texts()[it["id"]]
        assert it["kinds"]
        assert it["pods"] == (not text.kinds)
        assert it["aliases"] == list(text.aliases)
        assert it["frameworks"] == list(text.frameworks)
        assert [param["name"] for param in it["params"]] == [param[0] for param in text.params]
        assert set(it) == {
            *("id", "title", "severity", "profile", "kinds", "pods", "aliases", "params"),
            *("frameworks", "fix"),
        }


def test_the_list_of_a_profile_is_what_a_scan_asks() -> None:
    listed = json.loads(portside("rules", "list", "-o", "json", "--profile", "pss:baseline").out)
    assert {it["id"] for it in listed} == set(parse_profile("pss:baseline").select(builtin.rules()))


def test_the_list_for_people_begins_with_the_worst() -> None:
    words = [line.split()[0] for line in portside("rules", "list").out.splitlines()]
    order = ["critical", "high", "medium", "low", "info"]
    assert words == sorted(words, key=order.index)
    assert len(words) == len(builtin.rules())


@pytest.mark.parametrize("name", ["CKV_K8S_16", "checkov:CKV_K8S_16", "privileged-container"])
def test_a_rule_is_shown_by_any_of_its_names(name: str) -> None:
    out = portside("rules", "show", name).out
    assert out.startswith("privileged-container: ")
    text = builtin.texts()["privileged-container"]
    flat = " ".join(out.split())
    for words in (text.why, text.severity_reason, text.fix, *text.aliases, *text.frameworks):
        assert " ".join(words.split()) in flat
    assert "at          securityContext.privileged" in out
    assert ">  9 │         privileged: true" in out
    assert json.loads(portside("rules", "show", name, "-o", "json").out)[0]["examples"]


@pytest.mark.parametrize("rule", sorted(builtin.rules()))
def test_every_rule_can_be_shown_and_explained(
    rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from portside.cli import main

    for words in (["rules", "show", rule], ["explain", rule]):
        assert main(words) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"{rule}: {builtin.texts()[rule].title}\n")


def test_an_unknown_rule_gets_the_nearest() -> None:
    for words in (["rules", "show", "privilegd-container"], ["explain", "privilegd-container"]):
        ran = portside(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == snapshot("""\
portside: no rule is called privilegd-container
  did you mean privileged-container?
  nothing was done
""")


def test_a_name_that_stands_for_several_rules_lists_them() -> None:
    ran = portside("explain", "host-p*")
    assert ran.code == 0
    assert ran.out == snapshot("""\
host-p* stands for 4 rules:

  portside explain host-path-persistent-volume  Persistent volume is a directory of a node
  portside explain host-path-volume             Pod mounts a directory of its node
  portside explain host-pid                     Pod shares the process namespace of the node
  portside explain host-port                    Container takes a port of its node
""")


def test_an_explanation_in_full() -> None:
    assert portside("explain", "host-ipc").out == snapshot("""\
host-ipc: Pod shares the IPC namespace of the node
  high: reads and writes memory of other programs of the node
  profile recommended; asked of every kind that bears a pod

why
  Shared memory and semaphores of the node's own processes can be read and written.

how to mend it
  Remove `hostIPC`.
  (unsafe: the edit may change what the program can do: review it)

found here: a Deployment's template asks for it
     1 │ apiVersion: apps/v1
     2 │ kind: Deployment
     3 │ metadata: {name: shop}
     4 │ spec:
     5 │   selector: {matchLabels: {app: shop}}
     6 │   template:
     7 │     metadata: {labels: {app: shop}}
     8 │     spec:
  >  9 │       hostIPC: true
    10 │       containers: [{name: web, image: "registry.example.org/web:2.1"}]

and not here: it is switched off
     1 │ apiVersion: v1
     2 │ kind: Pod
     3 │ metadata: {name: shop}
     4 │ spec:
     5 │   hostIPC: false
     6 │   containers: [{name: web, image: "registry.example.org/web:2.1"}]

how to be excused
  a comment on the line of the field, or on a line of its own above a key or an object:
    # portside:ignore host-ipc until=YYYY-MM-DD the reason
  an annotation of the object:
    portside.dev/ignore: "host-ipc the reason"
  a waiver in portside.yaml, which names who answers for it and ends:
    waivers:
      - rule: host-ipc
        subject: {kind: Deployment, namespace: shop, name: web}
        reason: the reason
        owner: your team
        approver: who agreed
        expires: YYYY-MM-DD

in portside.yaml
  rules:
    host-ipc: off            # or:
    host-ipc:
      severity: low

maps to
  PSS:baseline/hostNamespaces, OWASP-K8s-2022:K01, OWASP-K8s-2025:K01, NIST-800-190:4.4.3,
  PCI-DSS-4.0.1:2.2.1, SOC2-TSC:CC7.1, ISO27001-2022:A.8.9, CIS-K8s-1.12:5.2.4, CIS-EKS-1.8:4.2.3,
  CIS-AKS-1.8:4.2.3, ATT&CK:T1611, NSA-CISA-1.2:pod/host-namespaces

called elsewhere
  datree:CONTAINERS_INCORRECT_HOSTIPC_VALUE_TRUE, checkov:CKV_K8S_18, trivy:KSV-0008,
  kubescape:C-0038, kubescape:C-0276, kubescape:C-0195, kube-linter:host-ipc, polaris:hostIPCSet,
  kics:Shared Host IPC Namespace
""")


@pytest.mark.parametrize("way", ["comment", "annotation", "waiver"])
def test_each_way_to_be_excused_works_as_it_is_printed(way: str, tmp_path: Path) -> None:
    out = portside("explain", "privileged-container").out.replace("YYYY-MM-DD", "2999-12-31")
    comment = re.search(r"# portside:ignore .*", out)
    annotation = re.search(r'portside\.dev/ignore: ".*"', out)
    waiver = re.search(r"    waivers:\n(      .*\n)+", out)
    assert comment and annotation and waiver  # noqa: PT018 - three parts of one text
    pod = POD
    if way == "comment":
        pod = pod.replace("privileged: true", f"privileged: true  {comment[0]}")
    if way == "annotation":
        pod = pod.replace("shop}", f"shop, annotations: {{{annotation[0]}}}}}")
    if way == "waiver":
        said = waiver[0].replace("kind: Deployment", "kind: Pod")
        (tmp_path / "portside.yaml").write_text(re.sub(r"(?m)^    ", "", said))
    (tmp_path / "web.yaml").write_text(pod)
    scan = ("scan", "-o", "json", "web.yaml", "--now", "2026-11-01")
    ran = portside(*scan, cwd=tmp_path)
    found = [it for it in json.loads(ran.out)["findings"] if it["rule"] == "privileged-container"]
    assert [it["waived"]["kind"] for it in found] == [way], ran.err


def test_the_settings_that_are_printed_are_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from portside.cli import main

    monkeypatch.chdir(tmp_path)
    config = tmp_path / "portside.yaml"
    for rule, text in builtin.texts().items():
        if not text.params:
            continue
        config.unlink(missing_ok=True)
        assert main(["explain", rule]) == 0
        said = capsys.readouterr().out.partition("in portside.yaml\n")[2].partition("\n\n")[0]
        kept = [line[2:] for line in said.splitlines() if ": off" not in line]
        config.write_text("\n".join(kept) + "\n")
        assert main(["explain", rule]) == 0
        assert "there now: severity: low" in capsys.readouterr().out


def test_a_new_rule_passes_its_own_test_and_is_asked_in_a_scan(tmp_path: Path) -> None:
    made = portside("rules", "new", "team-label-missing", cwd=tmp_path)
    assert made.out == snapshot("""\
rules/team_label_missing.yaml
next: edit it, and run portside rules test rules
""")
    assert portside("rules", "test", "rules", cwd=tmp_path).out == snapshot("""\
ok    team-label-missing: bad: there are no labels
ok    team-label-missing: good: the label names a team

2 examples of 1 rule: all hold
""")
    (tmp_path / "web.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {}\n"
    )
    ran = portside("scan", "--rules", "rules", "web.yaml", cwd=tmp_path)
    assert ran.code == 1
    assert "web.yaml:3:1: medium team-label-missing has no label team" in ran.out
    assert portside("explain", "team-label-missing", "--rules", "rules", cwd=tmp_path).code == 0


def test_a_new_rule_never_overwrites(tmp_path: Path) -> None:
    portside("rules", "new", "my-rule", cwd=tmp_path)
    file = tmp_path / "rules" / "my_rule.yaml"
    file.write_text("mine\n")
    ran = portside("rules", "new", "my-rule", cwd=tmp_path)
    assert (ran.code, file.read_text()) == (2, "mine\n")
    assert ran.err == snapshot("""\
rules/my_rule.yaml: exists already
  it is left as it is: choose another id, or remove it first
  nothing was written
""")


def test_a_new_rule_needs_an_id_of_its_own(tmp_path: Path) -> None:
    for name in ("My_Rule", "privileged-container", "-x"):
        assert portside("rules", "new", name, cwd=tmp_path).code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_example_that_does_not_hold_is_shown_with_expected_and_got(tmp_path: Path) -> None:
    portside("rules", "new", "my-rule", cwd=tmp_path)
    file = tmp_path / "rules" / "my_rule.yaml"
    file.write_text(file.read_text().replace("lines: [3]", "lines: [5]"))
    ran = portside("rules", "test", "rules", cwd=tmp_path)
    assert ran.code == 1
    assert ran.out == snapshot("""\
FAIL  my-rule: bad: there are no labels
      rules/my_rule.yaml
      expected a finding on line 5, got a finding on line 3
         1 │ apiVersion: apps/v1
         2 │ kind: Deployment
         3 │ metadata: {name: web}   <- got
         4 │ spec:
         5 │   selector: {matchLabels: {app: web}}   <- expected
         6 │   template:
         7 │     metadata: {labels: {app: web}}
ok    my-rule: good: the label names a team

2 examples of 1 rule: 1 hold, 1 do not
""")
    row = json.loads(portside("rules", "test", "rules", "-o", "json", cwd=tmp_path).out)[0]
    bad, good = row["examples"]
    assert (bad["passed"], bad["expected"], bad["got"]) == (False, [5], [3])
    assert good["passed"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("require: has(object.metadata.labels) && ", "require: ", "got no finding"),
        ("kind: Deployment", "kind: [", "could not be judged"),
        ("kind: Deployment", "kind: Service", "got no finding"),
        ("good: the label", "bad: the label", "lines: a bad example says the lines"),
    ],
)
def test_whatever_an_example_is_worth_it_is_never_a_silent_pass(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    portside("rules", "new", "my-rule", cwd=tmp_path)
    file = tmp_path / "rules" / "my_rule.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    ran = portside("rules", "test", "rules", cwd=tmp_path)
    assert ran.code in (1, 2)
    assert said in ran.out + ran.err


def test_a_rule_without_a_good_example_does_not_pass(tmp_path: Path) -> None:
    portside("rules", "new", "my-rule", cwd=tmp_path)
    file = tmp_path / "rules" / "my_rule.yaml"
    file.write_text(file.read_text().partition("  - good:")[0])
    ran = portside("rules", "test", "rules", cwd=tmp_path)
    assert ran.code == 1
    assert "has no good example" in ran.out


def test_rules_test_takes_the_folders_of_the_configuration(tmp_path: Path) -> None:
    portside("rules", "new", "my-rule", "--folder", "policy", cwd=tmp_path)
    assert portside("rules", "test", cwd=tmp_path).code == 2
    (tmp_path / "portside.yaml").write_text("rule-folders: [policy]\n")
    assert portside("rules", "test", cwd=tmp_path).code == 0


def test_rules_alone_says_what_there_is() -> None:
    ran = portside("rules")
    assert ran.code == 0
    for name in re.findall(r"portside rules ([a-z]+)", ran.out):
        assert portside("rules", name, "--help").code == 0
