"""`environments:`, `kustomize:` and `gitops:` of portside.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from portside.policy.profile import version_in
from portside.policy.section import Section
from portside.records import NamedTuple
from portside.render.wire import Setting

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
KEYS = (
    *("chart", "overlay", "values", "set", "set-string"),
    *("namespace", "release", "kubernetes-version"),
)
_OF_CHARTS = ("values", "set", "set-string", "release")


class Configured(NamedTuple):
    """An environment of portside.yaml; its paths are those that can be opened.

    One that names neither chart nor overlay says what is true of every environment of its name.
    """

    name: str
    section: Section
    chart: str = ""
    overlay: str = ""
    values: tuple[str, ...] = ()
    sets: tuple[Setting, ...] = ()
    namespace: str = ""
    release: str = ""
    kubernetes_version: str = ""


def read_environments(section: Section) -> tuple[Configured, ...]:
    """The `environments` of `section`: maps by name, or lists of such where one has several parts.

    Raises the section's error. Whether the files are there is not asked.
    """
    found = []
    named = section.section("environments")
    for name, value in named.value.items():
        if type(name) is not str or not _NAME.fullmatch(name):
            hint = "letters, digits, dots, underscores and hyphens; a letter or digit first"
            named.fail(f"{name!r} is no name of an environment", name, hint=hint)
        if type(value) is list:
            found += [_environment(name, it) for it in named.sections(name)]
            if not value:
                named.reject("needs a chart or an overlay", name)
        else:
            found.append(_environment(name, named.section(name)))
    return tuple(found)


def read_roots(section: Section) -> tuple[str, ...]:
    """`kustomize.roots`: folders and globs over folders that come in place of those worked out."""
    it = section.section("kustomize")
    it.only(("roots",))
    roots = it.texts("roots")
    for index, root in enumerate(roots):
        if not root.strip() or "\n" in root:
            steps = ("roots", index) if type(it.value["roots"]) is list else ("roots",)
            it.reject(f"{root!r} names no folder", *steps)
    above = os.path.dirname(section.file)
    return tuple(os.path.join(above, root) for root in roots)


def read_parameters(section: Section) -> dict[str, tuple[dict[str, Any], ...]]:
    """`gitops.parameters`: what generators of ApplicationSets yield that ask clusters and hosts.

    By the name of the ApplicationSet, with or without its namespace before it.
    """
    it = section.section("gitops")
    it.only(("parameters", "sources"))
    named = it.section("parameters")
    found = {}
    for name in named.value:
        named.check(named.value[name], list, name)
        found[str(name)] = tuple(dict(one.value) for one in named.sections(name))
    return found


def read_sources(section: Section) -> dict[str, str]:
    """`gitops.sources`: folders that hold checkouts, by the address or the name of the source."""
    named = section.section("gitops").section("sources")
    above = os.path.dirname(section.file)
    return {name: os.path.join(above, named.required(name)) for name in named.value}


def _environment(name: str, it: Section) -> Configured:
    it.only(KEYS)
    chart, overlay = it.text("chart"), it.text("overlay")
    if chart and overlay:
        it.fail("either a chart or an overlay", "overlay", hint="write a list of two for both")
    if not chart:
        for key in _OF_CHARTS:
            if it.value.get(key) is not None:
                it.fail("is for a chart, and none is named beside it", key)
    above = os.path.dirname(it.file)
    return Configured(
        name=name,
        section=it,
        chart=os.path.join(above, chart) if chart else "",
        overlay=os.path.join(above, overlay) if overlay else "",
        values=tuple(os.path.join(above, one) for one in it.texts("values")),
        sets=tuple(_settings(it)),
        namespace=it.text("namespace"),
        release=it.text("release"),
        kubernetes_version=version_in(it),
    )


def _settings(it: Section) -> Iterator[Setting]:
    for how in ("set", "set-string"):
        for index, text in enumerate(it.texts(how)):
            if "=" not in text:
                steps = (how, index) if type(it.value[how]) is list else (how,)
                it.reject(f"{text!r} sets nothing: expected KEY=VALUE", *steps)
            yield Setting(text, how)
