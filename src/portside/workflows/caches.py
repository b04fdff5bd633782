"""Steps that restore a cache in jobs that release something.

An action restores one always, or where an input says so; what an input means is written down as an
expression of `Input`s, whose answers are True, False and None (an expression decides it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from portside.workflows.expression import (
    Binary,
    Call,
    Literal,
    Node,
    Reference,
    Unary,
    only_fence,
    parse,
)
from portside.workflows.expression.flow import same
from portside.workflows.github import Job, Step, Workflow
from portside.workflows.part import Part
from portside.workflows.uses import version

Answer = bool | None
Asked = Callable[[Step], Answer]
_OF_TAGS = parse("github.event_name == 'push' && github.ref_type == 'tag'")


@dataclass(frozen=True, slots=True)
class Input:
    """An input that turns something on (or `off`)."""

    name: str
    default: bool
    """The answer where the input is left out."""
    off: bool = False
    words: tuple[str, ...] = ()
    """The values that count as yes; without any, all but `false` (or all but the empty one)."""
    is_text: bool = False

    def __call__(self, step: Step) -> Answer:
        given = (step.given or {}).get(self.name)
        if given is None:
            return self.default
        if self.is_text:
            said: Answer = bool(given)
        elif only_fence(given) is not None:
            return None
        else:
            said = given in self.words if self.words else given != "false"
        return said is not self.off


@dataclass(frozen=True, slots=True)
class Older:
    """Whether the action is of a version before this one; None where its ref does not say."""

    major: int

    def __call__(self, step: Step) -> Answer:
        if step.uses is None or step.uses.is_commit:
            found = version(comment_behind(step))
        else:
            found = version(step.uses.ref)
        return None if found is None else found < (self.major, 0, 0)


def both(*asked: Asked) -> Asked:
    def answer(step: Step) -> Answer:
        found = [it(step) for it in asked]
        return False if False in found else None if None in found else True

    return answer


def either(*asked: Asked) -> Asked:
    def answer(step: Step) -> Answer:
        found = [it(step) for it in asked]
        return True if True in found else None if None in found else False

    return answer


def always(step: Step) -> Answer:
    return True


RESTORING: dict[str, Asked] = {
    "actions/cache": Input("lookup-only", True, off=True),
    "actions/setup-java": Input("cache", False, is_text=True),
    "actions/setup-go": Input("cache", True),
    "actions/setup-node": either(
        Input("cache", False, words=("npm", "yarn", "pnpm")), Input("package-manager-cache", True)
    ),
    "actions/setup-python": Input("cache", False, is_text=True),
    "actions/setup-dotnet": Input("cache", False),
    "astral-sh/setup-uv": either(
        Input("enable-cache", False, words=("true",)), both(Older(10), Input("enable-cache", True))
    ),
    "swatinem/rust-cache": Input("lookup-only", True, off=True),
    "ruby/setup-ruby": Input("bundler-cache", False),
    "pyo3/maturin-action": Input("sccache", False),
    "mlugg/setup-zig": Input("use-cache", True),
    "oven-sh/setup-bun": Input("no-cache", True, off=True),
    "determinatesystems/magic-nix-cache-action": Input("use-gha-cache", True),
    "graalvm/setup-graalvm": Input("cache", False, is_text=True),
    "gradle/actions/setup-gradle": Input("cache-disabled", True, off=True),
    "docker/setup-buildx-action": both(
        Input("cache-binary", True), Input("version", False, is_text=True)
    ),
    "actions-rust-lang/setup-rust-toolchain": Input("cache", True),
    "mozilla-actions/sccache-action": always,
    "nix-community/cache-nix-action": always,
    "jdx/mise-action": Input("cache", True),
    "ramsey/composer-install": Input("ignore-cache", True, off=True, words=("yes", "true", "1")),
    "awalsh128/cache-apt-pkgs-action": always,
}
"""Actions that restore a cache, and when."""

_TURNED_OFF: dict[str, tuple[str, bool]] = {
    "astral-sh/setup-uv": ("enable-cache", False),
    "docker/setup-buildx-action": ("cache-binary", False),
}
"""Inputs of the actions whose answer depends on several, and the value that ends it."""


def turned_off(step: Step) -> Iterator[tuple[str, Any]]:
    """The inputs with which the step restores nothing; None takes an input away.

    Nothing where the action always restores, or an expression makes its inputs.
    """
    if step.uses is None or step.given is None:
        return
    name = step.uses.slug if step.uses.path is None else f"{step.uses.slug}/{step.uses.path}"
    asked = RESTORING.get(name.lower())
    if name == "actions/setup-node":
        yield from (("cache", None), ("package-manager-cache", False))
    elif name in _TURNED_OFF:
        yield _TURNED_OFF[name]
    elif isinstance(asked, Input):
        if asked.is_text:
            yield asked.name, None
        else:
            yield asked.name, asked.words[0] if asked.off and asked.words else asked.off


PUBLISHING: dict[str, Asked] = {
    **dict.fromkeys(
        (
            *("pypa/gh-action-pypi-publish", "rubygems/release-gem", "jreleaser/release-action"),
            *("goreleaser/goreleaser-action", "softprops/action-gh-release"),
            *("release-drafter/release-drafter", "googleapis/release-please-action"),
            *("redhat-actions/push-to-registry", "azure/aci-deploy", "azure/sql-action"),
            *("aws-actions/amazon-ecs-deploy-task-definition", "azure/functions-action"),
            *("aws-actions/aws-cloudformation-github-deploy", "cloudflare/wrangler-action"),
            *("azure/container-apps-deploy-action", "google-github-actions/deploy-appengine"),
            *("google-github-actions/deploy-cloudrun",),
            *("google-github-actions/deploy-cloud-functions",),
        ),
        always,
    ),
    "docker/build-push-action": Input("push", True),
}
"""Actions that release something, and when."""


def restored(whole: Workflow) -> Iterator[tuple[Step, bool]]:
    """The steps that restore a cache where something is released, and whether that is certain."""
    triggers = _releasing(whole)
    for job in whole.jobs:
        if triggers or any(usage(PUBLISHING, step) is not False for step in job.steps):
            yield from _of_job(job, triggers)


def _of_job(job: Job, triggers: list[str]) -> Iterator[tuple[Step, bool]]:
    for step in job.steps:
        found = usage(RESTORING, step)
        if found is None and triggers and "branch" not in triggers:
            found = _for_tags(step)
        if found is not False:
            yield step, found is True


def usage(actions: dict[str, Asked], step: Step) -> Answer:
    """Whether the step does what `actions` do; None where an expression decides that."""
    uses = step.uses
    if uses is None:
        return False
    name = uses.slug if uses.path is None else f"{uses.slug}/{uses.path.lower()}"
    asked = actions.get(name)
    if asked is None:
        return False
    # Where an expression makes all inputs, any of them may say anything.
    return None if step.given is None and asked is not always else asked(step)


def _releasing(whole: Workflow) -> list[str]:
    """The triggers that are there for releases: `tag`, `branch`, `release`."""
    found = ["release"] if "release" in whole.triggers else []
    push = whole.triggers.get("push")
    if type(push) is dict:
        if "tags" in push or "tags-ignore" in push:
            found.append("tag")
        branches = whole.part(whole.trigger_key, "push").many("branches")
        if any("release" in it.lower() for it in branches):
            found.append("branch")
    return found


def _for_tags(step: Step) -> Answer:
    """The answer of an input whose expression asks whether a tag was pushed: it was."""
    asked = RESTORING.get(step.uses.slug) if step.uses and step.uses.path is None else None
    if not isinstance(asked, Input) or asked.is_text or asked.words:
        return None
    fence = only_fence((step.given or {}).get(asked.name, ""))
    tree = step.source.tree(fence.code) if fence else None
    said = _true_for_tags(tree) if tree is not None else None
    return None if said is None else said is not asked.off


def _true_for_tags(node: Node) -> Answer:
    if isinstance(node, Literal):
        return node.value if isinstance(node.value, bool) else None
    if isinstance(node, Unary):
        said = _true_for_tags(node.operand)
        return None if said is None else not said
    if isinstance(node, Call) and node.name == "startswith":
        where, what = node.arguments
        is_ref = isinstance(where, Reference) and where.path == "github.ref"
        is_tag = isinstance(what, Literal) and str(what.value).lower() == "refs/tags/"
        return True if is_ref and is_tag else None
    return True if isinstance(node, Binary) and same(node, _OF_TAGS) else None


def comment_behind(step: Part) -> str:
    """The first word of the comment behind a step's `uses:`, where people note the version."""
    span = step.source.document.span((*step.path, "uses"))
    if span is None:
        return ""
    text = step.source.document.lines.text
    end = text.find("\n", span[1])
    rest = text[span[1] : end if end >= 0 else len(text)]
    words = rest.partition("#")[2].split()
    return words[0] if words else ""
