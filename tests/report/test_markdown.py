"""Markdown for a comment: whole, bounded, and inert."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from portside.model.evaluation import Evaluation
from tests.report.examples import clean, finding, many, only_unread, rendered, result, shop

PARSER = MarkdownIt("commonmark").enable("table")


def cells_of(text: str) -> list[list[str]]:
    """The cells of the tables in `text` as a reader sees them."""
    rows: list[list[str]] = []
    in_a_row = False
    for token in PARSER.parse(text):
        if token.type in ("tr_open", "tr_close"):
            in_a_row = token.type == "tr_open"
            rows += [[]] if in_a_row else []
        elif in_a_row and token.children:
            rows[-1].append("".join(child.content for child in token.children))
    return rows


def test_the_whole_comment() -> None:
    assert rendered("markdown", shop()) == (
        """\
### Portside: 1 critical, 1 medium in 1 of 2 objects

**2 not looked at: the answer is incomplete**

- `shop/broken.yaml:7:1` `not YAML: a tab begins the line; indent with spaces`
- `shop/legacy` `chart legacy: charts are not rendered yet`

| severity | rule | object | where | what |
|---|---|---|---|---|
| critical | `privileged-container` | `Deployment shop/web` | `shop/web.yaml:11:11` | \
`container web is privileged: it can leave the container and owns its node` |

<details><summary>1 medium</summary>

| severity | rule | object | where | what |
|---|---|---|---|---|
| medium | `latest-tag` | `Deployment shop/web` | `shop/web.yaml:9:9` | \
`container web runs nginx, whose tag moves` |

</details>

32 rules on 2 objects of 2 files; 2 not looked at: the answer is incomplete (exit 3). \
Besides: 1 that follows from these, 1 excused, 1 undecided.
"""
    )


def test_a_clean_comment() -> None:
    assert rendered("markdown", clean()) == (
        "### Portside: no findings\n\n32 rules on 1 object of 1 file.\n"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "a|b",
        "`",
        "``x`",
        "a`",
        "\\|",
        "@everyone",
        "#1",
        "https://x.org",
        "<b>",
        "[a](b)",
        "  ",
        "",
    ],
)
def test_hostile_text_is_one_cell_of_code(hostile: str) -> None:
    found = [finding(message=hostile)]
    text = rendered("markdown", Evaluation([result(findings=found)], rules=1))

    _, row = cells_of(text)
    assert len(row) == 5
    assert row[4] == (hostile.strip() or "-")
    inline = [child.type for it in PARSER.parse(text) for child in it.children or ()]
    assert not {"link_open", "html_inline", "image"} & set(inline)


def test_a_comment_is_bounded_and_says_what_it_leaves_out() -> None:
    text = rendered("markdown", many(100))

    rows = len(cells_of(text)) - text.count("| severity |")
    assert len(text) <= 60_000
    assert f"**{10_000 - rows:d} lines left out" in text
    assert text.count("<details>") == text.count("</details>") == 1
    assert "critical" in text


def test_many_unread_do_not_crowd_out_the_findings() -> None:
    unread = list(only_unread().files) * 2_000
    text = rendered("markdown", Evaluation([*unread, *shop().files], rules=1))

    assert len(text) <= 60_000
    assert "`privileged-container`" in text
    assert "- and " in text


def test_a_message_without_end_is_cut() -> None:
    found = [finding(message="x" * 1_000_000)]
    text = rendered("markdown", Evaluation([result(findings=found)], rules=1))

    assert "… (999600 characters more)" in text
