"""What is scanned, with all ways to install it: as `scan` has it, for the commands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.cli.deployed import Deployed, deployed
from portside.cli.targets import targets

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from portside.cli.config import Config
    from portside.cli.stage_a import Item
    from portside.cli.targets import Targets


def as_installed(
    items: Sequence[Item], options: argparse.Namespace, config: Config, minor: int
) -> Targets:
    """`items`, with the targets of charts and kustomizations in place of their heads.

    What objects of Argo CD and Flux in them install comes with them. Raises ConfigError for
    environments of `config` that name what is not there.
    """
    found = deployed(
        items, options, config, lambda: targets(items, config, minor, Deployed()).items
    )
    return targets(items, config, minor, found)
