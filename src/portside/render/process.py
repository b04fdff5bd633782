"""The renderer as a process: one for each Python process, started at the first request.

`renderer()` finds it; without any, charts and kustomizations are unread. The protocol is
docs/reference/render-protocol.md.
"""

from __future__ import annotations

import atexit
import json
import os
from _thread import allocate_lock
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from portside.records import NamedTuple
from portside.render import child, wire
from portside.render.pipes import Exchange, OverLimitError

if TYPE_CHECKING:
    from portside.render.wire import (
        HelmRequest,
        KustomizeRequest,
        Rendered,
        Request,
        TemplateRequest,
    )

PROGRAM = "portside-render"
_GRACE = 5.0
"""Seconds that the program has beyond its own limit, to say that it went over it."""


class Limits(NamedTuple):
    """What one request may take: the program holds itself to them, and is killed beyond them."""

    seconds: float = 30.0
    memory: int = 1024
    """In MiB."""
    output: int = 64
    """In MiB, as JSON."""


class Renderer(Protocol):
    """Renders; a chart or kustomization that cannot be rendered is an answer with an error."""

    name: str
    """What does the work, for people: `portside-render`, `helm`, `kubectl`."""
    identity: str
    """Changes with what does the work: for keys of caches."""

    def helm(self, request: HelmRequest) -> Rendered:
        """The objects of a chart, as `helm template` has them."""

    def start(self) -> None:
        """Start what runs between requests, so that the first answer comes sooner."""

    def begin(self, request: Request) -> None:
        """Have it answered while something else is done; then it is to be asked for as ever."""

    def is_busy(self) -> bool:
        """Whether the answer to what was begun is not there yet."""

    def kustomize(self, request: KustomizeRequest) -> Rendered:
        """The objects of a kustomization, as `kustomize build` has them."""

    def template(self, request: TemplateRequest) -> Rendered:
        """Texts with Go templates, as Argo CD fills them in."""


def renderer() -> Renderer | None:
    """The renderer that is there: ours, else helm, kubectl and kustomize on PATH, else None.

    It is looked for once for each value of PATH. No process is started before the first request.
    """
    return _found(os.environ.get("PATH", ""))


@lru_cache(maxsize=4)
def _found(path: str) -> Renderer | None:
    program = _of_package() or _on(path)
    if program:
        return Program(program)
    from portside.render import fallback

    return fallback.found(path)


def _of_package() -> str | None:
    try:
        package = import_module("portside_render")
    except ImportError:
        return None
    path = str(package.program())
    return path if os.path.isfile(path) else None


def _on(path: str) -> str | None:
    # What shutil loads for its archives takes longer than to start the program.
    if os.name != "posix":
        from shutil import which

        return which(PROGRAM, path=path)
    for folder in path.split(os.pathsep):
        found = os.path.join(folder, PROGRAM)
        if os.path.isfile(found) and os.access(found, os.X_OK):
            return found
    return None


def identity_of(program: str) -> str:
    """What changes when another program is put in this one's place."""
    try:
        found = os.stat(program)
    except OSError:
        return program
    return f"{program} {found.st_size} {found.st_mtime_ns}"


