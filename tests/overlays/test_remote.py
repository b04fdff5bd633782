"""Addresses of bases elsewhere are told from paths as Kustomize tells them."""

from __future__ import annotations

import pytest

from portside.overlays.remote import COMMIT, MOVES, TAG, Remote, remote

HASH = "4f1c2d9e0d5c4f4e9f430a3e1c0a7b11deadbeef"


@pytest.mark.parametrize(
    "text",
    [
        *("../base", "./base", "base", "a.yaml", "/abs/base", "github.com", "github.com.yaml"),
        *("github.com/one", "file:///srv/base", "dir/github.com/a/b", "", "a@b", "https.yaml"),
    ],
)
def test_a_path_is_none(text: str) -> None:
    assert remote(text) is None or text == "a@b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://github.com/a/b", Remote("github.com", "", MOVES)),
        ("HTTPS://GitHub.com/a/b?ref=main", Remote("github.com", "main", MOVES)),
        ("github.com/a/b/c?ref=v1.2.3", Remote("github.com", "v1.2.3", TAG)),
        ("github.com:a/b.git?ref=refs/tags/v1.2", Remote("github.com", "refs/tags/v1.2", TAG)),
        ("git@git.example.org:a/b//c", Remote("git.example.org", "", MOVES)),
        ("ssh://git@git.example.org:22/a/b", Remote("git.example.org", "", MOVES)),
        (f"git::https://git.example.org/a.git?ref={HASH}", Remote("git.example.org", HASH, COMMIT)),
        (f"https://git.example.org/a?version={HASH}", Remote("git.example.org", HASH, COMMIT)),
        (f"https://git.example.org/a?version={HASH}&ref=x", Remote("git.example.org", "x", MOVES)),
        (f"https://git.example.org/a?ref={HASH[:7]}", Remote("git.example.org", HASH[:7], MOVES)),
        (
            "https://git.example.org/a?ref=kustomize/v5.0.1",
            Remote("git.example.org", "kustomize/v5.0.1", TAG),
        ),
        ("https://user:word@git.example.org/a", Remote("git.example.org", "", MOVES)),
        ("https://example.org/a.yaml", Remote("example.org", "", MOVES)),
        (f"https://raw.example.org/a/{HASH}/b.yaml", Remote("raw.example.org", HASH, COMMIT)),
        ("https://example.org/download/v1.2.3/a.yaml", Remote("example.org", "v1.2.3", TAG)),
    ],
)
def test_an_address_says_its_host_and_what_holds_it(text: str, expected: Remote) -> None:
    assert remote(text) == expected
