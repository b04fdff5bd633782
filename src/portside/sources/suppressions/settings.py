"""Suppressions in files of other tools: their settings, lists of exceptions, and baselines."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from portside.errors import ConfigError
from portside.model.finding import Comment
from portside.policy.day import FORM, is_day
from portside.policy.glob import FileGlob, Glob
from portside.policy.section import Section, open_section
from portside.secrets.veil import veiled
from portside.sources.suppressions.model import (
    CHECKOV,
    EVERYTHING,
    HADOLINT,
    KUBE_LINTER,
    KUBESCAPE,
    MOST,
    POLARIS,
    TRIVY,
    ZIZMOR,
    Objects,
    Suppression,
    Wide,
    anchored,
    day_before,
    settings_place,
)
from portside.syntax.read import decode

LARGEST = 1 << 24
_YAML = (".yaml", ".yml")
_PLAIN = re.compile(r"[\w./-]+")
_REGEX = re.compile(r"(?:[\w /:@-]|\\[.-]|\.\*|\.)*")
_KNOWN_KEYS = ("kind", "name", "namespace", "cluster")
Reader = Callable[[bytes, str, str], Iterator[Suppression]]


def _names(*stems: str) -> tuple[str, ...]:
    return tuple(stem + ends for stem in stems for ends in _YAML)


def _place(section: Section, *steps: str | int, reason: str = "", until: str = "") -> Comment:
    line, column = section.document.nearest((*section.path, *steps))
    return settings_place(section.file, line, column)._replace(reason=reason, until=until)


def _open(data: bytes, file: str) -> Section:
    return open_section(data, file, ConfigError)


def checkov(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """`.checkov.yaml`: `skip-check` and `skip-path`."""
    section = _open(data, file)
    for key in ("skip-check", "skip-checks"):
        for steps, text in _listed(section, key):
            for check in filter(None, (it.strip() for it in text.split(","))):
                yield Suppression(CHECKOV, (check,), _place(section, *steps), Wide(), folder)
    for steps, text in _listed(section, "skip-path"):
        place = _place(section, *steps)
        if not _PLAIN.fullmatch(text):
            place = place._replace(
                fault=f"skips by a regular expression, {veiled(text)}: use exclude"
            )
        path = text.strip("/")
        glob = FileGlob(path) if "/" not in path else anchored(path)
        yield Suppression(CHECKOV, (EVERYTHING,), place, Wide((glob,)), folder)
    for key in ("check", "skip-framework"):
        if section.value.get(key):
            fault = f"{key} chooses what is asked at all: use a profile of your own"
            yield Suppression(CHECKOV, (), _place(section, key)._replace(fault=fault))


def _listed(section: Section, key: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts of a list, or of one text, with where each stands."""
    alone = type(section.value.get(key)) is not list
    for index, text in enumerate(section.texts(key)):
        yield ((key,) if alone else (key, index)), text


