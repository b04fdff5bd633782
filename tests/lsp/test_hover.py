"""What is said of the place under the pointer."""

from __future__ import annotations

from pathlib import Path

from tests.lsp.editor import PLAIN, editor, run
from tests.scanning import POD


def test_a_finding_is_explained_with_its_rule(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            await it.opened(file, POD)
            said = await it.hover(file.as_uri(), 8, 10)
            assert await it.hover(file.as_uri(), 3, 0) == ""
        assert "`privileged-container` · critical" in said
        assert "container web is privileged" in said
        assert "**What to do:** " in said
        assert "[The page of this rule](file://" in said

    run(test())


def test_an_excuse_is_told_with_its_reason(tmp_path: Path) -> None:
    text = POD.replace("true", "true  # portside:ignore privileged-container it *must*")

    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            await it.opened(file, text)
            assert r"excused by a comment: it \*must\*" in await it.hover(file.as_uri(), 8, 10)

    run(test())


def test_nothing_in_a_manifest_becomes_markup(tmp_path: Path) -> None:
    name = "![x](http://example.org/i.png)<b>"
    text = POD.replace("- name: web", f'- name: "{name}"')

    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            await it.opened(file, text)
            said = await it.hover(file.as_uri(), 8, 10)
        assert r"\!\[x\]\(http" in said
        assert "<b>" not in said.replace(r"\<b\>", "")

    run(test())


def test_an_editor_that_shows_no_markdown_gets_plain_words(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path, like=PLAIN) as it:
            await it.opened(file, POD)
            said = await it.hover(file.as_uri(), 8, 10)
        assert said.startswith("Container runs privileged (privileged-container, critical)\n")
        assert "What to do: " in said
        assert "*" not in said

    run(test())
