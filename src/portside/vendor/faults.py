"""What can go wrong when something is fetched, kept or looked up."""

from __future__ import annotations

from portside.errors import ExpectedError

NOTHING_KEPT = "nothing of it was kept"


class FetchError(ExpectedError):
    """What was asked for cannot be had. `where` is its address."""

    exit_code = 3

    def __init__(self, problem: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(problem, where=where, hint=hint, undone=NOTHING_KEPT)


class RefusedError(FetchError):
    """The server answered, and said no; `status` is the code of HTTP."""

    def __init__(self, status: int, *, where: str, hint: str = "", asks: str = "") -> None:
        super().__init__(f"the server answers {status}", where=where, hint=hint)
        self.status = status
        self.asks = asks
        """The header WWW-Authenticate."""


class DigestError(ExpectedError):
    """Content is not what was pinned. `pinned` and `found` are both named in the text."""

    def __init__(self, what: str, pinned: str, found: str, *, where: str, hint: str = "") -> None:
        super().__init__(
            f"{what} is not what was pinned: expected {pinned}, got {found}",
            where=where,
            hint=hint or "if the change is meant, move the pin: portside vendor --update",
            undone="it was not used",
        )
        self.pinned = pinned
        self.found = found


class LockError(ExpectedError):
    """`portside.lock` is not well formed."""
