package main

import "encoding/json"

// protocolVersion is the version of docs/reference/render-protocol.md.
const protocolVersion = 1

// Kinds of failure, as the protocol names them.
const (
	kindSchema     = "schema"
	kindDependency = "dependency"
	kindSyntax     = "syntax"
	kindTemplate   = "template"
	kindRemote     = "remote"
	kindLimit      = "limit"
	kindEscape     = "escape"
	kindMissing    = "missing"
	kindRefused    = "refused"
)

// head is what every request has.
type head struct {
	Version int    `json:"version"`
	ID      int64  `json:"id"`
	Op      string `json:"op"`
}

// valuesSource is a file of values, or their text.
type valuesSource struct {
	File *string `json:"file"`
	Text *string `json:"text"`
}

// setting is one value set by itself, as a --set flag has it.
type setting struct {
	Text string `json:"text"`
	How  string `json:"how"`
}

type helmRequest struct {
	Chart             string            `json:"chart"`
	Release           string            `json:"release"`
	Namespace         string            `json:"namespace"`
	KubernetesVersion string            `json:"kubernetes_version"`
	APIVersions       *[]string         `json:"api_versions"`
	Values            []valuesSource    `json:"values"`
	Sets              []setting         `json:"sets"`
	IncludeCRDs       bool              `json:"include_crds"`
	SkipTests         bool              `json:"skip_tests"`
	Templates         map[string]string `json:"templates"`
	Files             map[string]string `json:"files"`
	Root              string            `json:"root"`
	Sources           bool              `json:"sources"`
	// Dependencies are vendored charts: files by the paths that they would have in the chart.
	Dependencies map[string]string `json:"dependencies"`

	// moreAPIVersions are added to Helm's own, as --api-versions does.
	moreAPIVersions []string
	noHooks         bool
	nameTemplate    string
}

type kustomizeRequest struct {
	Path              string            `json:"path"`
	Root              string            `json:"root"`
	Origins           bool              `json:"origins"`
	Helm              bool              `json:"helm"`
	KubernetesVersion string            `json:"kubernetes_version"`
	APIVersions       *[]string         `json:"api_versions"`
	Files             map[string]string `json:"files"`
	Remotes           []remote          `json:"remotes"`
}

// remote is content that was vendored, with what it is fetched by.
type remote struct {
	// Kind is git (a folder), file, or chart (an archive).
	Kind    string `json:"kind"`
	URL     string `json:"url"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Path    string `json:"path"`
}

type renderedFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Hook string `json:"hook"`
	Kind string `json:"kind"`
	Path string `json:"path"`
}

type lookup struct {
	Template   string `json:"template"`
	APIVersion string `json:"api_version"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

type generated struct {
	Template string `json:"template"`
	Function string `json:"function"`
}

// failure is why nothing was rendered; it is an error of Go too.
type failure struct {
	Message string   `json:"message"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Column  int      `json:"column"`
	Kind    string   `json:"kind"`
	Names   []string `json:"names"`
}

func (f *failure) Error() string { return f.Message }

type answer struct {
	Version   int               `json:"version"`
	ID        int64             `json:"id"`
	Files     []renderedFile    `json:"files"`
	Warnings  []string          `json:"warnings"`
	Lookups   []lookup          `json:"lookups"`
	Generated []generated       `json:"generated"`
	Reads     []string          `json:"reads"`
	Texts     []string          `json:"texts,omitempty"`
	Sources   map[string]string `json:"sources,omitempty"`
	Values    map[string]string `json:"values,omitempty"`
	Error     *failure          `json:"error"`
}

// versions is the answer to "versions".
type versions struct {
	Version    int    `json:"version"`
	ID         int64  `json:"id"`
	Helm       string `json:"helm"`
	Kustomize  string `json:"kustomize"`
	Kubernetes string `json:"kubernetes"`
}

func line(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		text, _ = json.Marshal(answer{Version: protocolVersion, Error: &failure{
			Message: "the answer cannot be written as JSON: " + err.Error(), Kind: kindRefused}})
	}
	return append(text, '\n')
}
