"""Our titles of CIS items are about what kube-bench's cfg says of the same ids, in each version.

Numbers moved between versions: a mapping taken over by id alone would be about another item.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from portside.policy.framework import load_framework
from tests.shared import shared

FOLDERS = {
    "cis-1.12": "cis-1.12",
    "cis-1.11": "cis-1.11",
    "cis-1.10": "cis-1.10",
    "cis-eks-1.8": "eks-1.8.0",
    "cis-gke-1.9": "gke-1.9.0",
    "cis-aks-1.8": "aks-1.8",
}
FILES = ("master", "etcd", "controlplane", "node", "policies", "managedservices")
SYNONYMS = {
    "600": {"600"},
    "administrators": {"administrative"},
    "api": {"api"},
    "belong": {"ownership"},
    "belongs": {"ownership"},
    "boundaries": {"boundaries"},
    "certificates": {"certificate"},
    "cmek": {"cmek"},
    "cluster-admin": {"cluster-admin"},
    "default": {"default"},
    "mode": {"permissions"},
    "pids": {"pids"},
}
"""Words of ours and the words of the benchmarks that they stand for."""
_PLAIN = re.compile(r"[a-z0-9]+")
_WORDS_OF_ALL = """
a an and are as at be by for from has have if in is it its may no nor not of on one only or
other own set that the their them they to used uses what which who with without ensure where
minimize access admission container containers cluster clusters kubernetes kubelet few
than then file files argument arguments more less use automated manual
"""
_SMALL = frozenset(_WORDS_OF_ALL.split())


@cache
def _texts(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    folder = Path(shared("corpora/kube-bench/cfg")) / FOLDERS[name]
    for stem in FILES:
        file = folder / f"{stem}.yaml"
        if file.exists():
            for group in yaml.safe_load(file.read_text()).get("groups") or []:
                for it in group.get("checks") or []:
                    found[str(it["id"])] = it["text"].lower()
    return found


def _words(text: str) -> set[str]:
    plain = text.lower().replace("-", "").replace("networkpolicies", "network policies")
    words = set(_PLAIN.findall(plain)) - _SMALL
    return {re.sub("ies$", "y", it).removesuffix("s") if len(it) > 3 else it for it in words}


def _closeness(title: str, text: str) -> float:
    """How many of the words of `title` and `text` are the same (Dice), by SYNONYMS."""
    spoken = title.lower()
    for ours, theirs in SYNONYMS.items():
        spoken = re.sub(rf"\b{ours}\b", f"{ours} {' '.join(theirs)}", spoken)
    mine, yours = _words(spoken), _words(text)
    return 2 * len(mine & yours) / (len(mine) + len(yours))


@pytest.mark.parametrize("name", FOLDERS)
def test_framework_lists_the_items_of_the_benchmark_and_no_others(name: str) -> None:
    ids = [it.id for it in load_framework(name).items]
    assert sorted(ids) == sorted(_texts(name))


@pytest.mark.parametrize("name", FOLDERS)
def test_title_shares_words_with_the_item_of_its_id(name: str) -> None:
    texts = _texts(name)
    strange = [
        f"{it.id}: {it.title!r} and {texts[it.id]!r}"
        for it in load_framework(name).items
        if not _closeness(it.title, texts[it.id])
    ]
    assert not strange, "\n".join(strange)


@pytest.mark.parametrize("name", FOLDERS)
def test_title_of_a_mapped_item_is_nearest_to_the_item_of_its_id(name: str) -> None:
    """An id that moved would have the words of its neighbour."""
    texts = _texts(name)
    moved = []
    for it in load_framework(name).items:
        if it.elsewhere:
            continue
        near = max(_closeness(it.title, text) for text in texts.values())
        if _closeness(it.title, texts[it.id]) < near:
            best = max(texts, key=lambda key: _closeness(it.title, texts[key]))
            moved.append(f"{it.id}: {it.title!r} is nearer to {best} {texts[best]!r}")
    assert not moved, "\n".join(moved)


def test_guard_notices_an_item_that_moved() -> None:
    """1.11 has HostPath volumes at 5.2.12, 1.12 at 5.2.11."""
    titles = {it.id: it.title for it in load_framework("cis-1.12").items}
    old = _texts("cis-1.11")
    assert _closeness(titles["5.2.11"], old["5.2.12"]) > _closeness(titles["5.2.11"], old["5.2.11"])
