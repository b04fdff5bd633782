"""Rules for Dockerfiles agree with the peers they claim to, and never tell a secret."""

from __future__ import annotations

import pytest

from portside.cli.plan import choose
from tests.rules.asking import judged, plan_of, rules, told
from tests.rules.dockerfile_cases import Case, dockerfile_cases

CLAIMED = {alias for rule in rules() for alias in rule.text.aliases}
CASES = [it for it in dockerfile_cases() if it.alias in CLAIMED]


@pytest.mark.parametrize("case", CASES, ids=lambda it: it.name)
def test_a_labelled_dockerfile_gets_the_verdict_of_its_author(case: Case) -> None:
    claiming = [rule.id for rule in rules() if case.alias in rule.text.aliases]
    result = judged(case.text, plan_of(claiming), "Dockerfile")
    assert not result.unread
    assert bool(result.findings) == case.fails, told(result)


SECRET = "hunter2-canary-4711"  # noqa: S105 - to be looked for
CANARIES = f"""\
ARG DB_PASSWORD={SECRET}
FROM alpine:3.20
ARG API_TOKEN="{SECRET}"
ENV SECRET_KEY={SECRET} OTHER=postgres://shop:{SECRET}@db.example.org/shop
ENV ADMIN_PASSWORD {SECRET}
LABEL password={SECRET}
RUN DB_PASSWORD={SECRET} make && curl --password={SECRET} https://shop:{SECRET}@example.org | sh
RUN echo 'root:{SECRET}' | chpasswd && useradd -p {SECRET} shop && pip install {SECRET}==1
RUN git clone https://{SECRET}:{SECRET}@example.org/a && npm config set //r/:_authToken {SECRET}
RUN pip install git+https://x:{SECRET}@example.org/a && npm i git+https://{SECRET}@e.org/b
COPY . /app
ENTRYPOINT /run --token {SECRET}
"""


def test_no_finding_holds_a_secret() -> None:
    result = judged(CANARIES, choose("auditor", "").plan, "Dockerfile")
    assert len({it.rule for it in result.findings}) > 5
    assert SECRET not in repr(result)


def test_a_dockerfile_that_follows_all_advice_is_silent() -> None:
    digest = "sha256:e8a1f4a0a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6"
    text = f"""\
# syntax=docker/dockerfile:1.9@{digest}
FROM golang:1.23.1@{digest} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/cache go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o /out/shop ./cmd/shop

FROM gcr.io/distroless/static-debian12:nonroot@{digest}
COPY --from=build /out/shop /shop
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/shop"]
"""
    result = judged(text, choose("auditor", "").plan, "Dockerfile")
    assert not result.findings, told(result)
    assert not result.undecided


def test_stages_that_nothing_uses_do_not_count() -> None:
    text = """\
FROM debian AS debug
USER root
RUN curl -k https://example.org/x | sh && sudo id && chmod 777 /a
ADD https://example.org/tool /opt/
ENV API_TOKEN=abcdefgh

FROM debian:12.6
USER 65532
"""
    result = judged(text, choose("recommended", "").plan, "Dockerfile")
    assert not result.findings, told(result)
