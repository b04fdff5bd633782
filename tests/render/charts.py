"""A chart that uses what charts can use: for comparison with helm."""

from __future__ import annotations

_LIBRARY = """
{{- define "lib.labels" -}}
app: {{ .Chart.Name }}
release: {{ .Release.Name | quote }}
{{- end -}}
"""

_MAIN = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-main
  namespace: {{ .Release.Namespace }}
  labels: {{- include "lib.labels" . | nindent 4 }}
data:
  versions: {{ printf "%s %s" .Capabilities.KubeVersion.Version .Capabilities.KubeVersion.Minor }}
  helm: {{ .Capabilities.HelmVersion.Version }}
  apis: {{ .Capabilities.APIVersions | len | quote }}
  apps: {{ .Capabilities.APIVersions.Has "apps/v1" | quote }}
  crd: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}
  file: {{ .Files.Get "config/a.txt" | quote }}
  glob: {{ (.Files.Glob "config/*").AsConfig | quote }}
  lines: {{ .Files.Lines "config/a.txt" | toJson | quote }}
  imported: {{ .Values.imported | toJson | quote }}
  whole: {{ .Values.whole | toJson | quote }}
  global: {{ .Values.global | toJson | quote }}
  values: {{ .Values | toJson | quote }}
  tpl: {{ tpl .Values.template . | quote }}
  chart: {{ .Chart | toJson | quote }}
  template: {{ .Template.Name }} {{ .Template.BasePath }}
  subcharts: {{ keys .Subcharts | sortAlpha | join "," }}
  upgrade: {{ .Release.IsUpgrade }} {{ .Release.Revision }} {{ .Release.Service }}
  sum: {{ include (print $.Template.BasePath "/service.yaml") . | sha256sum }}
  found: {{ lookup "v1" "Secret" "default" "x" | toJson | quote }}
  empty: {{ ((.Values.nothing).at).all | default "none" }}
  toml: {{ dict "a" 1 "b" (list 1 2) | toToml | quote }}
  pretty: {{ dict "a" (list 1 2) | toYamlPretty | quote }}
  numbers: {{ seq 1 3 }} {{ seq 5 -2 1 }} {{ until 3 }} {{ untilStep 6 0 -2 }} {{ repeat 3 "ab" }}
---
# only a comment
---
"""

_SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  {{- range $i := until (int .Values.ports) }}
  - port: {{ add 8000 $i }}
  {{- end }}
"""

_HOOKS = """apiVersion: batch/v1
kind: Job
metadata:
  name: hook
  annotations:
    "helm.sh/hook": pre-install, post-upgrade
    helm.sh/hook-weight: "-5"
---
apiVersion: v1
kind: Pod
metadata:
  name: test
  annotations: {helm.sh/hook: test}
---
apiVersion: v1
kind: Pod
metadata:
  name: lost
  annotations: {helm.sh/hook: crd-install}
---
apiVersion: v1
kind: Namespace
metadata:
  name: n
  annotations:
    kept: |+
      in a hook's file

"""

_SUB = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Chart.Name }}-{{ .Values.name }}
  labels: {{- include "lib.labels" . | nindent 4 }}
data:
  values: {{ .Values | toJson | quote }}
  kept: |+
    with its last lines
"""

_CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n"

FILES = {
    "Chart.yaml": """apiVersion: v2
name: main
version: 1.2.3
appVersion: "4.5"
kubeVersion: ">=1.20.0-0"
dependencies:
- name: sub
  version: "1.x"
  condition: sub.enabled
  import-values: [shared, {child: deep, parent: whole}]
- {name: sub, version: "1.x", alias: other, tags: [more]}
- {name: lib, version: "*"}
- {name: off, version: "*", condition: off.enabled,nowhere.enabled}
""",
    "values.yaml": """ports: 2
template: "{{ .Release.Name }} {{ include \\"lib.labels\\" . }}"
global: {region: eu, deep: {a: 1}}
sub: {name: first, keep: 2}
other: {name: second}
off: {enabled: false}
table: {a: {b: 1}}
gone: {a: 1, b: 2}
""",
    "README.md": "no template",
    "templates/_helpers.tpl": '{{ define "unused" }}{{ fail "never" }}{{ end }}',
    "templates/main.yaml": _MAIN,
    "templates/service.yaml": _SERVICE,
    "templates/hooks.yaml": _HOOKS,
    "templates/empty.yaml": "{{ if false }}a: 1{{ end }}\n",
    "templates/NOTES.txt": "{{ .Release.Name }} is there",
    "templates/deep/widget.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n"
    "kept: |+\n  by what comes last\n\n",
    "crds/x.yaml": _CRD,
    "config/a.txt": "one\ntwo\n",
    "config/b.txt": "three",
    "ignored/c.txt": "{{ not read",
    ".helmignore": "ignored/\n*.bak\n",
    "templates/a.bak": "{{ nor this",
    "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n",
    "charts/lib/templates/_labels.tpl": _LIBRARY,
    "charts/lib/templates/not-rendered.yaml": "a: library charts render nothing",
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.5.0\n",
    "charts/sub/values.yaml": """name: default
enabled: true
exports: {shared: {imported: [1, 2]}}
deep: {x: {y: 1}}
gone: null
""",
    "charts/sub/templates/config.yaml": _SUB,
    "charts/sub/crds/y.yaml": _CRD.replace("name: x", "name: y"),
    "charts/off/Chart.yaml": "apiVersion: v2\nname: off\nversion: 1.0.0\n",
    "charts/off/templates/off.yaml": _SUB,
    "charts/plain/Chart.yaml": "apiVersion: v1\nname: plain\nversion: 1.0.0\n",
    "charts/plain/templates/plain.yaml": _SUB,
}

SETS = (
    (),
    ("sub.enabled=false",),
    ("tags.more=false",),
    ("off.enabled=true",),
    ("off.enabled=maybe",),
    ("gone=null", "sub.keep=null", "global.deep.b=2"),
    ("table=1",),
    ("sub=1",),
    ("table.a=text", "table.a.b=2"),
    ("ports=0",),
    ("template={{ .Values.ports }",),
    ('template={{ fail "asked for" }}',),
    ("list[0].a=1,list[2]=b", "a\\.b=c", "empty="),
    ("list[70000]=1",),
    ("=1",),
    ("nothing.at=3",),
    ("other.name=a b c",),
)
