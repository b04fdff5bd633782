"""A tree of files full of planted credentials, sound ones and broken ones."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.planted import Planted
from tests.acceptance.planted_faults import broken


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


def kept(it: Planted) -> str:
    """Objects that rules across objects ask about, so that most of them is kept in the cache."""
    return f"""\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {{name: a}}
provisioner: a
parameters: {{password: {it()}, url: "{it("https://a:{}@b")}"}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: a}}
spec: {{csi: {{driver: a, volumeHandle: b, volumeAttributes: {{secretKey: {it()}}}}}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{name: a}}
webhooks: [{{name: a.b.c, clientConfig: {{url: "{it("https://a:{}@b")}"}}}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: csi}}
spec:
  volumes:
    - {{name: a, csi: {{driver: a, volumeAttributes: {{token: {it()}}}}}}}
    - {{name: b, flexVolume: {{driver: a/b, options: {{password: {it()}}}}}}}
  containers: [{{name: a, image: a, readinessProbe: {{httpGet: {{port: 1, path: "/?a={it()}"}}}}}}]
---
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {{name: a}}
spec:
  arguments: {{parameters: [{{name: password, value: {it()}}}, {{name: a,
      value: "{it("https://a:{}@b")}"}}]}}
  templates:
    - name: a
      container: {{image: a, args: ["--password={it()}"], env: [{{name: TOKEN, value: {it()}}}]}}
    - {{name: b, script: {{image: a, source: "a\\npassword={it()}\\n"}}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {{name: a}}
spec: {{triggers: [{{a: {{command: [a, --token, {it()}, "--password={it()}"],
    b: "curl -u a:{it()} b"}}}}]}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {{name: a}}
spec: {{headers: {{customRequestHeaders: {{Authorization: "{it("Bearer {}")}", token: {it()}}}}}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: a}}
spec: {{http: [{{headers: {{request: {{set: {{Authorization: "{it("Bearer {}")}",
    x-api-key: {it()}}}}}}}}}]}}
---
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {{name: a}}
spec: {{alertmanagerConfiguration: {{global: {{smtp: {{authPassword: {it()}}}}}}}}}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {{name: a}}
spec:
  password: {it()}
  template: {{spec: {{containers: [{{image: a, env: [{{name: TOKEN, value: {it()}}}]}}]}}}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {{name: a}}
spec: {{acme: {{solvers: [{{dns01: {{webhook: {{config: {{apiKey: {it()}}}}}}}}}]}}}}
"""


def written(folder: Path, it: Planted, copies: int = 0) -> None:
    """Write the whole tree to `folder`, with `copies` more of its main file."""
    files: dict[str, str] = {
        "pod.yaml": manifest(it),
        "Dockerfile": dockerfile(it),
        ".github/workflows/ci.yaml": workflow(it),
        ".gitlab-ci.yml": pipeline(it),
        "values.yaml": f"auth: {{password: {it()}}}\n",
        "kept.yaml": kept(it),
        **broken(it),
        **{f"{number:03}.yaml": manifest(it) for number in range(copies)},
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
