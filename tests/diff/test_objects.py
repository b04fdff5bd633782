"""Which objects a change adds, removes, changes and moves, and which of their fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diff.repositories import Repo, objects, pod

KEY = """\
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: shop}
stringData: {password: VALUE, pin: PIN}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


def test_objects_come_go_and_change(repo: Repo) -> None:
    repo.write(web=pod(), old=pod("old")).commit()
    (repo.folder / "old.yaml").unlink()
    repo.write(web=pod(privileged=True), fresh=pod("fresh"))

    assert objects(repo.diff()) == [
        ("added", "Pod fresh", []),
        ("removed", "Pod old", []),
        ("changed", "Pod web", ["spec.containers[web].securityContext.privileged"]),
    ]


def test_values_of_fields_that_are_no_secrets_are_shown(repo: Repo) -> None:
    repo.write(web=pod()).commit()
    repo.write(web=pod(privileged=True).replace("2.1", "2.2"))

    fields = repo.diff().report["objects"][0]["fields"]

    assert [(it["path"], it["before"], it["after"]) for it in fields] == [
        (
            "spec.containers[web].image",
            "registry.example.org/web:2.1",
            "registry.example.org/web:2.2",
        ),
        ("spec.containers[web].securityContext.privileged", "false", "true"),
    ]


@pytest.mark.parametrize(
    "report", ["text", "json", "sarif", "junit", "gitlab", "github", "markdown", "summary"]
)
def test_values_of_secrets_are_in_no_report(report: str, repo: Repo) -> None:
    environment = pod() + "      env: [{name: TOKEN, value: VALUE}]\n      args: [--key, VALUE]\n"
    config = KEY.replace("Secret", "ConfigMap").replace("stringData", "data")
    custom = "apiVersion: example.org/v1\nkind: Db\nmetadata: {name: a}\nspec: {port: 12345678}\n"
    texts = {"key": KEY, "web": environment, "config": config}
    hidden = ("hunter2before", "hunter2after", "12345678", "87654321")
    made = {name: it.replace("VALUE", hidden[0]).replace("PIN", "'12345678'")
            for name, it in texts.items()}  # fmt: skip
    repo.write(**made, custom=custom).commit()
    made = {name: it.replace("VALUE", hidden[1]).replace("PIN", "'87654321'")
            for name, it in texts.items()}  # fmt: skip
    repo.write(**made, custom=custom.replace(hidden[2], hidden[3]))

    answer = repo.say("-v", "-o", report)

    assert not [it for it in hidden if it in answer.out + answer.err]
    if report == "json":
        changed = {(kind, name): fields for kind, name, fields in objects(answer)}
        assert changed["changed", "Secret key"] == ["stringData.password", "stringData.pin"]
        assert changed["changed", "Db a"] == ["spec.port"]


def test_an_object_that_moves_says_where_it_was(repo: Repo) -> None:
    repo.write(all=f"{pod()}---\n{pod('db')}").commit()
    repo.write(all=pod(), db=pod("db"))

    answer = repo.diff()

    assert objects(answer) == [("moved", "Pod db", [])]
    assert [(it["was"], it["file"]) for it in answer.report["objects"]] == [("all.yaml", "db.yaml")]


def test_a_file_of_another_name_moves_its_objects(repo: Repo) -> None:
    repo.write(web=pod()).commit()
    repo.git("mv", "web.yaml", "shop.yaml")

    assert objects(repo.diff()) == [("moved", "Pod web", [])]


def test_comments_and_the_order_of_keys_change_no_object(repo: Repo) -> None:
    repo.write(web=pod()).commit()
    repo.write(web="# about it\n" + pod().replace(
        "{name: web, namespace: shop}", "{namespace: shop, name: 'web'}"))  # fmt: skip

    assert objects(repo.diff()) == []


def test_a_mode_changes_no_object(repo: Repo) -> None:
    repo.write(web=pod(privileged=True)).commit()
    (repo.folder / "web.yaml").chmod(0o755)
    assert repo.git("status", "--porcelain") == "M web.yaml"

    answer = repo.diff()

    assert (answer.code, objects(answer)) == (0, [])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[{name: A, value: a}, {name: B, value: b}]", "[{name: B, value: b}, {name: A, value: a}]",
         ["spec.containers[web].env"]),
        ("[{name: A, value: a}]", "[{name: B, value: b}, {name: A, value: c}]",
         ["spec.containers[web].env[B]", "spec.containers[web].env[A].value"]),
        ("[{name: A, value: a}]", "null", ["spec.containers[web].env"]),
        ("[{name: A, value: '1'}]", "[{name: A, value: 1}]", ["spec.containers[web].env[A].value"]),
    ],
)  # fmt: skip
def test_items_of_lists_are_told_apart_by_their_names(
    before: str, after: str, expected: list[str], repo: Repo
) -> None:
    repo.write(web=f"{pod()}      env: {before}\n").commit()
    repo.write(web=f"{pod()}      env: {after}\n")

    assert objects(repo.diff()) == [("changed", "Pod web", expected)]


def test_of_many_fields_some_are_named_and_the_rest_counted(repo: Repo) -> None:
    def config(value: str) -> str:
        rows = "".join(f"  key{at}: {value}\n" for at in range(100))
        return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{rows}"

    repo.write(config=config("x")).commit()
    repo.write(config=config("y"))

    (it,) = repo.diff().report["objects"]

    assert (len(it["fields"]), it["more_fields"]) == (40, 60)


def test_true_is_not_one(repo: Repo) -> None:
    custom = "apiVersion: example.org/v1\nkind: A\nmetadata: {name: a}\nspec: {up: VALUE}\n"
    repo.write(a=custom.replace("VALUE", "true")).commit()
    repo.write(a=custom.replace("VALUE", "1"))

    assert objects(repo.diff()) == [("changed", "A a", ["spec.up"])]
