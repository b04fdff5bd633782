"""JUnit XML: valid XML, with numbers that agree with the cases."""

from __future__ import annotations

import pytest

from portside.model.evaluation import Evaluation
from tests.report.examples import (
    DOUBT,
    clean,
    finding,
    many,
    nothing,
    only_unread,
    rendered,
    shop,
    xml_of,
)


def test_the_whole_file() -> None:
    assert rendered("junit", shop()) == (
        """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="portside" tests="8" failures="2" errors="2" skipped="3">
  <testsuite name="shop/broken.yaml" tests="1" failures="0" errors="1" skipped="0">
    <testcase classname="shop/broken.yaml" name="not looked at: shop/broken.yaml" \
file="shop/broken.yaml" line="7"><error type="not-looked-at" message="not YAML: a tab begins the \
line; indent with spaces">shop/broken.yaml:7:1: not YAML: a tab begins the line; indent with \
spaces</error></testcase>
  </testsuite>
  <testsuite name="shop/job.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="shop/job.yaml" name="Job night" file="shop/job.yaml" line="1"/>
  </testsuite>
  <testsuite name="shop/legacy" tests="1" failures="0" errors="1" skipped="0">
    <testcase classname="shop/legacy" name="not looked at: chart legacy" file="shop/legacy">\
<error type="not-looked-at" message="chart legacy: charts are not rendered yet">shop/legacy: \
chart legacy: charts are not rendered yet</error></testcase>
  </testsuite>
  <testsuite name="shop/web.yaml" tests="5" failures="2" errors="0" skipped="3">
    <testcase classname="shop/web.yaml" name="Deployment shop/web: latest-tag: \
spec.template.spec.containers[0].image" file="shop/web.yaml" line="9">\
<failure type="medium latest-tag" message="container web runs nginx, whose tag moves">\
shop/web.yaml:9:9: container web runs nginx, whose tag moves
why: Nobody can say what ran.
fix: Name a version.</failure></testcase>
    <testcase classname="shop/web.yaml" name="Deployment shop/web: image-not-pinned: \
spec.template.spec.containers[0].image" file="shop/web.yaml" line="9"><skipped message="container \
web runs an image without a digest (waiver of team-a until 2027-01-31: moves to digests \
(portside.yaml:9))"/></testcase>
    <testcase classname="shop/web.yaml" name="Deployment shop/web: seccomp-profile-missing: \
spec.template.spec.containers[0].securityContext.seccompProfile.type" file="shop/web.yaml" \
line="10"><skipped message="container web has no seccomp profile (follows from \
privileged-container)"/></testcase>
    <testcase classname="shop/web.yaml" name="Deployment shop/web: privileged-container: \
spec.template.spec.containers[0].securityContext.privileged" file="shop/web.yaml" line="11">\
<failure type="critical privileged-container" message="container web is privileged: it can leave \
the container and owns its node">shop/web.yaml:11:11: container web is privileged: it can leave \
the container and owns its node
why: A privileged container has all of its node.
fix: Remove `privileged`, and add the one capability the program needs.</failure></testcase>
    <testcase classname="shop/web.yaml" name="Deployment shop/web: run-as-non-root: undecided" \
file="shop/web.yaml" line="1"><skipped message="undecided: the user that the image names"/>\
</testcase>
  </testsuite>
</testsuites>
"""
    )


def test_what_is_found_across_files_has_a_suite() -> None:
    evaluation = Evaluation([], later=[finding()], later_undecided=[DOUBT], rules=1)

    suites = xml_of(rendered("junit", evaluation))

    [suite] = suites
    assert suite.attrib == {
        "name": "across files",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }


@pytest.mark.parametrize("evaluation", [shop(), clean(), nothing(), only_unread(), many(3)])
def test_the_numbers_are_those_of_the_cases(evaluation: Evaluation) -> None:
    suites = xml_of(rendered("junit", evaluation))

    for node in (suites, *suites):
        assert int(node.attrib["tests"]) == len(list(node.iter("testcase")))
        assert int(node.attrib["failures"]) == len(list(node.iter("failure")))
        assert int(node.attrib["errors"]) == len(list(node.iter("error")))
        assert int(node.attrib["skipped"]) == len(list(node.iter("skipped")))
