"""libyaml's parser of events, and the rest of PyYAML only once somebody asks for it.

`import yaml` costs a scan as much as most of its other imports together: it compiles the regular
expressions of a second parser, a constructor and a resolver, of which nothing is used here. The
extension module needs of these only the classes of its errors. So the package is put in place
unexecuted, as `importlib.util.LazyLoader` would, the extension is loaded with small modules in the
places of those, and the first one to ask the package for anything else executes it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_LIGHT = ("error", "tokens", "events", "nodes")
"""The modules that the extension uses and that cost little."""

_ERRORS = {
    "reader": "ReaderError",
    "scanner": "ScannerError",
    "parser": "ParserError",
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "serializer": "SerializerError",
    "representer": "RepresenterError",
}


def load() -> Any:
    """The class of libyaml's parser. Raises ImportError where PyYAML was built without libyaml.

    PyYAML's own parser is no substitute: a tab ends its words, half a surrogate pair is a character
    to it, and it needs seconds for a file that is long in the wrong way.
    """
    if "yaml" not in sys.modules:
        spec = PathFinder.find_spec("yaml")
        if spec is not None and spec.loader is not None:
            try:
                return _alone(spec)
            except (ImportError, AttributeError):
                sys.modules.pop("yaml", None)
    import yaml

    if not yaml.__with_libyaml__:
        raise ImportError(
            "PyYAML is installed without libyaml, and so does not read YAML as Kubernetes does; "
            "pip install --force-reinstall --only-binary=:all: PyYAML brings it"
        )
    return import_module("yaml.cyaml").CParser


def _alone(spec: ModuleSpec) -> Any:
    package = sys.modules["yaml"] = _unexecuted(spec)
    for name in _LIGHT:
        import_module(f"yaml.{name}")
    error = sys.modules["yaml.error"]
    for name, class_name in _ERRORS.items():
        bases: tuple[type, ...] = (error.MarkedYAMLError,)
        if name == "reader":
            bases = (_ReaderError, error.YAMLError)
        module = sys.modules[f"yaml.{name}"] = ModuleType(f"yaml.{name}")
        setattr(module, class_name, type(class_name, bases, {}))
        setattr(package, name, module)
    try:
        return import_module("yaml._yaml").CParser
    finally:
        for name in _ERRORS:
            del sys.modules[f"yaml.{name}"]
            delattr(package, name)


class _ReaderError:
    """What the extension says of a character that YAML does not allow."""

    def __init__(
        self, name: str, position: int, character: object, encoding: str, reason: str
    ) -> None:
        super().__init__(reason)  # type: ignore[call-arg]
        self.position = position
        self.reason = reason


def _unexecuted(spec: ModuleSpec) -> ModuleType:
    """The package with its path but without its contents, which the first question loads."""
    from importlib.util import module_from_spec

    package = module_from_spec(spec)

    def whole(name: str) -> Any:
        if spec.loader is None:
            raise AttributeError(name)
        package.__dict__.pop("__getattr__", None)
        spec.loader.exec_module(package)
        return getattr(package, name)

    package.__dict__["__getattr__"] = whole
    return package


Parser = load()

from yaml.error import MarkedYAMLError, YAMLError  # noqa: E402 - by now they cost little
from yaml.events import (  # noqa: E402
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

__all__ = [
    "AliasEvent",
    "DocumentEndEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "MarkedYAMLError",
    "Parser",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "YAMLError",
]
