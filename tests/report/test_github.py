"""GitHub annotations: workflow commands that nothing scanned can forge."""

from __future__ import annotations

from portside.model.evaluation import Evaluation
from tests.report.examples import finding, many, rendered, result, shop


def test_the_whole_log() -> None:
    assert rendered("github", shop()) == (
        """\
::error file=shop/broken.yaml,line=7,col=1,title=not looked at::not YAML: a tab begins the line; \
indent with spaces
::error file=shop/legacy,title=not looked at::chart legacy: charts are not rendered yet
::error file=shop/web.yaml,line=11,col=11,endColumn=27,title=critical%3A privileged-container::\
Deployment shop/web: container web is privileged: it can leave the container and owns its node
::warning file=shop/web.yaml,line=9,col=9,endColumn=21,title=medium%3A latest-tag::\
Deployment shop/web: container web runs nginx, whose tag moves
1 critical, 1 medium in 1 of 2 objects; 1 that follows from these, 1 excused, 1 undecided
32 rules on 2 objects of 2 files; 2 not looked at: the answer is incomplete (exit 3)
"""
    )


def test_the_worst_come_first_as_github_shows_few_of_a_kind() -> None:
    lines = rendered("github", many(4, each=5)).splitlines()

    kinds = [line.split(" ")[0] for line in lines if line.startswith("::")]
    assert kinds == ["::error"] * 8 + ["::warning"] * 4 + ["::notice"] * 8


def test_it_says_how_many_github_will_not_show() -> None:
    lines = rendered("github", many(8, each=5)).splitlines()

    assert lines[-1] == "GitHub shows ten annotations of a kind; 12 more stand in this log only"
    assert "GitHub shows" not in rendered("github", many(5, each=5))


def test_no_text_ends_a_property_or_a_command() -> None:
    found = [finding(file="a,line=1:%0A::b", message="50%\n::error::x %0A ##[add-mask]y")]
    line, *_ = rendered("github", Evaluation([result(findings=found)], rules=1)).splitlines()

    assert line == (
        "::warning file=a%2Cline=1%3A%250A%3A%3Ab,line=9,col=9,endColumn=21,"
        "title=medium%3A latest-tag::Deployment shop/web: "
        "50%25\\n::error::x %250A #\\x23[add-mask]y"
    )
