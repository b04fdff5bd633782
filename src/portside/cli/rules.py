"""`portside rules`: what rules there are, all about one, and rules of your own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from portside.cli.options import Parser, add_format, columns, did_you_mean, parser
from portside.cli.rulebook import Rulebook, add_rulebook
from portside.errors import UsageError


class Part(NamedTuple):
    """One of the commands below `rules`."""

    about: str
    arguments: Callable[[], argparse.ArgumentParser]
    run: Callable[[Sequence[str]], int]


def run(argv: Sequence[str]) -> int:
    """Run `rules list` and its like; alone, say which there are."""
    known = _parts()
    if not argv or argv[0] in ("-h", "--help"):
        rows = [(f"portside rules {name}", part.about) for name, part in known.items()]
        sys.stdout.write("\n".join([_HEAD, "", *columns(rows), "", _TAIL, ""]))
        return 0
    if argv[0] not in known:
        raise UsageError(
            f"rules has no command {argv[0]}",
            hint=f"{did_you_mean(argv[0], known)}commands: {', '.join(known)}",
            undone="nothing was done",
        )
    return known[argv[0]].run(argv[1:])


_HEAD = "The rules: what there is, all about one, and rules of your own."
_TAIL = "portside rules COMMAND --help for the rest"


def parts() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command below `rules`: for completion and the reference."""
    return {name: part.arguments() for name, part in _parts().items()}


def _parts() -> dict[str, Part]:
    return {
        "list": Part("every rule, a line each", _list_arguments, _list),
        "show": Part("all about one, with its examples", _show_arguments, _show),
        "test": _module("rule_test", "run the examples of your own rules"),
        "new": _module("rule_new", "begin a rule of your own"),
        "export": _module("export", "rules in the format of another evaluator"),
    }


def _module(name: str, about: str) -> Part:
    """A command that is a module of its own, imported when chosen."""

    def module() -> Any:
        return import_module(f"portside.cli.{name}")

    return Part(about, lambda: module().arguments(), lambda argv: module().run(argv))


def _list_arguments() -> Parser:
    made = parser(
        "rules list",
        "Every rule: its severity, its id, and the state that is wrong.",
        usage="[--profile NAME] [-o text|json]",
        examples=(
            ("portside rules list", "all of them"),
            ("portside rules list --profile pss:baseline", "those that a profile asks"),
            ("portside rules list -o json | jq '.[].id'", "for programs"),
        ),
    )
    add_format(made, ("text", "json"))
    made.add_argument("--profile", metavar="NAME", help="only the rules of this profile")
    add_rulebook(made)
    return made


def _list(argv: Sequence[str]) -> int:
    from portside.cli.rule_words import facts
    from portside.model.severity import NAMES

    options = _list_arguments().parse_args(argv)
    book = Rulebook(options)
    texts = [book.texts[name] for name in _chosen(book, options.profile)]
    if options.output == "json":
        import json

        rows = ",\n".join(f"  {json.dumps(facts(it))}" for it in texts)
        sys.stdout.write(f"[\n{rows}\n]\n" if rows else "[]\n")
        return 0
    width = max((len(it.id) for it in texts), default=0)
    for it in sorted(texts, key=lambda it: (-it.severity, it.id)):
        sys.stdout.write(f"{NAMES[it.severity]:<8}  {it.id:<{width}}  {it.title}\n")
    return 0


def _chosen(book: Rulebook, profile: str | None) -> list[str]:
    """The ids of the rules of a profile, or all."""
    if profile is None:
        return list(book.texts)
    from portside.policy.own import compiled
    from portside.policy.profile import parse_profile

    own = compiled(book.full(name) for name in book.texts if book.is_own(name))
    from portside.policy import builtin

    known = {**builtin.rules(), **own.scope("catalogue").get("RULES", {})}
    chosen = parse_profile(profile, book.config.profiles)
    return sorted(chosen.select(known, book.texts))


def _show_arguments() -> Parser:
    made = parser(
        "rules show",
        "All about a rule: why, what it asks, where it points, what it maps to, its examples.",
        usage="RULE [-o text|json]",
        examples=(
            ("portside rules show privileged-container", "by its id"),
            ("portside rules show CKV_K8S_16", "by what another tool calls it"),
            ("portside rules show checkov:CKV_K8S_16", "the same"),
        ),
    )
    made.add_argument("name", metavar="RULE", help="an id, an alias, or a pattern of ids")
    add_format(made, ("text", "json"))
    add_rulebook(made)
    return made


def _show(argv: Sequence[str]) -> int:
    from portside.cli.rule_words import full_facts, shown_rule

    options = _show_arguments().parse_args(argv)
    book = Rulebook(options)
    rules = [book.full(name) for name in book.named(options.name)]
    if options.output == "json":
        import json

        sys.stdout.write(
            f"{json.dumps([full_facts(it, book.written(it)) for it in rules], indent=2)}\n"
        )
        return 0
    texts = ["\n".join(shown_rule(it, book.written(it))) for it in rules]
    sys.stdout.write("\n\n\n".join(texts) + "\n")
    return 0
