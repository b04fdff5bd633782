package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// renderKustomize answers as `kustomize build` would, with nothing fetched and nothing executed
// but this program itself, for helmCharts.
func renderKustomize(request kustomizeRequest, into *answer) error {
	root := request.Root
	if root == "" {
		root = request.Path
	}
	t, err := openTree(root)
	if err != nil {
		return err
	}
	defer t.close()
	run := &kustomizeRun{request: request, tree: t, into: into, view: newConfined(t, request.Files)}
	defer run.view.close()
	err = run.do()
	into.Reads = run.view.readPaths()
	return err
}

type kustomizeRun struct {
	request kustomizeRequest
	tree    *tree
	view    *confined
	into    *answer
	folder  string
	report  string
}

func (r *kustomizeRun) do() error {
	folder, err := r.tree.relative(r.request.Path)
	if err != nil {
		return err
	}
	r.folder = folder
	path := filepath.Join(r.tree.real, folder)
	if !r.view.IsDir(path) {
		return &failure{Kind: kindMissing, File: slashed(folder),
			Message: fmt.Sprintf("%s is no folder that can be opened", slashed(folder))}
	}
	if r.request.Origins {
		if err := r.askForOrigins(path); err != nil {
			return err
		}
	}
	options, done, err := r.options()
	if err != nil {
		return err
	}
	defer done()
	refusedAddresses.take()
	resources, err := krusty.MakeKustomizer(options).Run(r.view, path)
	r.readReport()
	if err != nil {
		return r.explain(err)
	}
	text, err := resources.AsYaml()
	if err != nil {
		return r.explain(err)
	}
	r.into.Files = append(r.into.Files, renderedFile{
		Name: slashed(folder), Text: string(text), Kind: "template"})
	return nil
}

// askForOrigins adds to the buildMetadata of the kustomization that is built, in memory.
func (r *kustomizeRun) askForOrigins(folder string) error {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		path := filepath.Join(folder, name)
		if !r.view.Exists(path) || r.view.IsDir(path) {
			continue
		}
		text, err := r.view.ReadFile(path)
		if err != nil {
			return err
		}
		node, err := yaml.Parse(string(text))
		if err != nil || node.YNode() == nil || node.YNode().Kind != yaml.MappingNode {
			return nil // Kustomize itself says what is wrong.
		}
		metadata := node.Field("buildMetadata")
		wanted := yaml.NewListRNode()
		if metadata != nil && metadata.Value != nil && metadata.Value.YNode().Kind == yaml.SequenceNode {
			wanted = metadata.Value
		}
		listed, _ := wanted.String()
		for _, one := range []string{types.OriginAnnotations, types.TransformerAnnotations} {
			if !strings.Contains(listed, one) {
				wanted.YNode().Content = append(wanted.YNode().Content, yaml.NewStringRNode(one).YNode())
			}
		}
		if err := node.PipeE(yaml.SetField("buildMetadata", wanted)); err != nil {
			return err
		}
		changed, err := node.String()
		if err != nil {
			return err
		}
		below, err := r.tree.relative(path)
		if err != nil {
			return err
		}
		r.view.replaced[below] = []byte(changed)
		return nil
	}
	return nil
}

