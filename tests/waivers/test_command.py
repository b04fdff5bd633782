"""`portside waivers`: the list, the check, and new ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scanning import NOW, POD, Answer, portside, scan

CONFIG = """\
# who may be excused
waivers:
  - rule: privileged-container  # critical
    subject: {kind: Pod, name: shop}
    reason: it loads a module
    approver: security
    expires: 2026-07-11
"""
SAID = ("--reason", "it: must", "--approver", "security", "--until", "2027-01-31")


def waivers(folder: Path, *words: str) -> Answer:
    return portside(folder, "waivers", *words, "--now", NOW)


def test_the_list_names_every_exception_with_its_state(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(CONFIG)
    comments = (
        "# portside:ignore host-pid until=2026-06-30 it was so\n"
        "# portside:ignore host-ipc it is so\n"
        "# portside:ignore host-pit it is so\n"
    )
    (tmp_path / "pod.yaml").write_text(comments + POD)

    listed = json.loads(waivers(tmp_path, "list", "-o", "json").out)
    text = waivers(tmp_path, "list").out

    states = [(it["kind"], it["state"]) for it in listed]
    assert states == [
        ("waiver", "expires in 10 days"),
        ("comment", "expired"),
        ("comment", "active"),
        ("comment", "invalid"),
    ]
    assert "portside.yaml:3: expires in 10 days (2026-07-11): privileged-container\n" in text
    assert text.endswith("4 exceptions, 1 expired\n")


@pytest.mark.parametrize(
    ("config", "pod", "code", "told"),
    [
        (CONFIG, POD, 0, []),
        (CONFIG.replace("2026-07-11", "2026-06-30"), POD, 1, ["expired-waiver"]),
        (CONFIG, POD.replace("true", "false"), 1, ["unused-waiver"]),
        (CONFIG, f"# portside:ignore host-pit it\n{POD}", 1, ["invalid-waiver"]),
        (CONFIG.replace("2026-07-11", "2026-06-31"), POD, 2, []),
        (f"rules: {{privileged-container: off}}\n{CONFIG}", POD, 0, []),
        (f"profile: pss:baseline\n{CONFIG}", POD.replace("true", "false"), 1, ["unused-waiver"]),
    ],
)
def test_the_check_fails_for_what_is_expired_unused_or_invalid(
    config: str, pod: str, code: int, told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "portside.yaml").write_text(config)
    (tmp_path / "pod.yaml").write_text(pod)

    answer = waivers(tmp_path, "check")
    as_json = waivers(tmp_path, "check", "-o", "json")

    assert answer.code == as_json.code == code
    assert [it for it in told if it not in answer.out] == []
    if code < 2:
        assert [it["rule"] for it in json.loads(as_json.out)] == told


def test_the_check_tells_expired_waivers_whatever_it_is_asked_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(CONFIG.replace("2026-07-11", "2026-06-30"))
    (tmp_path / "a.yaml").write_text("")

    assert waivers(tmp_path, "check", "a.yaml").code == 1


def test_the_check_is_incomplete_where_something_was_not_read(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(CONFIG)
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "bad.yaml").write_text("apiVersion: v1\nkind: [\n")

    assert waivers(tmp_path, "check").code == 3
    assert waivers(tmp_path, "check", "--allow-unread").code == 0


def test_the_check_looks_below_the_configuration_from_wherever_it_runs(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(CONFIG)
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "sub").mkdir()

    assert waivers(tmp_path / "sub", "check").code == 0


def test_a_new_waiver_is_printed_ready_and_excuses_what_it_was_made_for(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)

    answer = waivers(tmp_path, "new", "privileged-container", "pod.yaml", *SAID)

    assert answer.out == (
        "waivers:\n"
        "  - rule: privileged-container\n"
        "    subject:\n"
        "      kind: Pod\n"
        "      name: shop\n"
        '      path: "spec.containers[web].securityContext.privileged"\n'
        '    reason: "it: must"\n'
        "    approver: security\n"
        "    expires: 2027-01-31\n"
    )
    (tmp_path / "portside.yaml").write_text(answer.out)
    assert scan(tmp_path, ".").excused("privileged-container") == [True]


FILES = [
    pytest.param(None, id="there is no file"),
    pytest.param("version: 1\n", id="no waivers"),
    pytest.param("# only a comment\nversion: 1", id="no line break at the end"),
    pytest.param("version: 1\n\n# the end\n", id="a comment at the end"),
    pytest.param("waivers: []\nversion: 1\n", id="an empty list"),
    pytest.param("waivers: # none yet\nversion: 1\n", id="nothing"),
    pytest.param(CONFIG, id="one waiver"),
    pytest.param(CONFIG.replace("privileged-container", "host-pid") + "\n# next\nfail-on: low\n",
                 id="a key behind them"),
    pytest.param(CONFIG.replace("\n  ", "\n"), id="not indented"),
    pytest.param(CONFIG.replace("\n  ", "\n      "), id="indented further"),
    pytest.param(CONFIG.replace("it loads a module", ">-\n      it loads\n      a module"),
                 id="a block scalar"),
    pytest.param(CONFIG.replace("\n", "\r\n"), id="CRLF"),
    pytest.param("---\n" + CONFIG + "...\n", id="with marks around"),
]  # fmt: skip


@pytest.mark.parametrize("config", FILES)
def test_a_new_waiver_is_written_and_the_rest_stays(config: str | None, tmp_path: Path) -> None:
    path = tmp_path / "portside.yaml"
    if config is not None:
        path.write_bytes(config.encode())
    (tmp_path / "pod.yaml").write_text(POD)

    answer = waivers(tmp_path, "new", "run-as-non-root", ".", *SAID, "--write")

    assert (answer.code, answer.err) == (0, "portside.yaml: 1 waiver written\n")
    assert scan(tmp_path, ".").excused("run-as-non-root") == [True]
    after = path.read_bytes().decode()
    kept = (config or "").replace("waivers: []", "waivers:").splitlines()
    lines = iter(after.splitlines())
    assert [it for it in kept if it and it not in lines] == []
    if config and "\r\n" in config:
        assert after.count("\n") == after.count("\r\n")


def test_a_list_in_flow_style_is_left_alone(tmp_path: Path) -> None:
    config = "waivers: [{rule: host-pid, files: a, reason: r, approver: a, expires: 2099-01-01}]\n"
    (tmp_path / "portside.yaml").write_text(config)
    (tmp_path / "pod.yaml").write_text(POD)

    answer = waivers(tmp_path, "new", "run-as-non-root", ".", *SAID, "--write")

    assert answer.code == 2
    assert "cannot be added to" in answer.err
    assert answer.err.endswith("nothing was written\n")
    assert (tmp_path / "portside.yaml").read_text() == config


def test_fields_of_one_object_share_a_waiver(tmp_path: Path) -> None:
    second = POD.partition("  containers:\n")[2].replace("web", "log")
    (tmp_path / "pod.yaml").write_text(POD + second)

    answer = waivers(tmp_path, "new", "CKV_K8S_16", "pod.yaml", *SAID, "--write")

    assert answer.err == "portside.yaml: 1 waiver written\n"
    assert scan(tmp_path, ".").excused("privileged-container") == [True, True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("privileged-container", "."), "needs --reason, --approver, --until"),
        (("privileged-container", ".", *SAID[:-1], "2026-02-30"), "--until 2026-02-30: not a date"),
        (("privileged-container", ".", *SAID[:-1], "2026-06-30"), "that day is over"),
        (("privileged-container", ".", "--reason", " ", *SAID[2:]), "needs --reason"),
        (("priviledged-container", ".", *SAID), "did you mean privileged-container?"),
        (("host-pid", ".", *SAID), "host-pid finds nothing to be excused in ."),
    ],
)
def test_a_waiver_that_would_not_hold_is_not_made(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "pod.yaml").write_text(POD)

    answer = waivers(tmp_path, "new", *words)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.endswith("nothing was written\n")
