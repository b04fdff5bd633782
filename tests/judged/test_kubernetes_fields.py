"""What the versions of Kubernetes differ in is what their OpenAPI schemas say."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tools import kubernetes_fields


def test_the_differences_are_what_the_schemas_say() -> None:
    if find_spec("kubernetes_validate") is None:
        pytest.skip("kubernetes-validate, which carries the schemas, is not installed")
    texts = kubernetes_fields.generated(kubernetes_fields.definitions())
    for path, text in texts.items():
        written = (kubernetes_fields.ROOT / path).read_text(encoding="utf-8")
        assert written == text, "run python -m tools.kubernetes_fields"
