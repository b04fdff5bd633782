package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// shared is where the project's shared inputs stand beside a checkout.
const shared = "../../shared/corpora"

func TestMain(m *testing.M) {
	if os.Getenv("PORTSIDE_TEST_AS_PROGRAM") != "" {
		os.Exit(run())
	}
	if _, inflating := os.LookupEnv(inflateVariable); inflating {
		os.Exit(run())
	}
	offline()
	gatherWarnings()
	os.Exit(m.Run())
}

func write(t *testing.T, folder string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, strings.TrimPrefix(name, "/"))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func chartOf(t *testing.T, template string, more map[string]string) string {
	t.Helper()
	files := map[string]string{
		"Chart.yaml":       "apiVersion: v2\nname: c\nversion: 1.0.0\n",
		"values.yaml":      "",
		"templates/a.yaml": template,
	}
	for name, text := range more {
		files[name] = text
	}
	return write(t, t.TempDir(), files)
}

func helm(request helmRequest) answer {
	if request.Release == "" {
		request.Release = "release-name"
	}
	if request.Namespace == "" {
		request.Namespace = "default"
	}
	said := &answer{}
	text, _ := json.Marshal(request)
	said.Error = asFailure(handle("helm", text, said))
	return *said
}

func kustomize(request kustomizeRequest) answer {
	said := &answer{}
	text, _ := json.Marshal(request)
	said.Error = asFailure(handle("kustomize", text, said))
	return *said
}

func rendered(t *testing.T, said answer) string {
	t.Helper()
	if said.Error != nil {
		t.Fatalf("%s: %s", said.Error.Kind, said.Error.Message)
	}
	var all strings.Builder
	for _, file := range said.Files {
		all.WriteString("---\n" + file.Text + "\n")
	}
	return all.String()
}

func documents(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	for _, one := range strings.Split("\n"+text, "\n---") {
		raw, err := yaml.YAMLToJSON([]byte(one))
		if err != nil {
			t.Fatalf("%s in\n%s", err, one)
		}
		if string(raw) != "null" {
			all = append(all, string(raw))
		}
	}
	slices.Sort(all)
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("the shared inputs are not beside the project: %s", err)
	}
	return string(text)
}

func TestChartsAreRenderedAsHelmRenderedThem(t *testing.T) {
	var cases []struct {
		Chart, Values string
		ValuesFile    []string `json:"values_file"`
		Deterministic bool
	}
	if err := json.Unmarshal([]byte(read(t, shared+"/helm-golden/index.json")), &cases); err != nil {
		t.Fatal(err)
	}
	for _, one := range cases {
		folder := filepath.Join(shared, "helm-golden", one.Chart)
		request := helmRequest{Chart: folder + "/chart", Release: "rel", Namespace: "demo",
			KubernetesVersion: "1.34.0"}
		for _, name := range one.ValuesFile {
			path := filepath.Join(folder, name)
			request.Values = append(request.Values, valuesSource{File: &path})
		}
		made := rendered(t, helm(request))
		if again := rendered(t, helm(request)); again != made {
			t.Errorf("%s %s: two renders differ", one.Chart, one.Values)
		}
		expected := documents(t, read(t, folder+"/expected."+one.Values+".yaml"))
		if one.Deterministic && !slices.Equal(documents(t, made), expected) {
			t.Errorf("%s %s is rendered otherwise", one.Chart, one.Values)
		}
	}
}

func TestCasesOfKustomizeAreBuiltOrRefusedAsThere(t *testing.T) {
	var cases []struct {
		Test, Target, Expected string
		Files                  map[string]string
		ExpectError            bool `json:"expect_error"`
	}
	text := read(t, shared+"/kustomize-krusty/cases.json")
	if err := json.Unmarshal([]byte(text), &cases); err != nil {
		t.Fatal(err)
	}
	for _, one := range cases {
		root := write(t, t.TempDir(), one.Files)
		said := kustomize(kustomizeRequest{
			Path: filepath.Join(root, one.Target), Root: root, Helm: true})
		if one.ExpectError {
			if said.Error == nil || len(said.Files) > 0 {
				t.Errorf("%s is not refused", one.Test)
			}
			continue
		}
		if !slices.Equal(documents(t, rendered(t, said)), documents(t, one.Expected)) {
			t.Errorf("%s is built otherwise", one.Test)
		}
	}
}

func TestOverlaysAreBuiltAsKustomizeBuiltThem(t *testing.T) {
	expected, _ := filepath.Glob(shared + "/kustomize-golden/*.yaml")
	for _, path := range expected {
		repository, rest, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".yaml"), "__")
		root := shared + "/kustomize-golden/inputs"
		folder := filepath.Join(root,
			strings.Replace(repository, "GoogleCloudPlatform-", "GoogleCloudPlatform+", 1),
			strings.ReplaceAll(rest, "__", "/"))
		said := kustomize(kustomizeRequest{Path: folder, Root: root})
		if said.Error != nil || said.Files[0].Text != read(t, path) {
			t.Errorf("%s is built otherwise: %v", path, said.Error)
		}
	}
}

