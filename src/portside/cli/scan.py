"""`portside scan`: read, ask, say. The one place that knows every part by name."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from portside import __version__
from portside.cli.cache_folder import cache_folder
from portside.cli.config import Config, configured
from portside.cli.options import add_judging, add_sources, parser, word_of
from portside.cli.output import outputs, write
from portside.cli.owners import with_owners
from portside.cli.plan import Chosen, choose
from portside.cli.reporting import context
from portside.cli.stage_a import judge_all, with_texts
from portside.model.evaluation import Evaluation
from portside.model.finding import NOT_KUBERNETES
from portside.model.reading import ReadFile, Target
from portside.model.severity import NAMES
from portside.report import REPORTS
from portside.report.totals import Totals
from portside.sources.ignores import ignores_of
from portside.sources.read import read_file
from portside.sources.walk import STDIN, Found, find

if TYPE_CHECKING:
    from portside.cli.stage_a import Item
    from portside.model.finding import ChokePoint, FileResult
    from portside.syntax import Limits

_OF_OTHERS = (
    *(".checkov.yaml", ".checkov.yml", ".checkov.baseline", ".trivyignore"),
    *(".trivyignore.yaml", ".trivyignore.yml", ".kube-linter.yaml", ".kube-linter.yml"),
    *(".hadolint.yaml", ".hadolint.yml", "/zizmor.yaml", "/zizmor.yml"),
)
"""How files are called in which other tools are told what not to report."""
EXAMPLES = (
    ("portside scan .", "everything below the current folder"),
    ("portside scan --profile strict shop/", "asked more sternly"),
    ("portside scan -o sarif=found.sarif -o text .", "for a program, and for you"),
    ("kubectl get deploy -o yaml | portside scan -", "what already runs"),
)
EXIT_CODES = """\
exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or configuration error,
3 incomplete: something could not be looked at, 4 a bug in portside"""


def run(argv: Sequence[str]) -> int:
    """Scan what the arguments name; the exit code says how it went."""
    options = arguments().parse_args(argv)
    config = configured(options)
    wanted = outputs(options.output)
    chosen = choose(
        options.profile or config.profile,
        options.kubernetes_version or config.kubernetes_version,
        settings=config.rules,
        folders=[*config.rule_folders, *(options.rules or [])],
        policies=(options.policy or [], options.params or []),
        profiles=config.profiles,
        cache="" if options.no_cache else cache_folder(),
    )
    options.attack_paths |= any(it.report == "summary" for it in wanted)
    if options.fix or options.diff or options.unsafe or options.interactive or options.allow_dirty:
        from portside.cli.fix import refuse_what_does_not_fit

        refuse_what_does_not_fit(options)
    evaluation = evaluate(options, config, chosen)
    if options.fix or options.diff:
        evaluation = _mended(evaluation, options, config, chosen)
    if config.imports is None:
        _notice(evaluation.files)
    told = context(options, config, chosen)
    if options.output or not options.diff:
        write(wanted, evaluation, told)
    if options.write_baseline:
        from portside.cli.baseline import write_baseline

        write_baseline(options.write_baseline, evaluation)
        return 0 if evaluation.complete or options.allow_unread else 3
    return Totals(evaluation).exit_code(
        told.fail_on, allow_unread=options.allow_unread, strict=options.strict
    )


def arguments() -> argparse.ArgumentParser:
    """The options of `portside scan`."""
    made = parser(
        "scan",
        "Judge manifests: what is wrong, and where to edit it.",
        usage="[PATH ...] [options]",
        examples=EXAMPLES,
        ends=EXIT_CODES,
    )
    add_sources(made)
    add_judging(made)
    fix = made.add_argument_group("what is mended")
    fix.add_argument(
        "--fix",
        action="store_true",
        help="edit the files: what is safe to mend; every edit is proved by scanning again",
    )
    fix.add_argument(
        "--unsafe", action="store_true", help="with --fix: also what may break what runs"
    )
    fix.add_argument(
        "--diff", action="store_true", help="show the edits as a unified diff, and write nothing"
    )
    fix.add_argument(
        "-i",
        "--interactive",
        action="store_true",
        help="ask about each edit; on a terminal --fix always does",
    )
    fix.add_argument(
        "--allow-dirty", action="store_true", help="edit files that git could not bring back, too"
    )
    out = made.add_argument_group("what is said")
    out.add_argument(
        "-o",
        "--output",
        action="append",
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(REPORTS)}; several may be given (default: text)",
    )
    out.add_argument(
        "--paths",
        action="store_true",
        dest="attack_paths",
        help="look for attack paths: each finding gets its band, P0 to P3 (-o summary does too)",
    )
    out.add_argument("-v", "--verbose", action="store_true", help="show all there is to show")
    out.add_argument(
        "--fail-on",
        choices=NAMES,
        type=word_of("severity", NAMES, "nothing was scanned"),
        metavar="SEVERITY",
        help=f"the least severity that makes the exit code 1: {', '.join(NAMES)} (default: medium)",
    )
    out.add_argument("--allow-unread", action="store_true", help="accept what could not be read")
    out.add_argument(
        "--strict", action="store_true", help="what is undecided is incomplete: exit 3"
    )
    out.add_argument("--baseline", metavar="FILE", help="findings in FILE do not count")
    out.add_argument("--write-baseline", metavar="FILE", help="write today's findings to FILE")
    return made


def _mended(
    evaluation: Evaluation, options: argparse.Namespace, config: Config, chosen: Chosen
) -> Evaluation:
    """What is said once what can be mended is; with --diff the edits are shown, and what is now."""
    from portside.cli.fix import Fixer

    fixer = Fixer(
        options, config, chosen, lambda files, texts: judged(files, options, config, chosen, texts)
    )
    after = fixer.mended(evaluation)
    if options.diff:
        shown = any(not it.path for it in outputs(options.output)) and options.output
        (sys.stderr if shown else sys.stdout).writelines(fixer.differences())
        after = evaluation
    else:
        after = fixer.write(after)
    after.outcomes = fixer.outcomes
    if fixer.outside_git:
        sys.stderr.write("portside: no git repository holds what was edited\n")
    return after


def evaluate(options: argparse.Namespace, config: Config, chosen: Chosen) -> Evaluation:
    """Judge everything that the options name."""
    files = find(options.paths or ["."], ignores_of(*config.selection(options)), config.folder)
    return judged(files, options, config, chosen)


def judged(
    files: Iterator[Found | ReadFile],
    options: argparse.Namespace,
    config: Config,
    chosen: Chosen,
    texts: Mapping[str, bytes] = MappingProxyType({}),
) -> Evaluation:
    """What the rules say of `files`; those an editor has open are read already, not from disk.

    `texts` are what files, by their real paths, hold in place of what stands on the disk.
    """
    if chosen.plan.foreign is not None and chosen.plan.foreign.needs_namespaces():
        from portside.cli.policies import with_namespaces

        files, chosen.plan.foreign = with_namespaces(files, chosen.plan.foreign, config.limits)
    chosen.plan.owner_labels = config.owners.labels
    found = list(_started(files))
    if STDIN in (options.paths or ()):
        found = [_read_once(it, config.limits) for it in found]
    items = with_texts(found, texts)
    marks = fingerprint(options, chosen)

    def judge(some: Sequence[Item]) -> list[FileResult]:
        return judge_all(some, chosen.plan, config.limits, marks)

    results: list[FileResult] = []
    to_render = any(isinstance(it, ReadFile) and it.root is not None for it in items)
    if not to_render:
        results = judge(items)
    if not to_render and not _may_deploy(items, results):
        return completed(items, results, options, config, chosen)
    from portside.cli.built import Rounds
    from portside.cli.deployed import Deploying, with_unread
    from portside.cli.rendering import forget

    # A text that an editor has open is judged by itself.
    forget()
    written = items if any(isinstance(it, Found) for it in items) else []
    deploying = Deploying(written, options, config)
    rounds = Rounds(items, deploying, config, chosen.plan.minor, judge)
    made = rounds.settled(results, lambda found: with_texts(found, texts))
    evaluation = completed(made.items, made.results, options, config, chosen)
    evaluation.files = with_unread(evaluation.files, made.unread)
    return evaluation


def _started(files: Iterable[Found | ReadFile]) -> Iterator[Found | ReadFile]:
    """`files`; the renderer starts as soon as something to render is among them."""
    idle = True
    for it in files:
        if idle and isinstance(it, ReadFile) and it.root is not None:
            from portside.render.process import renderer

            program = renderer()
            if program is not None:
                program.start()
            idle = False
        yield it


def _may_deploy(items: Sequence[Item], results: Sequence[FileResult]) -> bool:
    """Whether files hold an object of Argo CD or Flux that says what is installed."""
    if not any(isinstance(it, Found) for it in items):
        return False
    groups = ("argoproj.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io")
    return any(it.resource.group in groups for result in results for it in result.objects)


def completed(
    items: Sequence[Item],
    results: list[FileResult],
    options: argparse.Namespace,
    config: Config,
    chosen: Chosen,
) -> Evaluation:
    """The answer, once each of `items` is judged by itself; `results` may be changed."""
    rendered = any(it.rendering is not None for it in results)
    if rendered:
        from portside.cli.inputs import with_inputs

        results = with_inputs(items, results)
    crds = [*config.crds, *(options.crds or ())]
    if crds or _define_kinds(results):
        from portside.cli.custom import Custom
        from portside.cli.given import Given

        custom = Custom(items, results, Given(crds, config.limits), chosen.plan, config.limits)
        results = custom.completed(fingerprint(options, chosen))
    if chosen.plan.wants_facts:
        results = _across(results, items, options, config, chosen)
    if rendered:
        from portside.cli.spread import say_warnings, spread

        say_warnings(results)
        results = spread(items, results)
    choke_points: Sequence[ChokePoint] = ()
    if vars(options).get("attack_paths"):
        results, choke_points = _with_attack_paths(results, items, options, config)
    evaluation = Evaluation(
        with_owners(results, config.owners, options.paths or ["."]),
        choke_points=choke_points,
        profile=options.profile or config.profile,
        rules=len(chosen.plan.rules),
        target=f"1.{chosen.plan.minor}",
    )
    evaluation.targets = [it for it in items if isinstance(it, Target)] if rendered else ()
    asked = config.waivers or config.imports or options.baseline
    if asked or any(result.comments for result in results):
        from portside.cli.excuses import excuse

        excuse(evaluation, config, options, chosen.plan)
    return evaluation


def _across(
    results: list[FileResult],
    items: Sequence[Item],
    options: argparse.Namespace,
    config: Config,
    chosen: Chosen,
) -> list[FileResult]:
    """The results with what rules across objects say; environments never meet."""
    from portside.cli.stage_b import Locator, read_already, stage_b

    if any(it.rendering is not None for it in results):
        from portside.cli.worlds import across_worlds

        return across_worlds(items, results, chosen.plan, config.limits, whole=not options.part)
    known = read_already(items, config.limits)
    return stage_b(results, chosen.plan, Locator(config.limits, known), whole=not options.part)


def _with_attack_paths(
    results: Sequence[FileResult],
    items: Sequence[Item],
    options: argparse.Namespace,
    config: Config,
) -> tuple[list[FileResult], list[ChokePoint]]:
    from portside.cli.attack_paths import Scope, with_attack_paths

    version = options.kubernetes_version or config.kubernetes_version
    whole = not options.part
    cached = None if options.no_cache else [os.getcwd(), options.paths]
    return with_attack_paths(results, Scope(items, config.limits, version, whole, cached))


def _notice(results: Sequence[FileResult]) -> None:
    """Say once that other tools were told what not to report, where a file's name shows it."""
    fates = [it.fate for it in results if it.fate.file.endswith(_OF_OTHERS)]
    names = [it.file for it in fates if it.fate == NOT_KUBERNETES]
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        sys.stderr.write(
            f"portside: {names[0]}{more}: what other tools are told not to report counts here; "
            "portside migrate shows it, imports: [] in portside.yaml ends this message\n"
        )


def _read_once(item: Found | ReadFile, limits: Limits) -> Found | ReadFile:
    """Standard input, which nobody can read again, as it is read; else the item."""
    if isinstance(item, Found) and item.path == STDIN:
        return read_file(item, limits)
    return item


def _define_kinds(results: Sequence[FileResult]) -> bool:
    """Whether a CustomResourceDefinition was met."""
    kind = "CustomResourceDefinition"
    return any(it.resource.kind == kind for result in results for it in result.objects)


def fingerprint(options: argparse.Namespace, chosen: Chosen) -> list[object] | None:
    """All that decides what is said of a file, besides the file; None where nothing is cached."""
    if options.no_cache or chosen.plan.foreign is not None:
        return None
    labels = chosen.plan.owner_labels
    return [__version__, os.getcwd(), options.paths, labels, *chosen.fingerprint]
