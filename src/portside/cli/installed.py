"""The keys of a configuration about what is installed: environments, overlays, GitOps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.render.configured import (
    read_environments,
    read_parameters,
    read_roots,
    read_sources,
)

if TYPE_CHECKING:
    from portside.cli.config import Config
    from portside.policy.section import Section


def installed(config: Config, section: Section) -> Config:
    """`config`, read from `section`, with these keys. Raises ConfigError."""
    sources = read_sources(section)
    for name, folder in sources.items():
        if not os.path.isdir(folder):
            hint = "check it out there"
            section.section("gitops").reject(
                f"there is no folder {folder}", "sources", name, hint=hint
            )
    return config._replace(
        environments=read_environments(section),
        kustomize_roots=read_roots(section),
        generated=read_parameters(section),
        checkouts=sources,
    )
