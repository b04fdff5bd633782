"""What stands beside a planted tree: configurations, waivers, rules, policies, other tools' files.

Each has a fault right beside a planted value, so that a message about it could quote the value.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.acceptance.planted import Planted

NEW_WAIVER = ("--reason", "a", "--approver", "b", "--until", "2099-01-01")
_WAIVER = (
    "waivers:\n  - {{rule: latest-tag, subject: {{kind: Pod}}, reason: a, approver: b, {rest}}}\n"
)


def _waiver(rest: str) -> str:
    return _WAIVER.format(rest=rest)


FAULTS: dict[str, Callable[[Planted], str]] = {
    "map not closed": lambda it: f"limits: {{password: {it()}\n",
    "quote not closed": lambda it: f'profile: "{it()}\nfail-on: high\n',
    "tab": lambda it: f"limits:\n\tsize: {it()}\n",
    "colons": lambda it: f"profile: {it()}: {it()}\n",
    "anchor": lambda it: f"profile: *{it()}\n",
    "tag": lambda it: f"version: !!int {it()}\n",
    "twice": lambda it: f"profile: {it()}\nprofile: {it()}\n",
    "twice in one line": lambda it: f"{{password: {it()}, password: {it()}}}\n",
    "unknown key": lambda it: f"shop: {it()}\n",
    "unknown key in one line": lambda it: f"{{profile: strict, shop: {it()}}}\n",
    "no map": lambda it: f"{it()}\n",
    "no map but a list": lambda it: f"- {it()}\n",
    "two documents": lambda it: f"profile: strict\n---\nprofile: {it()}\n",
    "behind the separator": lambda it: f"--- {it()}\nprofile: strict\n",
    "version": lambda it: f"version: {it()}\n",
    "profile": lambda it: f"profile: {it()}\n",
    "severity": lambda it: f"fail-on: {it()}\n",
    "kubernetes": lambda it: f"kubernetes-version: {it()}\n",
    "number": lambda it: f"limits: {{size: {it()}}}\n",
    "list": lambda it: f"include: {{password: {it()}}}\n",
    "item": lambda it: f"exclude: [[{it()}]]\n",
    "folder": lambda it: f"rule-folders: [{it()}]\n",
    "crds": lambda it: f"crds: {it('a/{}')}\n",
    "extends": lambda it: f"extends: {it('https://user:{}@example.org/a')}\n",
    "extends a file": lambda it: f"extends: [{it()}]\n",
    "rule": lambda it: f"rules: {{{it()}: off}}\n",
    "setting": lambda it: f"rules: {{latest-tag: {it()}}}\n",
    "setting's severity": lambda it: f"rules: {{latest-tag: {{severity: {it()}}}}}\n",
    "parameter": lambda it: f"rules: {{latest-tag: {{params: {{a: {it()}}}}}}}\n",
    "parameters": lambda it: f"rules: {{latest-tag: {{params: {it()}}}}}\n",
    "comments": lambda it: f"comments: {it()}\n",
    "owners": lambda it: f"owners: {{labels: {{a: {it()}}}}}\n",
    "profiles": lambda it: f"profiles: {{a: {{base: {it()}, add: {it()}}}}}\n",
    "profile's rules": lambda it: f"profiles: {{a: {{add: [{it()}]}}}}\n",
    "locked": lambda it: f"locked: {{profile: {it()}}}\n",
    "approvers": lambda it: f"approvers: [{{rule: {it()}, password: {it()}}}]\n",
    "approve-comments": lambda it: f"approve-comments: {it()}\n",
    "imports": lambda it: f"imports: [{it()}]\n",
    "imports a file": lambda it: f"imports: {{kubescape: {it('a/{}')}}}\n",
    "waivers": lambda it: f"waivers: {it()}\n",
    "waiver": lambda it: f"waivers: [{it()}]\n",
    "waiver's rule": lambda it: _waiver("expires: 2099-01-01").replace("latest-tag", it()),
    "waiver's day": lambda it: _waiver(f"expires: {it()}"),
    "waiver's key": lambda it: _waiver(f"expires: 2099-01-01, passwrod: {it()}"),
    "waiver's owner": lambda it: _waiver(f"expires: 2099-01-01, owner: [{it()}]"),
    "waiver's ticket": lambda it: _waiver(f"ticket: {it('https://a:{}@example.org')}"),
    "waiver's subject": lambda it: _waiver("expires: 2099-01-01").replace(
        "{kind: Pod}", f"{{token: {it()}}}"
    ),
}
"""Each a `portside.yaml` that is refused."""


def sound(it: Planted) -> str:
    """A `portside.yaml` that is taken, with credentials in what is told of it."""
    return f"""\
