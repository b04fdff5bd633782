"""`portside scan --fix`: edits what was scanned, and proves the edits by scanning again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from portside.cli.fix_ask import Question, difference
from portside.cli.fix_files import Files, Writable
from portside.cli.plan import fixes
from portside.errors import UsageError
from portside.fixes.file import FileMender
from portside.fixes.whole import Part, Whole
from portside.model.mending import FIXED, REFUSED, Outcome
from portside.report.totals import counts
from portside.sources.ignores import ignores_of
from portside.sources.read import parsed
from portside.sources.walk import STDIN, Found, find

if TYPE_CHECKING:
    import argparse

    from portside.cli.config import Config
    from portside.cli.plan import Chosen
    from portside.model.evaluation import Evaluation
    from portside.model.finding import FileResult, Finding
    from portside.model.reading import ReadFile

    Judge = Callable[[Iterator[Found | ReadFile], Mapping[str, bytes]], Evaluation]
    """Says what the rules say of files, some of which, by their real paths, hold other bytes."""

_MOST_ROUNDS = 8
"""How often what the edits before uncovered is mended, too."""


def refuse_what_does_not_fit(options: argparse.Namespace) -> None:
    """Raise UsageError for options of `--fix` without it, and questions that nobody can answer."""
    asked = options.fix or options.diff
    for name in ("unsafe", "interactive", "allow_dirty"):
        if vars(options)[name] and not asked:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} says how to mend", hint=f"portside scan --fix {option}")
    if asked and STDIN in (options.paths or ()):
        raise UsageError("standard input cannot be edited", hint="name the files")
    if options.interactive and not _is_terminal():
        raise UsageError("--interactive asks on a terminal, and there is none")


class Fixer:
    """One run of `--fix`."""

    __slots__ = (
        *("_chosen", "_config", "_files", "_items", "_judge", "_last", "_options", "_tried"),
        "outcomes",
    )

    def __init__(
        self, options: argparse.Namespace, config: Config, chosen: Chosen, judge: Judge
    ) -> None:
        self._options = options
        self._config = config
        self._chosen = chosen
        self._judge = judge
        ignores = ignores_of(*config.selection(options))
        self._items = list(find(options.paths or ["."], ignores, config.folder))
        allow = bool(options.allow_dirty or options.diff)
        writable = Writable(options.paths or ["."], allow_dirty=allow)
        self._files = Files(self._items, writable, config.limits)
        self._tried: set[tuple[str, str]] = set()
        self._last: Evaluation | None = None
        self.outcomes: list[Outcome] = []
        """What became of each finding that was to be mended."""

    def mended(self, evaluation: Evaluation) -> Evaluation:
        """What is said once all that can be mended is; `evaluation` is what is said now.

        Nothing is written.
        """
        ask = Question() if self._asks() else None
        for _ in range(_MOST_ROUNDS):
            wanted = self._wanted(evaluation)
            if not wanted:
                break
            self._tried |= {(it.rule, it.identity) for it in wanted}
            evaluation = self._round(evaluation, wanted, ask)
        return evaluation

    def differences(self) -> Iterator[str]:
        """The edits as one unified diff."""
        for name, (before, after) in sorted(self._files.edited().items()):
            yield from difference(name, before, after)

    def write(self, evaluation: Evaluation) -> Evaluation:
        """Write what was mended; what is then said, which is `evaluation` if all went well."""
        reason = self._files.write()
        if not reason:
            return evaluation
        self.outcomes = [
            Outcome(it.finding, REFUSED, reason) if it.state == FIXED else it
            for it in self.outcomes
        ]
        return self._judge(iter(self._items), {})

    @property
    def outside_git(self) -> bool:
        """Whether something was edited that no git repository holds."""
        return self._files.outside_git and bool(self._files.edited())

    def _wanted(self, evaluation: Evaluation) -> list[Finding]:
        """The findings to mend that nobody has tried to: those that count."""
        kinds = ("safe", "unsafe") if self._options.unsafe else ("safe",)
        return [
            it
            for it, excuse in evaluation.findings()
            if it.mends in kinds
            and counts(it, excuse)
            and (it.rule, it.identity) not in self._tried
        ]

    def _round(
        self, evaluation: Evaluation, wanted: Sequence[Finding], ask: Question | None
    ) -> Evaluation:
        """What is said once `wanted` is mended as far as can be."""
        parts = self._of_files([it for it in wanted if not it.confidence], ask)
        rendered = [it for it in wanted if it.confidence]
        if rendered:
            taken = {name for it in parts for name in it.fix.changed()}
            parts += self._of_renders(evaluation, rendered, taken, ask)
        if not any(it.fix.made for it in parts):
            self.outcomes += [outcome for it in parts for outcome in it.outcomes]
            return evaluation
        whole = Whole(parts, evaluation.files, self._chosen.plan.rules)
        whole.prove(self._scan)
        self.outcomes += [outcome for it in whole.parts for outcome in it.outcomes]
        self._files.take(whole.overlay())
        return self._last or evaluation

    def _of_files(self, wanted: Sequence[Finding], ask: Question | None) -> list[Part]:
        """What mends findings in the files that they stand in."""
        by_file: dict[str, list[Finding]] = {}
        for it in wanted:
            by_file.setdefault(it.file, []).append(it)
        reasons = self._files.open(by_file)
        parts = []
        for name, findings in by_file.items():
            if name in reasons:
                self.outcomes += [Outcome(it, REFUSED, reasons[name]) for it in findings]
            else:
                parts.append(self._part(name, findings, ask))
        return parts

    def _part(self, name: str, findings: Sequence[Finding], ask: Question | None) -> Part:
        limits = self._config.limits

        def read(data: bytes) -> ReadFile:
            return parsed(data, self._files.found(name), limits)

        by = self._chosen.plan, fixes(self._chosen), limits
        mender = FileMender(name, self._files.data(name), read, by)
        fix, outcomes = mender.mended(findings, ask)
        return Part(mender, fix, outcomes)

    def _of_renders(
        self,
        evaluation: Evaluation,
        wanted: Sequence[Finding],
        taken: set[str],
        ask: Question | None,
    ) -> list[Part]:
        """What mends findings on rendered objects; what is to edit files in `taken` can wait."""
        from portside.fixes.rendered import RenderMender, apart
        from portside.fixes.renders import Renders

        plan, limits = self._chosen.plan, self._config.limits
        renders = Renders(evaluation.targets, plan, fixes(self._chosen), limits)
        proposals, refused = renders.proposals(wanted)
        self.outcomes += refused
        waiting = [it for it in proposals if any(one.file in taken for one in it.sites)]
        self._tried -= {(it.finding.rule, it.finding.identity) for it in waiting}
        ready = [it for it in proposals if it not in waiting]
        reasons = self._files.open(
            dict.fromkeys(one.file for it in ready for one in it.sites), renders.paths
        )
        able = []
        for it in ready:
            said = [f"{one.file}: {reasons[one.file]}" for one in it.sites if one.file in reasons]
            if said:
                self.outcomes.append(Outcome(it.finding, REFUSED, said[0]))
            else:
                able.append(it)
        parts = []
        for group, names in apart(able, renders):
            texts = {name: self._files.data(name) for name in names}
            mender = RenderMender(renders, texts, plan, limits)
            parts.append(Part(mender, *mender.mended(group, ask)))
        return parts

    def _scan(self, overlay: Mapping[str, bytes]) -> Sequence[FileResult]:
        """What is said of all files, some of which hold other bytes."""
        self._last = self._judge(iter(self._items), self._files.texts(overlay))
        return self._last.files

    def _asks(self) -> bool:
        """Whether somebody at a terminal chooses each edit; a diff alone asks nobody."""
        return not self._options.diff and _is_terminal()


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
