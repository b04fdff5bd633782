"""The generated page names every framework, every item and every rule about it."""

from __future__ import annotations

from portside.policy.framework import framework_names, load_framework
from tests.compliance.conftest import book
from tools.compliance_page import pages


def test_page_lists_every_item_with_its_rules_or_where_it_is_judged() -> None:
    [(_, page)] = pages()
    parts = page.split("\n## ")
    assert len(parts) == len(framework_names()) + 1
    for name, part in zip(framework_names(), parts[1:], strict=True):
        rows = {it.split(" | ")[0].strip("| "): it for it in part.splitlines() if " | " in it}
        framework = load_framework(name)
        for item in framework.items:
            assert item.title in part
            for rule in book(name).by_item[item.id]:
                assert f"[{rule}](../rules/{rule}.md)" in part
            if item.elsewhere:
                assert f"elsewhere: {item.elsewhere}" in rows[item.id]
        assert ("from memory" in part) == (not framework.confirmed)


def test_page_says_what_is_left_out_and_why() -> None:
    [(_, page)] = pages()
    assert "| 5.1.8 | role-write-access | who writes roles without" in page