profile: strict
include: ["**"]
exclude: ["{it("https://user:{}@example.org/**")}"]
owners: {{default: "{it("https://user:{}@example.org")}"}}
rules:
  unapproved-registry: {{params: {{allowed: ["{it("https://user:{}@example.org")}"]}}}}
waivers:
  - rule: latest-tag
    subject: {{kind: Pod}}
    reason: "see {it("https://user:{}@example.org/1")}"
    approver: sec@example.org
    expires: 2099-01-01
    ticket: "{it("https://user:{}@example.org/2")}"
  - {{rule: bare-pod, files: net.yaml, reason: a, approver: b, expires: 2020-01-01}}
"""


def beside(it: Planted, skeleton: str) -> dict[str, str]:
    """Files by their paths: rules, policies, settings of other tools, sound and broken."""
    rule = skeleton.format(id="own-value-told", folder="rules")
    broken = skeleton.format(id="own-broken", folder="rules-broken")
    asked = "require: int(object.spec.template.spec.nodeName) > 1"
    required = next(line for line in rule.splitlines() if line.startswith("require:"))
    node = 'spec:\n            containers: [{name: web, image: "registry.example.org/web:2.1"}]'
    assert node in rule
    crashing = rule.replace(required, asked).replace(
        node, node.replace("spec:", f"spec:\n            nodeName: {it()}"), 1
    )
    return {
        "rules/own_value_told.yaml": crashing,
        "rules-broken/own_broken.yaml": broken + f"    passwrd: {it()}\n",
        "policy.yaml": policy(),
        "tools/.checkov.yaml": f"skip-check: [CKV_K8S_14]\nbc-api-key: {it()}\n",
        "tools/.trivyignore": f"AVD-KSV-0001 exp:{it()}\n",
        "tools/.kube-linter.yaml": "checks: {exclude: [latest-tag]}\n" + f"token: {it()}\n",
        **broken_tools(it),
    }


TOOLS = 11
"""How many folders `broken_tools` has."""


def broken_tools(it: Planted) -> dict[str, str]:
    """Settings of other tools, each in a folder of its own: a fault ends the reading of one."""
    return {
        "broken-tools/0/.checkov.yaml": f"skip-check: {{password: {it()}}}\nskip-path: [{it()}]\n",
        "broken-tools/1/.checkov.baseline": f'{{"failed_checks": [{{"file": {it()}\n',
        "broken-tools/2/.trivyignore": f"AVD-KSV-0001 exp:{it()} password={it()}\n",
        "broken-tools/3/.trivyignore.yaml": f"misconfigurations: [{{id: a, expired_at: {it()}}}]\n",
        "broken-tools/4/.kube-linter.yaml": f"checks: {{exclude: {{password: {it()}}}}}\n",
        "broken-tools/5/.hadolint.yaml": f"ignored: [[{it()}]]\ntrustedRegistries: {it()}\n",
        "broken-tools/6/zizmor.yml": f"rules: {{a: {{ignore: {{token: {it()}}}}}}}\n",
        "broken-tools/7/.github/zizmor.yml": f"rules: {{a: {{ignore: [{it()}: {it()}\n",
        "broken-tools/8/polaris.yaml": f"exemptions: [{{rules: {{password: {it()}}}}}]\n",
        "broken-tools/9/Dockerfile": f"# hadolint ignore={it()}\nFROM a\n",
        "broken-tools/10/pod.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n"
            f"    checkov.io/skip1: {it()}\n    a.polaris.fairwinds.com/b: {it()}\n"
            "spec: {containers: []}\n"
        ),
    }


def policy() -> str:
    """A policy whose expression ends in an error that quotes what it was asked about."""
    return """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: told}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"]}]
  variables: [{name: a, expression: "int(object.stringData.a)"}]
  validations:
    - expression: "int(object.stringData.a) > 1"
    - expression: "variables.a > 1"
    - expression: "timestamp(object.data.password) > timestamp('2020-01-01T00:00:00Z')"
"""


def is_made(path: Path, folder: Path) -> bool:
    """Whether a command wrote the file, beside the tree in `folder`: a cache, a baseline."""
    first = path.relative_to(folder.parent).parts[0]
    return first in ("cache", "new", "made", "baseline.json")
