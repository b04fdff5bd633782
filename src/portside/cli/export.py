"""`portside rules export`: rules in the format of another evaluator, for `kubectl apply`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portside import __version__
from portside.cli.config import Config, load_config
from portside.cli.options import parser, word_of
from portside.cli.plan import Chosen, choose
from portside.errors import UsageError, did_you_mean
from portside.model.severity import NAMES, severity
from portside.policy.checkout import builtin_rules
from portside.policy.export.rewrite import NotExportableError
from portside.policy.export.text import LeftOut, manifest
from portside.policy.export.vap import OLDEST, Exported, Settings, exported
from portside.policy.load import load_folder

if TYPE_CHECKING:
    from portside.policy.rule import Rule

TARGETS = ("vap",)
_UNDONE = "nothing was written"
_PYTHON = "it is written in Python: it looks at more than one object"


def run(argv: Sequence[str]) -> int:
    """Write what the arguments name; rules that cannot be written are said to be so."""
    options = arguments().parse_args(argv)
    config = load_config(options.config, ["."], options.rules or [])
    chosen = choose(
        options.profile or config.profile,
        options.kubernetes_version or config.kubernetes_version,
        settings=config.rules,
        folders=[*config.rule_folders, *(options.rules or [])],
        profiles=config.profiles,
    )
    minor = chosen.plan.minor
    if minor < OLDEST:
        raise UsageError(
            f"the policies of Kubernetes 1.{minor} lack variables or optional fields",
            hint=f"export for 1.{OLDEST} or later: --kubernetes-version 1.{OLDEST}",
            undone=_UNDONE,
        )
    rules = _rules([*config.rule_folders, *(options.rules or [])])
    names = _names(options.names, rules, chosen)
    settings = Settings(minor, severity(options.fail_on or config.fail_on))
    made, left_out = _export(names, rules, chosen, config, settings)
    head = f"portside {__version__}, {_asked(options, config)}, for Kubernetes 1.{minor}"
    _write(options.output, manifest(made, left_out, head))
    for rule, reason in left_out:
        sys.stderr.write(f"not exported: {rule}: {reason}\n")
    rules_made = _many(len(names) - len(left_out), "rule", "rules")
    policies = _many(len(made), "policy", "policies")
    sys.stderr.write(f"{rules_made} exported as {policies}, {len(left_out)} not\n")
    return 0


def _many(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def arguments() -> argparse.ArgumentParser:
    """The options of `portside rules export`."""
    made = parser(
        "rules export",
        "Write rules in the format of another evaluator.",
        usage="[RULE ...] [options]",
        examples=(
            ("portside rules export --target vap | kubectl apply -f -", "the profile, as policies"),
            ("portside rules export latest-tag -o rule.yaml", "one rule, to a file"),
        ),
    )
    made.add_argument(
        "names", nargs="*", metavar="RULE", help="only these (default: all of the profile)"
    )
    made.add_argument(
        "--target",
        choices=TARGETS,
        default=TARGETS[0],
        type=word_of("target", TARGETS, _UNDONE),
        metavar="FORMAT",
        help="vap: ValidatingAdmissionPolicies with their bindings (default)",
    )
    made.add_argument(
        "--profile",
        metavar="NAME",
        help="recommended, strict, auditor, pss:LEVEL[@1.N], or a framework such as cis-1.12",
    )
    made.add_argument(
        "--kubernetes-version", metavar="1.N", help="the cluster's version (default: newest)"
    )
    made.add_argument("--rules", action="append", metavar="FOLDER", help="rules of your own")
    made.add_argument("--config", metavar="FILE", help="instead of portside.yaml above this folder")
    made.add_argument(
        "--fail-on",
        choices=NAMES,
        type=word_of("severity", NAMES, _UNDONE),
        metavar="SEVERITY",
        help="the least severity that is denied; below it the client is warned (default: medium)",
    )
    made.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="default: -, standard output"
    )
    return made


def _rules(folders: Sequence[str]) -> dict[str, Rule]:
    """Every rule with its text: built in, and of these folders."""
    found = {rule.id: rule for rule in builtin_rules()}
    for folder in folders:
        found |= {rule.id: rule for rule in load_folder(Path(folder))}
    return found


def _names(asked: Sequence[str], rules: Mapping[str, Rule], chosen: Chosen) -> list[str]:
    """The ids of the rules asked for, which may be named by an alias; else those of the profile."""
    if not asked:
        return list(chosen.plan.rules)
    aliases = {it.partition(":")[2]: rule.id for rule in rules.values() for it in rule.text.aliases}
    aliases |= {it: rule.id for rule in rules.values() for it in rule.text.aliases}
    return [_name(it, rules, aliases) for it in dict.fromkeys(asked)]


def _name(asked: str, rules: Mapping[str, Rule], aliases: Mapping[str, str]) -> str:
    found = asked if asked in rules else aliases.get(asked)
    if found is None:
        hint = did_you_mean(asked, rules).strip() or "portside rules list shows every rule"
        raise UsageError(f"no rule is called {asked}", hint=hint, undone=_UNDONE)
    return found


def _export(
    names: Sequence[str],
    rules: Mapping[str, Rule],
    chosen: Chosen,
    config: Config,
    settings: Settings,
) -> tuple[list[Exported], list[LeftOut]]:
    made: list[Exported] = []
    left_out: list[LeftOut] = []
    for name in names:
        rule = rules.get(name)
        if rule is None:
            left_out.append((name, _PYTHON))
            continue
        try:
            level = config.rules.get(rule.id, {}).get("severity")
            made += exported(rule, settings, _params(rule, chosen, config), level)
        except NotExportableError as reason:
            left_out.append((name, str(reason)))
    return made, left_out


def _params(rule: Rule, chosen: Chosen, config: Config) -> dict[str, Any]:
    defaults = {name: it.default for name, it in rule.params.items()}
    if chosen.profile.fixes_params:
        return defaults
    return {**defaults, **config.rules.get(rule.id, {}).get("params", {})}


def _asked(options: argparse.Namespace, config: Config) -> str:
    if options.names:
        return f"rules {', '.join(options.names)}"
    return f"profile {options.profile or config.profile}"


def _write(target: str, pieces: Iterator[str]) -> None:
    if target == "-":
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
        return
    from portside.cli.output import written

    written(target, pieces)
