"""A script is fetched and run at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import Ran, runs
from portside.syntax.dockerfile.stages import Dockerfile

RULE = r"""
id: remote-script-executed
title: Build runs a script straight from the network
severity: high
severity-reason: whoever controls the server runs commands in the build
why: >-
  What curl or wget fetches is given to a shell or an interpreter without being looked at. Who
  breaks into that server, or onto the way there, runs commands in the build and decides what is
  in the image.
fix: >-
  Fetch the script to a file, check its SHA-256 in the same RUN, and run it then, or install a
  packaged version.
profile: recommended
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D004]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - SLSA-1.2:Build
  - ATT&CK:T1195.002
  - CIS-Docker:4.9
examples:
  - bad: piped into a shell
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      RUN curl -fsSL https://example.org/install.sh | sh
      USER 65532
  - bad: on a continued line, through sudo and another filter
    file: Dockerfile
    lines: [3]
    manifest: |
      FROM alpine:3.20
      RUN apk add curl && \
          curl -fsSL https://example.org/install.sh | tee /log | sudo -E bash -s -- -y
      USER 65532
  - bad: substituted into a command, a redirection, an array and a here-document
    file: Dockerfile
    lines: [2, 3, 4, 6]
    manifest: |
      FROM alpine:3.20
      RUN sh -c "$(wget -qO- https://example.org/install.sh)"
      RUN bash <(curl https://example.org/install.sh)
      RUN ["bash", "-c", "curl https://example.org/install.py | python3 -"]
      RUN <<EOF
      eval "$(curl https://example.org/env)"
      EOF
      USER 65532
  - good: to a file, checked, then run
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN curl -fsSLo i.sh https://example.org/install.sh && \
          echo "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d  i.sh" | sha256sum -c && sh i.sh
      USER 65532
  - good: an archive is only unpacked, a key only kept
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN curl -fsSL https://example.org/a.tgz | tar xz && curl \
          https://example.org/key | gpg --dearmor > /k
      USER 65532
  - good: a script of the image
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN cat /install.sh | sh
      USER 65532
"""


_FETCHERS = frozenset({"curl", "wget", "fetch", "aria2c"})
_RUNNERS = frozenset(
    {
        *("sh", "bash", "ash", "dash", "zsh", "ksh", "eval", "source", ".", "node", "perl", "ruby"),
        *("php", "python", "python2", "python3", "pwsh", "iex"),
    }
)


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for ran in runs(stage):
            if ran.name in _RUNNERS and (_reads_network(ran) or _holds_network(ran)):
                said = f"gives {ran.name} a script from the network that nothing has checked"
                path = (*dockerfile.path(ran.step.instruction), ran.name)
                yield Violation(said, path, place=ran.place())


def _reads_network(ran: Ran) -> bool:
    """Whether a download comes to it through pipes, and it takes its script from there."""
    if any(not word.text.startswith("-") for word in ran.words[1:2]):
        return False
    commands = ran.script.commands
    seen: set[int] = set()
    pending = list(ran.command.reads)
    while pending:
        number = pending.pop()
        if number in seen or number >= len(commands):
            continue
        seen.add(number)
        if _names(commands[number].words, _FETCHERS):
            return True
        pending.extend(commands[number].reads)
    return False


def _holds_network(ran: Ran) -> bool:
    """Whether a download is substituted into its words."""
    if all(word.literal for word in ran.words):
        return False
    number = next(
        (at for at, command in enumerate(ran.script.commands) if command is ran.command), -1
    )
    return number >= 0 and any(
        command.inside == number and _names(command.words, _FETCHERS)
        for command in ran.script.commands
    )


def _names(words: tuple[Any, ...], names: frozenset[str]) -> bool:
    """Whether the command, or what `sudo` and the like run, is one of `names`."""
    return any(word.text.rpartition("/")[2] in names for word in words[:3])
