"""What the Secrets are made of that a kustomization generates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath, dotted
from portside.model.resource import FileResource
from portside.secrets.names import is_public
from portside.secrets.values import is_placeholder, is_stand_in, is_template

PLAIN, PLACEHOLDER, UNSEEN = "plain", "placeholder", "unseen"
_ENCRYPTED = (b"ENC[AES256_GCM,", b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----BEGIN PGP MESSAGE")
_SOPS = (b"sops_mac=", b'"sops"', b"\nsops:", b"sops_version=")

Found = tuple[FieldPath, str, str]
"""Where, what is said, and how sure: one of the three above."""


def secrets(it: FileResource) -> Iterator[Found]:
    """What stands in plain text, or may: its files may not be in the repository."""
    listed = it.value.get("secretGenerator")
    for index, generator in enumerate(listed if type(listed) is list else ()):
        if type(generator) is dict:
            path: FieldPath = ("secretGenerator", index)
            for key, text in _texts(generator, "literals"):
                yield from _of_literal(text, (*path, *key))
            for key, text in (*_texts(generator, "envs"), *_texts(generator, "env")):
                yield from _of_file(text, (*path, *key), it.source, variables=True)
            for key, text in _texts(generator, "files"):
                yield from _of_file(text, (*path, *key), it.source, variables=False)


def _texts(generator: Mapping[str, Any], field: str) -> Iterator[tuple[FieldPath, str]]:
    value = generator.get(field)
    if type(value) is str:
        yield (field,), value
    for index, text in enumerate(value if type(value) is list else ()):
        if type(text) is str:
            yield (field, index), text


def _of_literal(text: str, path: FieldPath) -> Iterator[Found]:
    key, equals, value = text.partition("=")
    how = _how(key, value) if equals else ""
    if how:
        yield path, f"the value of {key} stands here", how


def _how(key: str, value: str) -> str:
    """Whether `value` under `key` is a secret that is written; empty where it is none."""
    plain = value.strip().strip("\"'")
    if not plain or is_public(key) or is_template(plain[:200]) or plain.startswith("ENC["):
        return ""
    if is_stand_in(plain) and not plain.startswith("-----BEGIN"):
        return ""
    return PLACEHOLDER if is_placeholder(plain) else PLAIN


def _of_file(
    text: str, path: FieldPath, beside: Mapping[str, bytes] | None, *, variables: bool
) -> Iterator[Found]:
    key, equals, name = text.rpartition("=")
    name = name.removeprefix("./")
    if beside is None or name not in beside:
        # What it says is not quoted: a value may stand where a file should be named.
        yield path, f"the file that {dotted(path)} names, which is not in the tree", UNSEEN
        return
    data = beside[name]
    if _is_encrypted(data):
        return
    if variables:
        yield from _of_variables(data, name, path)
    elif not is_public(key if equals else name.rpartition("/")[2]) and _is_secret(data):
        yield path, f"the file {name} is a secret in plain text", PLAIN


def _of_variables(data: bytes, name: str, path: FieldPath) -> Iterator[Found]:
    pairs = [line.partition("=") for line in data.decode("utf-8", "replace").split("\n")]
    found = [
        (key.strip(), _how(key.strip(), value))
        for key, equals, value in pairs
        if equals and not key.lstrip().startswith("#")
    ]
    written = [(key, how) for key, how in found if how]
    if written:
        how = PLAIN if any(how == PLAIN for _, how in written) else PLACEHOLDER
        yield path, f"the value of {written[0][0]} stands in {name} in plain text", how


def _is_encrypted(data: bytes) -> bool:
    if any(mark in data for mark in _ENCRYPTED[1:]):
        return True
    marked = data.startswith(b"sops:") or any(mark in data for mark in _SOPS)
    return marked and _ENCRYPTED[0] in data


def _is_secret(data: bytes) -> bool:
    """Whether a whole file is one: a certificate is none, nor is nothing."""
    text = data.strip()
    if b"-BEGIN CERTIFICATE-" in text and b"PRIVATE KEY" not in text:
        return False
    return bool(text) and not is_template(text[:200].decode("utf-8", "replace"))
