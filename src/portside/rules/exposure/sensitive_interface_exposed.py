"""An administration, data or model interface that can be reached from outside the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.fields import at, mapping, maps, text
from portside.model.isolation import near, same_namespace
from portside.model.selector import has_all
from portside.model.severity import CRITICAL, HIGH
from portside.model.violation import Violation
from portside.model.workload import Pod

RULE = """
id: sensitive-interface-exposed
title: Interface for administration or data is reachable from outside
severity: high
severity-reason: such interfaces are what scanners of the internet look for first
why: >-
  Dashboards, pipelines, databases, brokers, notebooks and model servers give whoever gets in the data,
  or run code for them; many ask for no password unless they are told to.
fix: "Keep it inside (`ClusterIP`) and go through a VPN or `kubectl port-forward`, or put an authenticating proxy before it."
profile: recommended
form: facts
kinds: [Workload]
params:
  more:
    type: list(string)
    default: []
    description: "further images, such as example/console: the last parts of their names"
fix-class: none
controls: [X013]
frameworks:
  - OWASP-K8s-2025:K06
  - NIST-800-190:4.4.2
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
  - ATT&CK:T1133
  - ATT&CK:T1190
  - MS-ThreatMatrix:MS-TA9005
aliases:
  - kubescape:C-0021
  - kubescape:C-0274
