"""What an editor is told of a text while it is typed."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from tests.lsp.editor import NEOVIM, data, editor, kind, of, places, run
from tests.scanning import POD

SECOND = POD.replace("name: shop", "name: bar").replace("privileged: true", "privileged: false")


def span(line: int, begin: int, end: int) -> types.Range:
    return types.Range(types.Position(line, begin), types.Position(line, end))


def test_a_finding_stands_at_its_field_with_its_rule_severity_and_page(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        file.write_text(POD)
        async with editor(tmp_path) as it:
            found = of(await it.opened(file), "privileged-container")
        assert found.range == span(8, 8, 24)
        assert found.severity == types.DiagnosticSeverity.Error
        assert found.source == "portside"
        assert found.message.startswith("container web is privileged: ")
        assert data(found)["id"].endswith("|spec.containers[web].securityContext.privileged")
        assert found.code_description is not None
        page = Path(found.code_description.href.removeprefix("file://")).read_text()
        assert "`privileged-container` · **critical**" in page

    run(test())


def test_what_is_typed_is_judged_and_not_the_file(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        file.write_text(POD)
        async with editor(tmp_path) as it:
            await it.opened(file)
            found = await it.typed(file.as_uri(), "false", span(8, 20, 24))
            assert "privileged-container" not in {it.code for it in found}
            found = await it.typed(file.as_uri(), "true", span(8, 20, 25))
            assert of(found, "privileged-container").range == span(8, 8, 24)
        assert file.read_text() == POD

    run(test())


def test_a_text_that_was_never_saved_is_judged(tmp_path: Path) -> None:
    async def test() -> None:
        async with editor(tmp_path) as it:
            found = await it.opened(tmp_path / "new.yaml", POD)
            assert of(found, "privileged-container").range == span(8, 8, 24)
            found = await it.opened("untitled:Untitled-1", POD)
            assert of(found, "privileged-container").range == span(8, 8, 24)

    run(test())


def test_a_document_that_is_broken_while_it_is_typed_costs_no_other(tmp_path: Path) -> None:
    async def test() -> None:
        text = POD + "---\napiVersion: v1\nkind: [Pod\nmetadata: {name: b}\n---\n" + SECOND
        async with editor(tmp_path) as it:
            found = await it.opened(tmp_path / "pods.yaml", text)
            broken = of(found, "unread")
            assert broken.severity == types.DiagnosticSeverity.Warning
            assert broken.range.start.line in (11, 12)
            assert broken.message.startswith("not read: not YAML")
            assert of(found, "privileged-container").range.start.line == 8
            found = await it.rewritten((tmp_path / "pods.yaml").as_uri(), text.replace("[", ""))
            assert [it for it in found if it.code == "unread"] == []

    run(test())


def test_yaml_of_something_else_is_left_alone_even_where_it_is_broken(tmp_path: Path) -> None:
    async def test() -> None:
        async with editor(tmp_path) as it:
            assert await it.opened(tmp_path / "compose.yaml", "services: [web\n") == []
            assert await it.opened(tmp_path / "empty.yaml", "") == []

    run(test())


def test_a_template_is_told_to_be_one_mildly(tmp_path: Path) -> None:
    async def test() -> None:
        text = "apiVersion: v1\nkind: Pod\nmetadata:\n{{- include x }}\n  name: a\n"
        async with editor(tmp_path) as it:
            (found,) = await it.opened(tmp_path / "pod.yaml", text)
        assert found.code == "unread"
        assert found.severity == types.DiagnosticSeverity.Information

    run(test())


def test_columns_are_counted_in_the_units_of_the_client(tmp_path: Path) -> None:
    flow = '{"😋": a, "privileged": true}'
    text = POD.replace("\n        privileged: true", f" {flow}")
    characters = len("      securityContext: ") + flow.index('"priv')

    async def test(like: str, units: int) -> None:
        """A smiling face has `units` units."""
        uri = (tmp_path / "pod.yaml").as_uri()
        before = characters + units - 1
        behind = characters - len('": a, ') + units - 1
        async with editor(tmp_path, like=like) as it:
            found = of(await it.opened(tmp_path / "pod.yaml", text), "privileged-container")
            assert found.range == span(7, before, before + len('"privileged": true'))
            found = of(await it.typed(uri, "😋", span(7, behind, behind)), "privileged-container")
            assert found.range.start.character == before + units

    run(test("visual_studio_code", 2))
    run(test("neovim@v0.11.0", 4))


def test_lines_end_where_an_editor_ends_them(tmp_path: Path) -> None:
    """Not at LS and NEL, where Python's splitlines and YAML 1.1 end them, too."""
    odd = POD.replace("metadata: {name: shop}", "metadata: {name: 's\u2028 h\x85 op'}")

    async def test(text: str) -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            found = await it.opened(file, text)
            assert of(found, "privileged-container").range == span(8, 8, 24)
            found = await it.typed(file.as_uri(), "false", span(8, 20, 24))
            assert "privileged-container" not in {it.code for it in found}
            found = await it.typed(file.as_uri(), "true", span(8, 20, 25))
            assert of(found, "privileged-container").range == span(8, 8, 24)

    for text in (odd, POD.replace("\n", "\r\n"), POD.replace("\n", "\r")):
        run(test(text))


