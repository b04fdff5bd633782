"""Options of `kustomize build` that lift its restrictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_PROGRAMS = {
    "--enable-exec": "lets kustomizations run programs",
    "--enable-alpha-plugins": "lets kustomizations run plugins",
    "--enable-star": "lets kustomizations run programs",
    "--network": "lets the functions of kustomizations reach the network",
}
_RESTRICTOR = ("--load-restrictor", "--load_restrictor")
_NONE = ("loadrestrictionsnone", "none")


def unrestricted(words: Sequence[str]) -> Iterator[str]:
    """What the options among `words` open, the worst first and once."""
    said = []
    for word, following in zip(words, (*words[1:], ""), strict=True):
        option, equals, value = word.partition("=")
        if option in _PROGRAMS and value != "false":
            said.append(f"{_PROGRAMS[option]}: {option}")
        elif option in _RESTRICTOR and (value if equals else following).lower() in _NONE:
            said.append(f"lets kustomizations read files outside of their folder: {option}")
    yield from said[:1]
