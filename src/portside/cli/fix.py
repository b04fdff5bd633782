"""`portside scan --fix`: edits what was scanned, and proves the edits by scanning again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from portside.cli.fix_ask import Question, difference
from portside.cli.fix_files import Writable, replace
from portside.cli.plan import fixes
from portside.errors import UsageError
from portside.fixes.file import FileMender
from portside.fixes.whole import Part, Whole
from portside.model.mending import FIXED, REFUSED, Outcome
from portside.report.totals import counts
from portside.sources.ignores import ignores_of
from portside.sources.read import content, parsed
from portside.sources.walk import STDIN, Found, find

if TYPE_CHECKING:
    import argparse

    from portside.cli.config import Config
    from portside.cli.plan import Chosen
    from portside.model.evaluation import Evaluation
    from portside.model.finding import FileResult, Finding
    from portside.model.reading import ReadFile

    Judge = Callable[[Iterator[Found | ReadFile]], Evaluation]

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
    """One run of `--fix`. `judge` says what the rules say of files, read already or not."""

    __slots__ = (
        *("_after", "_before", "_chosen", "_config", "_found", "_items", "_judge", "_last"),
        *("_options", "_tried", "_writable", "outcomes"),
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
        self._found = {it.name: it for it in self._items if isinstance(it, Found)}
        allow = bool(options.allow_dirty or options.diff)
        self._writable = Writable(options.paths or ["."], allow_dirty=allow)
        self._tried: set[tuple[str, str]] = set()
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}
        self._last: Evaluation | None = None
        self.outcomes: list[Outcome] = []
        """What became of each finding that was to be mended."""

    def mended(self, evaluation: Evaluation) -> Evaluation:
        """What is said once all that can be mended is; `evaluation` is what is said now.

        Nothing is written.
        """
        fitting = [
            self._found[it.file] for it in self._wanted(evaluation) if it.file in self._found
        ]
        self._writable.ask(dict.fromkeys(fitting))
        self._refuse_rendered(evaluation)
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
        for name in sorted(self._after):
            yield from difference(name, self._before[name], self._after[name])

    def write(self, evaluation: Evaluation) -> Evaluation:
        """Write what was mended; what is then said, which is `evaluation` if all went well."""
        failed: dict[str, str] = {}
        for name, data in sorted(self._after.items()):
            reason = replace(self._found[name].path, self._before[name], data)
            if reason:
                failed[name] = reason
        if not failed:
            return evaluation
        self.outcomes = [
            Outcome(it.finding, REFUSED, failed[it.finding.file])
            if it.state == FIXED and it.finding.file in failed
            else it
            for it in self.outcomes
        ]
        return self._judge(iter(self._items))

    @property
    def outside_git(self) -> bool:
        """Whether something was edited that no git repository holds."""
        return self._writable.outside_git and bool(self._after)

    def _wanted(self, evaluation: Evaluation) -> list[Finding]:
        """The findings to mend that nobody has tried to: those that count."""
        kinds = ("safe", "unsafe") if self._options.unsafe else ("safe",)
        return [
            it
            for it, excuse in evaluation.findings()
            if it.fixable in kinds
            and counts(it, excuse)
            and (it.rule, it.identity) not in self._tried
        ]

    def _refuse_rendered(self, evaluation: Evaluation) -> None:
        """Say of what a chart or an overlay makes where it is to be edited by hand."""
        kinds = ("safe", "unsafe") if self._options.unsafe else ("safe",)
        for it, excuse in evaluation.findings():
            if it.confidence and it.mends in kinds and counts(it, excuse):
                made = it.chain[-1] if it.chain else None
                where = f"{made.file}:{made.line}" if made and made.file else it.file
                reason = f"it is rendered: {where} makes it, which --fix does not edit yet"
                self.outcomes.append(Outcome(it, REFUSED, reason))

    def _round(
        self, evaluation: Evaluation, wanted: Sequence[Finding], ask: Question | None
    ) -> Evaluation:
        """What is said once `wanted` is mended as far as can be."""
        by_file: dict[str, list[Finding]] = {}
        for it in wanted:
            by_file.setdefault(it.file, []).append(it)
        parts = []
        for name, findings in by_file.items():
            reason = self._why_not(name)
            if reason:
                self.outcomes += [Outcome(it, REFUSED, reason) for it in findings]
            else:
                parts.append(self._part(name, findings, ask))
        if not any(it.fix.made for it in parts):
            self.outcomes += [outcome for it in parts for outcome in it.outcomes]
            return evaluation
        whole = Whole(parts, evaluation.files, self._chosen.plan.rules)
        whole.prove(self._scan)
        self.outcomes += [outcome for it in whole.parts.values() for outcome in it.outcomes]
        self._after |= whole.overlay()
        return self._last or evaluation

    def _why_not(self, name: str) -> str:
        found = self._found.get(name)
        if found is None:
            return "it is no file that was read"
        reason = self._writable.why_not(found)
        if reason or name in self._before:
            return reason
        try:
            self._before[name] = content(found, self._config.limits)
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        return ""

    def _part(self, name: str, findings: Sequence[Finding], ask: Question | None) -> Part:
        data = self._after.get(name, self._before[name])
        limits = self._config.limits

        def read(data: bytes) -> ReadFile:
            return parsed(data, self._found[name], limits)

        by = self._chosen.plan, fixes(self._chosen), limits
        mender = FileMender(name, data, read, by)
        fix, outcomes = mender.mended(findings, ask)
        return Part(mender, fix, outcomes)

    def _scan(self, overlay: Mapping[str, bytes]) -> Sequence[FileResult]:
        """What is said of all files, some of which hold other bytes."""
        texts = {**self._after, **overlay}

        def items() -> Iterator[Found | ReadFile]:
            for it in self._items:
                if isinstance(it, Found) and it.name in texts:
                    yield parsed(texts[it.name], it, self._config.limits)
                else:
                    yield it

        self._last = self._judge(items())
        return self._last.files

    def _asks(self) -> bool:
        """Whether somebody at a terminal chooses each edit; a diff alone asks nobody."""
        return not self._options.diff and _is_terminal()


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
