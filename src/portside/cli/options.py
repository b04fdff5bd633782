"""Options that several commands share."""

from __future__ import annotations

import argparse
from typing import NoReturn

from portside.errors import UsageError


class Parser(argparse.ArgumentParser):
    """argparse, whose complaints read like every other error of ours."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"{self.prog} --help shows what there is")


def parser(command: str, description: str) -> Parser:
    return Parser(
        prog=f"portside {command}", description=description, allow_abbrev=False, add_help=True
    )


def add_sources(made: argparse.ArgumentParser) -> None:
    """Which files: paths, and what is left out of them."""
    made.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders; - is standard input"
    )
    group = made.add_argument_group("what is read")
    group.add_argument("--include", action="append", metavar="GLOB", help="only files that match")
    group.add_argument("--exclude", action="append", metavar="GLOB", help="leave these out")
    group.add_argument("--config", metavar="FILE", help="instead of portside.yaml above the paths")
    group.add_argument("--no-cache", action="store_true", help="judge every file anew")


def add_judging(made: argparse.ArgumentParser) -> None:
    """Which rules, for which Kubernetes."""
    group = made.add_argument_group("how it is judged")
    group.add_argument(
        "--profile", metavar="NAME", help="recommended, strict, auditor, pss:LEVEL[@1.N]"
    )
    group.add_argument(
        "--kubernetes-version", metavar="1.N", help="the version it will run on (default: newest)"
    )
    group.add_argument("--rules", action="append", metavar="FOLDER", help="rules of your own")
    group.add_argument(
        "--now",
        type=_day,
        metavar="YYYY-MM-DD",
        help="the day that waivers are asked of (default: today, in UTC)",
    )


def _day(text: str) -> str:
    from portside.policy.day import parse_day

    return parse_day(text, "--now")
