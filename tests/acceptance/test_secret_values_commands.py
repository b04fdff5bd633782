"""No command tells the value of a credential: not in what it says, not in what it complains about.

Which commands there are is asked of the program: a new one fails here until it is asked, too. Only
what a command prints because it was asked for it is left out: the values of `eval`, the objects of
`render` and the examples of `rules show`. There the errors count.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from portside.cli import main, progress
from portside.cli.rule_new import SKELETON
from portside.report import REPORTS
from tests.acceptance import planted_config as config
from tests.acceptance.planted import Planted, keeps, told
from tests.acceptance.planted_tree import written
from tests.cli.test_progress import Terminal
from tests.scanning import POD, Answer, portside, process
from tools.cli_pages import parsers

Words = tuple[str, ...]
ASKED_FOR = ("eval", "render", "rules show")
"""Commands whose answer is what is in the files that are named: objects, or a rule's examples."""
IN_ITS_OWN_TEST = ("lsp",)
_JUDGED = ("--profile", "auditor")
_OUTPUTS = {
    "scan": REPORTS,
    "compliance": ("text", "html", "json", "oscal"),
    "render": ("yaml", "json"),
    "diff": REPORTS,
}
FORMS: dict[str, tuple[Words, ...]] = {
    "scan": (
        (*_JUDGED, "-v", "--paths", "."),
        (*_JUDGED, "--part", "--crds", "crd.yaml", "--policy", "../policy.yaml", "."),
        ("--rules", "../rules", "--strict", "--kubernetes-version", "1.30", "."),
        ("--write-baseline", "../baseline.json", "."),
        ("-v", "-o", "sarif=../made/a.sarif", "-o", "markdown=../made/a.md", "."),
        ("--policy", "pod.yaml", "."),
        ("--crds", "broken", "."),
        ("--baseline", "values.yaml", "."),
        ("--baseline", "broken/cut.json", "."),
        ("--config", "values.yaml", "."),
        ("--config", "broken/map-not-closed.yaml", "."),
        ("--rules", "broken", "."),
    ),
    "render": ((".",), ("broken",), ("--allow-unread", ".")),
    "rules list": ((), ("--rules", "../rules"), ("--rules", "broken")),
    "rules show": (("privileged-container",), ("own-value-told", "--rules", "../rules")),
    "rules test": (("../rules",), ("broken",), ("../rules-broken",)),
    "rules new": (("own-rule", "--folder", "../new"), ("Own Rule",)),
    "rules export": (("latest-tag",), ("own-value-told", "--rules", "../rules")),
    "eval": (
        ("int(object.stringData.a)", "."),
        ("object.stringData[object.stringData.a]", "."),
        ("timestamp(object.spec.password) > timestamp(object.metadata.name)", "crd.yaml"),
        ("url(object.stringData.a).getHost()", "pod.yaml"),
        ("quantity(object.stringData.a).asInteger()", "pod.yaml"),
        ("object.stringData.a + ", "."),
        ("container.env.all(e, duration(e.value) > duration('1s'))", "pod.yaml"),
        ("container.env.map(e, ip(e.value))", "pod.yaml"),
        ("container.env.map(e, cidr(e.value))", "pod.yaml"),
        ("container.env.map(e, semver(e.value))", "pod.yaml"),
        ("container.env.map(e, bool(e.value))", "pod.yaml"),
        ("'a'.matches(object.stringData.a + '(')", "."),
        ("object.stringData.map(k, object.stringData[k].format([1]))", "."),
    ),
    # Within git: test_no_comparison_tells_a_value.
    "diff": ((), ("HEAD", "."), ("HEAD..HEAD", "pod.yaml")),
    "vendor": (
        ("--offline", "."),
        ("--check", "."),
        ("--offline", "broken"),
        ("--check", "pod.yaml"),
    ),
    "explain": (("secret-in-environment",), ("no-such-rule",)),
    "waivers": (
        ("list", ".", *_JUDGED),
        ("check", ".", *_JUDGED),
        ("list", ".", "--config", "broken/twice.yaml"),
        ("check", ".", "--base", "HEAD"),
    ),
    "waivers new": (
        ("credential-in-environment", ".", *config.NEW_WAIVER),
        ("no-such-rule", ".", *config.NEW_WAIVER),
    ),
    "migrate": ((".",), ("../tools",), *((f"../broken-tools/{it}",) for it in range(config.TOOLS))),
    "config show": ((".",), ("--config", "values.yaml")),
    "network list": ((".",), ("--allow-unread", "."), ("net.yaml",)),
    "network diff": (("net.yaml", "access.yaml"), ("pod.yaml", ".")),
    "network explain": (("shop/web", "shop/web", "."), ("shop/none", "shop/web", ".")),
    "graph": ((".",), ("--paths", "."), ("net.yaml", "access.yaml")),
    "access paths": ((".",), ("--from", "shop/web", "."), ("--to", "cluster-admin", "access.yaml")),
    "compliance": (
        ("cis-1.12", "."),
        ("nsa-cisa-1.2", "-v", "."),
        ("soc2", "broken"),
        ("soc2", "-o", "oscal=../made/a.json", "."),
    ),
    "schema": (("config",), ("report",), ("values",)),
    "completion": (("bash",), ("zsh",)),
    "version": ((),),
}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a tree full of planted values, and beside it what options may name."""
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tmp_path / "cache"))
    it, folder = Planted(), tmp_path / "shop"
    written(folder, it)
    (tmp_path / "made").mkdir()
    monkeypatch.setenv("DB_PASSWORD", it())
    for name, text in config.beside(it, SKELETON).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def commands() -> set[str]:
    return {name for name, _ in parsers()}


def forms(command: str) -> Iterator[Words]:
    """Every form of `command`, each in every format that its own `-o` knows."""
    made = dict(parsers())[command]
    option = next((it for it in made._actions if "--output" in it.option_strings), None)
    known = tuple(option.choices or ()) if option is not None else ()
    for words in FORMS[command]:
        outputs = _OUTPUTS.get(command, known)
        yield words
        yield from ((*words, "-o", it) for it in outputs)


def leaks(answer: Answer, command: str) -> list[str]:
    return told(answer.err if command in ASKED_FOR and answer.out else answer.out + answer.err)


def test_every_command_is_asked() -> None:
    assert commands() == {*FORMS, *IN_ITS_OWN_TEST}


def test_every_format_is_asked_for() -> None:
    for name, made in parsers():
        option = next((it for it in made._actions if "--output" in it.option_strings), None)
        if option is not None and not option.choices and name in FORMS and name != "rules export":
            assert name in _OUTPUTS, f"{name} -o knows formats that are not asked for"


@pytest.mark.parametrize("command", FORMS)
def test_no_command_tells_a_value(planted: Path, command: str) -> None:
    found = {
        " ".join(words): lines
        for words in forms(command)
        if (lines := leaks(portside(planted, *command.split(), *words), command))
    }
    assert found == {}
    made = [it for it in planted.parent.rglob("*") if it.is_file() and config.is_made(it, planted)]
    assert made or command not in ("scan", "compliance", "rules new")
    assert [it for it in made if keeps(it.read_bytes())] == []


@pytest.mark.parametrize("fault", config.FAULTS)
@pytest.mark.parametrize(
    "words",
    [
        ("scan", "pod.yaml"),
        ("config", "show"),
        ("waivers", "list", "pod.yaml"),
        ("compliance", "soc2", "pod.yaml"),
        ("rules", "list"),
    ],
    ids=lambda it: it[0],
)
def test_no_fault_in_the_configuration_tells_a_value_beside_it(
    planted: Path, fault: str, words: Words
) -> None:
    (planted / "portside.yaml").write_text(config.FAULTS[fault](Planted()))
    answer = portside(planted, *words)
    assert told(answer.out + answer.err) == []
    if words[0] != "rules":
        assert answer.code == 2
        assert "portside.yaml" in answer.err


@pytest.mark.parametrize(
    "words",
    [
        ("config", "show"),
        ("config", "show", "-o", "json"),
        ("waivers", "list", "."),
        ("waivers", "list", ".", "-o", "json"),
        ("waivers", "check", "."),
        ("scan", "-v", "."),
        ("scan", "-o", "json", "."),
        ("compliance", "soc2", "-v", "-o", "html", "."),
    ],
    ids=" ".join,
)
def test_a_sound_configuration_is_told_without_its_credentials(planted: Path, words: Words) -> None:
    it = Planted()
    (planted / "portside.yaml").write_text(config.sound(it))
    excuse = it("# portside:ignore privileged-container see https://user:{}@example.org/3")
    (planted / "excused.yaml").write_text(
        POD.replace("privileged: true", f"privileged: true  {excuse}")
    )
    answer = portside(planted, *words)
    assert answer.code in (0, 1, 3)
    assert "******" in answer.out or words[0] in ("compliance", "scan") or "check" in words
    assert told(answer.out + answer.err) == []


@pytest.mark.parametrize("option", ["--config", "--baseline", "--policy", "--crds", "--rules"])
def test_no_file_that_an_option_names_is_quoted(planted: Path, option: str) -> None:
    """Whatever is wrong with it: none of them is what the option wants."""
    files = sorted(it for it in planted.rglob("*") if it.is_file() and option != "--rules")
    for file in files or _folders_of_one_file(planted):
        answer = portside(planted, "scan", option, str(file), "net.yaml")
        assert answer.code in ((2,) if option != "--crds" else (1, 2, 3)), file
        assert told(answer.out + answer.err) == [], file


def _folders_of_one_file(planted: Path) -> Iterator[Path]:
    for number, file in enumerate(sorted(planted.rglob("*.yaml"))):
        folder = planted.parent / "one" / str(number)
        folder.mkdir(parents=True)
        (folder / "a_rule.yaml").write_bytes(file.read_bytes())
        yield folder


def test_nothing_on_standard_input_is_quoted(planted: Path) -> None:
    for file in sorted(it for it in planted.rglob("*") if it.is_file()):
        answer = process(planted, "scan", *_JUDGED, "-", stdin=file.read_text())
        assert told(answer.out + answer.err) == [], file


def test_the_line_that_tells_how_far_a_scan_is_tells_no_value(
    planted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with chdir(planted), redirect_stdout(StringIO()):
        main(["scan", "--no-cache", "."])
    assert " files" in screen.getvalue()
    assert told(screen.getvalue()) == []


def test_no_comparison_tells_a_value(planted: Path) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "a")):
        subprocess.run([*git, *words], cwd=planted, check=True)
    again, it = planted / "again", Planted()
    written(again, it)
    for path in sorted(planted.glob("*.yaml")):
        # Values, names and whole objects change, and files are swapped, moved and taken away.
        path.write_bytes((again / path.name).read_bytes())
    (planted / "net.yaml").unlink()
    (planted / "access.yaml").rename(planted / "moved.yaml")
    found = {}
    for output in REPORTS:
        answer = portside(planted, "diff", *_JUDGED, "-o", output, ".")
        assert answer.code in (1, 3)
        if lines := told(answer.out + answer.err):
            found[output] = lines
    assert found == {}


@pytest.mark.parametrize("fault", ["twice", "unknown key in one line", "waiver's day"])
def test_what_git_keeps_of_the_configuration_is_not_quoted(planted: Path, fault: str) -> None:
    (planted / "portside.yaml").write_text(config.FAULTS[fault](Planted()))
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "a")):
        subprocess.run([*git, *words], cwd=planted, check=True)
    (planted / "portside.yaml").write_text("version: 1\n")
    answer = portside(planted, "waivers", "check", "net.yaml", "--base", "HEAD")
    assert "since HEAD" in answer.out
    assert told(answer.out + answer.err) == []


@pytest.mark.parametrize("command", sorted({name.split()[0] for name in FORMS}))
def test_no_word_of_the_command_line_that_is_wrong_is_told(planted: Path, command: str) -> None:
    it = Planted()
    for words in (
        (command, f"--password={it()}"),
        (command, "--set", f"password={it()}"),
        (command, f"--profile={it()}"),
        (command, "-o", it()),
        (command, f"--kubernetes-version={it()}"),
        (f"--token={it()}",),
        (it(),),
    ):
        answer = portside(planted, *words)
        assert answer.code in (0, 1, 2, 3)
        assert told(answer.err) == [], words


def test_no_traceback_tells_what_a_crash_was_about(
    planted: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    value = Planted()()

    def crash(_: list[str]) -> int:
        try:
            return int(value)
        except ValueError:
            raise KeyError(value) from None

    monkeypatch.setattr("portside.cli.version.run", crash)
    assert main(["version"]) == 4
    said = capfd.readouterr().err
    assert "in crash" in said
    assert "\nKeyError\n" in said
    assert "a bug in portside" in said
    assert told(said) == []


@pytest.mark.parametrize("rule", ["credential_in_environment", "missing_service_account"])
def test_a_rule_that_crashes_does_not_tell_what_it_was_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    def check(it: Any, *_: object) -> Iterator[object]:
        yield from (int(text) for text in [str(it.value)])

    it = Planted()
    text = POD.replace("{name: shop}", f"{{name: shop, labels: {{app: {it.stray()}}}}}")
    text = text.replace(
        "      image:", f"      env: [{{name: TOKEN, value: {it()}}}]\n      image:"
    )
    (tmp_path / "pod.yaml").write_text(
        text.replace("  containers", "  serviceAccountName: a\n  containers")
    )
    monkeypatch.setattr(import_module(f"portside.rules.generated.rule_{rule}"), "check", check)
    for report in REPORTS:
        answer = portside(tmp_path, "scan", "--no-cache", *_JUDGED, "-o", report, "-v", ".")
        assert answer.code == 3
        assert told(answer.out + answer.err) == []
        if report == "text":
            assert "the rule crashed: ValueError in <genexpr> (test_" in answer.out


def test_no_editor_is_told_a_value(planted: Path) -> None:
    pytest.importorskip("pytest_lsp", reason="the extra `test` installs pytest-lsp")
    from tests.acceptance.planted_editor import all_that_is_said

    faults: dict[str, Callable[[Planted], str]] = config.FAULTS
    said = asyncio.run(all_that_is_said(planted, [it(Planted()) for it in faults.values()]))
    assert len(said) > 100
    assert told("\n".join(said)) == []