func failsWith(t *testing.T, said answer, kind, file string) *failure {
	t.Helper()
	if said.Error == nil || said.Error.Kind != kind || said.Error.File != file {
		t.Fatalf("wanted %s in %s, got %+v", kind, file, said.Error)
	}
	if len(said.Files) > 0 {
		t.Fatal("files came with an error")
	}
	return said.Error
}

func TestNothingOutsideIsRead(t *testing.T) {
	outside := write(t, t.TempDir(), map[string]string{
		"s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: seen}", "kustomization.yaml": "resources: [s.yaml]"})
	folder := chartOf(t, `a: {{ .Files.Get "../s.yaml" }}{{ .Files.Get "/etc/hostname" }}`, nil)
	if text := rendered(t, helm(helmRequest{Chart: folder})); strings.TrimSpace(text) != "---\na:" {
		t.Errorf("Files.Get gave %q", text)
	}
	if err := os.Symlink(outside+"/s.yaml", folder+"/templates/b.yaml"); err != nil {
		t.Fatal(err)
	}
	failsWith(t, helm(helmRequest{Chart: folder}), kindEscape, "templates/b.yaml")

	root := write(t, t.TempDir(), map[string]string{"app/kustomization.yaml": "resources: [link]"})
	if err := os.Symlink(outside, root+"/app/link"); err != nil {
		t.Fatal(err)
	}
	said := kustomize(kustomizeRequest{Path: root + "/app", Root: root})
	failsWith(t, said, kindEscape, "app/link")
	above := map[string]string{"app/kustomization.yaml": "resources: [../../" + filepath.Base(outside) + "]"}
	write(t, root, above)
	if said := kustomize(kustomizeRequest{Path: root + "/app", Root: root}); said.Error == nil ||
		said.Error.Kind != kindEscape {
		t.Errorf("a base outside: %+v", said.Error)
	}
}

func TestRemoteResourcesAreNamedAndNotFetched(t *testing.T) {
	root := write(t, t.TempDir(), map[string]string{
		"kustomization.yaml": "resources:\n- https://example.com/a.yaml\n- github.com/org/repo//base?ref=v1\n"})
	said := failsWith(t, kustomize(kustomizeRequest{Path: root, Root: root}), kindRemote, "kustomization.yaml")
	wanted := []string{"https://example.com/a.yaml", "github.com/org/repo//base?ref=v1"}
	if !slices.Equal(said.Names, wanted) || said.Line != 2 {
		t.Errorf("%v in line %d", said.Names, said.Line)
	}
}

func TestSizesAreBounded(t *testing.T) {
	for template, kind := range map[string]string{
		`a: {{ repeat 1000000000 "0123456789" }}`:                           kindLimit,
		`{{ range until 2000000000 }}{{ end }}`:                             kindLimit,
		`{{ range untilStep 0 9223372036854775807 1 }}{{ end }}`:            kindLimit,
		`{{ seq 1 9223372036854775806 }}`:                                   kindLimit,
		`{{ randAlphaNum 2000000000 }}`:                                     kindLimit,
		`{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}`:   kindTemplate,
		`{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}`: kindTemplate,
	} {
		failsWith(t, helm(helmRequest{Chart: chartOf(t, template, nil)}), kind, "templates/a.yaml")
	}
}

// asProgram runs requests through the program itself, which may end on the way.
func asProgram(t *testing.T, request helmRequest, flags ...string) (answer, error) {
	t.Helper()
	body, _ := json.Marshal(request)
	var whole map[string]any
	json.Unmarshal(body, &whole)
	whole["version"], whole["id"], whole["op"] = protocolVersion, 7, "helm"
	command := exec.Command(os.Args[0], flags...)
	command.Env = []string{"PORTSIDE_TEST_AS_PROGRAM=1"}
	command.Stdin = bytes.NewReader(line(whole))
	output, failed := command.Output()
	var said answer
	if err := json.Unmarshal(output, &said); err != nil && failed == nil {
		t.Fatalf("no answer: %s %s", output, err)
	}
	return said, failed
}

func TestATemplateWithoutEndIsStopped(t *testing.T) {
	for template, flag := range map[string]string{
		`{{ range 9223372036854775807 }}{{ end }}`:                                          "--seconds=1",
		`{{ range until 1000000 }}{{ range until 1000 }}0123456789012345{{ end }}{{ end }}`: "--memory=128",
	} {
		said, err := asProgram(t, helmRequest{
			Chart: chartOf(t, template, nil), Release: "r", KubernetesVersion: "1.34.0"}, flag)
		if exited, ok := err.(*exec.ExitError); !ok || exited.ExitCode() != exitOverLimit {
			t.Errorf("%s: ended with %v", template, err)
		}
		if said.ID != 7 {
			t.Errorf("the answer is to request %d", said.ID)
		}
		failsWith(t, said, kindLimit, "templates/a.yaml")
	}
}

