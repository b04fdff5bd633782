"""An error says what, where, and the way out; the exit codes are those of the design."""

from __future__ import annotations

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.cli.running import CONFIG_MAP, POD, portside

BROKEN = "kind: [\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "web.yaml").write_text(POD)
    (tmp_path / "settings.yaml").write_text(CONFIG_MAP)
    return tmp_path


def said(shop: Path, *words: str) -> str:
    ran = portside(*words, cwd=shop)
    assert (ran.code, ran.out) == (2, "")
    return ran.err


def test_an_unknown_command(shop: Path) -> None:
    assert said(shop, "scna", ".") == snapshot("""\
portside: no command is called scna
  did you mean scan?  commands: scan, diff, render, vendor, rules, eval, explain, waivers, migrate, config, network, graph, access, compliance, lsp, schema, completion, version
  nothing was done
""")  # noqa: E501


def test_an_unknown_option(shop: Path) -> None:
    assert said(shop, "scan", "--profle", "strict") == snapshot("""\
portside: scan has no option --profle
  did you mean --profile?  portside scan --help shows what there is
  nothing was scanned
""")
    assert said(shop, "render", "--output=json", "--includ=a") == snapshot("""\
portside: render has no option --includ
  did you mean --include?  portside render --help shows what there is
  nothing was done
""")
    assert said(shop, "--profile") == snapshot("""\
portside: no option is called --profile
  options follow a command: portside COMMAND --profile
  nothing was done
""")


def test_an_option_without_its_value(shop: Path) -> None:
    assert said(shop, "scan", "--profile") == snapshot("""\
portside: argument --profile: expected one argument
  portside scan --help shows what there is
  nothing was scanned
""")


def test_a_profile_that_does_not_exist(shop: Path) -> None:
    assert said(shop, "scan", "--profile", "pss:restrcted", ".") == snapshot("""\
portside: no profile is called pss:restrcted
  did you mean pss:restricted?  profiles: recommended, strict, auditor, pss:baseline, pss:restricted, pss:LEVEL@1.31, attack-containers, cis-1.10, cis-1.11, cis-1.12, cis-aks-1.8, cis-eks-1.8, cis-gke-1.9, iso27001-2022, ms-threat-matrix, nist-800-190, nsa-cisa-1.2, owasp-k8s-2022, owasp-k8s-2025, pci-dss-4.0.1, soc2
  nothing was scanned
""")  # noqa: E501


def test_versions_that_do_not_exist(shop: Path) -> None:
    assert said(shop, "scan", "--kubernetes-version", "1.x", ".") == snapshot("""\
portside: 1.x is not a Kubernetes version
  expected 1.0 to 1.37, as in 1.34
  nothing was scanned
""")
    assert said(shop, "scan", "--kubernetes-version", "1.99", ".") == snapshot("""\
portside: Kubernetes 1.99 is newer than what is known here
  the newest known version is 1.37
  nothing was scanned
""")


def test_a_severity_that_does_not_exist(shop: Path) -> None:
    assert said(shop, "scan", "--fail-on", "hihg", ".") == snapshot("""\
portside: no severity is called hihg
  did you mean high?  expected info, low, medium, high, critical
  nothing was scanned
""")


def test_a_path_that_does_not_exist(shop: Path) -> None:
    assert said(shop, "scan", "web.yml") == snapshot("""\
web.yml: cannot be opened: No such file or directory
  nothing was scanned
""")
    assert said(shop, "render", "web.yml") == snapshot("""\
web.yml: cannot be opened: No such file or directory
  nothing was scanned
""")


def test_standard_output_that_is_full(shop: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    import subprocess

    from tests.cli.running import COMMAND, environment

    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [*COMMAND, "scan", "."],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=shop,
            env=environment(),
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stderr == b"standard output: cannot be written: No space left on device\n"


def test_names_of_files_cannot_move_the_cursor(shop: Path) -> None:
    assert "\x1b" not in portside("scan", "no\x1b[2Jsuch.yaml", cwd=shop).err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("settings.yaml",), 0),
        (("--fail-on", "critical", "settings.yaml"), 0),
        (("web.yaml",), 1),
        (("--profile", "pss:baseline", "web.yaml"), 1),
        (("broken.yaml",), 3),
        (("web.yaml", "broken.yaml"), 3),
        (("--allow-unread", "broken.yaml"), 0),
        (("--allow-unread", "web.yaml", "broken.yaml"), 1),
        (("no-such.yaml",), 2),
    ],
)
def test_exit_codes(words: tuple[str, ...], code: int, shop: Path) -> None:
    (shop / "broken.yaml").write_text(BROKEN)
    assert portside("scan", *words, cwd=shop).code == code


def test_the_least_severity_that_fails_is_a_choice(shop: Path) -> None:
    (shop / "low.yaml").write_text(POD.replace("privileged: true", "privileged: false"))
    assert portside("scan", "--fail-on", "medium", "low.yaml", cwd=shop).code == 1
    assert portside("scan", "--fail-on", "critical", "low.yaml", cwd=shop).code == 0


def test_a_crash_of_ours_is_four_with_its_traceback(shop: Path) -> None:
    import subprocess
    import sys

    from tests.cli.running import environment

    program = (
        "import sys, portside.cli.scan as scan, portside.cli as cli\n"
        "scan.find = lambda *_: 1 / 0\n"
        "sys.exit(cli.main(['scan', '.']))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=shop,
        env=environment(),
        check=False,
    )
    assert ran.returncode == 4
    assert "ZeroDivisionError" in ran.stderr
    assert ran.stderr.endswith("this is a bug in portside, not in what was scanned (exit 4)\n")
