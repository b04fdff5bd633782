"""Real git repositories of a few files, and what `portside diff` says of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from tests.scanning import NOW, Answer, portside

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: shop}
spec:
  automountServiceAccountToken: false
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        privileged: PRIVILEGED
"""
WEB = "privileged-container"


def pod(name: str = "web", *, privileged: bool = False) -> str:
    return POD.replace("NAME", name).replace("PRIVILEGED", "true" if privileged else "false")


class Repo:
    """A repository in `folder`, made with the first commit still to come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, folder: str = ".") -> str:
        """What git says, without the configuration of whoever runs the tests."""
        command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", *words]
        done = subprocess.run(
            [*command[:5], "-c", "protocol.file.allow=always", *command[5:]],
            cwd=self.folder / folder,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, **files: str) -> Repo:
        """Write files; `__` in a name is a slash, and `.yaml` is added to its end."""
        for name, text in files.items():
            self.put(f"{name.replace('__', '/')}.yaml", text)
        return self

    def put(self, name: str, text: str | bytes) -> Repo:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def commit(self, message: str = "a change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def diff(self, *words: str, folder: str = ".") -> Answer:
        """The answer to `portside diff -o json WORDS`, on a fixed day."""
        return self.say("-o", "json", *words, folder=folder)

    def say(self, *words: str, folder: str = ".") -> Answer:
        return portside(self.folder / folder, "diff", "--no-cache", "--now", NOW, *words)


def states(answer: Answer, rule: str = WEB) -> list[tuple[str, str]]:
    """(state, name of the object) of each finding of a rule."""
    return [(it["state"], it["resource"]["name"]) for it in _of(answer, rule)]


def _of(answer: Answer, rule: str) -> list[dict[str, Any]]:
    return [it for it in answer.report["findings"] if it["rule"] == rule]


def objects(answer: Answer) -> list[tuple[str, str, list[str]]]:
    """(change, KIND NAME, fields) of each object that differs."""
    return [
        (
            it["change"],
            f"{it['resource']['kind']} {it['resource']['name']}",
            [field["path"] for field in it["fields"]],
        )
        for it in answer.report["objects"]
    ]


def loosened(answer: Answer) -> list[str]:
    return [it["message"] for it in answer.report["loosened"]]
