"""What `uses:` and `image:` name: an action with its ref, an image with its tag or digest."""

from __future__ import annotations

from portside.records import NamedTuple

_HEX = frozenset("0123456789abcdefABCDEF")


class Uses(NamedTuple):
    """`owner/repository/path@ref`, with everything but the ref in lower case."""

    owner: str
    repository: str
    path: str | None
    """Behind the repository, as it is written; None where there is none."""
    ref: str

    @property
    def slug(self) -> str:
        return f"{self.owner}/{self.repository}"

    @property
    def is_commit(self) -> bool:
        """Whether the ref is a whole commit hash, which nobody can move."""
        return is_commit(self.ref)

    def names(self, action: str) -> bool:
        """Whether it is this action: `actions/cache`, `gradle/actions/setup-gradle`."""
        name = self.slug if self.path is None else f"{self.slug}/{self.path.lower()}"
        return name == action

    def fits(self, pattern: str) -> bool:
        """Whether it fits `owner/*`, `owner/repository`, `owner/repository/*`, `…/path` or `…@ref`.

        A pattern without a path is for the repository's own action, as its authors write it.
        """
        name, _, ref = pattern.partition("@")
        name = name.lower()
        if ref and ref != self.ref:
            return False
        if name in ("*", f"{self.owner}/*", f"{self.slug}/*"):
            return True
        return self.names(name)


def uses(text: str) -> Uses | None:
    """The action of a repository that `uses:` names; None for a folder, an image or no name."""
    text = text.strip()
    if text.startswith(("./", "../", "$/", "docker://")):
        return None
    name, at, ref = text.rpartition("@")
    owner, _, rest = name.partition("/")
    repository, slash, path = rest.partition("/")
    if not (at and owner and repository):
        return None
    return Uses(owner.lower(), repository.lower(), path if slash else None, ref)


def is_local(text: str) -> bool:
    """Whether `uses:` names a folder of the same repository."""
    return text.strip().startswith(("./", "$/"))


def is_commit(ref: str) -> bool:
    return len(ref) in (40, 64) and set(ref) <= _HEX


class Image(NamedTuple):
    name: str
    """With the registry; empty for no image."""
    tag: str
    digest: str


def image(text: str) -> Image:
    """The image that `text` names, with or without `docker://` in front."""
    text = text.strip().removeprefix("docker://")
    name, _, digest = text.partition("@")
    slash = name.rfind("/")
    colon = name.find(":", slash + 1)
    if colon < 0:
        return Image(name, "", digest)
    return Image(name[:colon], name[colon + 1 :], digest)


Version = tuple[int, int, int]


def version(ref: str) -> Version | None:
    """The version that a tag says: `v4`, `4.1`, `v4.1.7`; None for what is none."""
    text = ref.strip().removeprefix("v").removeprefix("V").partition("-")[0].partition("+")[0]
    parts = text.split(".")
    if len(parts) > 3 or not all(it.isascii() and it.isdigit() and len(it) < 10 for it in parts):
        return None
    major, minor, patch, *_ = (*map(int, parts), 0, 0)
    return major, minor, patch
