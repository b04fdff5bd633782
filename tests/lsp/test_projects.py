"""What a text is judged by: found as for a scan, and read anew when it changes."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from tests.lsp.editor import Editor, editor, kind, of, run
from tests.scanning import POD

RULE = "privileged-container"
OWN = """\
id: needs-team
title: It names no team
severity: medium
why: Nobody else can be asked about it.
fix: Name your team.
fix-class: none
kinds: [Pod]
checks:
  - require: has(object.metadata.labels) && "team" in object.metadata.labels
    says: names no team
    at: metadata.labels
examples: []
"""


def codes(found: list[types.Diagnostic]) -> set[str]:
    return {str(it.code) for it in found if kind(it) == "finding"}


def test_each_file_has_the_nearest_configuration_also_in_several_roots(tmp_path: Path) -> None:
    strict, lax = tmp_path / "strict", tmp_path / "lax"
    for folder, text in ((strict, "profile: strict\n"), (lax, f"rules: {{{RULE}: off}}\n")):
        (folder / "app").mkdir(parents=True)
        (folder / "portside.yaml").write_text(f"version: 1\n{text}")

    async def test() -> None:
        async with editor(strict, lax) as it:
            first = codes(await it.opened(strict / "app" / "pod.yaml", POD))
            second = codes(await it.opened(lax / "app" / "pod.yaml", POD))
        assert RULE in first
        assert RULE not in second
        assert second < first

    run(test())


def test_a_change_of_the_configuration_is_told_by_the_editor_or_noticed(tmp_path: Path) -> None:
    config, file = tmp_path / "portside.yaml", tmp_path / "pod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            assert RULE in codes(await it.opened(file, POD))
            config.write_text(f"version: 1\nrules: {{{RULE}: off}}\n")
            it.changed_on_disk(config)
            assert RULE not in codes(await it.next(file.as_uri()))
            config.write_text(f"version: 1\nrules: {{{RULE}: {{severity: low}}}}\n")
            found = of(await it.rewritten(file.as_uri(), POD + "\n"), RULE)
            assert found.severity == types.DiagnosticSeverity.Information
            config.unlink()
            found = of(await it.rewritten(file.as_uri(), POD), RULE)
            assert found.severity == types.DiagnosticSeverity.Error

    run(test())


def test_the_editor_is_asked_to_watch_configurations_and_own_rules(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "needs_team.yaml").write_text(OWN)
    (tmp_path / "portside.yaml").write_text("version: 1\nrule-folders: [rules]\n")

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(tmp_path / "pod.yaml", POD)
            await it.hover((tmp_path / "pod.yaml").as_uri(), 0, 0)
            patterns = [
                watcher.glob_pattern
                for registration in it.registered
                for watcher in _watchers(it, registration)
            ]
        assert "**/portside.yaml" in patterns
        assert any(str(tmp_path / "rules") in str(pattern) for pattern in patterns)

    run(test())


def _watchers(it: Editor, made: types.Registration) -> list[types.FileSystemWatcher]:
    shape = types.DidChangeWatchedFilesRegistrationOptions
    options = made.register_options
    if not isinstance(options, shape):
        options = it.client.protocol._converter.structure(options, shape)
    return list(options.watchers)


def test_rules_of_ones_own_are_asked_and_read_anew(tmp_path: Path) -> None:
    folder, file = tmp_path / "rules", tmp_path / "pod.yaml"
    folder.mkdir()
    rule = folder / "needs_team.yaml"
    rule.write_text(OWN)
    (tmp_path / "portside.yaml").write_text("version: 1\nrule-folders: [rules]\n")

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = of(await it.opened(file, POD), "needs-team")
            assert found.severity == types.DiagnosticSeverity.Warning
            uri = file.as_uri()
            assert "Nobody else can be asked" in await it.hover(uri, *_begin(found))
            rule.write_text(OWN.replace("names no team\n", "has no team\n"))
            it.changed_on_disk(rule)
            assert of(await it.next(uri), "needs-team").message == "has no team"
            rule.write_text(OWN.replace("require: has", "require: hass"))
            it.changed_on_disk(rule)
            (failed,) = await it.next(uri)
            assert failed.message.startswith("not judged: ")
            assert "needs_team.yaml" in failed.message
            (there,) = await it.until(rule.as_uri(), lambda told: told.diagnostics)
            assert there.code == "configuration"
            rule.write_text(OWN)
            it.changed_on_disk(rule)
            assert of(await it.next(uri), "needs-team").message == "names no team"
            assert await it.until(rule.as_uri(), lambda told: not told.diagnostics) == []

    run(test())


def _begin(found: types.Diagnostic) -> tuple[int, int]:
    return found.range.start.line, found.range.start.character


def test_a_configuration_that_is_unsound_is_told_there_and_nothing_is_judged(
    tmp_path: Path,
) -> None:
    config, file = tmp_path / "portside.yaml", tmp_path / "pod.yaml"
    config.write_text("version: 1\nprofile: strickt\n")

    async def test() -> None:
        async with editor(tmp_path) as it:
            (found,) = await it.opened(file, POD)
            assert found.code == "configuration"
            assert found.severity == types.DiagnosticSeverity.Error
            assert found.message.startswith("not judged: ")
            assert "portside.yaml:2:10" in found.message
            (there,) = await it.until(config.as_uri(), lambda told: told.diagnostics)
            assert there.range == types.Range(types.Position(1, 9), types.Position(1, 16))
            assert "did you mean strict" in there.message or "strict" in there.message
            (here,) = await it.opened(config)
            assert here.range == there.range
            # Mended, but not saved: still in force is what is on the disk.
            assert await it.rewritten(config.as_uri(), "version: 1\nprofile: strict\n") == []

    run(test())


def test_a_waiver_that_is_over_is_told_where_it_stands(tmp_path: Path) -> None:
    text = (
        "version: 1\nwaivers:\n  - rule: latest-tag\n    files: [a.yaml]\n    reason: x\n"
        "    approver: me\n    expires: 2026-06-30\n"
    )

    async def test() -> None:
        async with editor(tmp_path, words=("--now", "2026-07-01")) as it:
            found = of(await it.opened(tmp_path / "portside.yaml", text), "expired-waiver")
            assert found.range == types.Range(types.Position(6, 13), types.Position(6, 23))

    run(test())


def test_what_the_configuration_leaves_out_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text("version: 1\nexclude: [vendor/]\n")

    async def test() -> None:
        async with editor(tmp_path) as it:
            assert await it.opened(tmp_path / "vendor" / "pod.yaml", POD) == []
            assert RULE in codes(await it.opened(tmp_path / "pod.yaml", POD))

    run(test())


def test_the_options_of_the_server_are_those_of_a_scan(tmp_path: Path) -> None:
    async def test() -> None:
        words = ("--profile", "pss:baseline", "--kubernetes-version", "1.30")
        async with editor(tmp_path, words=words) as it:
            assert RULE in codes(await it.opened(tmp_path / "pod.yaml", POD))
            assert "run-as-non-root" not in codes(
                await it.rewritten((tmp_path / "pod.yaml").as_uri(), POD + "\n")
            )

    run(test())
