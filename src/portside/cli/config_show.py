"""`portside config show`: every value in force, and the file and line it comes from."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.config import KEYS, Config, configured
from portside.cli.options import add_config, add_format, add_own_rules, add_paths, parser
from portside.errors import UsageError
from portside.model.severity import NAMES
from portside.policy.names import RuleNames
from portside.records import NamedTuple
from portside.secrets.veil import without_formats

if TYPE_CHECKING:
    from portside.policy.section import Section

DEFAULT = "default"
_HEAD = "The configuration: portside.yaml, and what it extends."
_ABOUT = "every value in force, and the file and line it comes from"
_NAMED = ("profile", "fail-on", "kubernetes-version", "comments", "approve-comments")
_LISTS = ("include", "exclude", "extends", "rule-folders", "crds", "imports")
_MAPS = (
    *("limits", "profiles", "approvers", "locked"),
    *("environments", "kustomize", "gitops"),
)


class Value(NamedTuple):
    """One value: its key, what it is, where it was written, and what else is to be said of it."""

    key: str
    value: Any
    origin: str
    note: str = ""


def command(argv: Sequence[str]) -> int:
    """Run `config show`; alone, say that there is no more."""
    if not argv or argv[0] in ("-h", "--help"):
        sys.stdout.write(f"{_HEAD}\n\n  portside config show  {_ABOUT}\n")
        return 0
    if argv[0] != "show":
        raise UsageError(
            f"config has no command {argv[0]}", hint="commands: show", undone="nothing was done"
        )
    return run(argv[1:])


def run(argv: Sequence[str]) -> int:
    """Print the configuration in force for the paths."""
    options = arguments().parse_args(argv)
    options.rules = options.rules or []
    config = configured(options)
    values = [it._replace(value=_told(it.value)) for it in values_of(config, options)]
    if options.output == "json":
        import json

        files = [it.file for it in config.sections]
        told = {"files": files, "values": [it._asdict() for it in values]}
        json.dump(told, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.writelines(_lines(values))
    return 0


def arguments() -> argparse.ArgumentParser:
    """The options of `portside config show`."""
    made = parser(
        "config show",
        "The configuration in force: every value, and the file and line it comes from.",
        usage="[PATH ...] [options]",
        examples=(
            ("portside config show", "for what a scan of the current folder would use"),
            ("portside config show -o json deploy/", "for programs"),
        ),
    )
    add_paths(made)
    group = made.add_argument_group("what is asked for")
    add_config(group)
    group.add_argument("--profile", metavar="NAME", help="as for portside scan")
    group.add_argument("--fail-on", metavar="SEVERITY", choices=NAMES, help="as for portside scan")
    add_own_rules(group)
    add_format(made, ("text", "json"))
    return made


def values_of(config: Config, options: argparse.Namespace) -> Iterator[Value]:
    """Every value in force, in the order of the reference."""
    shown = _Shown(config, options)
    for key in KEYS:
        if key in _NAMED:
            yield shown.single(key)
        elif key in _LISTS:
            yield from shown.items(key)
        elif key in _MAPS:
            yield from shown.entries(key)
    yield from shown.owners()
    yield from shown.rules()
    yield from shown.waivers()


class _Shown:
    """Looks for values in the files, the nearest first."""

    def __init__(self, config: Config, options: argparse.Namespace) -> None:
        self.config = config
        self.options = options

    def single(self, key: str) -> Value:
        config = self.config
        values = {
            "profile": config.profile,
            "fail-on": config.fail_on,
            "kubernetes-version": config.kubernetes_version or "the newest known",
            "comments": config.comments_up_to or "as the profile has it",
            "approve-comments": config.approve_comments or "none",
        }
        given = getattr(self.options, key.replace("-", "_"), None)
        if given:
            return Value(key, given, f"--{key}", self._lock(key))
        return Value(key, values[key], self._origin(key), self._lock(key))

    def _origin(self, key: str) -> str:
        for section in self.config.sections:
            if section.value.get(key) is not None:
                return _place(section, key)
        for locks in reversed(self.config.locks):
            if key in ("profile", "fail-on") and locks.section.value.get(key):
                return locks.where(key)
        return DEFAULT

    def _lock(self, key: str) -> str:
        for locks in self.config.locks:
            if locks.section.value.get(key) is not None:
                return f"locked at {locks.section.value[key]} in {locks.where(key)}"
        return ""

    def items(self, key: str) -> Iterator[Value]:
        """The items of a list, of all files."""
        for section in self.config.sections:
            value = section.value.get(key)
            for index, item in enumerate(value if type(value) is list else [value]):
                if item is not None:
                    steps = (key, index) if type(value) is list else (key,)
                    yield Value(key, item, _place(section, *steps))

    def entries(self, key: str) -> Iterator[Value]:
        """The entries of a map; the nearest file with a key has it."""
        known: set[str] = set()
        for section in self.config.sections:
            for name, value in (section.value.get(key) or {}).items():
                if name not in known or key == "locked":
                    known.add(name)
                    yield Value(f"{key}.{name}", value, _place(section, key, name))

    def owners(self) -> Iterator[Value]:
        """The owners: their labels add, their namespaces merge."""
        known: set[str] = set()
        for section in self.config.sections:
            owners = section.section("owners")
            for key, value in owners.value.items():
                if key == "namespaces":
                    below = owners.section(key)
                    for name in below.value:
                        if f"{key}.{name}" not in known:
                            known.add(f"{key}.{name}")
                            place = _place(below, name)
                            yield Value(f"owners.{key}.{name}", below.value[name], place)
                elif key == "labels" or key not in known:
                    known.add(key)
                    yield Value(f"owners.{key}", value, _place(owners, key))

    def rules(self) -> Iterator[Value]:
        """The settings by rule and key: each comes from the nearest file that has it."""
        from portside.cli.config import rule_names

        if not any(it.value.get("rules") for it in self.config.sections):
            return
        names = rule_names([*self.config.rule_folders, *self.options.rules])
        for rule, setting in sorted(self.config.rules.items()):
            for key, value in setting.items():
                if key == "params":
                    for name, given in value.items():
                        place = self._setting(rule, names, "params", name)
                        yield Value(f"rules.{rule}.params.{name}", given, place)
                else:
                    said = NAMES[value] if key == "severity" else value
                    yield Value(f"rules.{rule}.{key}", said, self._setting(rule, names, key))

    def _setting(self, rule: str, names: RuleNames, *steps: str) -> str:
        for section in self.config.sections:
            for written, value in (section.value.get("rules") or {}).items():
                if rule in names.named(written) and _holds(value, steps):
                    return _place(section, "rules", written, *_written(value, steps))
        return DEFAULT

    def waivers(self) -> Iterator[Value]:
        for it in self.config.waivers:
            said = f"{', '.join(it.rule)} for {it.about} until {it.expires}"
            yield Value("waivers", said, f"{it.file}:{it.line}")


def _told(value: Any) -> Any:
    """`value` without the passwords in its URLs, and other credentials of a known format."""
    if isinstance(value, str):
        return without_formats(value)
    if isinstance(value, dict):
        return {key: _told(it) for key, it in value.items()}
    return [_told(it) for it in value] if isinstance(value, list | tuple) else value


def _place(section: Section, *steps: str | int) -> str:
    return f"{section.file}:{section.line(*steps)}"


def _holds(value: Any, steps: Sequence[str]) -> bool:
    """Whether the setting `value`, as written, says something of the key at `steps`."""
    if type(value) is not dict:
        return steps == ("off",)
    if steps == ("off",):
        return "off" in value or "false" in value
    return len(_written(value, steps)) == len(steps)


def _written(value: Any, steps: Sequence[str]) -> tuple[str, ...]:
    """As many of `steps` as lead somewhere in `value`."""
    found: list[str] = []
    for step in steps:
        key = "false" if step == "off" and type(value) is dict and "off" not in value else step
        if type(value) is not dict or key not in value:
            break
        found.append(key)
        value = value[key]
    return tuple(found)


def _lines(values: Sequence[Value]) -> Iterator[str]:
    from portside.report.context import shown

    rows = [(f"{it.key}: {_words(it.value)}", it.origin, it.note) for it in values]
    width = min(60, max((len(row[0]) for row in rows), default=0))
    for words, origin, note in rows:
        yield f"{shown(words):<{width}}  {shown(origin)}{f' ({shown(note)})' if note else ''}\n"


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, ensure_ascii=False)
