"""Files with a fault right beside a planted credential, which a message about it could quote."""

from __future__ import annotations

from tests.acceptance.planted import Planted

_OBJECT = "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\n{rest}\n"
_FAULTS = {
    "map-not-closed": "stringData: {{password: {0}",
    "list-not-closed": "stringData: [{0}, {0}",
    "tab": "stringData:\n\tpassword: {0}",
    "quote-not-closed": 'stringData:\n  password: "{0}\n  a: b',
    "text-behind-quote": "stringData:\n  password: 'a'{0}",
    "bad-escape": 'stringData:\n  password: "\\q{0}"',
    "anchor-unknown": "stringData:\n  password: *{0}",
    "anchor-in-itself": "stringData: &{0}\n  password: *{0}",
    "tag-unknown": "stringData:\n  password: !{0} a",
    "tag-handle": "stringData:\n  password: !{0}!a b",
    "tag-bad": "stringData:\n  password: !<{0} a",
    "not-int": "stringData:\n  password: !!int {0}",
    "not-bool": "stringData:\n  password: !!bool {0}",
    "not-binary": "stringData:\n  password: !!binary {0}=",
    "two-colons": "stringData:\n  password: {0}: {0}",
    "no-colon": "stringData:\n  a: b\n  {0}\n  c: d",
    "indent": "stringData:\n  password: {0}\n a: {0}",
    "percent": "stringData:\n  password: %{0}",
    "at": "stringData:\n  password: @{0}",
    "block": "stringData:\n  password: |{0}\n    a",
    "separator": "stringData: {{}}\n--- password: {0}",
    "directive": "stringData: {{}}\n...\n%YAML {0}\n---\na: b",
    "merge": "stringData:\n  <<: {0}",
    "twice": "stringData:\n  a: {0}\n  a: {0}",
    "keys-that-meet": "stringData:\n  ? [{0}]\n  : a",
    "control": "stringData:\n  password: {0}\x01",
    "behind-the-end": "stringData: {{}}\n...\n{0}: {0}",
    "data-a-list": "data: [{0}]",
    "data-a-text": "data: {0}",
    "type-a-map": "type: {{a: {0}}}",
    "immutable-a-text": "immutable: {0}",
    "nested": "stringData: {{a: {{password: {0}}}}}",
    "unknown-field": "passwords: {0}",
    "template": "data: {{{{{{{{ .a }}}}}}}}\npassword: {0}",
    "name-bad": "stringData: {{password: {0}}}\n---\napiVersion: v1\nkind: Secret\nmetadata: {0}",
}


