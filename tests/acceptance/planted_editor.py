"""All that a language server says of a planted tree, over the protocol itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lsprotocol import types

from tests.lsp.editor import Editor, editor

_FILES = ("pod.yaml", "crd.yaml", "net.yaml", "kustomization.yaml", ".github/workflows/ci.yaml")


async def all_that_is_said(folder: Path, configurations: Sequence[str]) -> list[str]:
    """Diagnostics, hovers and actions of every file, and of each text for `portside.yaml`."""
    said: list[str] = []
    async with editor(folder, words=("--profile", "auditor")) as it:
        files = [folder / name for name in _FILES]
        files += sorted(path for path in folder.rglob("broken*/*") if path.is_file())
        for file in files:
            found = await it.opened(file)
            said += [one.message for one in found]
            said += await _asked(it, file.as_uri(), found[:10])
        file = folder / "portside.yaml"
        said += [one.message for one in await it.opened(file, "")]
        for text in configurations:
            found = await it.rewritten(file.as_uri(), text)
            said += [one.message for one in found]
            said += await _asked(it, file.as_uri(), found)
    return said


async def _asked(it: Editor, uri: str, found: Iterable[types.Diagnostic]) -> list[str]:
    said = []
    for one in found:
        begin = one.range.start
        said.append(await it.hover(uri, begin.line, begin.character))
        for action in (await it.actions(uri, one)).values():
            said.append(action.title)
            if action.disabled:
                said.append(action.disabled.reason)
    return said
