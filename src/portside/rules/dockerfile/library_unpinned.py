"""A library without a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_commands
from portside.syntax.dockerfile.commands import Ran
from portside.syntax.dockerfile.packages import unpinned_library

RULE = r"""
id: library-unpinned
title: Library is installed without a version or a lock file
severity: low
severity-reason: a rebuild gets another version, or one that somebody has slipped in
why: >-
  The package manager takes the newest version of the day, so that two builds of one Dockerfile
  differ, and a version that an intruder has published gets into the image at once.
fix: Install from a lock file (npm ci, pip install --require-hashes -r), or write the version.
profile: strict
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D006]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - SLSA-1.2:Build
  - NIST-800-190:4.1.1
aliases:
  - "kics:Unpinned Package Version in Pip Install"
  - hadolint:DL3013
  - hadolint:DL3016
  - hadolint:DL3028
examples:
  - bad: pip, npm, gem and go
    file: Dockerfile
    lines: [2, 3, 4, 5, 6]
    manifest: |
      FROM python:3.12.4
      RUN pip install --no-cache-dir flask
      RUN python3 -m pip install -U requests
      RUN npm install -g @example/tool
      RUN gem install bundler
      RUN go install example.org/tool@latest
      USER 65532
  - good: versions and files
    file: Dockerfile
    manifest: |
      FROM python:3.12.4
      RUN pip install flask==3.0.3 "requests>=2,<3" ./app.whl && \
          pip install -r requirements.txt && pip install .
      RUN npm ci && npm install && npm install -g tool@1.2.3 && npm install ./local
      RUN gem install bundler:2.5.11 && gem install rake -v 13.2.1
      RUN go install example.org/tool@v1.2.3 && go install ./...
      USER 65532
  - good: at a commit, and from a variable
    file: Dockerfile
    manifest: |
      FROM python:3.12.4
      RUN pip install git+https://example.org/a.git@0123456 && \
          npm install git+https://example.org/a.git#0123456
      RUN pip install $PACKAGES -c constraints.txt
      USER 65532
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_commands(it, _unpinned)


def _unpinned(ran: Ran) -> Iterator[tuple[int, str]]:
    """The index of the first package without a version, and the sentence."""
    found = unpinned_library(ran)
    if found is not None:
        # A URL may hold a password.
        name = "a package" if "://" in found.name else found.name
        yield found.at, f"installs {name} in whatever version is newest that day"