func (r *kustomizeRun) options() (*krusty.Options, func(), error) {
	options := krusty.MakeDefaultOptions()
	// As the command has it: legacy, unless sortOptions say otherwise.
	options.Reorder = krusty.ReorderOptionUnspecified
	options.PluginConfig = types.DisabledPluginConfig()
	if !r.request.Helm && len(r.request.Remotes) == 0 {
		return options, func() {}, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	folder, err := temporaryFolder()
	if err != nil {
		return nil, nil, err
	}
	programs, err := gitIn(folder, self)
	if err != nil {
		return nil, nil, err
	}
	r.report = filepath.Join(folder, "report")
	r.view.substitutes = substitutes{r.request.Remotes, folder}
	refusedAddresses.substitutes = r.view.substitutes
	settings := line(inflateSettings{r.view.substitutes, r.tree.real, r.report, r.request.APIVersions})
	restore := setEnvironment(map[string]string{
		inflateVariable: string(settings), "TMPDIR": folder, "PATH": programs})
	if r.request.Helm {
		options.PluginConfig.HelmConfig = types.HelmConfig{
			Enabled: true, Command: self, KubeVersion: r.request.KubernetesVersion,
		}
	}
	return options, func() {
		restore()
		refusedAddresses.substitutes = substitutes{}
		os.RemoveAll(folder)
	}, nil
}

func temporaryFolder() (string, error) {
	folder, err := os.MkdirTemp("", "portside-render-")
	if err != nil {
		return "", err
	}
	removeLater(folder)
	return filepath.EvalSymlinks(folder)
}

// gitIn makes a folder for PATH in which git is this program.
func gitIn(folder, self string) (string, error) {
	programs := filepath.Join(folder, "programs")
	if err := os.Mkdir(programs, 0o700); err != nil {
		return "", err
	}
	return programs, os.Symlink(self, filepath.Join(programs, gitName))
}

// setEnvironment sets variables and returns what takes that back.
func setEnvironment(wanted map[string]string) func() {
	before := map[string]string{}
	for name, value := range wanted {
		if old, had := os.LookupEnv(name); had {
			before[name] = old
		}
		os.Setenv(name, value)
	}
	return func() {
		for name := range wanted {
			if old, had := before[name]; had {
				os.Setenv(name, old)
			} else {
				os.Unsetenv(name)
			}
		}
	}
}

// readReport adds what the inflated charts had to say.
func (r *kustomizeRun) readReport() {
	if r.report == "" {
		return
	}
	text, err := os.ReadFile(r.report)
	if err != nil {
		return
	}
	for _, one := range strings.Split(string(text), "\n") {
		var said answer
		if one == "" || json.Unmarshal([]byte(one), &said) != nil {
			continue
		}
		r.into.Warnings = append(r.into.Warnings, said.Warnings...)
		r.into.Lookups = append(r.into.Lookups, said.Lookups...)
		r.into.Generated = append(r.into.Generated, said.Generated...)
		for _, path := range said.Reads {
			r.tree.reads[path] = struct{}{}
		}
		if said.Error != nil && said.Error.Kind == kindRemote {
			refusedAddresses.asked = append(refusedAddresses.asked, said.Error.Names...)
		} else if said.Error != nil {
			r.into.Error = said.Error
		}
	}
}

// explain is why Kustomize refused: what was outside or elsewhere comes before its own words.
func (r *kustomizeRun) explain(err error) error {
	if r.into.Error != nil {
		said := r.into.Error
		r.into.Error = nil
		return said
	}
	if r.view.limited != nil {
		return r.view.limited
	}
	if elsewhere := r.elsewhere(); elsewhere != nil {
		return elsewhere
	}
	if r.view.escaped != nil {
		return r.view.escaped
	}
	text := err.Error()
	said := &failure{Kind: kindRefused, File: r.kustomizationIn(text), Message: text}
	switch {
	case strings.Contains(text, "no chart found at"):
		said.Kind = kindDependency
	case strings.Contains(text, "unable to find one of 'kustomization.yaml'"),
		strings.Contains(text, "cannot be opened: "), errors.Is(err, os.ErrNotExist):
		said.Kind = kindMissing
	case strings.Contains(text, "yaml: "), strings.Contains(text, "invalid Kustomization"),
		strings.Contains(text, "json: "), strings.Contains(text, "MalformedYAMLError"),
		strings.Contains(text, "missing Resource metadata"):
		said.Kind = kindSyntax
		if found := yamlLine.FindStringSubmatch(text); found != nil {
			fmt.Sscan(found[1], &said.Line)
		}
	}
	return said
}

// kustomizationIn is the innermost folder or file that the text names and that was read.
func (r *kustomizeRun) kustomizationIn(text string) string {
	best, at := "", -1
	for path := range r.tree.reads {
		for _, name := range []string{path, filepath.Base(path)} {
			if found := strings.LastIndex(text, name); found > at && !isKustomization(name) {
				best, at = path, found
			}
		}
	}
	if best == "" {
		best = r.kustomization()
	}
	return best
}

func (r *kustomizeRun) kustomization() string {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if path := filepath.Join(r.folder, name); r.view.Exists(filepath.Join(r.tree.real, path)) {
			return slashed(path)
		}
	}
	return slashed(r.folder)
}

func isKustomization(path string) bool {
	return slices.Contains(konfig.RecognizedKustomizationFileNames(), filepath.Base(path))
}

