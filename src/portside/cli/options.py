"""What the commands share: the parser, its help and its complaints, and common options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from portside.errors import UsageError, did_you_mean

_WIDEST = 100
Examples = Sequence[tuple[str, str]]


def parser(
    command: str, description: str, *, usage: str = "", examples: Examples = (), ends: str = ""
) -> Parser:
    """The parser of `portside COMMAND`.

    `usage` is what follows the command's name, `examples` are (what to type, what it does), `ends`
    says what the exit codes mean where they are the command's own.
    """
    made = Parser(
        prog=f"portside {command}",
        description=description,
        usage=f"portside {command} {usage}".rstrip() if usage else None,
        formatter_class=_Help,
        allow_abbrev=False,
        add_help=False,
        epilog=ends or None,
    )
    made.examples = tuple(examples)
    made._positionals.title = "arguments"
    made.add_argument("-h", "--help", action="help", help="this text")
    return made


class Parser(argparse.ArgumentParser):
    """argparse, whose help begins with the answer and whose complaints read like all of ours."""

    examples: Examples = ()

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=self._way_out(), undone=self._undone())

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        known, rest = self.parse_known_args(args, namespace)
        if rest:
            self._unknown(rest[0])
        return known

    def format_help(self) -> str:
        lines = [self.description or "", "", *columns(self.examples), ""]
        formatter = _Help(self.prog, _width())
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        for group in self._action_groups:
            formatter.start_section(group.title)
            formatter.add_text(group.description)
            formatter.add_arguments(group._group_actions)
            formatter.end_section()
        formatter.add_text(self.epilog)
        head = "\n".join(lines if self.examples else lines[:2])
        return f"{head}\n{formatter.format_help()}"

    def _unknown(self, word: str) -> NoReturn:
        name = word.partition("=")[0]
        if not name.startswith("-"):
            self.error(f"one argument too many: {word}")
        options = [it for action in self._actions for it in action.option_strings]
        meant = did_you_mean(name, options)
        raise UsageError(
            f"{self.prog.partition(' ')[2]} has no option {name}",
            hint=f"{meant}{self._way_out()}",
            undone=self._undone(),
        )

    def _undone(self) -> str:
        return "nothing was scanned" if self.prog == "portside scan" else "nothing was done"

    def _way_out(self) -> str:
        return f"{self.prog} --help shows what there is"


class _Help(argparse.RawDescriptionHelpFormatter):
    """The same text from every Python: `-o, --output FORMAT`, at most a hundred columns."""

    def __init__(self, prog: str, width: int = _WIDEST, **_: Any) -> None:
        super().__init__(prog, max_help_position=30, width=width)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


def _width() -> int:
    # argparse makes a formatter for each option: only one that is shown may ask the terminal.
    import shutil

    return max(40, min(shutil.get_terminal_size((_WIDEST, 40)).columns, _WIDEST))


def columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Lines of two columns, the first indented and as wide as its widest."""
    listed = list(rows)
    width = max((len(left) for left, _ in listed), default=0)
    return [f"  {left:<{width}}  {right}".rstrip() for left, right in listed]


def word_of(
    what: str, names: Sequence[str], undone: str = "nothing was done"
) -> Callable[[str], str]:
    """The `type` of an option that takes one of `names`; `what` is what they are called."""

    def checked(text: str) -> str:
        if text not in names:
            hint = f"{did_you_mean(text, names)}expected {', '.join(names)}"
            raise UsageError(f"no {what} is called {text}", hint=hint, undone=undone)
        return text

    return checked


def add_format(made: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """`-o FORMAT`; the first of `names` is the default."""
    made.add_argument(
        "-o",
        "--output",
        type=word_of("output format", names),
        choices=names,
        default=names[0],
        metavar="FORMAT",
        help=f"{' or '.join(names)} (default: {names[0]})",
    )


def add_paths(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "paths",
        nargs="*",
        default=[],
        metavar="PATH",
        help="files and folders; - is standard input (default: the current folder)",
    )


def add_selection(made: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Which files of a folder are read."""
    group = made.add_argument_group("what is read")
    group.add_argument("--include", action="append", metavar="GLOB", help="only files that match")
    group.add_argument("--exclude", action="append", metavar="GLOB", help="leave these out")
    add_config(group)
    return group


def add_config(made: argparse._ActionsContainer) -> None:
    made.add_argument("--config", metavar="FILE", help="instead of portside.yaml above the paths")


def add_environment(made: argparse._ActionsContainer) -> None:
    """Which environment of charts and overlays, and where sources outside the repository are."""
    made.add_argument(
        "-e", "--environment", metavar="ENV", help="as it is in ENV: portside.yaml, or discovered"
    )
    add_source(made)


def add_source(made: argparse._ActionsContainer) -> None:
    made.add_argument(
        "--source",
        action="append",
        dest="sources",
        metavar="NAME=DIR",
        help="where a source of Argo CD or Flux is: its address or name, and a folder",
    )


def add_sources(made: argparse.ArgumentParser) -> None:
    """Which files: paths, and what is left out of them."""
    add_paths(made)
    add_reading(made)


def add_reading(made: argparse.ArgumentParser) -> None:
    """What is left out of the paths, whether results are kept, and where other sources are."""
    group = add_selection(made)
    group.add_argument(
        "--no-cache", action="store_true", help="read, compile and judge everything anew"
    )
    add_source(group)


def add_own_rules(made: argparse._ActionsContainer) -> None:
    made.add_argument(
        "--rules", action="append", metavar="FOLDER", help="rules of your own beside the built-in"
    )


def add_version(made: argparse._ActionsContainer) -> None:
    made.add_argument(
        "--kubernetes-version", metavar="1.N", help="the version it will run on (default: newest)"
    )


def add_judging(made: argparse.ArgumentParser, *, profile: bool = True) -> None:
    """Which rules, for which Kubernetes; `profile` is whether any profile may be asked for."""
    group = made.add_argument_group("how it is judged")
    if profile:
        group.add_argument(
            "--profile",
            metavar="NAME",
            help="recommended, strict, auditor, pss:LEVEL[@1.N], a framework (cis-1.12), "
            "or your own",
        )
    add_version(group)
    add_own_rules(group)
    group.add_argument(
        "--crds",
        action="append",
        metavar="PATH",
        help="CustomResourceDefinitions besides those that are scanned: a file or folder",
    )
    group.add_argument(
        "--policy",
        action="append",
        metavar="FILE",
        help="ValidatingAdmissionPolicies to run besides, with their bindings",
    )
    group.add_argument(
        "--params", action="append", metavar="FILE", help="parameter objects of such policies"
    )
    group.add_argument(
        "--part",
        action="store_true",
        help="what is scanned is a part: objects that are absent may exist elsewhere",
    )
    group.add_argument(
        "--now",
        type=_day,
        metavar="YYYY-MM-DD",
        help="the day that waivers are asked of (default: today, in UTC)",
    )


def _day(text: str) -> str:
    from portside.policy.day import parse_day

    return parse_day(text, "--now")
