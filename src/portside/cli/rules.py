"""`portside rules`: what rules there are, all about one, and rules of your own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from portside.cli.options import Parser, add_format, parser
from portside.cli.parts import Part, module, parsers, run_part
from portside.cli.rulebook import Rulebook, add_rulebook

_HEAD = "The rules: what there is, all about one, and rules of your own."


def run(argv: Sequence[str]) -> int:
    """Run `rules list` and its like; alone, say which there are."""
    return run_part("rules", _HEAD, _parts(), argv)


def parts() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command below `rules`: for completion and the reference."""
    return parsers(_parts())


def _parts() -> dict[str, Part]:
    return {
        "list": Part("every rule, a line each", _list_arguments, _list),
        "show": Part("all about one, with its examples", _show_arguments, _show),
        "test": module("rule_test", "run the examples of your own rules"),
        "new": module("rule_new", "begin a rule of your own"),
        "export": module("export", "rules in the format of another evaluator"),
    }


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
