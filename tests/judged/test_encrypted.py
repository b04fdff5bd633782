"""Objects that SOPS has encrypted in their files."""

from __future__ import annotations

import pytest

from portside.judged.admit import admit
from portside.policy.profile import NEWEST

SOPS = {"mac": "ENC[AES256_GCM,data:x,type:str]", "lastmodified": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("sops", "unknown"),
    [(SOPS, ()), ({}, (("sops",),)), ("x", (("sops",),)), ({"mac": "x"}, (("sops",),))],
)
def test_what_sops_adds_is_no_unknown_field(sops: object, unknown: tuple[object, ...]) -> None:
    value = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "sops": sops}

    assert admit(value, NEWEST).unknown == unknown
