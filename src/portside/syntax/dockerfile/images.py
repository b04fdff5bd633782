"""The images that stages are built on, and the parts of an image's name."""

from __future__ import annotations

from portside.syntax.dockerfile.stages import Dockerfile, Stage


def bases(dockerfile: Dockerfile) -> list[Stage]:
    """The stages that count whose base is an image that is known, and not the empty one."""
    return [
        stage
        for stage in dockerfile.used()
        if stage.parent < 0 and stage.base.known and stage.base.text not in ("", "scratch")
    ]


def tag_of(image: str) -> tuple[str, str]:
    """The tag and the digest of an image's name; either may be empty."""
    name, _, digest = image.partition("@")
    _, colon, tag = name.rpartition("/")[2].partition(":")
    return (tag if colon else ""), digest
