"""No value of a credential is ever told: not by a report, a log, an error or the cache.

Values that nobody could guess are planted wherever credentials turn up, under names and in formats
that make them credentials, and every output is searched for them, encoded ones too.
"""

from __future__ import annotations

from base64 import b64encode
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from portside.cli.reporting import context
from portside.report import REPORTS
from portside.report.context import Context
from tests.scanning import Answer, portside

_NUMBER = count(10_000)


class Planted:
    """Values that are planted, each once, so that one that is told says where it stood."""

    def __init__(self) -> None:
        self.values: list[str] = []

    def __call__(self, form: str = "{}") -> str:
        value = f"zq7Kx{next(_NUMBER)}vW9pLmT4rB2nY6cD8fG1hJ3"
        self.values.append(value)
        return form.format(value)

    def encoded(self) -> str:
        value = self()
        encoded = b64encode(value.encode()).decode()
        self.values.append(encoded[:30])
        return encoded


def manifest(it: Planted) -> str:
    return f"""\
apiVersion: v1
kind: Pod
metadata:
  name: shop
  labels: {{token: "{it()}"}}
  annotations:
    example.org/hook: "{it("https://user:{}@example.org/")}"
    kubectl.kubernetes.io/last-applied-configuration: |
      {{"apiVersion":"v1","kind":"Secret","data":{{"password":"{it.encoded()}"}}}}
spec:
  hostNetwork: true
  initContainers:
    - name: setup
      image: registry.example.org/setup
      command: ["sh", "-c", "apt-get install curl && curl -H 'Authorization: Bearer {it()}' a"]
      args: ["--password", "{it()}", "--api-key={it()}", "{it("postgres://a:{}@db/x")}"]
  containers:
    - name: web
      image: nginx:latest
      command: [sudo, "--password={it()}"]
      env:
        - name: DB_PASSWORD
          value: "{it()}"
        - {{name: URL, value: "{it("redis://:{}@db:6379")}"}}
        - name: AWS_SECRET_ACCESS_KEY
          value: {it()}
      livenessProbe:
        exec: {{command: [sh, -c, "PGPASSWORD={it()} psql"]}}
      readinessProbe:
        httpGet:
          port: 80
          host: example.org
          httpHeaders: [{{name: Authorization, value: "{it("Bearer {}")}"}}]
      lifecycle:
        preStop: {{exec: {{command: [curl, -u, "{it("admin:{}")}", "--token={it()}", a]}}}}
      securityContext: {{privileged: true}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: shop}}
data:
  password: "{it()}"
  shop.properties: |
    db.password={it()}
    url={it("amqp://a:{}@mq")}
binaryData:
  token: {it.encoded()}
---
apiVersion: v1
kind: Secret
metadata: {{name: shop, annotations: {{token: "{it()}"}}}}
stringData: {{a: "{it()}"}}
data:
  password: {it.encoded()}
  broken: "{it("%{}")}"
---
apiVersion: v1
kind: Secret
metadata: {{name: twice}}
stringData:
  a: {it()}
  a: {it()}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {{name: shop}}
spec: {{provider: {{fake: {{data: [{{key: a, value: "{it()}"}}]}}}}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: shop}}
spec: {{values: {{auth: {{password: "{it()}"}}}}, interval: 1m}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: shop}}
spec:
  project: default
  source:
    repoURL: "{it("https://user:{}@git.example.org/shop")}"
    helm: {{parameters: [{{name: password, value: "{it()}"}}], values: "password: {it()}"}}
---
apiVersion: v1
kind: Service
metadata: {{name: shop, annotations: {{example.org/token: "{it()}"}}}}
spec: {{type: LoadBalancer, ports: [{{port: 22}}], passwrod: "{it()}"}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    nginx.ingress.kubernetes.io/configuration-snippet: |
      proxy_set_header Authorization "Bearer {it()}";
spec: {{rules: [{{http: {{paths: []}}}}]}}
"""


