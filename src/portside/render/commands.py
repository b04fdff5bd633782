"""Runs helm, kubectl and kustomize within limits, and reads what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from typing import IO, TYPE_CHECKING, Any

from portside.records import NamedTuple
from portside.render import wire
from portside.render.pipes import OverLimitError
from portside.syntax.document import Document
from portside.syntax.read import TooLargeError, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portside.render.process import Limits
    from portside.render.wire import KustomizeRequest, RenderedFile, RenderError

_NOWHERE = "http://127.0.0.1:9"
"""Where no proxy listens: what asks for the network is refused at once."""
_HOOK = "helm.sh/hook"
_TICK = 0.01
_SOURCE = "# Source: "
_KUBECTL = '] "command failed" err='
"""What stands before kubectl's words, behind a time and a number."""
_PLACE = re.compile(r"(?:^|[\s(\"])([^\s:(\"]+/[^\s:(\"]+):(\d+)(?::(\d+))?")
_MISSING_CHARTS = re.compile(r"missing in charts/ directory: ([^\n]*)")
_HELM_KINDS = (
    ("values don't meet the specifications of the schema", wire.SCHEMA),
    ("missing in charts/ directory", wire.DEPENDENCY),
    ("failed to parse", wire.SYNTAX),
    ("cannot load", wire.SYNTAX),
    ("Chart.yaml file is missing", wire.MISSING),
    ("no such file or directory", wire.MISSING),
    ("YAML parse error", wire.TEMPLATE),
    ("execution error", wire.TEMPLATE),
    ("parse error", wire.TEMPLATE),
    ("executing ", wire.TEMPLATE),
)
_KUSTOMIZE_KINDS = (
    ("must specify --enable-helm", wire.DEPENDENCY),
    ("no 'git' program on path", wire.REMOTE),
    ("proxyconnect", wire.REMOTE),
    ("unable to find one of 'kustomization.yaml'", wire.MISSING),
    ("no such file or directory", wire.MISSING),
    ("yaml: ", wire.SYNTAX),
    ("invalid Kustomization", wire.SYNTAX),
)


class RefusedError(Exception):
    """What cannot be asked of helm; `error` is the answer."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.error = wire.RenderError(message, kind=kind)


class Said(NamedTuple):
    """How a program ended, and what it wrote."""

    code: int
    out: str
    err: str


def run(command: Sequence[str], home: str, limits: Limits) -> Said:
    """Runs a program with nothing of the user's about it; raises OverLimitError, OSError."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(  # noqa: S603 - found on PATH, with arguments of ours
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=home,
            env=_environment(home, limits),
        )
        try:
            _bound_memory(process.pid, limits)
            _wait(process, (out, err), limits)
        finally:
            process.kill()
            process.wait()
        return Said(process.returncode, _text(out), _text(err))


def _environment(home: str, limits: Limits) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TMPDIR") if name in os.environ}
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY")
    return {
        **kept,
        **dict.fromkeys(proxies, _NOWHERE),
        "HOME": home,
        "HELM_CACHE_HOME": os.path.join(home, "cache"),
        "HELM_CONFIG_HOME": os.path.join(home, "config"),
        "HELM_DATA_HOME": os.path.join(home, "data"),
        "HELM_PLUGINS": os.path.join(home, "plugins"),
        "KUBECONFIG": os.path.join(home, "no-kubeconfig"),
        "GOMEMLIMIT": f"{limits.memory * 3 // 4}MiB",
        "PATH": "",
    }


def _bound_memory(pid: int, limits: Limits) -> None:
    if sys.platform == "linux":
        import resource

        # Go reserves addresses generously: what it may touch is a part of them.
        most = (4 * limits.memory + 2048) << 20
        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (most, most))
        except (OSError, ValueError):
            return  # It has ended, or may not be bounded: time and output still are.


def _wait(process: subprocess.Popen[bytes], files: Sequence[IO[bytes]], limits: Limits) -> None:
    deadline = time.monotonic() + limits.seconds
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise OverLimitError(f"rendering takes longer than {limits.seconds:g} seconds")
        _hold(files, limits)
        try:
            process.wait(_TICK)
        except subprocess.TimeoutExpired:
            continue
    _hold(files, limits)


