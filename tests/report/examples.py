"""Evaluations as scans make them, small enough to read whole, for the tests of reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from portside.model.evaluation import Evaluation
from portside.model.finding import (
    Excuse,
    FileFate,
    FileResult,
    Finding,
    ObjectFate,
    ResourceRef,
    Step,
    Undecided,
    Unread,
)
from portside.model.rule_text import RuleText
from portside.model.severity import CRITICAL, HIGH, INFO, LOW, MEDIUM
from portside.report import report
from portside.report.context import Context

WEB = ResourceRef("apps/v1", "Deployment", "shop", "web")
JOB = ResourceRef("batch/v1", "Job", "", "night")
SOURCE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: web
        image: nginx
        securityContext:
          privileged: true
"""
CONTAINER = ("spec", "template", "spec", "containers", 0)
WORDS = {
    "privileged-container": RuleText(
        id="privileged-container",
        title="Container runs privileged",
        severity=CRITICAL,
        severity_reason="one process broken into owns the node",
        why="A privileged container has all of its node.",
        fix="Remove `privileged`, and add the one capability the program needs.",
        fix_class="unsafe",
        profile="recommended",
        kinds=(),
        params=(),
        frameworks=("PSS:baseline/privileged", "CIS-K8s-1.12:5.2.2"),
        aliases=("checkov:CKV_K8S_16", "trivy:KSV-0017"),
    ),
    "latest-tag": RuleText(
        id="latest-tag",
        title="Image tag moves",
        severity=MEDIUM,
        severity_reason="what runs can change without a change here",
        why="Nobody can say what ran.",
        fix="Name a version.",
        fix_class="unsafe",
        profile="recommended",
        kinds=(),
        params=(),
        frameworks=("NSA-CISA-1.2:image",),
        aliases=(),
    ),
}


def finding(rule: str = "latest-tag", **parts: Any) -> Finding:
    """A finding about the image of the container web, but for the given `parts`."""
    given: dict[str, Any] = {
        "rule": rule,
        "severity": MEDIUM,
        "message": "container web runs nginx, whose tag moves",
        "resource": WEB,
        "path": (*CONTAINER, "image"),
        "subject": CONTAINER,
        "file": "shop/web.yaml",
        "line": 9,
        "column": 9,
        "width": 12,
        "identity": f"{rule}|shop/web.yaml|apps/Deployment/shop/web|image",
    }
    return Finding(**given | parts)


PRIVILEGED = finding(
    "privileged-container",
    severity=CRITICAL,
    message="container web is privileged: it can leave the container and owns its node",
    path=(*CONTAINER, "securityContext", "privileged"),
    line=11,
    column=11,
    width=16,
    identity="privileged-container|shop/web.yaml|apps/Deployment/shop/web|privileged",
)
COVERED = finding(
    "seccomp-profile-missing",
    message="container web has no seccomp profile",
    path=(*CONTAINER, "securityContext", "seccompProfile", "type"),
    line=10,
    width=0,
    identity="seccomp-profile-missing|shop/web.yaml|apps/Deployment/shop/web|type",
    covered_by="privileged-container",
)
EXCUSED = finding(
    "image-not-pinned",
    severity=LOW,
    message="container web runs an image without a digest",
    identity="image-not-pinned|shop/web.yaml|apps/Deployment/shop/web|image",
)
WAIVER = Excuse("waiver", "moves to digests", "team-a", "2027-01-31", "portside.yaml:9")
COMMENT = Excuse("comment", "", "", "", "shop/web.yaml:9")
BROKEN = Unread(
    "shop/broken.yaml",
    "not YAML: a tab begins the line; indent with spaces",
    "shop/broken.yaml",
    7,
    1,
)
CHART = Unread("chart legacy", "charts are not rendered yet", "shop/legacy")
DOUBT = Undecided("run-as-non-root", WEB, "the user that the image names", "shop/web.yaml", 1)


def result(
    file: str = "shop/web.yaml",
    findings: Sequence[Finding] = (),
    *,
    fate: str = "judged",
    objects: Sequence[ObjectFate] | None = None,
    undecided: Sequence[Undecided] = (),
    unread: Sequence[Unread] = (),
) -> FileResult:
    """What stage A says of a file; it holds the Deployment web unless `objects` are given."""
    if objects is None:
        objects = [ObjectFate(file, 1, WEB, "judged", 32)]
    reason = unread[0].reason if fate == "unread" else ""
    return FileResult(
        FileFate(file, fate, len(objects), reason),
        tuple(objects),
        tuple(findings),
        tuple(undecided),
        tuple(unread),
        (),
    )


def shop(*, excuse: Excuse = WAIVER) -> Evaluation:
    """One finding of each kind, something undecided, and two things unread."""
    clean = [ObjectFate("shop/job.yaml", 1, JOB, "judged", 32)]
    return Evaluation(
        [
            result("shop/broken.yaml", fate="unread", objects=[], unread=[BROKEN]),
            result("shop/job.yaml", objects=clean),
            result("shop/legacy", fate="unread", objects=[], unread=[CHART]),
            result(findings=[finding(), EXCUSED, COVERED, PRIVILEGED], undecided=[DOUBT]),
        ],
        excuses={1: excuse},
        rules=32,
        target="1.37",
    )


def clean() -> Evaluation:
    return Evaluation([result()], rules=32, target="1.37")


def nothing() -> Evaluation:
    return Evaluation([], rules=32, target="1.37")


def only_unread() -> Evaluation:
    broken = result("shop/broken.yaml", fate="unread", objects=[], unread=[BROKEN])
    return Evaluation([broken], rules=32, target="1.37")


def many(files: int, each: int = 100) -> Evaluation:
    """`files` files of `each` findings, of all severities; they share most of their memory."""
    results = []
    for number in range(files):
        file = f"apps/{number:04}.yaml"
        found = [
            finding(
                file=file, severity=severity, line=9 + severity, identity=f"id|{file}|{severity}"
            )
            for severity in (INFO, LOW, MEDIUM, HIGH, CRITICAL)
        ]
        results.append(result(file, found * (each // 5)))
    return Evaluation(results, rules=32, target="1.37")


def context(sources: Mapping[str, str] | None = None, **parts: Any) -> Context:
    """The context of a scan of the folder `shop`, but for the given `parts`."""
    texts = {"shop/web.yaml": SOURCE} if sources is None else sources
    given: dict[str, Any] = {
        "words": WORDS.__getitem__,
        "source": lambda file: texts[file].split("\n") if file in texts else None,
        "version": "0.1.0",
        "fail_on": MEDIUM,
        "target": "shop",
    }
    return Context(**given | parts)


def rendered(name: str, evaluation: Evaluation, **parts: Any) -> str:
    return "".join(report(name)(evaluation, context(**parts)))


def on_screen(evaluation: Evaluation, **parts: Any) -> str:
    return rendered("text", evaluation, terminal=True, **parts)


def xml_of(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own report


def led_back() -> FileResult:
    """A template whose finding was led back to it, and on to the values that set the field."""
    template = "c/templates/web.yaml"
    chain = (
        Step("template", template, 7),
        Step("values", "c/values-prod.yaml", 12, 3, "image.tag"),
    )
    made = finding(file=template, line=7, chain=chain, confidence="guess")
    return result(template, [made._replace(environments=("dev", "prod"))], fate="rendered")
