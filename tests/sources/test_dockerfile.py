"""Dockerfiles are known by their name, judged as one resource, and excused by their comments."""

from __future__ import annotations

import pytest

from portside.model.finding import JUDGED, NOT_KUBERNETES, PARTLY_READ, UNREAD
from portside.sources.files import is_dockerfile
from portside.sources.manifest import parse

TEXT = b"FROM a AS build\nRUN x && \\\n  y\nFROM b\nRUN z\n"


@pytest.mark.parametrize(
    "name",
    [
        *("Dockerfile", "a/Dockerfile", "Containerfile", "Dockerfile.prod", "Dockerfile-arm64"),
        *("app.Dockerfile", "app.dockerfile", "x/app.Containerfile", "Containerfile.dev"),
        *("dockerfile", "Dockerfile.alpine.j2"),
    ],
)
def test_a_dockerfile_is_known_by_its_name(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Dockerfile.md", ".dockerignore", "Dockerfile.dockerignore", "dockerfile.go", "Makefile"),
        *("docker-compose.yaml", "Dockerfile.yaml", "my-dockerfile", "Dockerfile/README", "a.json"),
        *("Dockerfile_notes", "dockerfiles", "Dockerfile.txt", "app.dockerfile.sha256"),
    ],
)
def test_what_is_about_dockerfiles_is_none(name: str) -> None:
    assert not is_dockerfile(name)


def test_a_dockerfile_is_one_resource_whose_instructions_have_paths() -> None:
    found = parse(TEXT, "shop/Dockerfile")
    (resource,) = found.resources
    assert (found.fate.fate, found.fate.objects) == (JUDGED, 1)
    assert str(resource.ref) == "Dockerfile Dockerfile"
    assert resource.place(("build", "RUN", 0, "y")) == (2, 1)
    assert resource.place(("stage 1", "RUN", 0)) == (5, 1)
    assert resource.place(()) == (1, 1)


def test_one_that_buildkit_refuses_is_unread_with_its_line() -> None:
    found = parse(b"FROM a\nBOGUS x\n", "Dockerfile")
    assert found.fate.fate == UNREAD
    assert [(it.line, it.column) for it in found.unread] == [(2, 1)]


def test_a_part_of_one_is_judged_and_said_to_be_no_whole() -> None:
    found = parse(b"# c\nRUN x\nUSER 1\nFROM b\nRUN y\n", "Dockerfile.part")
    (resource,) = found.resources
    assert (found.fate.fate, found.fate.objects) == (PARTLY_READ, 1)
    assert [(it.line, it.column) for it in found.unread] == [(2, 1)]
    assert "before the first FROM" in found.unread[0].reason
    assert resource.place(("stage 0", "USER", 0)) == (3, 1)
    assert resource.place(("stage 1", "RUN", 0)) == (5, 1)


def test_arguments_alone_are_unread() -> None:
    found = parse(b"ARG X=1\n", "Dockerfile")
    assert (found.fate.fate, found.resources) == (UNREAD, ())


def test_a_template_of_one_is_unread() -> None:
    found = parse(b"FROM {{ base }}\n", "Dockerfile.j2")
    assert found.fate.fate == UNREAD
    assert "template" in found.unread[0].reason


def test_a_file_of_another_name_is_no_dockerfile() -> None:
    assert parse(TEXT, "notes.yaml").fate.fate in (NOT_KUBERNETES, UNREAD)


EXCUSED = b"""\
# portside:ignore base-image-untagged the base is mirrored
FROM a
RUN x && \\
    # portside:ignore sudo-in-build until=2030-01-31 goes with the next release
    sudo y
RUN z # portside:ignore-file remote-script-executed reviewed by hand
RUN <<EOF
w # portside:ignore world-writable-file in a here-document
EOF
# portside:ignore latest-tag nothing follows
"""


def test_a_comment_excuses_the_instruction_around_it_or_below() -> None:
    comments = parse(EXCUSED, "Dockerfile").comments
    assert [(it.line, it.rules[0], it.first, it.last, it.scope) for it in comments] == [
        (1, "base-image-untagged", 2, 2, "subtree"),
        (4, "sudo-in-build", 3, 5, "subtree"),
        (6, "remote-script-executed", 0, 0, "file"),
        (8, "world-writable-file", 7, 9, "subtree"),
        (10, "latest-tag", 0, 0, "field"),
    ]
    assert comments[1].until == "2030-01-31"
    assert comments[4].fault == "stands at nothing that is judged"


def test_a_comment_within_quotes_excuses_nothing() -> None:
    text = b"FROM a\nRUN echo '# portside:ignore sudo-in-build no comment'\n"
    assert parse(text, "Dockerfile").comments == ()
