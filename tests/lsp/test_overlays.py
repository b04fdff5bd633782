"""Kustomizations in the editor: built with what is not saved, and led to the base or the patch."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from tests.lsp.editor import data, editor, kind, of, places, run
from tests.render.trees import write

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        privileged: true
"""
RULE, HOST = "privileged-container", "host-network"
PATCH = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop\nspec:\n  hostNetwork: true\n"


def overlays(folder: Path) -> Path:
    """A base, an overlay that takes it as it is, and one that patches it."""
    files = {
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": POD,
        "dev/kustomization.yaml": "resources: [../base]\nnamespace: dev\n",
        "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: host.yaml}]\n",
        "prod/host.yaml": PATCH,
        "other.yaml": POD.replace("shop", "other"),
    }
    write(folder, files)
    return folder


def ids(found: list[types.Diagnostic], name: str) -> set[str]:
    """What the files of findings are called in their identities."""
    return {data(it)["id"].split("|")[1] for it in found if it.code == name}


def held(found: list[types.Diagnostic], name: str) -> set[str]:
    """The environments that findings hold in."""
    lines = (line for it in found if it.code == name for line in it.message.splitlines())
    return {it.removeprefix("holds in ") for it in lines if it.startswith("holds in ")}


def test_a_file_of_a_base_has_what_its_overlays_make_of_it_and_not_what_it_is_alone(
    on_path: str, tmp_path: Path
) -> None:
    file = overlays(tmp_path) / "base" / "pod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = await it.opened(file)
            assert {it for it in places(found) if it[0] == RULE} == {(RULE, 10, 9)}
            assert held(found, RULE) == {"dev", "prod"}
            found = await it.rewritten(file.as_uri(), "# one\n# two\n" + POD)
            assert {it for it in places(found) if it[0] == RULE} == {(RULE, 12, 9)}
            found = await it.rewritten(file.as_uri(), POD.replace("true", "false"))
            assert ids(found, RULE) == set()

    run(test())


def test_a_patch_that_is_not_saved_is_what_is_built_with(on_path: str, tmp_path: Path) -> None:
    file = overlays(tmp_path) / "prod" / "host.yaml"
    base = tmp_path / "base" / "pod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = of(await it.opened(file), HOST)
            assert found.range.start == types.Position(5, 2)
            assert held(await it.until(base.as_uri(), lambda _: True), RULE) == {"prod"}
            told = await it.rewritten(file.as_uri(), PATCH.replace("true", "false"))
            assert HOST not in {one.code for one in told}
            found = of(await it.rewritten(file.as_uri(), "# moved\n" + PATCH), HOST)
            assert found.range.start == types.Position(6, 2)
            it.close(file.as_uri())
            await it.until(base.as_uri(), lambda told: not told.diagnostics)

    run(test())


def test_a_kustomization_that_cannot_be_built_says_so_at_its_place(
    on_path: str, tmp_path: Path
) -> None:
    file = overlays(tmp_path) / "prod" / "kustomization.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(file)
            found = await it.rewritten(
                file.as_uri(), "resources: [../base]\npatches: [{path: none.yaml}]\n"
            )
            (said,) = (one for one in found if kind(one) == "unread")
            assert "none.yaml" in said.message
            found = await it.rewritten(file.as_uri(), file.read_text())
            assert "unread" not in {kind(one) for one in found}

    run(test())


def test_what_stands_beside_is_judged_by_itself(on_path: str, tmp_path: Path) -> None:
    file = overlays(tmp_path) / "other.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = await it.opened(file)
            assert ids(found, RULE) == {"other.yaml"}
            assert set(it.told) == {file.as_uri()}

    run(test())


def test_without_a_renderer_a_base_is_judged_as_it_is_written(tmp_path: Path) -> None:
    file = overlays(tmp_path) / "base" / "pod.yaml"
    (tmp_path / "bin").mkdir()

    async def test() -> None:
        async with editor(tmp_path, PATH=str(tmp_path / "bin")) as it:
            found = await it.opened(file)
            assert {it for it in places(found) if it[0] == RULE} == {(RULE, 10, 9)}
            (told,) = it.client.messages
            assert "pip install portside-render" in told.message

    run(test())