def checkov_baseline(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """`.checkov.baseline`: checks by file and resource."""
    section = _open(data, file)
    for failed in section.sections("failed_checks"):
        glob = anchored(failed.required("file"))
        for found in failed.sections("findings"):
            objects = _checkov_resource(found.text("resource"))
            place = _place(found, reason="it was there before")
            wide = Wide((glob,), objects)
            yield Suppression(CHECKOV, found.texts("check_ids"), place, wide, folder)


def _checkov_resource(text: str) -> tuple[Objects, ...]:
    """The object called `Kind.namespace.name`; a pod of a template has labels behind its name."""
    parts = text.split(".", 2)
    if len(parts) < 3 or not parts[0][:1].isupper():
        return ()
    kind, namespace, name = (it.casefold() for it in parts)
    exact = {"kind": (Glob(kind),), "namespace": (Glob(namespace),), "name": (Glob(name),)}
    if kind != "pod" or "." not in name:
        return (Objects(exact),)
    owner = {"namespace": (Glob(namespace),), "name": (Glob(name.partition(".")[0]),)}
    return (Objects(exact), Objects(owner))


def trivyignore(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """`.trivyignore`: an id a line, perhaps with ` exp:YYYY-MM-DD`; comments above give reasons."""
    reason = ""
    for number, line in enumerate(decode(data)[0].splitlines(), start=1):
        text = line.strip()
        if text.startswith("#"):
            reason = text.lstrip("# ")
        elif not text:
            reason = ""
        else:
            check, *rest = text.split()
            place = settings_place(file, number)._replace(reason=reason)
            end = next((it[4:] for it in rest if it.startswith("exp:")), "")
            yield Suppression(TRIVY, (check,), _until(place, end), Wide(), folder)


def _until(place: Comment, end: str) -> Comment:
    """`place` until the day before `end`, on which the tools no longer heed it."""
    if not end:
        return place
    if not is_day(end):
        fault = f"ends on {veiled(end)}, which is not a date: expected {FORM}"
        return place._replace(fault=fault)
    return place._replace(until=day_before(end))


def trivyignore_yaml(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """`.trivyignore.yaml`: `misconfigurations` and `secrets` by id and path."""
    section = _open(data, file)
    for kind in ("misconfigurations", "secrets", "vulnerabilities", "licenses"):
        for it in section.sections(kind):
            place = _until(_place(it, reason=it.text("statement")), it.text("expired_at"))
            if kind in ("vulnerabilities", "licenses"):
                place = place._replace(fault=f"is about {kind}: those are not judged here")
            files = tuple(anchored(path) for path in it.texts("paths"))
            yield Suppression(TRIVY, (it.required("id"),), place, Wide(files), folder)


def kube_linter(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """`.kube-linter.yaml`: `checks.exclude` and `checks.ignorePaths`."""
    section = _open(data, file).section("checks")
    for steps, check in _listed(section, "exclude"):
        yield Suppression(KUBE_LINTER, (check,), _place(section, *steps), Wide(), folder)
    for steps, path in _listed(section, "ignorePaths"):
        place = _place(section, *steps)
        if path.startswith(("/", "~", "..")):
            place = place._replace(fault=f"{veiled(path)} is no path below its folder: use exclude")
        wide = Wide((anchored(path),))
        yield Suppression(KUBE_LINTER, (EVERYTHING,), place, wide, folder)
    if section.value.get("doNotAutoAddDefaults"):
        fault = "doNotAutoAddDefaults chooses what is asked at all: use a profile of your own"
        place = _place(section, "doNotAutoAddDefaults")._replace(fault=fault)
        yield Suppression(KUBE_LINTER, (), place)


def kubescape(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """A list of exceptions: controls by the attributes of objects."""
    section = _open(b'{"exceptions": ' + data.lstrip(b"\xef\xbb\xbf \t\r\n") + b"\n}", file)
    for it in section.sections("exceptions"):
        if it.text("policyType") != "postureExceptionPolicy":
            continue
        fault = ""
        objects: list[Objects] = []
        for resource in it.sections("resources"):
            found = _designated(resource.section("attributes"))
            if isinstance(found, str):
                fault = found
            else:
                objects.append(found)
        if not objects and not fault:
            fault = "names no resources"
        for policy in it.sections("posturePolicies"):
            control = policy.text("controlID")
            other = next((key for key in ("frameworkName", "ruleName") if policy.text(key)), "")
            said = fault or (f"depends on {other}: only controlID is known here" if other else "")
            if not control:
                said = said or "names no controlID"
            reason = it.text("reason") or it.text("name")
            place = _place(policy, reason=reason)._replace(fault=said)
            place = _until(place, it.text("expirationDate")[:10])
            wide = Wide((), tuple(objects))
            yield Suppression(KUBESCAPE, (control,) if control else (), place, wide, folder)


def _designated(attributes: Section) -> Objects | str:
    """The objects that attributes stand for, or why that cannot be said."""
    patterns: dict[str, tuple[Glob, ...]] = {}
    for key in attributes.value:
        text = attributes.text(key)
        if key not in _KNOWN_KEYS:
            return (
                f"depends on the label {veiled(key)}: only kind, name and namespace are known here"
            )
        globs = _globs(text)
        if globs is None:
            return f"depends on the regular expression {veiled(text)}"
        if key == "cluster":
            if text != ".*":
                return f"depends on the cluster {veiled(text)}"
        else:
            patterns[key] = globs
    return Objects(patterns)


def _globs(text: str) -> tuple[Glob, ...] | None:
    """The patterns that a simple regular expression, anchored at both ends, stands for."""
    found = []
    for part in text.casefold().split("|"):
        bare = part.removeprefix("^").removesuffix("$")
        if not _REGEX.fullmatch(bare) or len(bare) > 500:
            return None
        dots = bare.replace("\\.", "\0").replace("\\-", "-")
        found.append(Glob(dots.replace(".*", "*").replace(".", "?").replace("\0", ".")))
    return tuple(found)


def polaris(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """The `exemptions` of polaris' configuration."""
    section = _open(data, file)
    for it in section.sections("exemptions"):
        patterns: dict[str, tuple[Glob, ...]] = {}
        if it.text("namespace"):
            patterns["namespace"] = (Glob(it.text("namespace").casefold()),)
        controllers = it.texts("controllerNames")
        if controllers:
            patterns["name"] = tuple(Glob(f"{name.casefold()}*") for name in controllers)
        objects = Objects(patterns, it.texts("containerNames"))
        checks = it.texts("rules") or (EVERYTHING,)
        yield Suppression(POLARIS, checks, _place(it), Wide((), (objects,)), folder)


def hadolint(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """`.hadolint.yaml`: `ignored`."""
    section = _open(data, file)
    for steps, check in _listed(section, "ignored"):
        yield Suppression(HADOLINT, (check,), _place(section, *steps), Wide(), folder)


def zizmor(data: bytes, file: str, folder: str) -> Iterator[Suppression]:
    """`zizmor.yml`: `rules.RULE.ignore` and `rules.RULE.disable`."""
    rules = _open(data, file).section("rules")
    for name in rules.value:
        rule = rules.section(name)
        if rule.get("disable", bool, False):
            yield Suppression(ZIZMOR, (name,), _place(rule, "disable"), Wide(), folder)
        for steps, text in _listed(rule, "ignore"):
            place = _place(rule, *steps)
            base, *numbers = text.split(":")
            if not base or len(numbers) > 2 or not all(it.isdecimal() for it in numbers):
                place = place._replace(fault=f"{text} is not FILE[:LINE[:COLUMN]]")
                numbers = []
            # Columns are those of another parser: the line has to do.
            line = int(numbers[0][:9]) if numbers else 0
            wide = Wide((FileGlob(base.rpartition("/")[2] or "?"),), (), line)
            yield Suppression(ZIZMOR, (name,), place, wide, folder)


FILES: dict[str, tuple[str, Reader]] = {
    **dict.fromkeys(_names(".checkov"), (CHECKOV, checkov)),
    ".checkov.baseline": (CHECKOV, checkov_baseline),
    ".trivyignore": (TRIVY, trivyignore),
    **dict.fromkeys(_names(".trivyignore"), (TRIVY, trivyignore_yaml)),
    **dict.fromkeys(_names(".kube-linter"), (KUBE_LINTER, kube_linter)),
    **dict.fromkeys(_names("polaris", ".polaris", "polaris-config"), (POLARIS, polaris)),
    **dict.fromkeys(_names(".hadolint"), (HADOLINT, hadolint)),
    **dict.fromkeys(_names("zizmor", ".github/zizmor"), (ZIZMOR, zizmor)),
    **dict.fromkeys(
        ("exceptions.json", ".kubescape/exceptions.json", "kubescape-exceptions.json"),
        (KUBESCAPE, kubescape),
    ),
}
"""The files that are looked for in a folder: whose each is, and how it is read."""
_OF_ANY_NAME: dict[str, Reader] = {
    CHECKOV: checkov,
    KUBE_LINTER: kube_linter,
    KUBESCAPE: kubescape,
    POLARIS: polaris,
    HADOLINT: hadolint,
    ZIZMOR: zizmor,
}


def found_in(folder: str) -> Iterator[tuple[str, str]]:
    """The files of other tools in `folder`: the tool, and the path of its file."""
    for name, (tool, _) in FILES.items():
        path = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(path) and (tool != KUBESCAPE or _says_exceptions(path)):
            yield tool, path


def _says_exceptions(path: str) -> bool:
    with open(path, "rb") as file:
        return b"postureExceptionPolicy" in file.read(LARGEST)


def read_settings(tool: str, path: str, folder: str) -> list[Suppression]:
    """The suppressions in the file at `path`, which is of `tool`. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=path) from error
    if len(data) > LARGEST:
        raise ConfigError(f"is larger than {LARGEST:,} bytes", where=path)
    if not data.strip():
        return []
    made: list[Suppression] = []
    for it in _reader(tool, path)(data, path, folder):
        made.append(it)
        if len(made) > MOST:
            raise ConfigError(f"holds more than {MOST:,} suppressions", where=path)
    return made


def _reader(tool: str, path: str) -> Reader:
    known = FILES.get(os.path.basename(path))
    if known is not None and known[0] == tool:
        return known[1]
    if tool == TRIVY:
        return trivyignore_yaml if path.endswith(_YAML) else trivyignore
    if tool == CHECKOV and not path.endswith(_YAML):
        return checkov_baseline
    return _OF_ANY_NAME[tool]
