"""`portside render`: the objects as they were read, before they take on their judged form (D12)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.as_installed import EACH, AsInstalled, Seen
from portside.cli.options import (
    add_environment,
    add_format,
    add_paths,
    add_selection,
    add_version,
    parser,
)
from portside.cli.rendering import made_again
from portside.cli.sources import Sources, add_allow_unread
from portside.errors import UsageError
from portside.model.reading import Target
from portside.model.resource import FileResource
from portside.report.words import many

if TYPE_CHECKING:
    from portside.model.resource import Resource

ENDS = """\
A chart or an overlay that is named itself is rendered as helm template and kustomize build do, or
with -e as it is installed there: by portside.yaml, values files, Argo CD or Flux. Of a folder, -e
shows all that runs in ENV: manifests, and each chart and overlay that has it, or only one way.

exit codes: 0 all was read, 2 usage, 3 something could not be read or rendered"""
_DEEP = 5_000
"""Python's JSON writer recurses on the machine's stack; the reader bounds depth to 1,000."""


def run(argv: Sequence[str]) -> int:
    """Write every object that the arguments name; 3 where something could not be read."""
    options = arguments().parse_args(argv)
    sources = Sources(options)
    # What a program reads is UTF-8 wherever we run.
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    chart = _by_hand(options, sources)
    if chart is not None:
        return chart
    _refuse_options(options)
    folder = AsInstalled(options, options.environment or EACH)
    if folder.renders():
        return _as_installed(folder, options)
    if options.environment:
        said = f"-e {options.environment} is for charts and overlays, and there are none"
        raise UsageError(said, undone="nothing was rendered")
    write = _yaml if options.output == "yaml" else _json
    for part in write(sources.resources()):
        sys.stdout.write(part)
    return sources.exit_code()


def _by_hand(options: argparse.Namespace, sources: Sources) -> int | None:
    """The exit code where one chart or kustomization is named; None for anything else."""
    from portside.cli.by_hand import ByHand, head_of, printed

    home = sources.config.folder
    heads = [head for it in options.paths if it != "-" and (head := head_of(it, home)) is not None]
    if not heads:
        return None
    if len(options.paths) > 1:
        said = "a chart or a kustomization is rendered by itself: name no other path"
        raise UsageError(said, undone="nothing was rendered")
    chart = ByHand(heads[0], options, sources.config)
    answer = chart.rendered()
    if answer is None:
        if options.output == "json":
            sys.stdout.write("[]\n")
    elif options.output == "json":
        sys.stdout.writelines(_listed(chart.objects(answer, sources.config.limits)))
    else:
        assert heads[0].root is not None  # noqa: S101 - a head of something
        sys.stdout.writelines(printed(answer, heads[0].root))
    return chart.exit_code()


def _as_installed(folder: AsInstalled, options: argparse.Namespace) -> int:
    """Write what is installed of a folder in one environment: manifests, charts and overlays."""
    listed = list(folder.seen())
    targets = [it.item for it in listed if isinstance(it.item, Target)]
    if len(targets) > 1 and not options.environment:
        raise UsageError(
            f"there are {len(targets)} ways to install what is here",
            hint=f"name an environment with -e, or one of the folders:\n{_listed_of(targets)}",
            undone="nothing was rendered",
        )
    if options.output == "yaml":
        for it in listed:
            sys.stdout.writelines(_texts(it, folder))
    else:
        sys.stdout.writelines(_listed(it.value for one in listed for it in _of(one, folder)))
    return folder.exit_code()


def _listed_of(targets: Sequence[Target]) -> str:
    names: dict[str, list[str]] = {}
    for it in targets:
        names.setdefault(it.root.name, []).append(it.called)
    return "\n".join(f"  {root}: {', '.join(called)}" for root, called in names.items())


def _of(it: Seen, folder: AsInstalled) -> Iterator[Resource]:
    if isinstance(it.item, Target):
        yield from folder.made_of(it, made_again(it.item, folder.config.limits))
    else:
        yield from (one for one in folder.read(it) if type(one) is not FileResource)


def _texts(it: Seen, folder: AsInstalled) -> Iterator[str]:
    """YAML: of files the objects, of what is rendered its text, with what made it."""
    if not isinstance(it.item, Target):
        found = list(_of(it, folder))
        if found:
            yield "---\n"
            yield from _yaml(iter(found))
        return
    made = made_again(it.item, folder.config.limits)
    objects = many(len(list(folder.made_of(it, made))), "object")
    yield f"# {it.item.root.name} in {it.item.called}: {objects}\n"
    lines = made.text.splitlines(keepends=True)
    firsts = [part.first for part in made.rendering.parts]
    for part, end in zip(made.rendering.parts, [*firsts[1:], len(lines) + 1], strict=True):
        text = "".join(lines[part.first : end - 1])
        known = "# Source: " in text[:512]
        yield f"---\n{text}" if known else f"---\n# Source: {part.file}\n{text}"


def _refuse_options(options: argparse.Namespace) -> None:
    """Options of charts say nothing of files: that they do nothing must not pass in silence."""
    given = {
        "--values": options.values,
        "--set": options.sets,
        "--release": options.release,
        "--namespace": options.namespace,
        "--include-crds": options.include_crds,
    }
    for name, value in given.items():
        if value:
            said = f"{name} is for a chart or a kustomization, and none is named"
            hint = "name its folder: portside render charts/shop"
            raise UsageError(said, hint=hint, undone="nothing was rendered")


def arguments() -> argparse.ArgumentParser:
    """The options of `portside render`."""
    made = parser(
        "render",
        "The objects as they are read or rendered: nulls kept, no defaults.",
        usage="[PATH ...] [-o yaml|json] [options]",
        examples=(
            ("portside render shop/", "one stream of YAML documents"),
            ("portside render -o json shop/ | jq", "one JSON list"),
            ("portside render - < all.json", "from standard input, as YAML"),
            ("portside render chart/ --set replicas=3", "a chart, as helm template has it"),
            ("portside render chart/ -e prod", "a chart, as it is in one environment"),
            ("portside render . -e prod", "all that runs in it: manifests, charts, overlays"),
            ("portside render overlays/prod", "an overlay, as kustomize build has it"),
        ),
        ends=ENDS,
    )
    add_paths(made)
    add_format(made, ("yaml", "json"))
    add_allow_unread(add_selection(made))
    _add_rendering(made)
    return made


def _add_rendering(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("how a chart or an overlay is rendered")
    add_environment(group)
    group.add_argument(
        "--values", action="append", metavar="FILE", help="values; the last of several come first"
    )
    for how in ("set", "set-string", "set-json", "set-file", "set-literal"):
        group.add_argument(
            f"--{how}",
            action="append",
            dest="sets",
            type=_setting(how),
            metavar="KEY=VALUE",
            help=f"one value, as helm's --{how} has it",
        )
    group.add_argument("--release", metavar="NAME", help="(default: release-name)")
    group.add_argument("--namespace", metavar="NAME", help="(default: default)")
    add_version(group)
    group.add_argument(
        "--include-crds", action="store_true", help="what stands in crds/ of a chart, too"
    )


def _setting(how: str) -> Callable[[str], tuple[str, str]]:
    return lambda text: (how, text)


def _yaml(resources: Iterator[Resource]) -> Iterator[str]:
    from portside.syntax.write import written

    return written(it.value for it in resources)


def _json(resources: Iterator[Resource]) -> Iterator[str]:
    return _listed(it.value for it in resources)


def _listed(values: Iterator[Any]) -> Iterator[str]:
    mark = "["
    for it in values:
        yield f"{mark}\n  {_one_line(it)}"
        mark = ","
    yield "[]\n" if mark == "[" else "\n]\n"


def _one_line(value: Any) -> str:
    import json

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEP))
    try:
        return json.dumps(value)
    except RecursionError as error:
        raise UsageError(
            "an object is nested too deep to be written as JSON",
            hint="-o yaml writes every depth; or lower limits.depth in portside.yaml",
            undone="what follows was not written",
        ) from error
    finally:
        sys.setrecursionlimit(limit)
