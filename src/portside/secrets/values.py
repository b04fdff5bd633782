"""Values that only stand where a credential will: references, templates, paths, placeholders."""

from __future__ import annotations

_PLACEHOLDERS = frozenset(
    (
        *("changeme", "change-me", "change_me", "changeit", "replaceme", "replace-me", "todo"),
        *("placeholder", "example", "password", "passwd", "secret", "token", "dummy", "fake"),
        *("test", "testing", "sample", "default", "insecure", "notused", "unused", "redacted"),
        *(
            "your-password",
            "yourpassword",
            "your-token",
            "your-secret",
            "mypassword",
            "tbd",
            "fixme",
        ),
        *("replace_me", "not-a-secret", "notasecret", "admin", "root", "postgres", "guest"),
    )
)
"""What people write where a credential belongs that they will not tell, or never set."""
_NO_VALUES = frozenset(("", "true", "false", "null", "none", "nil", "yes", "no", "on", "off", "~"))
_TEMPLATES = ("{{", "${", "$(", "<%", "%(", "@@", "__", "<", "[[", "ENC[")
_REFERENCES = (
    *("vault:", "ref+", "op://", "sm://", "arn:", "secretref:", "secretmanager:", "awssm:"),
    *("projects/", "file:", "env:", "ssm:", "azurekeyvault:", "gcpsm:", "bao:", "keychain:"),
    *("k8s://", "aws-secretsmanager:", "@Microsoft.KeyVault"),
)
"""Ways to name a credential that is kept elsewhere."""


_PATH_SIGNS = str.maketrans("", "", "/-_.")


def is_template(value: str) -> bool:
    """Whether something else fills `value` in: nobody can tell yet what it will be."""
    return any(mark in value for mark in _TEMPLATES) or value.startswith(("$", "%"))


def is_unfilled(value: str) -> bool:
    """Whether `value` as a whole is a template of another tool than Kubernetes itself."""
    plain = value.strip()
    return plain.startswith(("{{", "${", "<%", "@@")) and not plain.startswith("$(")


def is_placeholder(value: str) -> bool:
    """Whether `value` is a word that stands for a credential, or one that everybody knows."""
    plain = value.strip().strip("\"'").lower()
    if plain in _PLACEHOLDERS:
        return True
    return len(plain) > 1 and len(set(plain.replace("-", "").replace("_", ""))) <= 1


def is_stand_in(value: str) -> bool:
    """Whether `value` is no credential at all: nothing, a word of logic, a template, a reference.

    A path is none either: what it leads to is. Placeholders are not among them.
    """
    plain = value.strip().strip("\"'")
    if plain.lower() in _NO_VALUES or is_template(plain) or set(plain) <= set("*.-"):
        return True
    if plain.startswith(_REFERENCES):
        return True
    return _is_path(plain) or _is_plain_url(plain) or len(plain.split()) > 2


def _is_path(value: str) -> bool:
    if value.startswith(("/", "./", "../", "~/", "C:\\")):
        return not value.endswith("=")
    return value.count("/") >= 2 and value.translate(_PATH_SIGNS).islower()


def _is_plain_url(value: str) -> bool:
    return "://" in value and "@" not in value
