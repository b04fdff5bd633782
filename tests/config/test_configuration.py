"""`portside.yaml`: what it sets, what it refuses, and that its schema says the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from portside.cli.config import NAME, read_config
from portside.errors import ConfigError
from portside.policy.comments import UP_TO, highest
from portside.policy.profile import NAMES, NEWEST, parse_profile
from portside.syntax import DEFAULT, Document, read
from tests.scanning import POD, scan
from tests.shared import ROOT

SCHEMA = json.loads((ROOT / "src/portside/schemas/portside-v1.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
PAGES = ("configuration.md", "waivers.md")
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
WAIVER = "{rule: host-pid, subject: {kind: Pod}, reason: r, approver: a, expires: 2027-01-31}"


def documented() -> Iterator[Any]:
    for page in PAGES:
        text = (ROOT / "docs/reference" / page).read_text()
        for number, block in enumerate(_BLOCK.findall(text), start=1):
            if not block.startswith("# manifest"):
                yield pytest.param(block, id=f"{page} {number}")


def value_of(text: str) -> Any:
    (document,) = read(text.encode())
    assert isinstance(document, Document)
    return document.value


ACCEPTED = [
    "version: 1\n",
    "rules: {host-pid: off, host-ipc: {}, host-network: {severity: low}}\n",
    "rules: {host-pid: {off: true}}\n",
    "rules: {CKV_K8S_16: off, checkov:CKV_K8S_17: off}\n",
    "rules: {latest-tag: {params: {floating: []}}, low-user-id: {params: {}}}\n",
    "include: deploy\nexclude: ['*.tmpl.yaml', '!keep.tmpl.yaml']\n",
    f"waivers: [{WAIVER}]\n",
    "waivers: []\n",
    "limits: {size: 1, depth: 1, aliased: 1}\n",
    f"kubernetes-version: v1.{NEWEST}.2\n",
    "profile: pss:restricted@latest\n",
    f"profile: pss:baseline@1.{NEWEST}\n",
    "profiles: {own: {base: strict, add: [critical], rules: {host-pid: off}}}\nprofile: own\n",
    "extends: []\n",
    "approvers: {high: a@example.org, host-pid: [b@example.org]}\napprove-comments: low\n",
    "locked: {profile: strict, fail-on: low, comments: none, rules: [high], waiver-days: 9}\n",
    "imports: [checkov, trivy]\n",
    "imports: hadolint\n",
    "environments: {prod: {chart: c, values: v.yaml, set: a=1, set-string: [b=2], release: r}}\n",
    "environments: {prod: [{chart: c}, {overlay: o, namespace: shop}], dev: {}}\n",
    "environments: {prod: {kubernetes-version: '1.34'}}\nkustomize: {roots: 'overlays/*'}\n",
    "gitops: {parameters: {argocd/previews: [{number: '1', a: {b: c}}]}}\n",
    *(f"comments: {name}\n" for name in UP_TO),
    *(f"profile: {name}\n" for name in NAMES),
]


@pytest.mark.parametrize("text", [*documented(), *ACCEPTED])
def test_what_the_program_accepts_the_schema_accepts(text: str) -> None:
    read_config(text.encode(), NAME)

    assert [error.message for error in VALIDATOR.iter_errors(value_of(text))] == []


REFUSED = [
    ("version: 2\n", "version: expected 1"),
    ("version: '1'\n", "version: expected a whole number, got text"),
    ("profil: strict\n", "profil: no such key"),
    ("profile: strickt\n", "profile: no profile is called strickt"),
    ("profile: strict@1.30\n", "profile: no profile is called"),
    ("profile: pss:baseline@1.99\n", "is newer than what is known here"),
    ("profile: [strict]\n", "profile: expected text, got a list"),
    ("fail-on: hihg\n", "fail-on: 'hihg' is none of"),
    ("fail-on: 3\n", "fail-on: expected text, got a whole number"),
    ("kubernetes-version: 1.30\n", "expected a version in quotes"),
    ("kubernetes-version: '2.1'\n", "2.1 is not a Kubernetes version"),
    ("kubernetes-version: '1.99'\n", "newer than what is known"),
    ("include: 1\n", "include: expected a list, got a whole number"),
    ("include: ['']\n", "include[0]: '' matches no file"),
    ("exclude: '/'\n", "exclude: '/' matches no file"),
    ("limits: {sise: 1}\n", "limits.sise: no such key"),
    ("limits: {size: 0}\n", "limits.size: expected a number above 0"),
    ("limits: {size: 1k}\n", "limits.size: expected a whole number, got text"),
    ("limits: []\n", "limits: expected a map, got a list"),
    ("rules: [host-pid]\n", "rules: expected a map, got a list"),
    ("rules: {host-pid: true}\n", "rules.host-pid: expected off, or a map"),
    ("rules: {host-pid: high}\n", "rules.host-pid: expected off, or a map"),
    ("rules: {host-pid: {severity: worst}}\n", "rules.host-pid.severity: 'worst' is none of"),
    ("rules: {host-pid: {sevrity: low}}\n", "rules.host-pid.sevrity: no such key"),
    ("rules: {host-pid: {params: []}}\n", "rules.host-pid.params: expected a map, got a list"),
    ("rules: {'host-*': off}\n", "a pattern has no place here"),
    ("rule-folders: 1\n", "rule-folders: expected a list, got a whole number"),
    ("comments: some\n", "comments: 'some' is none of"),
    ("comments: 1\n", "comments: expected text, got a whole number"),
    ("profiles: {strict: {}}\n", "a profile that is built in has this name"),
    ("profiles: {a: {bases: strict}}\n", "profiles.a.bases: no such key"),
    ("extends: 1\n", "extends: expected a list, got a whole number"),
    ("approvers: {high: []}\n", "approvers.high: needs somebody"),
    ("approve-comments: some\n", "approve-comments: 'some' is none of"),
    ("locked: {profil: strict}\n", "locked.profil: no such key"),
    ("locked: {waiver-days: 0}\n", "expected a number of days above 0"),
    ("imports: [checkow]\n", "no tool whose suppressions are known"),
    ("imports: {}\n", "imports: expected a list, got a map"),
    ("environments: []\n", "environments: expected a map, got a list"),
    ("environments: {-a: {}}\n", "'-a' is no name of an environment"),
    ("environments: {a: []}\n", "environments.a: needs a chart or an overlay"),
    ("environments: {a: [1]}\n", "environments.a[0]: expected a map, got a whole number"),
    ("environments: {a: {charts: c}}\n", "environments.a.charts: no such key"),
    ("environments: {a: {chart: c, overlay: o}}\n", "either a chart or an overlay"),
    ("environments: {a: {overlay: o, values: v}}\n", "environments.a.values: is for a chart"),
    ("environments: {a: {release: r}}\n", "environments.a.release: is for a chart"),
    ("environments: {a: {chart: c, set: b}}\n", "'b' sets nothing: expected KEY=VALUE"),
    ("environments: {a: {kubernetes-version: 1.30}}\n", "expected a version in quotes"),
    ("kustomize: {root: a}\n", "kustomize.root: no such key"),
    ("kustomize: {roots: ['']}\n", "kustomize.roots[0]: '' names no folder"),
    ("gitops: {clusters: []}\n", "gitops.clusters: no such key"),
    ("gitops: {parameters: {a: {}}}\n", "gitops.parameters.a: expected a list, got a map"),
    ("gitops: {parameters: {a: [b]}}\n", "gitops.parameters.a[0]: expected a map, got text"),
    ("waivers: {}\n", "waivers: expected a list, got a map"),
    ("waivers: [1]\n", "waivers[0]: expected a map, got a whole number"),
    *(
        (f"waivers: [{WAIVER.replace(before, after)}]\n", said)
        for before, after, said in (
            ("rule: host-pid, ", "", "waivers[0].rule: is required"),
            ("host-pid", "[]", "waivers[0].rule: may not be empty"),
            ("host-pid", "''", "waivers[0].rule: may not be empty"),
            ("subject: {kind: Pod}, ", "", "needs a subject or files"),
            ("{kind: Pod}", "{}", "needs a subject or files"),
            ("{kind: Pod}", "{kind: ''}", "waivers[0].subject.kind: may not be empty"),
            ("{kind: Pod}", "{kinds: Pod}", "waivers[0].subject.kinds: no such key"),
            ("{kind: Pod}", "{path: []}", "waivers[0].subject.path: may not be empty"),
            ("reason: r, ", "", "waivers[0].reason: is required"),
            ("reason: r", "reason: 1", "waivers[0].reason: expected text"),
            ("approver: a, ", "", "waivers[0].approver: is required"),
            (", expires: 2027-01-31", "", "waivers[0].expires: is required"),
            ("2027-01-31", "2027-02-30", "2027-02-30 is not a date"),
            ("2027-01-31", "2027-1-31", "2027-1-31 is not a date"),
            ("2027-01-31", "2027-01-31T00:00:00Z", "is not a date"),
            ("reason", "raeson", "waivers[0].raeson: no such key"),
        )
    ),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_the_program_refuses_the_schema_refuses(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        read_config(text.encode(), NAME)

    assert list(VALIDATOR.iter_errors(value_of(text)))


KNOWS_THE_RULES = [
    ("rules: {hostpid: off}\n", "did you mean host-pid?"),
    ("rules: {latest-tag: {params: {floatin: []}}}\n", "did you mean floating?"),
    ("rules: {host-pid: {params: {a: 1}}}\n", "host-pid has none"),
    ("rules: {latest-tag: {params: {floating: x}}}\n", "floating: expected a list, got text"),
    ("rules: {latest-tag: {params: {floating: [1]}}}\n", "floating[0]: expected text"),
    ("rules: {ssh-port: {params: {ports: ['22']}}}\n", "ports[0]: expected a whole number"),
    ("rules: {control-plane-placement: {params: {allowed: 1}}}\n", "expected true or false"),
    ("rules: {host-pid: off, checkov:CKV_K8S_17: off}\n", "host-pid is set twice"),
    ("rule-folders: [nowhere]\n", "there is no folder nowhere"),
    ("gitops: {sources: {shop: nowhere}}\n", "there is no folder nowhere"),
    (f"waivers: [{WAIVER.replace('host-pid', 'host-pit')}]\n", "did you mean host-pid?"),
    ("a: 1\na: 2\n", "a: written twice, first on line 1"),
    ("a: [\n", "not YAML"),
    ("- a\n", "expected a map at the top"),
    ("a: 1\n---\nb: 2\n", "expected one YAML document, got 2"),
    ("", "expected one YAML document, got 0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), KNOWS_THE_RULES)
def test_what_no_schema_can_know_is_refused_too(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_config(text.encode(), NAME)

    assert said in str(raised.value)
    assert str(raised.value).startswith(NAME)
    assert str(raised.value).endswith("nothing was scanned")


def test_the_schema_names_what_the_program_knows() -> None:
    from portside.cli.config import KEYS
    from portside.policy.waiver import KEYS as WAIVER_KEYS
    from portside.policy.waiver import SUBJECT_KEYS

    waiver = SCHEMA["$defs"]["waiver"]["properties"]
    limits = SCHEMA["properties"]["limits"]["properties"]
    assert set(SCHEMA["properties"]) == set(KEYS)
    assert set(waiver) == set(WAIVER_KEYS)
    assert set(waiver["subject"]["properties"]) == set(SUBJECT_KEYS)
    assert {name: it["default"] for name, it in limits.items()} == DEFAULT._asdict()
    assert SCHEMA["properties"]["comments"]["enum"] == list(UP_TO)


def test_the_page_names_every_key() -> None:
    text = (ROOT / "docs/reference/configuration.md").read_text()

    assert all(f"| `{key}` |" in text for key in SCHEMA["properties"])


@pytest.mark.parametrize("name", [*NAMES, "pss:baseline@1.30"])
def test_the_caps_are_those_the_page_names(name: str) -> None:
    parse_profile(name)
    expected = {"recommended": "critical", "auditor": "low"}.get(name, "medium")

    assert UP_TO[highest(name.partition("@")[0]) + 1] == expected


def project(folder: Path, config: str) -> Path:
    (folder / NAME).write_text(config)
    (folder / "deploy" / "old").mkdir(parents=True)
    for name in ("pod.yaml", "deploy/pod.yaml", "deploy/old/pod.yaml"):
        (folder / name).write_text(POD)
    return folder


def judged(folder: Path, *words: str) -> list[str]:
    files = scan(folder, *words).report["ledger"]["files"]
    return [it["file"] for it in files if it["fate"] == "judged"]


@pytest.mark.parametrize(
    ("config", "start", "words", "expected"),
    [
        ("exclude: deploy/old/\n", ".", ["."], ["deploy/pod.yaml", "pod.yaml"]),
        ("exclude: deploy/old/\n", ".", ["deploy"], ["deploy/pod.yaml"]),
        ("exclude: deploy/old/\n", "deploy", ["."], ["pod.yaml"]),
        ("exclude: /pod.yaml\n", "deploy", ["."], ["old/pod.yaml", "pod.yaml"]),
        ("include: deploy/*.yaml\n", ".", ["."], ["deploy/pod.yaml"]),
        ("include: deploy/*.yaml\n", "deploy", ["."], ["pod.yaml"]),
        ("include: deploy/old\n", ".", [".", "--include", "/pod.yaml"],
         ["deploy/old/pod.yaml", "pod.yaml"]),
        ("exclude: old\n", ".", [".", "--exclude", "/pod.yaml"], ["deploy/pod.yaml"]),
        ("exclude: old\n", ".", ["deploy/old/pod.yaml"], ["deploy/old/pod.yaml"]),
    ],
)  # fmt: skip
def test_globs_are_relative_to_the_file_that_holds_them(
    config: str, start: str, words: list[str], expected: list[str], tmp_path: Path
) -> None:
    assert judged(project(tmp_path, config) / start, *words) == expected


def test_globs_do_not_concern_what_is_outside_their_folder(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    project(home, "exclude: pod.yaml\n")
    (other / "pod.yaml").write_text(POD)

    assert judged(home, ".", "../other") == ["../other/pod.yaml"]


def test_a_scan_from_above_honours_the_given_configuration(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    project(home, "exclude: /deploy/\n")

    assert judged(tmp_path, ".", "--config", "home/portside.yaml") == ["home/pod.yaml"]


def test_rules_are_switched_off_and_graded_anew(tmp_path: Path) -> None:
    config = (
        "rules: {privileged-container: {severity: low}, CKV_K8S_40: off, run-as-non-root: off}\n"
    )
    folder = project(tmp_path, config)

    found = {it["rule"]: it["severity"] for it in scan(folder, "pod.yaml").report["findings"]}

    assert found["privileged-container"] == "low"
    assert "run-as-non-root" not in found


def test_pod_security_keeps_its_rules(tmp_path: Path) -> None:
    folder = project(tmp_path, "profile: pss:baseline\nrules: {privileged-container: off}\n")

    assert scan(folder, "pod.yaml").of("privileged-container")


def test_parameters_reach_their_rule(tmp_path: Path) -> None:
    folder = project(tmp_path, "rules: {latest-tag: {params: {floating: ['2.1']}}}\n")

    assert scan(folder, "pod.yaml").of("latest-tag")


@pytest.mark.parametrize(
    ("where", "found"), [("deploy/old/pod.yaml", True), (".", True), ("deploy", True)]
)
def test_the_nearest_configuration_at_or_above_the_first_path_is_taken(
    where: str, found: bool, tmp_path: Path
) -> None:
    folder = project(tmp_path, "profile: strict\n")

    assert (scan(folder, where).report["profile"] == "strict") is found


def test_a_configuration_beyond_the_repository_is_not_ours(tmp_path: Path) -> None:
    folder = project(tmp_path, "profile: strict\n")
    (folder / "deploy" / ".git").mkdir()

    assert scan(folder, "deploy").report["profile"] == "recommended"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("nowhere.yaml", "nowhere.yaml: cannot be opened: No such file or directory"),
        ("deploy", "deploy: cannot be opened: Is a directory"),
        ("large.yaml", "large.yaml: is larger than 1,048,576 bytes"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_an_error(
    config: str, said: str, tmp_path: Path
) -> None:
    folder = project(tmp_path, "")
    (folder / "large.yaml").write_text("#" * (1 << 20) + "\n")

    answer = scan(folder, ".", "--config", config)

    assert answer.code == 2
    assert said in answer.err


def test_a_scan_without_configuration_and_excuses_loads_nothing_of_them(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)

    unwanted = {"waiver", "names", "settings", "comments", "excuses", "day", "glob", "waivers"}
    assert [it for it in _loaded(tmp_path) if it.rpartition(".")[2] in unwanted] == []


def test_a_scan_of_objects_loads_nothing_that_reads_other_files(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "map.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n"
    )
    (tmp_path / "portside.yaml").write_text("rules: {retired-registry: off}\n")

    loaded = _loaded(tmp_path)

    unwanted = ("portside.workflows", "portside.charts", "portside.policy.waiver", "inspect")
    assert [it for it in loaded if it.startswith(unwanted)] == []
    assert "portside.rules.generated.rule_kustomize_build_unrestricted" in loaded


def _loaded(folder: Path) -> list[str]:
    """The modules that a scan of the folder loads."""
    code = (
        "import sys; from portside.cli import main; main(['scan', '.']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.split()
