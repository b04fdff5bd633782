"""`extends:` of addresses: read from what was vendored, as it was pinned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portside.cli.extends import Files, chain
from portside.errors import ConfigError
from portside.policy.section import open_section
from portside.vendor.faults import LockError
from tests.vendor.conftest import Tree
from tests.vendor.parts import Origin, Server


@pytest.fixture
def origin(tmp_path: Path, server: Server) -> Origin:
    folder = tmp_path / "origins"
    folder.mkdir()
    server.git = folder
    return Origin(folder, "rules")


def shared(tree: Tree, server: Server, origin: Origin, severity: str) -> str:
    """A tree that extends a shared configuration in Git; the text of its lock."""
    origin.commit({"company/portside.yaml": f"version: 1\nfail-on: {severity}\n"})
    url = f"{server.url}/git/rules.git//company?ref=main"
    tree.write("portside.yaml", f"version: 1\nextends: {url}\n")
    ran = tree.vendor("--update")
    assert ran.code == 0, ran
    return tree.lock


def test_a_shared_configuration_in_git_holds_as_it_was_pinned(
    tree: Tree, server: Server, origin: Origin
) -> None:
    shared(tree, server, origin, "critical")
    origin.commit({"company/portside.yaml": "version: 1\nfail-on: low\n"})
    tree.write("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    shown = tree.run("config", "show")
    assert shown.code == 0, shown
    assert "critical" in shown.out
    assert tree.run("scan", ".").code == 0
    # What is scanned may be a folder below the one that the lock stands in.
    tree.write("below/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    assert tree.run("scan", "below").code == 0


def test_without_its_content_nothing_is_scanned(
    tree: Tree, server: Server, origin: Origin, tmp_path: Path
) -> None:
    shared(tree, server, origin, "critical")
    ran = tree.run("scan", ".", PORTSIDE_CACHE_DIR=str(tmp_path / "empty"))
    assert ran.code == 2
    assert "is pinned, and its content is not here" in ran.err
    assert "portside vendor fetches it again" in ran.err
    assert "nothing was scanned" in ran.err


def test_what_a_shared_configuration_extends_elsewhere_is_vendored_too(
    tree: Tree, server: Server, origin: Origin
) -> None:
    assert server.git
    group = Origin(server.git, "group")
    group.commit({"portside.yaml": "version: 1\nfail-on: info\n"})
    origin.commit(
        {"company/portside.yaml": f"version: 1\nextends: {server.url}/git/group.git?ref=main\n"}
    )
    url = f"{server.url}/git/rules.git//company?ref=main"
    tree.write("portside.yaml", f"version: 1\nextends: {url}\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert tree.lock.count("kind: git") == 2
    shown = tree.run("config", "show")
    assert shown.code == 0, shown
    assert "info" in shown.out


def test_the_pins_of_the_past_hold_for_a_configuration_of_the_past(
    tree: Tree, server: Server, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moving a pin must not change what a change is compared with."""
    before = shared(tree, server, origin, "critical")
    assert shared(tree, server, origin, "low") != before
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tree.cache))
    file = str(tree.folder / "portside.yaml")
    lock = str(tree.folder / "portside.lock")
    section = open_section(Path(file).read_bytes(), file, ConfigError)

    def as_of(name: str) -> bytes:
        return before.encode() if os.path.realpath(name) == lock else Path(name).read_bytes()

    past = chain(section, Files(as_of, os.path.isfile, strict=False)).sections
    now = chain(section, Files(lambda name: Path(name).read_bytes())).sections
    assert [it.value.get("fail-on") for it in past] == [None, "critical"]
    assert [it.value.get("fail-on") for it in now] == [None, "low"]
    # Nor may it go missing in silence where other errors of the past are passed over.
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tree.cache / "empty"))
    with pytest.raises(LockError, match="its content is not here"):
        chain(section, Files(as_of, os.path.isfile, strict=False))
