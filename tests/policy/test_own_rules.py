"""Rules of the user's own: beside the built-in ones, in the same engine, and clearly refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from portside.cli.plan import choose
from portside.cli.rule_new import SKELETON
from portside.engine.stage import judge_file
from portside.errors import PolicyError
from portside.model.finding import FileResult
from portside.policy import builtin
from portside.policy.own import own_rules, with_own_rules
from portside.sources.manifest import parse

WRITE = Callable[..., Path]
BARE = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: a, image: "a:1"}, {name: b, image: "b:1"}]}
"""


@pytest.fixture
def write(tmp_path: Path) -> WRITE:
    """Writes the skeleton under another id, with other lines; returns the folder."""

    def written(name: str = "team-label-missing", folder: str = "rules", **lines: str) -> Path:
        text = SKELETON.format(id=name, folder=folder)
        for key, value in lines.items():
            old = next(it for it in text.splitlines() if it.startswith(f"{key.replace('_', '-')}:"))
            text = text.replace(old, f"{key.replace('_', '-')}: {value}" if value else "")
        target = tmp_path / folder
        target.mkdir(exist_ok=True)
        (target / f"{name.replace('-', '_')}.yaml").write_text(text)
        return target

    return written


def judged(
    manifest: str,
    *folders: Path,
    cache: str = "",
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> FileResult:
    chosen = choose(
        "recommended",
        "",
        folders=[str(it) for it in folders],
        cache=cache,
        settings=settings,
    )
    return judge_file(parse(manifest.encode(), "a.yaml"), chosen.plan)


def said(result: FileResult, rule: str) -> list[tuple[int, str]]:
    return [(it.line, it.message) for it in result.findings if it.rule == rule]


def test_an_own_rule_is_asked_beside_the_built_in(write: WRITE) -> None:
    folder = write()
    catalogue = with_own_rules([str(folder)])
    assert set(catalogue.rules) == {*builtin.rules(), "team-label-missing"}
    assert list(catalogue.texts) == ["team-label-missing"]
    result = judged(BARE, folder)
    assert said(result, "team-label-missing") == [(3, "has no label team")]


def test_an_own_rule_about_containers_is_asked_of_each(write: WRITE) -> None:
    folder = write(kinds="", require="container.name != 'b'", says="is called b")
    text = (folder / "team_label_missing.yaml").read_text()
    text = text.replace("\nrequire:", "\neach: container\nrequire:").replace(
        "at: metadata.labels", "at: name"
    )
    (folder / "team_label_missing.yaml").write_text(text)
    assert [line for line, _ in said(judged(POD, folder), "team-label-missing")] == [4]
    assert said(judged(BARE, folder), "team-label-missing") == []


def test_parameters_and_severity_come_from_the_configuration(write: WRITE) -> None:
    folder = write()
    settings = {"team-label-missing": {"params": {"label": "owner"}, "severity": 4}}
    found = [
        it
        for it in judged(BARE, folder, settings=settings).findings
        if it.rule == "team-label-missing"
    ]
    assert [(it.message, it.severity) for it in found] == [("has no label owner", 4)]
    off = {"team-label-missing": {"off": True}}
    assert said(judged(BARE, folder, settings=off), "team-label-missing") == []


def test_a_condition_that_lacks_a_field_is_not_a_pass(write: WRITE) -> None:
    folder = write(require="object.spec.nothing == 1")
    result = judged(BARE, folder)
    doubts = [it.rule for it in result.undecided] + [it.what for it in result.unread]
    assert any("team-label-missing" in it for it in doubts)


def refused(*folders: Path) -> str:
    with pytest.raises(PolicyError) as caught:
        with_own_rules([str(it) for it in folders])
    return str(caught.value).replace(str(folders[0].parent), "HERE")


def test_an_own_rule_may_not_take_a_built_in_id(write: WRITE) -> None:
    error = refused(write("privileged-container"))
    assert error.startswith(
        "HERE/rules/privileged_container.yaml:4:1: id: privileged-container is a built-in rule\n"
    )
    assert "the built-in one: " in error
    assert "portside/rules/container/privileged_container.yaml; give yours another id" in error


def test_two_own_rules_may_not_share_an_id(write: WRITE) -> None:
    assert refused(write("my-rule"), write("my-rule", folder="more")) == snapshot("""\
HERE/more/my_rule.yaml:4:1: id: another rule has this id: HERE/rules/my_rule.yaml
  4 │ id: my-rule
    │ ^^
  nothing was scanned\
""")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"require": "has(objct.a)"}, ":24:1: require: undeclared reference to 'objct'"),
        ({"require": "1 +"}, ":24:1: require: expected an expression"),
        ({"says": '"is {foo(1)}"'}, ":27:1: says: undeclared reference to 'foo'"),
        ({"severity": "hihg"}, ":6:11: severity: 'hihg' is none of"),
        ({"require": "params.lable == 'a'"}, ":24:1: require: there is no parameter lable"),
        ({"says": '"lacks {params.size}"'}, ":27:1: says: there is no parameter size"),
        ({"form": "text"}, "form"),
        ({"kinds": ""}, "kinds: is required"),
        ({"require": f'"{"(" * 3000}true{")" * 3000}"'}, "nested too deep"),
    ],
    ids=str,
)
def test_a_broken_rule_is_an_error_that_names_file_line_and_key(
    lines: dict[str, str], said: str, write: WRITE
) -> None:
    if "form" in lines:
        folder = write()
        file = folder / "team_label_missing.yaml"
        file.write_text(file.read_text() + "form: text\n")
    else:
        folder = write(**lines)
    error = refused(folder)
    assert error.startswith("HERE/rules/team_label_missing.yaml:")
    assert said in error


