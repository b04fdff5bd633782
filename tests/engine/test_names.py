"""A finding names its container, also where the container has no name."""

from __future__ import annotations

import pytest

from portside.cli.plan import choose
from portside.engine.stage import judge_file
from portside.sources.manifest import parse

_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - image: registry.example.org/web:2.1
      securityContext: {privileged: true}
"""


@pytest.mark.parametrize(
    ("name", "called"),
    [("", "container without a name is"), ("      name: web\n", "container web is")],
)
def test_a_finding_names_its_container(name: str, called: str) -> None:
    plan = choose("recommended", "").plan
    result = judge_file(parse((_POD + name).encode(), "pod.yaml"), plan)

    (message,) = [it.message for it in result.findings if it.rule == "privileged-container"]
    assert message.startswith(called)
