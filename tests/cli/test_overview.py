"""`portside` without words, and every command's --help: an answer that lists only what exists."""

from __future__ import annotations

import re
import shlex
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from portside.cli import COMMANDS, OVERVIEW
from tests.cli.running import POD, portside

EXISTING = [name for name in COMMANDS if find_spec(f"portside.cli.{name}")]


def test_without_words_the_overview_is_the_answer() -> None:
    ran = portside()
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot(
        """\
Judge what you are about to run on Kubernetes, and where it must be edited.

  portside scan .                    what is wrong here, and where
  portside scan --profile strict .   the same, asked more sternly
  kubectl kustomize o/ | portside scan -
  portside diff                      what a change brings: new findings, reach, rights
  portside explain RULE              why, how to mend, how to be excused
  portside rules list                every rule
  portside eval 'object.kind' .      ask objects anything, in CEL

portside COMMAND --help for the rest: render, vendor, waivers, migrate, config, network, graph,
access, compliance, lsp, schema, completion, version
"""
    )
    assert portside("--help") == portside("help") == portside("-h") == ran


def test_the_overview_names_each_command_and_each_it_names_exists() -> None:
    named = set(re.findall(r"portside ([a-z]+)", OVERVIEW))
    named |= set(re.findall(r"[a-z]+", OVERVIEW.rpartition("the rest:")[2]))
    assert named == set(COMMANDS)
    assert [name for name in COMMANDS if name not in EXISTING] == []


@pytest.mark.parametrize("line", [it for it in OVERVIEW.splitlines() if it.startswith("  ")])
def test_each_line_of_the_overview_works(line: str, tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(POD)
    person = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    for git in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        subprocess.run(["git", *person, *git], cwd=tmp_path, check=True)
    typed = re.split(r"\s{2,}", line.strip())[0].replace("RULE", "privileged-container")
    words = shlex.split(typed.partition("| ")[2] or typed)
    assert words[0] == "portside"
    ran = portside(*words[1:], cwd=tmp_path, stdin=POD)
    assert ran.code == (1 if words[1] == "scan" else 0), ran
    assert ran.out


@pytest.mark.parametrize("name", EXISTING)
def test_help_of_a_command_shows_examples_before_options(name: str) -> None:
    ran = portside(name, "--help")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].endswith(".")
    assert any(f"portside {name}" in it for it in lines[1:4]), ran.out
    assert max(len(it) for it in lines) <= 100
    assert portside("help", name) == ran


@pytest.mark.parametrize("name", EXISTING)
def test_a_command_is_a_module_with_a_run(name: str) -> None:
    assert callable(import_module(f"portside.cli.{name}").run)


def test_help_of_a_command_in_full() -> None:
    assert portside("render", "--help").out == snapshot("""\
The objects as they are read or rendered: nulls kept, no defaults.

  portside render shop/                    one stream of YAML documents
  portside render -o json shop/ | jq       one JSON list
  portside render - < all.json             from standard input, as YAML
  portside render chart/ --set replicas=3  a chart, as helm template has it
  portside render chart/ -e prod           a chart, as it is in one environment
  portside render . -e prod                all that runs in it: manifests, charts, overlays
  portside render overlays/prod            an overlay, as kustomize build has it

usage: portside render [PATH ...] [-o yaml|json] [options]

arguments:
  PATH                      files and folders; - is standard input (default: the current folder)

options:
  -h, --help                this text
  -o, --output FORMAT       yaml or json (default: yaml)

what is read:
  --include GLOB            only files that match
  --exclude GLOB            leave these out
  --config FILE             instead of portside.yaml above the paths
  --allow-unread            accept what could not be read

how a chart or an overlay is rendered:
  -e, --environment ENV     as it is in ENV: portside.yaml, or discovered
  --source NAME=DIR         where a source of Argo CD or Flux is: its address or name, and a folder
  --values FILE             values; the last of several come first
  --set KEY=VALUE           one value, as helm's --set has it
  --set-string KEY=VALUE    one value, as helm's --set-string has it
  --set-json KEY=VALUE      one value, as helm's --set-json has it
  --set-file KEY=VALUE      one value, as helm's --set-file has it
  --set-literal KEY=VALUE   one value, as helm's --set-literal has it
  --release NAME            (default: release-name)
  --namespace NAME          (default: default)
  --kubernetes-version 1.N  the version it will run on (default: newest)
  --include-crds            what stands in crds/ of a chart, too

A chart or an overlay that is named itself is rendered as helm template and kustomize build do, or
with -e as it is installed there: by portside.yaml, values files, Argo CD or Flux. Of a folder, -e
shows all that runs in ENV: manifests, and each chart and overlay that has it, or only one way.

exit codes: 0 all was read, 2 usage, 3 something could not be read or rendered
""")


def test_the_version_says_what_is_there() -> None:
    import json

    import portside as package
    from portside.policy import builtin

    facts = json.loads(portside("version", "-o", "json").out)
    assert facts["version"] == package.__version__
    assert facts["rules"] == len(builtin.rules())
    assert set(facts) == {"version", "python", "kubernetes", "rules", "re2", "libyaml"}
    assert portside("--version").out.startswith(f"portside {package.__version__}\n")
