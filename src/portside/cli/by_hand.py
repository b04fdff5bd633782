"""`portside render` of one chart or kustomization, as `helm template` and `kustomize build`."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from portside.cli.outside import Outside
from portside.errors import UsageError
from portside.model.finding import Unread
from portside.model.reading import Target
from portside.render import after
from portside.render.process import renderer
from portside.render.refusals import refusal
from portside.render.wire import HelmRequest, KustomizeRequest, Setting
from portside.report.context import shown
from portside.sources.anchor import anchor_of
from portside.sources.files import KUSTOMIZATIONS
from portside.sources.folders import CHART, Chart, Kustomization, packed_chart
from portside.sources.templates import is_packed
from portside.syntax import Document, read

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from portside.cli.config import Config
    from portside.model.reading import ReadFile, Root
    from portside.render.wire import Rendered
    from portside.syntax import Limits

CLEAN, INCOMPLETE = 0, 3
_LARGEST_VALUES = 16 << 20


def head_of(path: str, home: str = "") -> ReadFile | None:
    """What there is to say of `path` where it is a chart or a kustomization itself."""
    within = anchor_of(path if os.path.isdir(path) else os.path.dirname(path) or ".", home)
    if os.path.isfile(path) and is_packed(path):
        return packed_chart(path, path, path)
    if not os.path.isdir(path):
        return None
    name = os.path.normpath(path).replace(os.sep, "/")
    if os.path.isfile(os.path.join(path, CHART)):
        return Chart(path).head(name, name, within)
    for file in KUSTOMIZATIONS:
        if os.path.isfile(os.path.join(path, file)):
            return Kustomization(path, file).head(name, name, within)
    return None


class ByHand:
    """A chart or kustomization that was named itself, rendered as the options say."""

    def __init__(self, head: ReadFile, options: argparse.Namespace, config: Config) -> None:
        assert head.root is not None  # noqa: S101 - a head of something
        self._head = head
        self._root: Root = head.root
        self._options = options
        self._config = config
        self.unread = 0

    def rendered(self) -> Rendered | None:
        """What the renderer makes of it; what it refuses is said on standard error."""
        program = renderer()
        if program is None:
            self._say(self._head.unread[0].file, 0, 0, self._head.fate.reason)
            return None
        target = self._target()
        request = Outside([self._root.within or self._root.path]).given(target.request)
        target = target._replace(request=request)
        if isinstance(request, HelmRequest):
            answer = program.helm(request)
        else:
            answer = program.kustomize(request)
        for warning in answer.warnings:
            plain = warning.removeprefix("warning: ")
            sys.stderr.write(f"portside: {shown(self._root.name)}: warning: {shown(plain)}\n")
        if answer.error is not None:
            said = refusal(target, answer.error)
        else:
            finished = after.finished(target, answer, program)
            if not isinstance(finished, Unread):
                return finished
            said = finished
        self._say(said.file, said.line, said.column, said.reason)
        return None

    def objects(self, answer: Rendered, limits: Limits) -> Iterator[Any]:
        """Every document of what was rendered, as it is."""
        for file in answer.files:
            for it in read(file.text.encode("utf-8", "surrogateescape"), limits):
                if not isinstance(it, Document):
                    self._say(file.name, it.line, it.column, it.message)
                elif it.value is not None:
                    yield it.value

    def exit_code(self) -> int:
        """3 where something was not rendered or could not be read."""
        if not self.unread or self._options.allow_unread:
            return CLEAN
        sys.stderr.write(f"{self.unread} not rendered: the answer is incomplete (exit 3)\n")
        return INCOMPLETE

    def _say(self, file: str, line: int, column: int, reason: str) -> None:
        self.unread += 1
        numbers = [str(number) for number in (line, column) if number]
        sys.stdout.flush()
        sys.stderr.write(f"{':'.join([shown(file), *numbers])}: {shown(reason)}\n")

    def _target(self) -> Target:
        version = _version(self._options.kubernetes_version or self._config.kubernetes_version)
        if self._options.environment:
            return self._of_environment(version)
        return Target(self._root, self._head, self._request(version))

    def _request(self, version: str) -> HelmRequest | KustomizeRequest:
        options, root = self._options, self._root
        if root.kind == "kustomize":
            # As `kustomize build`, which follows folders wherever they are, and no files outside.
            within = root.within or os.path.abspath(os.sep)
            return KustomizeRequest(root.path, within, kubernetes_version=version)
        above = os.path.dirname(os.path.realpath(root.path))
        return self._with_options(
            HelmRequest(
                root.path,
                kubernetes_version=version,
                include_crds=options.include_crds,
                root=anchor_of(above, self._config.folder) or above,
            )
        )

    def _with_options(self, asked: HelmRequest) -> HelmRequest:
        options = self._options
        return asked._replace(
            release=options.release or asked.release,
            namespace=options.namespace or asked.namespace,
            values=(*asked.values, *(_text(it) for it in options.values or ())),
            sets=(*asked.sets, *(one for it in options.sets or () for one in _settings(*it))),
        )

    def _of_environment(self, version: str) -> Target:
        """What is rendered for the environment that -e names."""
        from portside.cli.environments_found import environments_of

        name = self._options.environment
        found = environments_of(self._head, self._options, self._config, version)
        for it in found:
            if it.called == name:
                request = it.request
                if isinstance(request, HelmRequest):
                    request = self._with_options(request)
                return it._replace(request=request)
        names = ", ".join(it.called for it in found) or "none"
        raise UsageError(
            f"{self._root.name} has no environment {name}",
            hint=f"its environments: {names}",
            undone="nothing was rendered",
        )


def _settings(how: str, text: str) -> Iterator[Setting]:
    """A setting; of `set-file` the texts of the files, which may stand anywhere: they were named.

    Raises UsageError.
    """
    if how != "set-file":
        yield Setting(text, how)
        return
    for one in re.split(r"(?<!\\),", text):
        key, separator, path = one.partition("=")
        if not separator or not key or not path:
            said = f"--set-file {one}: names no file for a key"
            raise UsageError(said, hint="write KEY=PATH", undone="nothing was rendered")
        yield Setting(f"{key}={_text(path)}", "set-literal")


def _version(text: str) -> str:
    """`1.34` as Helm knows versions: with all three numbers."""
    return f"{text}.0" if text.count(".") == 1 else text


def _text(path: str) -> str:
    """The values in the file at `path`, which may stand anywhere: it was named. UsageError."""
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST_VALUES + 1)
    except OSError as error:
        said = f"cannot be opened: {error.strerror or error}"
        raise UsageError(said, where=path, undone="nothing was rendered") from error
    if len(data) > _LARGEST_VALUES:
        said = f"holds more than {_LARGEST_VALUES:,} bytes"
        raise UsageError(said, where=path, undone="nothing was rendered")
    return data.decode("utf-8", "replace")


def printed(answer: Rendered, root: Root) -> Iterator[str]:
    """The documents as text, each with the template that made it."""
    for file in answer.files:
        text = file.text.removeprefix("---\n")
        source = "" if root.kind == "kustomize" or "# Source: " in text[:512] else file.name
        yield f"---\n# Source: {source}\n{text}" if source else f"---\n{text}"
        if not text.endswith("\n"):
            yield "\n"
