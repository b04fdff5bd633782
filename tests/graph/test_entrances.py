"""Ingresses, Routes and Gateway routes lead to pods through Services; policies may still deny."""

from __future__ import annotations

from tests.graph.reading import lines, reach

APP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: c, image: i, ports: [{name: http, containerPort: 8080}, {containerPort: 9090}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports:
    - {name: main, port: 80, targetPort: http}
    - {name: admin, port: 90, targetPort: 9090}
    - {name: undeclared, port: 70, targetPort: 7070}
---
"""


def ingress(*backends: str, namespace: str = "shop") -> str:
    paths = ", ".join(f"{{path: /, pathType: Prefix, backend: {it}}}" for it in backends)
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: front, namespace: {namespace}}}
spec: {{rules: [{{http: {{paths: [{paths}]}}}}]}}
---
"""


def service(port: str, name: str = "web") -> str:
    return f"{{service: {{name: {name}, port: {{{port}}}}}}}"


def entering(text: str, *, undeclared: bool = False) -> list[str]:
    made = reach(APP + text, undeclared_ports=undeclared)
    assert made.faults == []
    return [it for it in lines(made) if it.startswith("{")]


def test_an_ingress_leads_to_the_port_of_the_pod_behind_that_of_the_service() -> None:
    target = "{ingress-controller} => shop/web[Deployment] : TCP"
    assert entering(ingress(service("number: 80"))) == [f"{target} 8080"]
    assert entering(ingress(service("name: admin"))) == [f"{target} 9090"]
    both = ingress(service("number: 80"), service("number: 90"))
    assert entering(both) == [f"{target} 8080,9090"]
    default = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: d, namespace: shop}\n"
    )
    default += "spec: {defaultBackend: {service: {name: web, port: {number: 90}}}}\n"
    assert entering(default) == [f"{target} 9090"]


def test_a_route_leads_to_every_port_of_its_service_unless_it_names_one() -> None:
    route = """\
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: r, namespace: shop}
spec: {to: {kind: Service, name: web}}
"""
    target = "{ingress-controller} => shop/web[Deployment] : TCP"
    assert entering(route) == [f"{target} 8080,9090"]
    assert entering(route.replace("web}}", "web}, port: {targetPort: http}}")) == [f"{target} 8080"]


def test_a_port_that_no_container_declares_is_noted_or_taken() -> None:
    front = ingress(service("number: 70"))
    assert entering(front) == []
    (note,) = reach(APP + front).notes
    assert (note.what, note.line) == ("Ingress shop/front", 24)
    assert "TCP 7070 of shop/web[Deployment]" in note.reason
    assert entering(front, undeclared=True) == [
        "{ingress-controller} => shop/web[Deployment] : TCP 7070"
    ]


def test_what_leads_nowhere_is_noted() -> None:
    (note,) = reach(APP + ingress(service("number: 80", "gone"))).notes
    assert note.reason == "leads to Service shop/gone, which is not here"


def test_policies_may_deny_what_an_ingress_leads_to() -> None:
    policy = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, ingress: [{ports: [{port: 9090}]}]}
---
"""
    both = ingress(service("number: 80"), service("number: 90"))
    assert entering(policy + both) == ["{ingress-controller} => shop/web[Deployment] : TCP 9090"]
    pods_only = policy.replace("ports: [{port: 9090}]", "from: [{podSelector: {}}]")
    assert entering(pods_only + both) == []
    everywhere = policy.replace("ports: [{port: 9090}]", "from: [{namespaceSelector: {}}]")
    assert len(entering(everywhere + both)) == 1, "whoever forwards is a pod of some namespace"


def test_a_gateway_route_needs_a_grant_to_lead_to_another_namespace() -> None:
    route = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: edge}
spec: {rules: [{backendRefs: [{name: web, namespace: shop, port: 80}]}]}
---
"""
    grant = """\
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]
  to: [{group: "", kind: Service}]
---
"""
    assert entering(route) == []
    assert "no ReferenceGrant" in reach(APP + route).notes[0].reason
    assert entering(route + grant) == ["{gateway} => shop/web[Deployment] : TCP 8080"]
    assert entering(route + grant.replace("HTTPRoute", "TLSRoute")) == []
    own = route.replace("namespace: edge", "namespace: shop").replace(
        "namespace: shop, port", "port"
    )
    assert entering(own) == ["{gateway} => shop/web[Deployment] : TCP 8080"]


def test_of_two_services_of_one_name_both_lead_on() -> None:
    other = APP[APP.index("apiVersion: v1") :].replace("targetPort: http", "targetPort: 9090")
    assert entering(other + ingress(service("number: 80"))) == [
        "{ingress-controller} => shop/web[Deployment] : TCP 8080,9090"
    ]