def test_a_cause_that_does_not_exist_gets_the_nearest(write: WRITE) -> None:
    folder = write()
    file = folder / "team_label_missing.yaml"
    file.write_text(file.read_text() + "covered-by: privileged-contaner\n")
    error = refused(folder)
    assert "covered-by: there is no rule privileged-contaner" in error
    assert "did you mean privileged-container?" in error


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("other_name.yaml", SKELETON.format(id="a-rule", folder="x"), "must be called a_rule.yaml"),
        ("notes.yaml", "just: notes\n", "just: no such key"),
        ("broken.yaml", "a: [\n", "not YAML"),
        ("empty.yaml", "", "expected one YAML document"),
        ("large.yaml", "#" * (1 << 20) + "\n", "no rule is that large"),
    ],
)
def test_no_file_of_the_folder_is_left_out_in_silence(
    name: str, content: str, said: str, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / name).write_text(content)
    assert said in refused(folder)


def test_a_folder_that_is_not_there_or_holds_no_rule(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == snapshot("""\
HERE/none: there is no such folder
  rules of your own are YAML files in a folder
  nothing was scanned\
""")
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty") == snapshot("""\
HERE/empty: no rule is in this folder
  portside rules new ID --folder FOLDER writes a first one
  nothing was scanned\
""")


def test_hidden_folders_and_other_files_are_no_rules(write: WRITE) -> None:
    folder = write()
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yaml").write_text("a: [")
    (folder / "README.md").write_text("notes")
    assert [it.id for it in own_rules([str(folder)])] == ["team-label-missing"]


def test_the_fingerprint_follows_the_text_of_the_rules(write: WRITE) -> None:
    folder = write()
    one = with_own_rules([str(folder)]).fingerprint
    assert with_own_rules([str(folder)]).fingerprint == one
    file = folder / "team_label_missing.yaml"
    file.write_text(file.read_text() + "# more\n")
    assert with_own_rules([str(folder)]).fingerprint != one


def test_compiled_code_is_kept_and_means_the_same(write: WRITE, tmp_path: Path) -> None:
    folder, cache = write(), tmp_path / "cache"
    first = judged(BARE, folder, cache=str(cache))
    assert len(list((cache / "rules").iterdir())) == 1
    assert judged(BARE, folder, cache=str(cache)) == first
    file = folder / "team_label_missing.yaml"
    file.write_text(file.read_text().replace("has no label", "lacks the label"))
    changed = judged(BARE, folder, cache=str(cache))
    assert said(changed, "team-label-missing") == [(3, "lacks the label team")]


def test_without_a_cache_nothing_is_written(write: WRITE, tmp_path: Path) -> None:
    judged(BARE, write())
    assert [it.name for it in tmp_path.iterdir()] == ["rules"]