func TestWhatIsNoRequestIsAnswered(t *testing.T) {
	for request, wanted := range map[string]string{
		"nonsense":                                 "no request in JSON",
		`{"version": 2, "id": 4}`:                  "version 2 of the protocol is not spoken",
		`{"version": 1, "op": "install"}`:          `op "install" is unknown`,
		`{"version": 1, "op": "helm", "chart": 3}`: "not a request for a chart",
	} {
		var out bytes.Buffer
		code := serve(strings.NewReader(request+"\n"), &out, limits{seconds: 5, memory: 1 << 40, output: 1 << 20})
		var said answer
		if err := json.Unmarshal(out.Bytes(), &said); err != nil || code != 0 {
			t.Fatalf("%s: %s %d", request, err, code)
		}
		if said.Error == nil || !strings.Contains(said.Error.Message, wanted) {
			t.Errorf("%s: %+v", request, said.Error)
		}
	}
}

func TestChanceIsFixedAndSaid(t *testing.T) {
	template := `a: {{ randAlphaNum 8 }} {{ randAlphaNum 8 }} {{ uuidv4 }} {{ now | date "2006" }} {{ randInt 1 9 }}
b: {{ shuffle "abcdef" }} {{ randBytes 4 }} {{ htpasswd "u" "p" }} {{ bcrypt "x" }}
c: {{ (genCA "ca" 10).Cert | quote }}
d: {{ genPrivateKey "ed25519" | quote }} {{ genPrivateKey "ecdsa" | quote }}
`
	folder := chartOf(t, `{{ define "all" }}`+template+`{{ end }}x: {{ include "all" . | quote }}`, nil)
	first, second := helm(helmRequest{Chart: folder}), helm(helmRequest{Chart: folder})
	if rendered(t, first) != rendered(t, second) {
		t.Error("two renders differ")
	}
	words := strings.Fields(first.Files[0].Text)
	if words[2] == words[3] {
		t.Error("two random texts are one")
	}
	var names []string
	for _, one := range first.Generated {
		names = append(names, one.Function)
		if one.Template != "c/templates/a.yaml" {
			t.Errorf("%s is of %q", one.Function, one.Template)
		}
	}
	for _, wanted := range []string{"randAlphaNum", "uuidv4", "now", "randInt", "shuffle", "randBytes",
		"htpasswd", "bcrypt", "genCA", "genPrivateKey"} {
		if !slices.Contains(names, wanted) {
			t.Errorf("%s is not said", wanted)
		}
	}
}

func TestCertificatesAreSignedByTheirAuthority(t *testing.T) {
	template := `{{ $ca := genCA "ca" 10 }}{{ $cert := genSignedCert "x" (list "10.0.0.1") (list "x.svc") 10 $ca -}}
ca: {{ $ca.Cert | b64enc }}
cert: {{ $cert.Cert | b64enc }}
again: {{ (buildCustomCert ($ca.Cert | b64enc) ($ca.Key | b64enc)).Cert | b64enc }}`
	said := helm(helmRequest{Chart: chartOf(t, template, nil)})
	var made struct{ CA, Cert, Again []byte }
	if err := yaml.Unmarshal([]byte(rendered(t, said)), &made); err != nil {
		t.Fatal(err)
	}
	authority, _, err := certificate{string(made.CA), string(pemOfFixedKey())}.parsed()
	if err != nil {
		t.Fatal(err)
	}
	signed, _, err := certificate{string(made.Cert), string(pemOfFixedKey())}.parsed()
	if err != nil {
		t.Fatal(err)
	}
	if err := signed.CheckSignatureFrom(authority); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(made.CA, made.Again) || signed.DNSNames[0] != "x.svc" {
		t.Errorf("%v", signed.DNSNames)
	}
}

func TestTheFixedKeyIsAKey(t *testing.T) {
	if err := fixedRSA().Validate(); err != nil || fixedRSA().N.BitLen() != 2048 {
		t.Errorf("%v, %d bits", err, fixedRSA().N.BitLen())
	}
	for _, prime := range fixedRSA().Primes {
		if !prime.ProbablyPrime(20) {
			t.Error("a prime is none")
		}
	}
}

func pemOfFixedKey() []byte { return []byte((&observer{seen: map[any]struct{}{}}).privateKey("rsa")) }

func TestAnEndedInputEndsTheProgram(t *testing.T) {
	if code := serve(strings.NewReader(""), io.Discard, limits{seconds: 1, memory: 1 << 40}); code != 0 {
		t.Errorf("ended with %d", code)
	}
}

func TestWhatIsSaidOfVariablesHasOneOrder(t *testing.T) {
	warnings.take()
	log.Printf("well-defined vars that were never replaced: %s\n", "b-c,a,b")
	log.Print("something else: b,a")
	said := warnings.take()
	wanted := []string{"well-defined vars that were never replaced: a,b,b-c", "something else: b,a"}
	if !slices.Equal(said, wanted) {
		t.Errorf("%q", said)
	}
}
