"""What is a credential, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portside.secrets import names
from portside.secrets.formats import credential
from portside.secrets.names import names_credential
from portside.secrets.texts import in_lines, in_value, in_words, may_tell
from tests.patience import within

A36 = "abcdefghijklmnopqrstuvwxyz0123456789"
UUID = "81bd7fe9-2c41-4f0e-9d1a-0f6c2b7a9e55"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "an AWS access key"),
        (f"x ghp_{A36} y", "a GitHub token"),
        ("glpat-" + A36[:20], "a GitLab token"),
        ("xoxb-123456789012-abc", "a Slack token"),
        ("sk_live_" + A36[:24], "a Stripe key"),
        ("AIza" + A36[:35], "a Google API key"),
        ("hvs." + A36[:24], "a Vault token"),
        ("SSWS " + A36[:30], "an Okta token"),
        ("NRAK-" + A36[:27].upper(), "a New Relic key"),
        (f"sdk-{UUID}", "a LaunchDarkly key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + A36, "a JSON Web Token"),
        ("Authorization: bearer abc123def", "a bearer token"),
        ("postgres://shop:s3cr3t@db/shop", "a password in a URL"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB", "a private key"),
        ("-----BEGIN PRIVATE KEY-----MIIB", "a private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "a private key"),
    ],
)
def test_a_credential_is_known_by_its_format(text: str, kind: str) -> None:
    assert credential(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "AKIA",
        "MAKIAIOSFODNN7EXAMPLEX",
        "ghp_short",
        "https://db.example.org/shop",
        "https://user@db.example.org/",
        "https://user:${PASSWORD}@db.example.org/",
        "https://user:$(PASSWORD)@db.example.org/",
        "redis://host:6379/0",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "sha256:9b2cc5a0ef3a9d3eb3a2f1b9d3a7bd0a39a1dcb0c6f4f1f94bb9a1b76b1b7c11",
        UUID,
        "the bearer of news",
        "image: registry:5000/web@sha256:abc",
    ],
)
def test_what_has_no_such_format_is_none(text: str) -> None:
    assert credential(text) == ""


@pytest.mark.parametrize(
    "name",
    [
        *(
            "PASSWORD",
            "DB_PASSWORD",
            "dbPassword",
            "db.password",
            "API_KEY",
            "apiKey",
            "STRIPE_SECRET",
        ),
        *(
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY_BASE",
            "k8svaultapikey",
            "GITHUB_TOKEN",
            "MYSQL_PWD",
        ),
        *("client-secret", "password2", "REDIS_PASS", "HTTPToken", "POSTGRESPASSWORD"),
    ],
)
def test_names_of_credentials(name: str) -> None:
    assert names_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD_FILE", "SECRET_NAME", "TOKEN_TTL", "PUBLIC_KEY", "PASSWORD_MIN_LENGTH", "KEY"),
        *("TOKEN_URL", "SECRET_PATH", "KEYBOARD", "PASSENGER", "COMPASS", "BYPASS", "secretKeyRef"),
        *("AWS_ACCESS_KEY_ID", "tokenizer", "", "TOKEN_ISSUER", "PASSWORD_RESET_ENABLED"),
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert not names_credential(name)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("hunter2", (False,)),
        ("changeme", (True,)),
        ("12345678", (False,)),
        ("", None),
        ("true", None),
        ("$(OTHER)", None),
        ("{{ .Values.password }}", None),
        ("/run/secrets/db", None),
        ("vault:secret/data/db#password", None),
        ("********", None),
        ("xxxxx", (True,)),
        ("the one on the whiteboard", None),
    ],
)
def test_a_value_under_such_a_name(value: str, found: tuple[bool] | None) -> None:
    hit = in_value("DB_PASSWORD", value)
    assert (None if hit is None else (hit.placeholder,)) == found


def test_settings_are_read_line_by_line() -> None:
    text = (
        'a=1\npassword=hunter2\n# token=abc\n"api_key": "81bd7f",\nexport TOKEN=x1y2z3\npassword:\n'
    )
    assert [it.line for it in in_lines(text)] == [1, 3, 4]


@pytest.mark.parametrize(
    ("words", "at"),
    [
        (["--password=hunter2"], [0]),
        (["web", "--token", "81bd7f"], [1]),
        (["sh", "-c", "PGPASSWORD=hunter2 psql"], [2]),
        (["--password-file=/run/a", "--password", "--verbose"], []),
        (["--token"], []),
        (["echo", "$PASSWORD"], []),
        (["--set", "password=${PASSWORD}"], []),
    ],
)
def test_words_of_commands(words: list[str], at: list[int]) -> None:
    assert [index for index, _ in in_words(words)] == at


@given(st.text(max_size=400))
def test_no_text_breaks_the_detector(text: str) -> None:
    credential(text)
    names_credential(text)
    list(in_lines(text))
    list(in_words([text, text]))


@pytest.mark.parametrize(
    "text",
    [
        "://" + "a" * 500_000,
        "eyJ" * 300_000,
        "-----BEGIN " * 90_000,
        "a:b@://" * 140_000,
        ":AA" * 300_000,
    ],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    with within(5):
        credential(text)
        list(in_lines(text))


@pytest.mark.parametrize(
    "line",
    [
        'labels: {token: "81bd7f"}',
        "ENV DB_PASSWORD=81bd7f",
        "ARG API_TOKEN=81bd7f",
        'command: [sudo, "--password=81bd7f"]',
        'args: ["--password", "81bd7f"]',
        "RUN curl -k -u admin:81bd7f https://a",
        "docker login -u a -p 81bd7f",
        "RUN echo 'root:81bd7f' | chpasswd",
        "spec: {values: {auth: {password: 81bd7f}}}",
    ],
)
def test_a_line_that_may_tell_a_credential_is_not_shown(line: str) -> None:
    assert may_tell(line)


@pytest.mark.parametrize(
    "line",
    [
        "privileged: true",
        "image: registry.example.org:5000/web:2.1",
        "secretName: shop",
        "automountServiceAccountToken: true",
        "- {name: PASSWORD_FILE, value: /run/a}",
        "password: ${PASSWORD}",
    ],
)
def test_other_lines_are_shown(line: str) -> None:
    assert not may_tell(line)


def test_every_word_for_a_credential_is_seen_at_a_glance() -> None:
    words = [*names._SINGLE, *names._ENDINGS, *("_".join(pair) for pair in names._PAIRS)]
    assert all(any(stem in word for stem in names._STEMS) for word in words)
