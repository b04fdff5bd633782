"""Credentials, from where the user's own tools keep them. They are sent, and never shown."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

_LARGEST = 1 << 20
_SECONDS = 30
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_HUB = "https://index.docker.io/v1/"
_HUBS = ("docker.io", "index.docker.io", "registry-1.docker.io")


def for_registry(host: str) -> str:
    """What `Authorization: Basic` takes for a registry; empty where nothing is kept for it.

    Asked are Docker's config.json, its helpers among it, and where `helm registry login` keeps it.
    """
    names = [_HUB, *_HUBS] if host in _HUBS else [host, f"https://{host}", f"https://{host}/v2/"]
    for config in _configs():
        for name in names:
            found = _kept(config, name)
            if found:
                return found
    return ""


def for_web(url: str) -> str:
    """What `Authorization: Basic` takes for `url`, as `git credential` knows it; or nothing."""
    parts = urlsplit(url)
    asked = f"protocol={parts.scheme}\nhost={parts.netloc}\npath={parts.path.lstrip('/')}\n\n"
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    said = _asked(("git", "-c", "core.askPass=", "credential", "fill"), asked, quiet)
    found = dict(line.partition("=")[::2] for line in said.splitlines())
    if not found.get("username") or "password" not in found:
        return ""
    return _encoded(found["username"], found["password"])


def _configs() -> Iterator[Mapping[str, Any]]:
    home = os.path.expanduser("~")
    folder = os.environ.get("DOCKER_CONFIG") or os.path.join(home, ".docker")
    configured = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    helm = os.path.join(configured, "helm", "registry", "config.json")
    for place in (
        os.path.join(folder, "config.json"),
        os.environ.get("HELM_REGISTRY_CONFIG", helm),
    ):
        try:
            with open(place, "rb") as file:
                value = json.loads(file.read(_LARGEST))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _kept(config: Mapping[str, Any], name: str) -> str:
    helpers, kept = config.get("credHelpers"), config.get("auths")
    helper = helpers.get(name) if isinstance(helpers, dict) else None
    here = kept.get(name) if isinstance(kept, dict) else None
    if not isinstance(here, dict):
        here = None
    helper = helper or (config.get("credsStore") if here is not None else None)
    if isinstance(helper, str) and _HELPER.fullmatch(helper):
        return _from_helper(helper, name)
    if here is None:
        return ""
    if isinstance(here.get("auth"), str) and here["auth"]:
        return str(here["auth"]) if here["auth"].isascii() and here["auth"].isprintable() else ""
    user, password = here.get("username"), here.get("password")
    return _encoded(user, password) if isinstance(user, str) and isinstance(password, str) else ""


def _from_helper(helper: str, name: str) -> str:
    """Source: the protocol of github.com/docker/docker-credential-helpers."""
    said = _asked((f"docker-credential-{helper}", "get"), name, {})
    try:
        value = json.loads(said)
        user, secret = value["Username"], value["Secret"]
    except (ValueError, KeyError, TypeError):
        return ""
    return "" if user == "<token>" else _encoded(str(user), str(secret))


def _asked(command: tuple[str, ...], text: str, extra: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own keeper of credentials, no shell
            command,
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, **extra},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _encoded(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()