examples:
  - bad: behind a load balancer, and without a password of its own
    lines: [11]
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cache}
      spec:
        selector: {matchLabels: {app: cache}}
        template:
          metadata: {labels: {app: cache}}
          spec:
            containers:
              - name: redis
                image: docker.io/library/redis:7.4@sha256:9b2cc5a0ef3a9d3eb3a2f1b9d3a7bd0a39a1dcb0c6f4f1f94bb9a1b76b1b7c11
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cache}
      spec: {type: LoadBalancer, selector: {app: cache}, ports: [{port: 6379}]}
  - bad: behind an Ingress, a route and a port of the nodes
    api: needs-crd
    lines: [7, 25, 43]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: ci, labels: {app: ci}}
      spec:
        containers:
          - name: jenkins
            image: jenkins/jenkins:2.504
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: ci}
      spec: {selector: {app: ci}, ports: [{port: 80}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: ci}
      spec: {rules: [{host: ci.example.org, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ci, port: {number: 80}}}}]}}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: notes, labels: {app: notes}}
      spec:
        containers:
          - name: web
            image: quay.io/jupyter/scipy-notebook:2025-01-01
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: notes}
      spec: {selector: {app: notes}, ports: [{port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: notes}
      spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: notes, port: 80}]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: console, labels: {app: console}}
      spec:
        containers:
          - name: web
            image: registry.example.org/example/console:1.0
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: console}
      spec: {type: NodePort, selector: {app: console}, ports: [{port: 80}]}
    params: {more: [example/console]}
  - good: inside, internal, or for few addresses
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: cache, labels: {app: cache}}
      spec: {containers: [{name: redis, image: "redis:7.4"}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cache}
      spec: {selector: {app: cache}, ports: [{port: 6379}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: internal, annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internal}}
      spec: {type: LoadBalancer, selector: {app: cache}, ports: [{port: 6379}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: few}
      spec: {type: LoadBalancer, loadBalancerSourceRanges: [198.51.100.0/24], selector: {app: cache}, ports: [{port: 6379}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: others}
      spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 6379}]}
  - good: behind a login
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: graphs, labels: {app: graphs}}
      spec: {containers: [{name: grafana, image: "grafana/grafana:12.0.0"}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: graphs}
      spec: {selector: {app: graphs}, ports: [{port: 80}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: graphs, annotations: {nginx.ingress.kubernetes.io/auth-url: "https://login.example.org/auth"}}
      spec: {defaultBackend: {service: {name: graphs, port: {number: 80}}}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: proxied, labels: {app: proxied}}
      spec: {containers: [{name: web, image: "prom/prometheus:v3.0.0"}, {name: login, image: "quay.io/oauth2-proxy/oauth2-proxy:v7.8.0"}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: proxied}
      spec: {type: LoadBalancer, selector: {app: proxied}, ports: [{port: 80}]}
  - good: another image, and a name that only sounds like one
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: redis, labels: {app: redis}}
      spec: {containers: [{name: redis, image: "registry.example.org/my-redis:1.0"}, {name: exporter, image: "oliver006/redis_exporter:1.0"}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: redis}
      spec: {type: LoadBalancer, selector: {app: redis}, ports: [{port: 80}]}
"""
_OPEN = (
    *("redis", "redis/redis-stack", "valkey/valkey", "memcached", "mongo", "elasticsearch"),
    *("elasticsearch/elasticsearch", "opensearchproject/opensearch", "etcd-development/etcd"),
    *("coreos/etcd", "docker", "provectuslabs/kafka-ui", "apache/nifi", "rayproject/ray"),
    *("mlflow/mlflow", "ollama/ollama", "vllm/vllm-openai", "nvidia/tritonserver"),
    *("prom/prometheus", "prometheus/prometheus", "prom/alertmanager", "prometheus/alertmanager"),
    *("jupyter/base-notebook", "jupyter/minimal-notebook", "jupyter/scipy-notebook"),
    *("jupyter/datascience-notebook", "jupyter/tensorflow-notebook", "jupyter/pyspark-notebook"),
    *("argoproj/argocli", "apache/airflow", "apache/spark", "bitnami/redis", "bitnami/mongodb"),
    *("mongo-express", "kubernetesui/dashboard", "headlamp-k8s/headlamp", "weaveworks/scope"),
)
"""Images, by the end of their names, of what asks for no password unless it is told to."""
_GUARDED = (
    *("jenkins/jenkins", "jenkins", "grafana/grafana", "postgres", "mysql", "mariadb"),
    *("bitnami/postgresql", "bitnami/mysql", "rabbitmq", "minio/minio", "phpmyadmin", "adminer"),
    *("dpage/pgadmin4", "portainer/portainer-ce", "portainer/portainer", "rancher/rancher"),
    *("argoproj/argocd", "jupyterhub/jupyterhub", "gitlab/gitlab-ce", "gitea/gitea", "nexus3"),
    *("sonatype/nexus3", "kibana", "kibana/kibana", "neo4j", "influxdb", "couchdb", "cassandra"),
    *("clickhouse/clickhouse-server", "hashicorp/vault", "openbao/openbao"),
)
_PROXIES = ("oauth2-proxy", "kube-rbac-proxy", "pomerium", "authelia", "gatekeeper")
_LOGINS = ("auth-url", "auth-type", "auth-tls-secret", "auth-signin", "router.middlewares")
"""What the keys of annotations end with by which an ingress controller asks who is there."""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    for pod in it.pods():
        found = [
            (container.path, name, severity)
            for container in pod.containers
            for name, severity in _interface(text(container.body, "image"), params["more"])
        ]
        if not found or _proxied(pod):
            continue
        way = _way_in(it, facts, pod)
        for path, name, severity in found if way else ():
            yield Violation(
                f"{name} can be reached from outside by {way}", (*path, "image"), severity
            )


_LAST = frozenset(name.rpartition("/")[2] for name in (*_OPEN, *_GUARDED))
"""What the names of these images end with: few others do."""


def _interface(image: str, more: list[str]) -> Iterator[tuple[str, int]]:
    name = _repository(image)
    if not more and name.rpartition("/")[2] not in _LAST:
        return
    ends = _ends(name)
    for known, severity in ((_OPEN, CRITICAL), (_GUARDED, HIGH), (more, HIGH)):
        if not ends.isdisjoint(known):
            yield name, severity
            return


def _ends(name: str) -> set[str]:
    """What an image may be listed as: a name without a slash is an official image of Docker Hub."""
    ends = {name, name.removeprefix("library/")}
    slash = name.find("/")
    while slash >= 0:
        end = name[slash + 1 :]
        if "/" in end:
            ends.add(end)
        slash = name.find("/", slash + 1)
    return ends


def _repository(image: str) -> str:
    """The name of an image without its registry, tag and digest."""
    name = image.partition("@")[0]
    slash = name.rfind("/")
    colon = name.find(":", slash + 1)
    name = name[:colon] if colon >= 0 else name
    host, _, rest = name.partition("/")
    return rest if rest and ("." in host or ":" in host or host == "localhost") else name


def _proxied(pod: Pod) -> bool:
    """Whether a container of the pod asks who is there before it lets anybody through."""
    images = [text(container.body, "image") for container in pod.containers]
    return any(proxy in image for image in images for proxy in _PROXIES)


def _way_in(it: Fact, facts: Facts, pod: Pod) -> str:
    labels = labels_of(pod)
    for key, value in labels.items():
        for service in facts.once(_services).get((key, str(value)), ()):
            wanted = mapping(service.value, "spec", "selector")
            if same_namespace(service, it) and has_all(wanted, labels):
                way = f"the Service {service.name}" if _public(service) else _route(service, facts)
                if way:
                    return way
    return ""


def _services(facts: Facts) -> dict[tuple[str, str], list[Fact]]:
    """The Services by the first label that they select."""
    known: dict[tuple[str, str], list[Fact]] = {}
    for service in facts.of("Service"):
        for key, value in mapping(service.value, "spec", "selector").items():
            known.setdefault((key, str(value)), []).append(service)
            break
    return known


def _public(service: Fact) -> bool:
    kind = text(service.value, "spec", "type")
    if kind == "NodePort":
        return True
    if kind != "LoadBalancer":
        return False
    ranges = at(service.value, "spec", "loadBalancerSourceRanges")
    if ranges and "0.0.0.0/0" not in ranges and "::/0" not in ranges:
        return False
    return not any(
        ("internal" in key and value not in ("false", ""))
        or str(value).lower() in ("internal", "intranet", "private")
        for key, value in mapping(service.value, "metadata", "annotations").items()
    )


def _route(service: Fact, facts: Facts) -> str:
    for namespace, route in facts.once(_routes).get(service.name, ()):
        if near(namespace, route, service) and not _login(route):
            return f"the {route.ref.kind} {route.name}"
    return ""


def _routes(facts: Facts) -> dict[str, list[tuple[str, Fact]]]:
    """The routes, and the namespace that they mean, by the Services that they lead to."""
    known: dict[str, list[tuple[str, Fact]]] = {}
    for route in facts.of("networking.k8s.io/Ingress", "gateway.networking.k8s.io/HTTPRoute"):
        for namespace, name in _targets(route):
            known.setdefault(name, []).append((namespace, route))
    return known


def _targets(route: Fact) -> Iterator[tuple[str, str]]:
    if route.ref.kind == "Ingress":
        yield route.namespace, text(route.value, "spec", "defaultBackend", "service", "name")
    for _, rule in maps(route.value, "spec", "rules"):
        for _, path in maps(rule, "http", "paths"):
            yield route.namespace, text(path, "backend", "service", "name")
        for _, ref in maps(rule, "backendRefs"):
            yield text(ref, "namespace") or route.namespace, text(ref, "name")


def _login(route: Fact) -> bool:
    """Whether the controller, or a filter that nobody here knows, may ask who is there."""
    annotations = mapping(route.value, "metadata", "annotations")
    if any(key.endswith(_LOGINS) for key in annotations):
        return True
    return any(
        one.get("type") in ("ExtensionRef", "ExternalAuth")
        for _, rule in maps(route.value, "spec", "rules")
        for _, one in maps(rule, "filters")
    )
