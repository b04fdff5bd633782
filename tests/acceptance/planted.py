"""Values that nobody could guess, to be planted where credentials turn up, and found again."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from itertools import count

_NUMBER = count(10_000)
_SECRET = ("zq7Kx", "LmT4rB2nY6cD8fG1h")
_STRAY = ("wj8Qy", "RnP6sH3kZ9dM2vX5b")


class Planted:
    """Values that are planted, each once, so that one that is told says where it stood."""

    def __init__(self) -> None:
        self.values: list[str] = []

    def __call__(self, form: str = "{}") -> str:
        return self._made(_SECRET, form)

    def stray(self) -> str:
        """A value where no credential belongs, and where names stand: only the cache may keep it.

        Rules across objects ask about such fields, and no message may quote what is wrong in them.
        """
        return self._made(_STRAY, "{}")

    def _made(self, ends: tuple[str, str], form: str) -> str:
        value = f"{ends[0]}{next(_NUMBER)}vW9p{ends[1]}J3"
        self.values.append(value)
        return form.format(value)

    def encoded(self) -> str:
        return b64encode(self().encode()).decode()


def _forms(*parts: str) -> Iterator[str]:
    """How a planted value, or its first or last twenty characters, looks in another text.

    JSON, Python's repr, URLs and markup leave its letters as they are; base64 has three forms, by
    where in a longer text it begins.
    """
    for part in parts:
        yield part
        yield part.encode().hex()
        for before in range(3):
            whole = b64encode(b"\0" * before + part.encode()).decode()
            first = (before * 8 + 5) // 6
            yield whole[first : (before + len(part)) * 8 // 6]


def _any_of(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _forms(*parts))), re.IGNORECASE)


_SAID, _KEPT = _any_of(*_SECRET, *_STRAY), _any_of(*_SECRET)


def told(text: str) -> list[str]:
    """The lines of `text` that tell a planted value, in whatever form."""
    return [line for line in text.splitlines() if _SAID.search(line)]


def keeps(data: bytes) -> bool:
    """Whether a file of the cache keeps a planted value, in whatever form."""
    return _KEPT.search(data.decode("latin-1")) is not None
