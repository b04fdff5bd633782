"""base64.encode() and base64.decode()."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload


def base64_encode(value: Any) -> str:
    if type(value) is not bytes:
        raise no_overload("base64.encode")
    return base64.b64encode(value).decode()


def base64_decode(text: Any) -> bytes:
    if type(text) is not str:
        raise no_overload("base64.decode")
    padded = text + "=" * (-len(text) % 4) if "=" not in text else text
    try:
        return base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CelEvaluationError(f"not base64: {error}") from error