def test_what_is_excused_is_a_hint_that_says_why(tmp_path: Path) -> None:
    comment = "privileged: true  # portside:ignore privileged-container it loads a module"
    text = POD.replace("privileged: true", comment)

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = of(await it.opened(tmp_path / "pod.yaml", text), "privileged-container")
        assert found.severity == types.DiagnosticSeverity.Hint
        assert found.message.endswith("excused by a comment: it loads a module")

    run(test())


def test_what_follows_from_another_finding_is_a_hint_that_leads_to_it(tmp_path: Path) -> None:
    async def test() -> None:
        async with editor(tmp_path, words=["--profile", "auditor"]) as it:
            found = await it.opened(tmp_path / "pod.yaml", POD)
        followed = [it for it in found if it.related_information]
        assert followed
        for one in followed:
            assert one.severity == types.DiagnosticSeverity.Hint
            (cause,) = one.related_information or ()
            assert cause.message.startswith(data(one)["covered_by"])

    run(test())


def test_what_one_text_cannot_decide_is_one_hint_on_the_object(tmp_path: Path) -> None:
    text = POD.replace("web:2.1", "${TAG}").replace("metadata: ", "metadata:\n  ")

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = await it.opened(tmp_path / "pod.yaml", text.replace("image: ", "image: $"))
            found = await it.rewritten(
                (tmp_path / "pod.yaml").as_uri(),
                POD.replace("registry.example.org/web:2.1", "${IMAGE}"),
            )
        (doubt,) = [it for it in found if kind(it) == "undecided"]
        assert doubt.severity == types.DiagnosticSeverity.Hint
        assert doubt.range == span(0, 0, len("apiVersion"))
        assert "latest-tag: " in doubt.message

    run(test())


def test_what_is_closed_is_no_longer_talked_of(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            assert await it.opened(file, POD)
            it.close(file.as_uri())
            assert await it.until(file.as_uri(), lambda told: not told.diagnostics) == []

    run(test())


def test_of_many_changes_in_a_row_the_last_is_judged(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pods.yaml"
        async with editor(tmp_path) as it:
            await it.opened(file, "---\n".join([POD] * 200))
            for _ in range(50):
                change = types.TextDocumentContentChangePartial(text="#\n", range=span(0, 0, 0))
                it.send(file.as_uri(), change)
            found = places(await it.heard(file.as_uri()))
        assert ("privileged-container", 59, 9) in found
        assert len({it for it in found if it[0] == "privileged-container"}) == 200

    run(test())


def test_an_editor_without_any_abilities_is_served(tmp_path: Path) -> None:
    async def test() -> None:
        async with editor(tmp_path, like=f"{NEOVIM}@v0.6.1") as it:
            found = await it.opened(tmp_path / "pod.yaml", POD)
            assert of(found, "privileged-container").range == span(8, 8, 24)

    run(test())


def test_of_thousands_of_findings_the_worst_are_shown_and_the_rest_is_told(tmp_path: Path) -> None:
    text = "---\n".join([POD] * 500)

    async def test() -> None:
        async with editor(tmp_path, words=["--profile", "strict"]) as it:
            found = await it.opened(tmp_path / "pods.yaml", text)
        assert sum(kind(it) == "finding" for it in found) == 5000
        assert sum(it.code == "privileged-container" for it in found) == 500
        assert "more findings are not shown" in of(found, "more").message

    run(test())


WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop, labels: {app.kubernetes.io/name: NAME}}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      serviceAccountName: ACCOUNT
      containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: till, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: till, namespace: shop}]
"""


def test_an_object_that_another_file_may_hold_is_undecided_and_not_missing(tmp_path: Path) -> None:
    text = WORKLOAD.replace("NAME", "web").replace("ACCOUNT", "web")

    async def test() -> None:
        file = tmp_path / "web.yaml"
        async with editor(tmp_path, words=["--profile", "strict"]) as it:
            found = await it.opened(file, text)
            assert "missing-service-account" not in {it.code for it in found}
            (doubt,) = [it for it in found if kind(it) == "undecided"]
            assert "missing-service-account" in data(doubt)["rules"]

    run(test())


def test_what_is_found_across_objects_stands_where_the_text_has_it_and_not_the_file(
    tmp_path: Path,
) -> None:
    one, two = (WORKLOAD.replace("NAME", it).replace("ACCOUNT", "till") for it in ("a", "b"))
    written = f"{one}---\n{two}---\n{BINDING}"

    async def test() -> None:
        file = tmp_path / "shop.yaml"
        file.write_text(written)
        async with editor(tmp_path, words=["--profile", "strict"]) as it:
            found = await it.opened(file)
            lines = {it.range.start.line for it in found if it.code == "shared-service-account"}
            assert lines
            found = await it.rewritten(file.as_uri(), f"# one\n# two\n{written}")
            again = {it.range.start.line for it in found if it.code == "shared-service-account"}
            assert again == {line + 2 for line in lines}

    run(test())


def test_a_dockerfile_is_judged_by_its_name(tmp_path: Path) -> None:
    text = "FROM registry.example.org/base:1.2\nUSER root\n"

    async def test() -> None:
        async with editor(tmp_path) as it:
            for name in ("Dockerfile", "web.Dockerfile"):
                found = await it.opened(tmp_path / name, text, "dockerfile")
                assert {it.range.start.line for it in found if kind(it) == "finding"} == {1}
            found = await it.opened("untitled:Untitled-2", text, "dockerfile")
            assert {kind(it) for it in found} == {"finding"}

    run(test())