def _hold(files: Sequence[IO[bytes]], limits: Limits) -> None:
    for file in files:
        if os.fstat(file.fileno()).st_size > limits.output << 20:
            raise OverLimitError(f"what was rendered is larger than {limits.output} MiB")


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def helm_files(out: str) -> tuple[RenderedFile, ...]:
    """The documents that `helm template` wrote, each under the template that made it."""
    return tuple(_files(out))


def _files(out: str) -> Iterator[RenderedFile]:
    name, lines = "", list[str]()
    rows = out.split("\n")
    for number, row in enumerate(rows):
        begins = row == "---" and rows[number + 1 : number + 2] != []
        if begins and rows[number + 1].startswith(_SOURCE):
            if name:
                yield _file(name, lines)
            name, lines = rows[number + 1].removeprefix(_SOURCE).strip(), []
        elif not (row.startswith(_SOURCE) and not lines):
            lines.append(row)
    if name:
        yield _file(name, lines)


def _file(name: str, lines: Sequence[str]) -> RenderedFile:
    text = "\n".join(lines)
    hook = _hook(text) if _HOOK in text else ""
    events = [event.strip().lower() for event in hook.split(",")] if hook else []
    kind = "template"
    if hook:
        kind = "test" if {"test", "test-success"} & set(events) else "hook"
    elif "/crds/" in name:
        kind = "crd"
    return wire.RenderedFile(name, text, ",".join(events), kind)


def _hook(text: str) -> str:
    """The annotation that makes an object a hook; helm itself no longer says which are."""
    try:
        documents = list(read(text.encode()))
    except TooLargeError:
        return ""
    for document in documents:
        value: Any = document.value if isinstance(document, Document) else None
        for key in ("metadata", "annotations", _HOOK):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
    return ""


def helm_warnings(err: str) -> tuple[str, ...]:
    """What helm wrote to its standard error: warnings of values that were skipped, among others."""
    lines = (line.strip() for line in err.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))[:1000]


def helm_error(err: str, chart: str) -> RenderError:
    """Why helm refused, in its words."""
    message = _without(err, chart)
    kind = next((kind for sign, kind in _HELM_KINDS if sign in message), wire.REFUSED)
    file, line, column = "", 0, 0
    places = _PLACE.findall(message) if kind == wire.TEMPLATE else []
    if places:
        name, row, at = places[-1]
        file, line, column = name.split("/", 1)[-1], int(row), int(at or 0)
    elif kind in (wire.DEPENDENCY, wire.SCHEMA):
        file = "Chart.yaml" if kind == wire.DEPENDENCY else "values.schema.json"
    missing = _MISSING_CHARTS.search(message)
    names = tuple(missing[1].split(", ")) if missing else ()
    return wire.RenderError(message, file, line, column, kind, names)


def kustomize_error(err: str, request: KustomizeRequest) -> RenderError:
    """Why kustomize refused, in its words."""
    message = _without(err, request.root)
    kind = next((kind for sign, kind in _KUSTOMIZE_KINDS if sign in message), wire.REFUSED)
    if "must specify --enable-helm" in message:
        message += "; helmCharts are inflated by portside-render only"
    name = os.path.relpath(os.path.abspath(request.path), os.path.abspath(request.root))
    return wire.RenderError(message, name.replace(os.sep, "/"), kind=kind)


def _without(err: str, root: str) -> str:
    lines = [line for line in err.splitlines() if not line.startswith(("# Warning", "level="))]
    message = "\n".join(lines).strip().removeprefix("Error: ").removeprefix("error: ")
    if _KUBECTL in message:
        message = message.split(_KUBECTL, 1)[1].strip('<>" \n\t')
    for one in {os.path.abspath(root), os.path.realpath(root)}:
        message = message.replace(one + os.sep, "")
    return message[:6000] or "nothing was said"