def dockerfile(it: Planted) -> str:
    return f"""\
FROM debian
ARG API_TOKEN={it()}
ENV DB_PASSWORD={it()} OTHER="{it("postgres://a:{}@db/x")}"
RUN curl -k -u admin:{it()} https://example.org/a | sh
RUN echo 'root:{it()}' | chpasswd
RUN --mount=type=secret,id=a PASSWORD={it()} sudo make
ADD https://user:{it()}@example.org/a.tgz /a
LABEL token={it()}
CMD ["web", "--password={it()}"]
"""


def workflow(it: Planted) -> str:
    return f"""\
name: ci
on: [pull_request_target]
env:
  API_TOKEN: {it()}
jobs:
  a:
    runs-on: self-hosted
    container: {{image: a, credentials: {{username: a, password: {it()}}}}}
    env: {{DB_PASSWORD: {it()}}}
    steps:
      - uses: actions/checkout@v4
        with: {{token: {it()}, ref: "${{{{ github.head_ref }}}}"}}
      - run: |
          echo "${{{{ github.event.issue.title }}}}" --password={it()}
          curl -H "Authorization: Bearer {it()}" https://a
          docker login -u a -p {it()}
          kubectl apply -f a --token={it()}
"""


def pipeline(it: Planted) -> str:
    return f"""\
variables: {{DB_PASSWORD: "{it()}"}}
build:
  image: docker:dind
  services: [docker:dind]
  variables: {{API_TOKEN: "{it()}"}}
  script: ["docker login -u a -p {it()}", "curl -k https://a:{it()}@b | sh"]
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Planted]:
    """A tree full of planted values, and where the cache of its scans lies."""
    it, folder = Planted(), tmp_path / "shop"
    files = {
        "pod.yaml": manifest(it),
        "Dockerfile": dockerfile(it),
        ".github/workflows/ci.yaml": workflow(it),
        ".gitlab-ci.yml": pipeline(it),
        "broken.yaml": f"apiVersion: v1\nkind: Secret\nstringData: {{password: {it()}\n",
        "tab.yaml": f"apiVersion: v1\nkind: Secret\nstringData:\n\tpassword: {it()}\n",
        "list.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: b}}\ndata: [{it()}]\n",
        "template.yaml": f"apiVersion: v1\nkind: Secret\ndata: {{{{ .a }}}}\npassword: {it()}\n",
        "values.yaml": f"auth: {{password: {it()}}}\n",
        **{f"{number:03}.yaml": manifest(it) for number in range(44)},
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tmp_path / "cache"))
    return folder, it


def leaks(answer: Answer, it: Planted) -> list[str]:
    """The lines that tell a planted value."""
    lines = (answer.out + answer.err).splitlines()
    return [line for line in lines if any(value in line for value in it.values)]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("verbose", [False, True])
def test_no_report_tells_a_value(
    planted: tuple[Path, Planted], report: str, *, verbose: bool
) -> None:
    folder, it = planted
    words = ("-v",) if verbose else ()
    answer = portside(folder, "scan", "--profile", "auditor", "-o", report, *words, ".")
    assert answer.code in (1, 3)
    assert answer.out
    assert leaks(answer, it) == []


def test_the_screen_of_a_terminal_tells_no_value(
    planted: tuple[Path, Planted], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, it = planted

    def on_terminal(*given: Any) -> Context:
        return context(*given)._replace(terminal=True, unicode=True)

    monkeypatch.setattr("portside.cli.scan.context", on_terminal)
    answer = portside(
        *(folder, "scan", "--profile", "auditor", "-v"),
        *("pod.yaml", "Dockerfile", ".github", ".gitlab-ci.yml"),
    )
    assert "│" in answer.out
    assert leaks(answer, it) == []


def test_the_cache_keeps_no_value(planted: tuple[Path, Planted]) -> None:
    folder, it = planted
    portside(folder, "scan", "--profile", "auditor", ".")
    kept = [path.read_bytes() for path in (folder.parent / "cache").rglob("*") if path.is_file()]
    assert kept
    told = [value for data in kept for value in it.values if value.encode() in data]
    assert told == []
