"""Pictures: every name is escaped, the page is whole and fetches nothing, and all are bounded."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from portside.graph.attack import Attack
from portside.graph.drawing.page import page
from portside.graph.drawing.text import dot, mermaid, text
from portside.graph.drawing.view import view
from tests.graph.attacking import CLOSED, attack, pod, privileged, role, rule, service

EVIL = '"><script src=https://evil.example/x.js></script>\\u0007|]'
HOSTILE = f"""
apiVersion: v1
kind: Pod
metadata: {{name: "{EVIL.replace('"', chr(92) + '"')}", namespace: shop, labels: {{app: web}}}}
spec: {{containers: [{{name: "a\\nb", image: i, securityContext: {{privileged: true}}}}]}}
"""
VOID = {"meta", "link", "img", "br", "hr", "input"}
FETCHING = {"src", "href", "xlink:href", "action", "data", "poster", "srcset"}


class Reader(HTMLParser):
    """What an HTML page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def cluster() -> Attack:
    return attack(f"{HOSTILE}---{service()}---{role(rule('', 'secrets', 'list'))}")


def test_the_page_is_well_formed_and_fetches_nothing() -> None:
    made = "\n".join(page(view(cluster(), only_paths=False), ["a <note>"]))
    reader = Reader()
    reader.feed(made)
    reader.close()
    assert not reader.open
    assert {"svg", "rect", "path", "table"} <= set(reader.tags)
    assert not {"script", "link", "img", "iframe", "object", "image", "use"} & set(reader.tags)
    assert not [it for it in reader.attributes if it[0] in FETCHING]
    assert not [it for it in reader.attributes if it[0].startswith("on")]
    styles = re.findall(r"<style>(.*?)</style>", made, re.S)
    assert "url(" not in "".join(styles)
    assert "@import" not in "".join(styles)
    assert "a &lt;note&gt;" in made
    assert "&lt;script src=https://evil.example" in made


def test_the_page_shows_the_paths_and_their_bands() -> None:
    made = "\n".join(page(view(attack(f"{privileged()}---{service()}"), only_paths=True), []))
    assert "internet → Service shop/web → Pod shop/web" in made
    assert 'class="P0"' in made


def test_no_name_breaks_out_of_dot_or_mermaid() -> None:
    drawn = view(cluster(), only_paths=False)
    for line in dot(drawn):
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0, line
        assert line.isprintable()
    for line in mermaid(drawn):
        assert line.isprintable()
        assert "<" not in line
        labels = re.findall(r'"([^"]*)"', line)
        assert all("]" not in it and "|" not in it and "`" not in it for it in labels)
    assert any("#34;" in line for line in mermaid(drawn))


def test_text_has_each_arrow_and_what_stands_alone() -> None:
    drawn = view(attack(f"{pod('alone')}---{privileged()}---{service()}"), only_paths=False)
    lines = list(text(drawn))
    assert lines[0].startswith("P0  internet → ")
    assert "Pod shop/web → root on a node: c: runs privileged  [P0]" in lines
    assert "internet → Service shop/web: by a load balancer for anybody  [P0]" in lines
    assert any(line.startswith("Pod shop/alone") for line in lines)


def test_only_paths_leaves_out_what_no_path_leads_over() -> None:
    quiet = pod("quiet", namespace="closed")
    made = attack(f"{pod()}---{service()}---{privileged('db')}---{quiet}", CLOSED)
    titles = {it.title for it in view(made, only_paths=True).boxes}
    assert "Pod closed/quiet" not in titles
    assert {"internet", "Service shop/web", "Pod shop/db", "root on a node"} <= titles
    hop = [it for it in view(made, only_paths=True).arrows if it.words == "connects to"]
    assert [it.band for it in hop] == ["P1"]


@pytest.mark.parametrize("most", [1, 3])
def test_a_picture_is_bounded_and_says_what_it_leaves_out(most: int) -> None:
    made = attack("---".join(pod(f"p{at}") for at in range(9)))
    drawn = view(made, only_paths=False, most=most)
    assert len(drawn.boxes) == most
    assert drawn.left_out >= 9 - most
    assert f"{drawn.left_out} more things are not drawn." in "\n".join(page(drawn, []))
