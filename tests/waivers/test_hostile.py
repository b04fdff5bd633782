"""Files made to harm: excuses by the thousand, patterns that explode, names that lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.patience import within
from tests.scanning import POD, scan_text

MANY = 50_000
HOSTILE = {
    "hashes": "#" * 1_000_000 + "portside:ignore privileged-container x\n",
    "spaces": "#" + " " * 1_000_000 + "portside:ignore privileged-container x\n",
    "hashes and spaces": "# " * 500_000 + "portside:ignore privileged-container x\n",
    "comments": "# portside:ignore privileged-container x\n" * MANY,
    "one line of comments": "# portside:ignore host-pid x " * MANY + "\n",
    "unknown names": "".join(f"# portside:ignore none-{at} x\n" for at in range(MANY)),
    "names": f"# portside:ignore {','.join(['*'] * MANY)} x\n",
    "distinct names": f"# portside:ignore {','.join(f'a{at}' for at in range(MANY))} x\n",
    "a long name": f"# portside:ignore {'a' * 1_000_000} x\n",
    "stars": f"# portside:ignore {'*a' * 49}b x\n" * 900,
    "a long reason": f"# portside:ignore host-pid {'x ' * 500_000}\n",
    "untils": f"# portside:ignore host-pid {'until= ' * 100_000}\n",
    "separators": "# portside:ignore privileged-container x\n---\n" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_soon_and_its_objects_are_judged(name: str, tmp_path: Path) -> None:
    with within(5):
        answer = scan_text(tmp_path, HOSTILE[name] + POD)

    assert answer.of("privileged-container")
    assert len(answer.out) < 2_000_000


def test_many_comments_over_many_findings_end_soon(tmp_path: Path) -> None:
    containers = "".join(
        f"    - name: c{at}\n      image: example.org/a:1\n"
        f"      securityContext:\n        privileged: true # portside:ignore host-pid,host-ipc x\n"
        for at in range(900)
    )
    head = POD.partition("    - name")[0]

    with within(5):
        answer = scan_text(tmp_path, head + containers)

    assert len(answer.of("privileged-container")) == 900
    assert len(answer.told) == 900


def test_an_annotation_of_a_thousand_lines_is_bounded(tmp_path: Path) -> None:
    text = "privileged-container it loads\\n" * 20_000
    annotations = f'{{portside.dev/ignore: "{text}"}}'
    metadata = f"{{name: shop, annotations: {annotations}}}"

    answer = scan_text(tmp_path, POD.replace("{name: shop}", metadata))

    assert answer.excused("privileged-container") == [True]
    assert any("more than 1,000" in message for _, _, message in answer.told)