class Program:
    """portside-render: started when asked, again in a forked child, and again when it ended."""

    name = PROGRAM

    def __init__(self, program: str, limits: Limits = Limits()) -> None:  # noqa: B008 - immutable
        self.identity = identity_of(program)
        self._program = program
        self._limits = limits
        self._running: _Running | None = None
        self._lock = allocate_lock()
        self._owner = os.getpid()
        self._number = 0
        self._begun: Request | None = None
        """What was asked ahead; its answer is still to come."""

    def helm(self, request: HelmRequest) -> Rendered:
        """The objects of a chart, as `helm template` has them."""
        return self._ask(_absolute(request))

    def kustomize(self, request: KustomizeRequest) -> Rendered:
        """The objects of a kustomization, as `kustomize build` has them."""
        return self._ask(_absolute(request))

    def template(self, request: TemplateRequest) -> Rendered:
        """Texts with Go templates, as Argo CD fills them in."""
        return self._ask(request)

    def start(self) -> None:
        """Start the process, so that the first answer comes sooner."""
        self._own()
        with self._lock:
            self._started()

    def begin(self, request: Request) -> None:
        """Have it answered while something else is done; then it is to be asked for as ever.

        What is asked for before that costs the answer.
        """
        self._own()
        with self._lock:
            self._skip()
            if self._send(_absolute(request)) is None:
                self._begun = _absolute(request)

    def is_busy(self) -> bool:
        """Whether the answer to what was begun is not there yet."""
        begun = self._begun is not None and self._owner == os.getpid()
        return begun and self._running is not None and not self._running.ready()

    def close(self) -> None:
        """Ends the process; the next request starts another."""
        running, self._running, self._begun = self._running, None, None
        if running:
            running.end(self._owner == os.getpid())

    def _own(self) -> None:
        if self._owner != os.getpid():
            # After a fork the parent goes on with its process, and may have held the lock.
            self._lock = allocate_lock()
            self.close()
            self._owner = os.getpid()

    def _ask(self, request: Request | TemplateRequest) -> Rendered:
        self._own()
        with self._lock:
            if self._begun != request:
                self._skip()
                failed = self._send(request)
                if failed is not None:
                    return failed
            self._begun = None
            return self._answer()

    def _skip(self) -> None:
        """Hear the answer that nobody asked for in the end."""
        if self._begun is not None:
            self._begun = None
            self._answer()

    def _send(self, request: Request | TemplateRequest) -> Rendered | None:
        """Send it; the answer where that cannot be."""
        self._number += 1
        try:
            line = json.dumps(wire.encode(request, self._number)).encode() + b"\n"
        except (TypeError, ValueError) as error:
            return wire.failed(f"the request cannot be written as JSON: {error}", wire.REFUSED)
        running = self._started()
        if isinstance(running, str):
            return wire.failed(running, wire.MISSING)
        running.send(line)
        return None

    def _answer(self) -> Rendered:
        running = self._running
        assert running is not None  # noqa: S101 - it was sent a request
        try:
            answer = running.answer(self._limits)
        except OverLimitError as over:
            self.close()
            return wire.failed(str(over), wire.LIMIT)
        if answer:
            return self._decoded(answer)
        why = running.why_ended()
        self.close()
        return why

    def _decoded(self, line: bytes) -> Rendered:
        try:
            answer = json.loads(line)
            if answer["id"] != self._number:
                raise ValueError("the answer is to another request")
            rendered = wire.decode(answer)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            self.close()
            return wire.failed(f"{self.name} gave an answer that is none: {error}", wire.REFUSED)
        if rendered.error and rendered.error.kind == wire.LIMIT:
            # It ends itself where it cannot stop a template: let the next request not meet that.
            self.close()
        return rendered

    def _started(self) -> _Running | str:
        if self._running and self._running.has_ended():
            self.close()
        if self._running is None:
            try:
                self._running = _Running(self._program, self._limits)
            except OSError as error:
                return f"{self._program} cannot be started: {error.strerror or error}"
            atexit.unregister(self.close)
            atexit.register(self.close)
        return self._running


class _Running:
    """A started program and its pipes."""

    def __init__(self, program: str, limits: Limits) -> None:
        self._process = child.start(
            [
                program,
                f"--seconds={limits.seconds:g}",
                f"--memory={limits.memory}",
                f"--output={limits.output}",
            ],
            {name: os.environ[name] for name in _PASSED if name in os.environ},
        )
        self._exchange = Exchange(self._process)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def send(self, line: bytes) -> None:
        self._exchange.send(line)

    def ready(self) -> bool:
        return self._exchange.ready()

    def answer(self, limits: Limits) -> bytes:
        """The line of the answer, empty where the program ended; raises OverLimitError."""
        return self._exchange.answer(limits.seconds + _GRACE, (limits.output << 20) + (1 << 20))

    def why_ended(self) -> Rendered:
        """The answer of a program that ended without one."""
        code = self._process.within(_GRACE) or 0
        said = self._exchange.said()
        if any(sign in said for sign in _OUT_OF_MEMORY):
            return wire.failed("rendering takes more memory than it may have", wire.LIMIT)
        first = said.strip().split("\n", 1)[0][:500] or "nothing was said"
        return wire.failed(f"{PROGRAM} ended with code {code}: {first}", wire.REFUSED)

    def end(self, ours: bool) -> None:
        """Closes the pipes and, where the process is a child of this one, kills it."""
        self._exchange.close()
        if ours:
            self._process.kill()
        else:
            self._process.disown()


def _absolute(request: Request) -> Request:
    """The request with paths that are the same for another process."""
    if isinstance(request, wire.KustomizeRequest):
        path, root = os.path.abspath(request.path), os.path.abspath(request.root)
        return request._replace(path=path, root=root)
    values = tuple(
        one._replace(path=os.path.abspath(one.path)) if isinstance(one, wire.ValuesFile) else one
        for one in request.values
    )
    root = os.path.abspath(request.root) if request.root else ""
    return request._replace(chart=os.path.abspath(request.chart), values=values, root=root)


_PASSED = ("TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
_OUT_OF_MEMORY = ("out of memory", "cannot allocate memory", "stack exceeds", "failed to reserve")
