"""Names that credentials go by: `DB_PASSWORD`, `apiKey`, `stripe.secret`; not `PASSWORD_FILE`."""

from __future__ import annotations

_SINGLE = frozenset(
    (
        *("password", "passwd", "passwort", "pwd", "passphrase", "pass", "secret", "token"),
        *("credential", "credentials", "apikey", "secretkey", "privatekey", "accesskey", "bearer"),
        *("authtoken", "accesstoken", "pgpassword", "userpass"),
    )
)
"""Words that are enough where they come last."""
_PAIRS = frozenset(
    (
        *(("api", "key"), ("access", "key"), ("secret", "key"), ("private", "key")),
        *(("auth", "key"), ("encryption", "key"), ("signing", "key"), ("master", "key")),
        *(("key", "base"), ("account", "key"), ("shared", "key"), ("jwt", "key")),
        *(("cli", "key"), ("batch", "key"), ("storage", "key"), ("function", "key")),
    )
)
"""Two words that are enough where they come last."""
_ENDINGS = ("password", "passwd", "apikey", "secretkey", "authtoken", "accesstoken")
"""What a word without any sign of a break may end in: `DBPASSWORD`, `k8svaultapikey`."""
_STEMS = ("pass", "pwd", "secret", "token", "cred", "key", "bearer")
"""What each of these words holds: most names are none of them at a glance."""
_TRAILING = frozenset(("value", "default", "plain", "plaintext", "text", "content"))
"""Words behind the name proper that do not change what it names."""
_OTHERWISE = frozenset(("public", "reset", "csrf", "cancellation", "page", "next", "continue"))
"""A word in front that makes it another thing: a public key, a page token."""

_PUBLIC = frozenset(
    (
        *("username", "user", "login", "host", "hostname", "port", "database", "dbname", "region"),
        *("tls.crt", "ca.crt", "ca.pem", "cert.pem", "endpoint", "bucket", "type", "url", "email"),
        *(
            "address",
            "accountname",
            "id",
            "namespace",
            "name",
            "project",
            "cluster",
            "sslmode",
            "driver",
            "tenant",
            "realm",
        ),
    )
)
"""Keys of what belongs to a credential and is none."""
_PUBLIC_ENDS = ("username", "accountname", "address", "hostname", "endpoint")


def names_credential(name: str) -> bool:
    """Whether a value under `name` is, by that name, a credential."""
    plain = name.lower()
    for stem in _STEMS:
        if stem in plain:
            return _is_named(name)
    return False


def _is_named(name: str) -> bool:
    words = _words(name)
    while words and (words[-1] in _TRAILING or words[-1].isdecimal()):
        words.pop()
    if not words or not _OTHERWISE.isdisjoint(words[:-1]):
        return False
    if words[-1] in _SINGLE or tuple(words[-2:]) in _PAIRS:
        return True
    return len(words[-1]) > 6 and words[-1].endswith(_ENDINGS)


def _words(name: str) -> list[str]:
    """The words of `snake_case`, `kebab-case`, `dotted.name`, `camelCase` and `HTTPToken`."""
    words: list[str] = []
    word = ""
    previous = ""
    for letter in name[-128:]:
        if not letter.isalnum():
            words.append(word)
            word = ""
        elif letter.isupper() and previous.islower():
            words.append(word)
            word = letter
        elif letter.islower() and previous.isupper() and len(word) > 1:
            words.append(word[:-1])
            word = previous + letter
        else:
            word += letter
        previous = letter
    words.append(word)
    return [it.lower().rstrip("0123456789") or it for it in words if it]


def last_word(name: str) -> str:
    """The last word of a name: `username` of `node.session.auth.userName` is `name`."""
    words = _words(name)
    return words[-1] if words else ""


def is_public(key: str) -> bool:
    """Whether a value under `key` belongs to a credential and is none: a user's name, a host."""
    plain = key.lower().removesuffix("_in")
    return plain in _PUBLIC or last_word(plain) in _PUBLIC or plain.endswith(_PUBLIC_ENDS)