def broken(it: Planted) -> dict[str, str]:
    """Faults in YAML, JSON and fields, each with a value where a message could quote it."""
    files = {}
    for name, rest in _FAULTS.items():
        made = rest.format(it()) if "{{{{" not in rest else "data: {{ .a }}\npassword: " + it()
        files[f"broken/{name}.yaml"] = _OBJECT.format(name=name, rest=made)
    files |= {
        "broken/cut.json": f'{{"apiVersion":"v1","kind":"Secret","stringData":{{"a":"{it()}',
        "broken/comma.json": f'{{"apiVersion":"v1","kind":"Secret","data":{{"a":"{it()}",,}}}}',
        "broken/bare.json": f'{{"apiVersion":"v1","kind":"Secret","data":{{"a":{it()}}}}}',
        "broken/escape.json": f'{{"apiVersion":"v1","kind":"Secret","data":{{"a":"\\q{it()}"}}}}',
        "broken/behind.json": f'{{"apiVersion":"v1","kind":"Secret"}} {it()}',
        "broken/types.yaml": wrong_types(it),
        "broken/Dockerfile.a": broken_dockerfile(it),
        "broken/b.Dockerfile": f"FROM a\nENV PASSWORD={it()} {it()}\n",
        "broken/c.Dockerfile": f"FROM a\nRUN <<{it()}\necho {it()}\n",
        "broken/d.Dockerfile": f"FROM a\nADD --password={it()} a b\n",
        "broken/e.Dockerfile": f'FROM a\nENV P="{it()}\n',
        "broken/f.Dockerfile": f"FROM a\nENV P=${{A?{it()}}} Q=${{A:={it()}\n",
        "broken/g.Dockerfile": f'FROM a\nRUN if "{it()}; {it()} )\nHEALTHCHECK {it()}\n',
        "broken/h.Dockerfile": f"FROM a AS {it()}!\nCOPY --chmod={it()} --from={it()} a b\n",
        "broken/i.Dockerfile": f"FROM a\nENV A=b \\\n\n{it()}\n",
        "broken/j.Dockerfile": f"FROM a\nRUN a\n{it()} a\n",
        "broken/k.Dockerfile": f"# escape={it()}\nFROM a\n",
        ".github/workflows/broken.yaml": broken_workflow(it),
        ".github/workflows/cut.yaml": f"on: push\njobs: {{a: {{env: {{TOKEN: {it()}\n",
        ".github/workflows/list.yaml": f"on: push\nenv: [{it()}]\njobs: {{a: {it()}}}\n",
        ".github/dependabot.yml": (
            f"version: {it()}\nregistries: {{a: {{type: {it()}, password: {it()}}}}}\n"
            f"updates: {it()}"
        ),
        "renovate.json": f'{{"hostRules": [{{"password": "{it()}"}}], "extends": {it()}}}',
        "sub/.gitlab-ci.yml": f"variables: {{TOKEN: {it()}\n",
        "kustomization.yaml": kustomization(it),
        "sub/kustomization.yaml": f"secretGenerator: [{{name: a, literals: [password={it()}]\n",
        "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
        "chart/values.yaml": f"auth: {{password: {it()}}}\n",
        "chart/values-prod.yaml": f"auth: {{password: {it()}\n",
        "chart/templates/a.yaml": f"password: {it()}\na: {{{{ .Values.a }}}}\n",
        "crd.yaml": definitions(it),
        "net.yaml": network(it),
        "access.yaml": access(it),
    }
    return files


def wrong_types(it: Planted) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: types, labels: [{it()}], annotations: {{a: {{password: {it()}}}}}}}
spec:
  replicas: {it()}
  replicaz: {it()}
  paused: "{it()}"
  selector: {{matchLabels: "{it()}"}}
  strategy: {{rollingUpdate: {{maxSurge: {it.stray()}}}}}
  template:
    metadata: {{labels: {{app: {it.stray()}}}}}
    spec:
      volumes: "{it()}"
      nodeSelector: [{it()}]
      restartPolicy: {it.stray()}
      containers:
        - name: {{password: {it()}}}
          image: {{password: "{it()}"}}
          env: {{password: {it()}}}
          ports: [{{containerPort: {it.stray()}}}, {it.stray()}]
          resources: {{limits: {{cpu: {it()}, memory: "{it()}"}}}}
          livenessProbe: {{httpGet: {{port: {it.stray()}, path: "{it("/?token={}")}"}}}}
          envFrom: "{it()}"
        - "{it()}"
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: bad, namespace: shop}}
spec:
  template:
    spec:
      containers:
        - {{name: a, image: a, env: [{{name: PASSWORD, value: [{it()}]}}, {{name: T, value: 1,
            valeu: {it()}}}]}}
        - {{name: b, image: b, args: "--password={it()}", command: {{a: {it()}}}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: cron}}
spec: {{schedule: "{it.stray()} * * * *", timeZone: {it.stray()}, jobTemplate: {it()}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: types}}
stringData: {{a: {{password: {it()}}}, password: [{it()}]}}
immutable: {it()}
password: {it()}
---
apiVersion: v9
kind: Secret
metadata: {{name: version}}
data: {{password: {it()}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: a, annotations: {{portside.dev/ignore: "latest-tag until={it.stray()} a",
    portside.dev/token: "{it()}"}}}}
