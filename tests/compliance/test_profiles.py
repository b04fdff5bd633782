"""Each framework is a profile: the rules about its items, whatever their own profile is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portside.cli import main
from portside.cli.plan import choose
from portside.errors import UsageError
from portside.policy import builtin
from portside.policy.framework import framework_names, load_framework, rules_by_item
from portside.policy.profile import parse_profile

BAD_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop, namespace: shop}
spec:
  hostPID: true
  containers: [{name: web, image: "shop:1"}]
"""


@pytest.mark.parametrize("name", framework_names())
def test_profile_of_a_framework_holds_the_rules_of_its_items_and_no_others(name: str) -> None:
    by_item = rules_by_item(load_framework(name), builtin.texts().values())
    wanted = {rule for rules in by_item.values() for rule in rules}
    assert set(choose(name, "").plan.rules) == wanted
    assert wanted


def test_profile_of_a_framework_asks_rules_that_recommended_leaves_out() -> None:
    strict = set(choose("cis-1.12", "").plan.rules) - set(choose("recommended", "").plan.rules)
    assert "writable-root-filesystem" in strict or "host-port" in strict


def test_scan_under_a_framework_says_what_its_items_are_about_and_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pod.yaml").write_text(BAD_POD)
    main(["scan", str(tmp_path), "--profile", "cis-eks-1.8", "-o", "json", "--no-cache"])
    said = json.loads(capsys.readouterr().out)
    rules = {it["rule"] for it in said["findings"]}
    assert "host-pid" in rules
    assert rules <= set(choose("cis-eks-1.8", "").plan.rules)
    assert said["profile"] == "cis-eks-1.8"


def test_own_rule_that_names_an_item_joins_the_profile(tmp_path: Path) -> None:
    (tmp_path / "no_sunday.yaml").write_text(
        "id: no-sunday\ntitle: Runs on Sunday\nseverity: low\nseverity-reason: rest\n"
        "why: People rest.\nfix: Rest.\nprofile: auditor\nkinds: [batch/CronJob]\n"
        "require: \"object.spec.schedule != '0 0 * * 0'\"\nsays: runs on Sunday\n"
        "at: spec.schedule\nfix-class: none\nframeworks: ['CIS-K8s-1.12:5.6.1']\nexamples: []\n"
    )
    assert "no-sunday" in choose("cis-1.12", "", folders=[str(tmp_path)]).plan.rules
    assert "no-sunday" not in choose("cis-gke-1.9", "", folders=[str(tmp_path)]).plan.rules


@pytest.mark.parametrize(
    ("name", "meant"),
    [("cis-1.2", "cis-1.12"), ("cis-eks", "cis-eks-1.8"), ("pcidss-4.0.1", "pci-dss-4.0.1")],
)
def test_unknown_name_is_refused_with_the_one_it_is_near_to(name: str, meant: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_profile(name)
    assert meant in refused.value.hint.split("profiles:")[0]
    assert "owasp-k8s-2025" in refused.value.hint


def test_framework_has_no_version_of_kubernetes() -> None:
    with pytest.raises(UsageError):
        parse_profile("cis-1.12@1.31")


def test_scan_that_asks_for_no_framework_loads_none() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from portside.cli import main; main(['scan', sys.argv[1], '--no-cache']);"
        "sys.exit('portside.policy.framework' in sys.modules)"
    )
    rules = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", code, rules], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