// elsewhere is the failure of a build that needs what the kustomizations name by an address.
func (r *kustomizeRun) elsewhere() *failure {
	said := &failure{Kind: kindRemote}
	paths := make([]string, 0, len(r.tree.reads))
	for path := range r.tree.reads {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if !isKustomization(path) {
			continue
		}
		text, err := r.view.ReadFile(filepath.Join(r.tree.real, filepath.FromSlash(path)))
		if err != nil {
			continue
		}
		for _, one := range addresses(text) {
			if r.view.serves(one.text) ||
				r.view.Exists(filepath.Join(r.tree.real, filepath.Dir(path), filepath.FromSlash(one.text))) {
				continue
			}
			if said.File == "" {
				said.File, said.Line, said.Column = path, one.line, one.column
			}
			if !slices.Contains(said.Names, one.text) {
				said.Names = append(said.Names, one.text)
			}
		}
	}
	for _, address := range refusedAddresses.take() {
		named := slices.ContainsFunc(said.Names, func(name string) bool {
			return strings.HasPrefix(bare(name), bare(address))
		})
		if !r.view.serves(address) && !named {
			said.Names = append(said.Names, address)
		}
	}
	if len(said.Names) == 0 {
		return nil
	}
	if said.File == "" {
		said.File = r.kustomization()
	}
	said.Message = fmt.Sprintf("%s refers to what is not in the tree, and nothing is fetched: %s",
		said.File, strings.Join(said.Names, ", "))
	return said
}

type address struct {
	text         string
	line, column int
}

// fetchedFields are the lists of a kustomization that may name files, folders and addresses.
var fetchedFields = []string{
	"resources", "bases", "components", "crds", "configurations", "generators", "transformers",
	"validators", "patchesStrategicMerge",
}

func addresses(text []byte) []address {
	node, err := yaml.Parse(string(text))
	if err != nil {
		return nil
	}
	var found []address
	add := func(scalar *yaml.Node) {
		if scalar.Kind == yaml.ScalarNode && looksRemote(scalar.Value) {
			found = append(found, address{scalar.Value, scalar.Line, scalar.Column})
		}
	}
	for _, name := range fetchedFields {
		if field := node.Field(name); field != nil && field.Value != nil {
			for _, one := range field.Value.YNode().Content {
				add(one)
			}
		}
	}
	for _, name := range []string{"patches", "patchesJson6902", "replacements"} {
		if field := node.Field(name); field != nil && field.Value != nil {
			for _, one := range field.Value.YNode().Content {
				if path := yaml.NewRNode(one).Field("path"); path != nil && path.Value != nil {
					add(path.Value.YNode())
				}
			}
		}
	}
	return found
}

// looksRemote is what Kustomize takes for a repository or a file to fetch.
func looksRemote(text string) bool {
	if strings.ContainsAny(text, "\n ") {
		return false
	}
	lower := strings.ToLower(text)
	return strings.Contains(lower, "://") || strings.HasPrefix(lower, "git@") ||
		strings.HasPrefix(lower, "git::") || strings.HasPrefix(lower, "gh:") ||
		strings.HasPrefix(lower, "github.com") || strings.HasPrefix(lower, "org-") && strings.Contains(lower, "@") ||
		strings.Contains(lower, "?ref=") || strings.Contains(lower, ".git//") ||
		strings.Contains(lower, "_git/") && strings.Contains(lower, "@")
}

// nothingRequested is the only way of this program to the network: to vendored files, and else a
// refusal.
type nothingRequested struct {
	substitutes
	asked []string
	// read are the files that were answered with.
	read []string
}

var refusedAddresses = &nothingRequested{}

func (n *nothingRequested) RoundTrip(request *http.Request) (*http.Response, error) {
	address := request.URL.String()
	if path, found := n.file(address); found {
		t, err := openTree(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		defer t.close()
		content, err := t.read(filepath.Base(path))
		n.read = append(n.read, path)
		return &http.Response{
			StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(content)), Request: request,
		}, err
	}
	n.asked = append(n.asked, address)
	return nil, errors.New("nothing is fetched")
}

func (n *nothingRequested) take() []string {
	asked := n.asked
	n.asked = nil
	return asked
}

func (n *nothingRequested) takeRead() []string {
	read := n.read
	n.read = nil
	return read
}

func offline() {
	http.DefaultTransport = refusedAddresses
	http.DefaultClient.Transport = refusedAddresses
	// Kustomize looks for git on PATH, to clone with.
	os.Setenv("PATH", "")
}