spec: {{hostNetwork: {it()}, containers: {it()}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: types}}
data: {{password: {{a: {it()}}}, other: [{it()}], url: 1, "{it.stray()} x": a}}
"""


def broken_dockerfile(it: Planted) -> str:
    return f"""\
# syntax={it()}
FROM a
PASSWORD {it()}
{it()} a
RUN --mount=type=secret,token={it()} a
EXPOSE {it()}
"""


def broken_workflow(it: Planted) -> str:
    return f"""\
on: push
jobs:
  a:
    runs-on: {it()}
    if: ${{{{ '{it()} == a }}}}
    needs: {it()}
    env: {{PASSWORD: {it()}, A: "${{{{ {it()} {it()} }}}}", B: "${{{{ f('{it()}', }}}}"}}
    strategy: {{matrix: {it()}}}
    steps:
      - run: echo ${{{{ secrets.A || '{it()}' }}}}; echo "{it()}
      - uses: {it()}
      - uses: https://user:{it()}@example.org/a@{it()}
      - with: {{password: {it()}}}
      - {it()}
"""


def kustomization(it: Planted) -> str:
    return f"""\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [pod.yaml]
secretGenerator:
  - name: shop
    literals: ["password={it()}", "{it()}"]
    envs: {it()}
configMapGenerator:
  - name: shop
    literals: [DB_PASSWORD={it()}]
patches:
  - patch: "- {{op: add, path: /a, value: {it()}}}"
    passwrd: {it()}
"""


def definitions(it: Planted) -> str:
    return f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: safes.example.org}}
spec:
  group: example.org
  scope: Namespaced
  names: {{plural: safes, kind: Safe, singular: safe}}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [a]
              properties:
                password: {{type: string, default: {it()}, pattern: "^a$", maxLength: 3}}
                count: {{type: integer, maximum: 3}}
                kind: {{type: string, enum: [a, b]}}
                day: {{type: string, format: date}}
                list: {{type: array, items: {{type: string}}, x-kubernetes-list-type: set}}
              x-kubernetes-validations:
                - rule: "self.password == 'a'"
                  messageExpression: "'the password is ' + self.password"
                - rule: "int(self.password) > 1 || timestamp(self.day) > timestamp(self.password)"
---
apiVersion: example.org/v1
kind: Safe
metadata: {{name: a}}
spec: {{password: {it()}, count: {it()}, kind: {it()}, day: {it()}, lst: {it()}, list: [{it()},
    {it()}]}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: broken.example.org}}
spec: {{group: example.org, versions: [{{name: v1, schema: {{openAPIV3Schema: {it()}}}}}]}}
"""


def network(it: Planted) -> str:
    return f"""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: a, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: {it.stray()}}}, matchExpressions: [{{key: a,
      operator: {it.stray()}}}]}}
  policyTypes: [{it.stray()}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: b, namespace: shop}}
spec:
  podSelector: {{}}
  ingress: [{{from: [{{ipBlock: {{cidr: {it.stray()}, except: [{it.stray()}]}}}}],
      ports: [{{port: http, protocol: {it.stray()}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: c, namespace: shop}}
spec: {{podSelector: {{}}, ingress: {it()}, egress: [{{to: {it()}}}, {{password: {it()}}}]}}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {{name: d}}
spec: {{priority: {it.stray()}, subject: {{namespaces: {{}}}},
    ingress: [{{action: {it.stray()}, from: []}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      serviceAccountName: web
      containers: [{{name: a, image: a, env: [{{name: TOKEN, value: {it()}}}],
          ports: [{{containerPort: 80}}]}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: 80}}], token: {it()}}}
"""


def access(it: Planted) -> str:
    return f"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: a, annotations: {{token: {it()}}}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}
subjects: [{{kind: ServiceAccount, name: web, namespace: shop, password: {it()}}}, {it()}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: web, namespace: shop}}
secrets: [{{name: token}}]
---
apiVersion: v1
kind: Secret
metadata: {{name: token, namespace: shop, annotations: {{kubernetes.io/service-account.name: web}}}}
type: kubernetes.io/service-account-token
stringData: {{token: {it()}}}
"""
