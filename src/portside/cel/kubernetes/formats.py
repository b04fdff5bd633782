"""Named formats of strings, with Kubernetes' own messages.

Source: k8s.io/apiserver/pkg/cel/library/format.go, k8s.io/apimachinery/pkg/util/validation and
pkg/api/validate/content, k8s.io/kube-openapi/pkg/validation/strfmt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from portside.cel.errors import no_overload
from portside.cel.values import NONE, Opaque, Optional

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_ALPHANUMERIC = _LOWER | frozenset("0123456789")
_WORD = _ALPHANUMERIC | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_STARTS_AND_ENDS = "and must start and end with an alphanumeric character"
_LOWER_WORDS = "must consist of lower case alphanumeric characters"
_KEY_CHARACTERS = f"consist of alphanumeric characters, '-', '_' or '.', {_STARTS_AND_ENDS}"

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LOWERED = {code: code + 32 for code in range(65, 91)}

Validate = Callable[[str], list[str]]


class Format(Opaque):
    """A format; `weight` is the length of pattern that its costs are counted with."""

    __slots__ = ("name", "validate", "weight")

    type_name = "kubernetes.NamedFormat"

    def __init__(self, name: str, validate: Validate, weight: int) -> None:
        self.name = name
        self.validate = validate
        self.weight = weight

    def __eq__(self, other: object) -> bool:
        return type(other) is Format and other.name == self.name

    def __hash__(self) -> int:
        return hash(("format", self.name))

    def __repr__(self) -> str:
        return f"format.named({self.name!r})"

    def cel_equal(self, other: Any) -> bool:
        """Equality in an expression."""
        if type(other) is not Format:
            raise no_overload("_==_")
        return other.name == self.name


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _too_long(text: str, most: int, unit: str) -> list[str]:
    return [f"must be no more than {most} {unit}"] if _bytes(text) > most else []


def _mismatch(message: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{it}', " for it in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{pattern}')"


def _is_label(text: str) -> bool:
    inside = text.replace("-", "")
    return bool(inside) and "-" not in (text[0], text[-1]) and _ALPHANUMERIC.issuperset(inside)


def _is_subdomain(text: str) -> bool:
    return all(_is_label(it) for it in text.split("."))


def _is_key(text: str) -> bool:
    """Whether `text` is the name part of a label's key."""
    inside = text.replace("-", "").replace("_", "").replace(".", "")
    return text[:1] in _WORD and text[-1:] in _WORD and _WORD.issuperset(inside)


def dns1123_label(text: str) -> list[str]:
    """What is wrong with `text` as a label of DNS; so do the other validators."""
    errors = _too_long(text, 63, "characters")
    if _is_label(text):
        return errors
    if _is_subdomain(text):
        return [*errors, "must not contain dots"]
    said = f"a lowercase RFC 1123 label {_LOWER_WORDS} or '-', {_STARTS_AND_ENDS}"
    return [*errors, _mismatch(said, _LABEL, "my-name", "123-abc")]


def _subdomain(text: str, unit: str) -> list[str]:
    errors = _too_long(text, 253, unit)
    if _is_subdomain(text):
        return errors
    said = f"a lowercase RFC 1123 subdomain {_LOWER_WORDS}, '-' or '.', {_STARTS_AND_ENDS}"
    return [*errors, _mismatch(said, f"{_LABEL}(\\.{_LABEL})*", "example.com")]


def dns1123_subdomain(text: str) -> list[str]:
    return _subdomain(text, "characters")


def dns1035_label(text: str) -> list[str]:
    errors = _too_long(text, 63, "characters")
    if _is_label(text) and text[0] in _LOWER:
        return errors
    said = (
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
        " alphabetic character, and end with an alphanumeric character"
    )
    return [*errors, _mismatch(said, "[a-z]([-a-z0-9]*[a-z0-9])?", "my-name", "abc-123")]


def qualified_name(text: str) -> list[str]:
    parts = text.split("/")
    wrong = _mismatch(f"must {_KEY_CHARACTERS}", _KEY, "MyName", "my.name", "123-abc")
    if len(parts) > 2:
        rest = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {wrong}{rest}"]
    name = parts[-1]
    errors = _prefix(parts[0]) if len(parts) == 2 else []
    if not name:
        errors.append("name part must be non-empty")
    errors += [f"name part {it}" for it in _too_long(name, 63, "bytes")]
    if not _is_key(name):
        errors.append(f"name part {wrong}")
    return errors


def _prefix(prefix: str) -> list[str]:
    if not prefix:
        return ["prefix part must be non-empty"]
    return [f"prefix part {it}" for it in _subdomain(prefix, "bytes")]


