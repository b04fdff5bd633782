"""`portside vendor`: fetch what the tree refers to outside itself, and pin it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portside.cli.cache_folder import cache_folder
from portside.cli.config import nearest as nearest_configuration
from portside.cli.options import add_config, add_format, columns, parser
from portside.cli.output import say
from portside.errors import UsageError
from portside.report.context import shown
from portside.sources.lock import NAME, nearest
from portside.vendor.fetch import Fetcher
from portside.vendor.folder import leads_out
from portside.vendor.lock import Lock, read_lock, write_lock
from portside.vendor.pin import Pin
from portside.vendor.run import (
    ABSENT,
    CHANGED,
    FAILED,
    FETCHED,
    GONE,
    KEPT,
    MOVED,
    NEW,
    UNPINNED,
    Outcome,
    Plan,
    Result,
    Vendoring,
    alone,
    tidy,
)
from portside.vendor.store import Store
from portside.vendor.vendored import store_of
from portside.vendor.web import Web

EXAMPLES = (
    ("portside vendor", "fetch what is not here yet, and pin it in portside.lock"),
    ("portside vendor --check", "in CI: is everything pinned, and unchanged?"),
    ("portside vendor --update redis", "move one pin to what is there today"),
    ("portside vendor --into vendor", "keep the content in the tree, not in your cache"),
)
ENDS = """\
exit codes: 0 all is pinned and here, 1 something is not what was pinned, or --check differs,
2 usage or configuration error, 3 incomplete: something could not be fetched, 4 a bug in portside"""
UNDONE = "nothing was fetched"
_DIFFERS = {
    NEW: "is not pinned",
    GONE: "is pinned, and nothing refers to it any more",
}


def run(argv: Sequence[str]) -> int:
    """Fetch, or check; the exit code says how it went."""
    options = arguments().parse_args(argv)
    _fit_together(options)
    cache = cache_folder()
    lock = _lock(options)
    store = store_of(lock, cache)
    web = Web(frozenset(it.lower() for it in options.insecure or ()))
    plan = Plan(
        tuple(options.update or ()), options.offline or options.check, False, _config(options)
    )
    if options.check:
        return _check(lock, store, web, plan, options)
    with alone(lock.file, store.folder or lock.root):
        before = _lock(options)
        result = Vendoring(before, Fetcher(store, web), plan).run()
        changed = write_lock(result.lock) if result.lock.pins or before.pins else False
        if before.into == result.lock.into:
            tidy(before, result.lock, store)
    _say(result, options, changed=changed)
    if result.of(CHANGED):
        return 1
    return 3 if result.of(FAILED, UNPINNED, ABSENT) else 0


def arguments() -> argparse.ArgumentParser:
    """The options of `portside vendor`."""
    made = parser(
        "vendor",
        "Fetch what the tree refers to outside itself, and pin it by its content.",
        usage="[PATH] [options]",
        examples=EXAMPLES,
        ends=ENDS,
    )
    made.add_argument(
        "path",
        nargs="?",
        default=".",
        metavar="PATH",
        help="the tree; the portside.lock in it or above it is used (default: the current folder)",
    )
    made.add_argument(
        "--update",
        nargs="?",
        const="",
        action="append",
        metavar="NAME",
        help="move the pins of NAME (a chart, a repository, an address) to what is there today; "
        "without a name, all",
    )
    made.add_argument(
        "--check", action="store_true", help="fetch nothing, say whether the lock is complete"
    )
    made.add_argument(
        "--upstream",
        action="store_true",
        help="with --check: fetch all again, and compare it with what was pinned",
    )
    made.add_argument(
        "--offline", action="store_true", help="fetch nothing: what is not here is an error"
    )
    made.add_argument(
        "--into",
        metavar="FOLDER",
        help="keep the content in this folder of the tree; said once, the lock remembers it",
    )
    made.add_argument(
        "--insecure",
        action="append",
        metavar="HOST",
        help="speak http with HOST or HOST:PORT, unencrypted",
    )
    add_config(made)
    add_format(made, ("text", "json"))
    return made


def _fit_together(options: argparse.Namespace) -> None:
    if options.upstream and not options.check:
        raise UsageError("--upstream goes with --check", undone=UNDONE)
    if options.update and (options.check or options.offline):
        said = "--update fetches, and --check and --offline do not"
        raise UsageError(said, hint="run them one after another", undone=UNDONE)
    if not os.path.isdir(options.path):
        what = "is no folder" if os.path.exists(options.path) else "is not there"
        raise UsageError(what, where=options.path, hint="name the folder of a tree", undone=UNDONE)
    if options.upstream and options.offline:
        raise UsageError("--upstream fetches, and --offline does not", undone=UNDONE)


def _lock(options: argparse.Namespace) -> Lock:
    """The lock in force: at or above the path, else beside portside.yaml, else in the path."""
    file = nearest(options.path)
    if not file:
        config = options.config or nearest_configuration([options.path])
        file = os.path.join(os.path.dirname(config) if config else options.path, NAME)
    file = os.path.relpath(file) if os.path.isabs(file) else os.path.normpath(file)
    lock = read_lock(file)
    if options.into is None:
        _must_stay(lock)
        return lock
    into = os.path.relpath(os.path.join(os.getcwd(), options.into), lock.root or ".")
    into = into.replace(os.sep, "/")
    if leads_out(into):
        hint = f"name a folder below {os.path.abspath(lock.root)}"
        raise UsageError("leads out of the tree", where="--into", hint=hint, undone=UNDONE)
    lock = lock._replace(into=into)
    _must_stay(lock)
    return lock


def _must_stay(lock: Lock) -> None:
    """Refuse a folder that a symbolic link leads out of the tree."""
    folder = os.path.realpath(os.path.join(lock.root, lock.into))
    if lock.into and not folder.startswith(os.path.realpath(lock.root) + os.sep):
        hint = "a symbolic link leads there: remove it, or name another folder"
        raise UsageError("leads out of the tree", where=lock.into, hint=hint, undone=UNDONE)


def _config(options: argparse.Namespace) -> str:
    return options.config or nearest_configuration([options.path]) or ""


def _check(lock: Lock, store: Store, web: Web, plan: Plan, options: argparse.Namespace) -> int:
    result = Vendoring(lock, Fetcher(store, web), plan).run()
    if options.upstream:
        result = _with_upstream(result, web, plan)
    _say(result, options, changed=False)
    if result.of(CHANGED, UNPINNED, GONE) or (lock.into and result.of(ABSENT)):
        return 1
    return 3 if result.of(FAILED) else 0


def _with_upstream(result: Result, web: Web, plan: Plan) -> Result:
    """The result, with what a fetch of everything pinned says, which the cache alone keeps."""
    folder = cache_folder()
    store = Store(os.path.join(folder, "vendored") if folder else "")
    again = Vendoring(result.lock, Fetcher(store, web), plan._replace(offline=True, upstream=True))
    now = {it.wanted.key(): it for it in again.run().outcomes}
    return result._replace(
        outcomes=tuple(
            now.get(it.wanted.key(), it) if it.what in (KEPT, ABSENT) else it
            for it in result.outcomes
        )
    )


def _say(result: Result, options: argparse.Namespace, *, changed: bool) -> None:
    if options.output == "json":
        text = json.dumps(_as_json(result), indent=2, ensure_ascii=False)
        say([f"{text}\n"], machine=True)
        return
    say(_lines(result, options, changed=changed), machine=False)


def _lines(result: Result, options: argparse.Namespace, *, changed: bool) -> Iterator[str]:
    told = [it for it in result.outcomes if it.what != KEPT]
    rows = [(it.what, _title(it)) for it in told if not it.error]
    for line in columns(rows):
        yield f"{shown(line)}\n"
    for it in told:
        if it.error:
            yield from _trouble(it)
        for name in it.left_out[:5]:
            yield f"  left out of {shown(it.wanted.title)}: {shown(name)}\n"
        if len(it.left_out) > 5:
            yield f"  left out of {shown(it.wanted.title)}: {len(it.left_out) - 5} more\n"
    yield f"{_summary(result, options, changed=changed)}\n"


def _title(it: Outcome) -> str:
    wanted = it.wanted
    pin = it.pin or it.before
    version = _version(pin) if pin else wanted.version
    if it.what == MOVED and it.before:
        version = f"{_version(it.before)} → {version}"
    place = str(it.places[0]) if it.places else ""
    more = f" and {len(it.places) - 1} more" if len(it.places) > 1 else ""
    return f"{wanted.kind} {wanted.title} {version}  {wanted.url}  {place}{more}".rstrip()


def _version(pin: Pin) -> str:
    if pin.wanted.kind == "git":
        return pin.version[:12]
    return pin.version or pin.digest[:19]


def _trouble(it: Outcome) -> Iterator[str]:
    where = ", ".join(str(place) for place in it.places[:3])
    wanted = it.wanted
    asked = " ".join(filter(None, (wanted.kind, wanted.title, wanted.version)))
    yield f"{shown(where)}: {shown(asked)} of {shown(wanted.url) or 'nowhere'}\n"
    for line in it.error.split("\n"):
        yield f"  {shown(line.removeprefix('portside: '))}\n"


def _summary(result: Result, options: argparse.Namespace, *, changed: bool) -> str:
    file = result.lock.file
    if not result.outcomes:
        return "nothing here refers to anything outside"
    whats = (NEW, FETCHED, MOVED, KEPT, GONE, ABSENT, UNPINNED, CHANGED, FAILED)
    words = {
        FETCHED: "fetched again as pinned",
        KEPT: "as they were",
        GONE: "no longer referred to",
        ABSENT: "pinned and not here",
        UNPINNED: "not pinned",
        CHANGED: "not what was pinned",
        FAILED: "not fetched",
    }
    counts = [f"{len(result.of(it))} {words.get(it, it)}" for it in whats if result.of(it)]
    head = f"{file} is as it was" if not changed else f"{file} was written"
    return f"{head}: {', '.join(counts)}"


def _as_json(result: Result) -> Mapping[str, Any]:
    return {
        "version": 1,
        "lock": result.lock.file,
        "sources": [
            {
                "state": it.what,
                "kind": it.wanted.kind,
                "url": it.wanted.url,
                "name": it.wanted.name,
                "wants": it.wanted.version,
                "version": (it.pin or it.before or Pin(it.wanted, "", "", 0)).version,
                "digest": (it.pin or it.before or Pin(it.wanted, "", "", 0)).digest,
                "for": [str(place) for place in it.places],
                "error": it.error,
            }
            for it in result.outcomes
        ],
    }