def label_value(text: str) -> list[str]:
    errors = _too_long(text, 63, "bytes")
    if not text or _is_key(text):
        return errors
    said = f"a valid label must be an empty string or {_KEY_CHARACTERS}"
    return [*errors, _mismatch(said, f"({_KEY})?", "MyValue", "my_value", "12345")]


def _as_prefix(validate: Validate) -> Validate:
    """`validate` for the beginning of a name, which may end in a dash."""

    def masked(text: str) -> list[str]:
        if _bytes(text) > 1 and text.endswith("-"):
            kept = text.encode("utf-8", "surrogatepass")[:-2] + b"a"
            text = kept.decode("utf-8", "surrogateescape")
        return validate(text)

    return masked


def uri(text: str) -> list[str]:
    from portside.cel.kubernetes.url import UrlError, check_request_uri

    try:
        check_request_uri(text)
    except UrlError as error:
        return [str(error)]
    return []


def uuid(text: str) -> list[str]:
    return [] if _UUID.fullmatch(text) else ["does not match the UUID format"]


def base64(text: str) -> list[str]:
    return [] if text and _BASE64.fullmatch(text) else ["invalid base64"]


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day = (int(it) for it in found.groups())
    if not 1 <= month <= 12:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _MONTHS[month - 1] + (leap and month == 2)


def date(text: str) -> list[str]:
    return [] if _is_date(text) else ["invalid date"]


def datetime(text: str) -> list[str]:
    day, *rest = text.translate(_LOWERED).split("t")
    found = _TIME.fullmatch(rest[0]) if rest and _is_date(day) else None
    if found is None:
        return ["invalid datetime"]
    hours, minutes, seconds = found.groups()
    fits = hours <= "23" and minutes <= "59" and seconds <= "59"
    return [] if fits else ["invalid datetime"]


_PATTERN_OF_TIMES = 71
_FORMATS = {
    "dns1123Label": Format("DNS1123Label", dns1123_label, 30),
    "dns1123Subdomain": Format("DNS1123Subdomain", dns1123_subdomain, 60),
    "dns1035Label": Format("DNS1035Label", dns1035_label, 30),
    "qualifiedName": Format("QualifiedName", qualified_name, 60),
    "dns1123LabelPrefix": Format("DNS1123LabelPrefix", _as_prefix(dns1123_label), 30),
    "dns1123SubdomainPrefix": Format("DNS1123SubdomainPrefix", _as_prefix(dns1123_subdomain), 60),
    "dns1035LabelPrefix": Format("DNS1035LabelPrefix", _as_prefix(dns1035_label), 30),
    "labelValue": Format("LabelValue", label_value, 40),
    "uri": Format("URI", uri, 1103),
    "uuid": Format("uuid", uuid, 70),
    "byte": Format("byte", base64, 84),
    "date": Format("date", date, _PATTERN_OF_TIMES),
    "datetime": Format("datetime", datetime, _PATTERN_OF_TIMES),
}


def format_named(name: Any) -> Optional:
    """The format called `name`, if there is one."""
    if type(name) is not str:
        raise no_overload("format.named")
    found = _FORMATS.get(name)
    return NONE if found is None else Optional(found)


def format_validate(value: Any, text: Any) -> Optional:
    """What is wrong with `text`; nothing where it is valid."""
    if type(value) is not Format or type(text) is not str:
        raise no_overload("validate")
    errors = value.validate(text)
    return Optional(errors) if errors else NONE


def format_dns1123_label() -> Format:
    return _FORMATS["dns1123Label"]


def format_dns1123_subdomain() -> Format:
    return _FORMATS["dns1123Subdomain"]


def format_dns1035_label() -> Format:
    return _FORMATS["dns1035Label"]


def format_qualified_name() -> Format:
    return _FORMATS["qualifiedName"]


def format_dns1123_label_prefix() -> Format:
    return _FORMATS["dns1123LabelPrefix"]


def format_dns1123_subdomain_prefix() -> Format:
    return _FORMATS["dns1123SubdomainPrefix"]


def format_dns1035_label_prefix() -> Format:
    return _FORMATS["dns1035LabelPrefix"]


def format_label_value() -> Format:
    return _FORMATS["labelValue"]


def format_uri() -> Format:
    return _FORMATS["uri"]


def format_uuid() -> Format:
    return _FORMATS["uuid"]


def format_byte() -> Format:
    return _FORMATS["byte"]


def format_date() -> Format:
    return _FORMATS["date"]


def format_datetime() -> Format:
    return _FORMATS["datetime"]
