package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// inflateVariable makes this program stand for helm, which Kustomize runs for helmCharts.
const inflateVariable = "PORTSIDE_RENDER_INFLATE"

// gitName is what this program is called where it stands for git.
const gitName = "git"

type inflateSettings struct {
	substitutes
	Root        string    `json:"root"`
	Report      string    `json:"report"`
	APIVersions *[]string `json:"api_versions"`
}

// inflate is `helm version`, `helm template` and `helm pull` (of vendored charts), and git, as far
// as Kustomize asks them.
func inflate(text string, arguments []string, limits limits) int {
	var settings inflateSettings
	if err := json.Unmarshal([]byte(text), &settings); err != nil || len(arguments) == 0 {
		fmt.Fprintln(os.Stderr, "not for people: Kustomize runs this")
		return 2
	}
	said := &answer{Version: protocolVersion}
	watch := startWatch(limits, said, func(over *answer) { settings.write(over) })
	defer watch.stop()
	command := arguments[0]
	if filepath.Base(os.Args[0]) == gitName {
		command = gitName
	}
	switch command {
	case "version":
		fmt.Println(helmVersion)
		return 0
	case gitName:
		said.Error = settings.git(arguments)
	case "pull":
		said.Error = settings.pulled(arguments[1:])
	case "template":
		said.Error = asFailure(settings.template(arguments[1:], said), settings.Root)
	default:
		said.Error = refused("helm " + arguments[0] + " is not executed")
	}
	output := said.Files
	said.Files = nil
	watch.stop()
	settings.write(said)
	if said.Error != nil {
		fmt.Fprintln(os.Stderr, said.Error.Message)
		return 1
	}
	for _, file := range output {
		io.WriteString(os.Stdout, "---\n# Source: "+file.Name+"\n"+file.Text)
	}
	return 0
}

func (s inflateSettings) write(said *answer) {
	file, err := os.OpenFile(s.Report, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	defer file.Close()
	file.Write(line(said))
}

// pullRequest is what `helm pull` is asked for.
type pullRequest struct {
	repo, chart, version, folder string
}

// is tells whether the vendored chart is what is asked for; a registry's is called by its address.
func (p pullRequest) is(one remote) bool {
	if p.repo == "" {
		return plain(strings.TrimSuffix(one.URL, "/")+"/"+one.Name) == plain(p.chart)
	}
	return one.Name == p.chart && plain(one.URL) == plain(p.repo)
}

func (p pullRequest) title() string {
	name := strings.TrimSpace(p.chart + " " + p.version)
	if p.repo != "" {
		name += " of " + p.repo
	}
	return name
}

func parsePull(arguments []string) (pullRequest, error) {
	var asked pullRequest
	flags := flag.NewFlagSet("pull", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&asked.repo, "repo", "", "")
	flags.StringVar(&asked.version, "version", "", "")
	flags.StringVar(&asked.folder, "untardir", "", "")
	for _, ignored := range []string{"untar", "devel"} {
		flags.Bool(ignored, false, "")
	}
	bare, err := parseMixed(flags, arguments)
	if err == nil && len(bare) != 1 {
		err = errors.New("one chart is pulled")
	}
	if err == nil {
		asked.chart = bare[0]
	}
	return asked, err
}

func (s inflateSettings) pulled(arguments []string) *failure {
	asked, err := parsePull(arguments)
	if err != nil {
		return refused("helmCharts: these arguments are not understood: " + strings.Join(arguments, " "))
	}
	if found, err := s.pull(asked); err != nil {
		return asFailure(missing(asked.title(), err), "")
	} else if found {
		return nil
	}
	return &failure{Kind: kindDependency, Names: []string{asked.title()}, Message: fmt.Sprintf(
		"helmCharts name the chart %s, which is not vendored, and nothing is fetched", asked.title())}
}

// repeated gathers a flag that may be given more than once.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, ",") }
func (r *repeated) Set(text string) error {
	*r = append(*r, text)
	return nil
}

func (s inflateSettings) template(arguments []string, said *answer) error {
	request := helmRequest{Namespace: "default", Root: s.Root, APIVersions: s.APIVersions}
	var files, versions repeated
	flags := flag.NewFlagSet("template", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&request.Namespace, "namespace", "default", "")
	flags.StringVar(&request.nameTemplate, "name-template", "", "")
	flags.StringVar(&request.KubernetesVersion, "kube-version", "", "")
	flags.BoolVar(&request.IncludeCRDs, "include-crds", false, "")
	flags.BoolVar(&request.SkipTests, "skip-tests", false, "")
	flags.BoolVar(&request.noHooks, "no-hooks", false, "")
	flags.Var(&files, "f", "")
	flags.Var(&versions, "api-versions", "")
	for _, ignored := range []string{"debug", "devel", "generate-name"} {
		flags.Bool(ignored, false, "")
	}
	bare, err := parseMixed(flags, arguments)
	if err != nil || len(bare) == 0 || len(bare) > 2 {
		return refused("helmCharts: these arguments are not understood: " + strings.Join(arguments, " "))
	}
	request.Chart, request.Release = bare[len(bare)-1], "release-name"
	if len(bare) == 2 {
		request.Release = bare[0]
	} else if request.nameTemplate != "" {
		if request.Release, err = releaseName(request.nameTemplate); err != nil {
			return refused("nameTemplate: " + err.Error())
		}
	}
	request.moreAPIVersions = versions
	if err := s.addValues(&request, files); err != nil {
		return err
	}
	outside := s.relocate(&request)
	watched := newObserver()
	err = renderHelm(request, said, watched)
	said.Lookups, said.Generated = watched.lookups, watched.generated
	said.Warnings = warnings.take()
	if outside {
		s.nameOutside(request, said, err)
	} else if below, bad := filepath.Rel(s.Root, request.Chart); bad == nil {
		for at, path := range said.Reads {
			said.Reads[at] = slashed(filepath.Join(below, path))
		}
		var known *failure
		if errors.As(err, &known) && known.File != "" && known.Kind != kindEscape {
			known.File = slashed(filepath.Join(below, known.File))
		}
	}
	return err
}

// relocate has a vendored chart, or one in a vendored repository, rendered where it is.
func (s inflateSettings) relocate(request *helmRequest) bool {
	if found, below := s.pulledAt(request.Chart); found != "" && below == "." {
		request.Chart, request.Root = found, filepath.Dir(found)
		return true
	}
	found, below, ok := s.cloneAt(request.Chart)
	if ok {
		request.Chart, request.Root = filepath.Join(found.content.Path, below), found.content.Path
	}
	return ok
}

// nameOutside names what was read by its place on disk: it is not below the root.
func (s inflateSettings) nameOutside(request helmRequest, said *answer, err error) {
	folder := request.Chart
	if info, bad := os.Stat(folder); bad == nil && !info.IsDir() {
		folder = filepath.Dir(folder)
	}
	for at, path := range said.Reads {
		said.Reads[at] = slashed(filepath.Join(folder, path))
	}
	var known *failure
	if errors.As(err, &known) && known.Kind != kindEscape {
		known.Message = fmt.Sprintf("%s: %s", filepath.Base(request.Chart), known.Message)
		known.File, known.Line, known.Column = "", 0, 0
	}
}

// addValues reads the files here: Kustomize writes merged values into its temporary folder.
func (s inflateSettings) addValues(request *helmRequest, files []string) error {
	for _, name := range files {
		if below, err := filepath.Rel(s.Temporary, name); err == nil && filepath.IsLocal(below) {
			text, err := s.readTemporary(name)
			if err != nil {
				return err
			}
			content := string(text)
			request.Values = append(request.Values, valuesSource{Text: &content})
			continue
		}
		request.Values = append(request.Values, valuesSource{File: &name})
	}
	return nil
}

// readTemporary is a file that Kustomize wrote, or one of a vendored repository.
func (s inflateSettings) readTemporary(name string) ([]byte, error) {
	found, below, ok := s.cloneAt(name)
	if !ok {
		return os.ReadFile(name)
	}
	t, err := openTree(found.content.Path)
	if err != nil {
		return nil, err
	}
	defer t.close()
	return t.read(below)
}

// parseMixed parses flags that stand between and behind the other arguments, as helm's do.
func parseMixed(flags *flag.FlagSet, arguments []string) ([]string, error) {
	var bare []string
	for len(arguments) > 0 {
		if err := flags.Parse(arguments); err != nil {
			return nil, err
		}
		if arguments = flags.Args(); len(arguments) > 0 {
			bare = append(bare, arguments[0])
			arguments = arguments[1:]
		}
	}
	return bare, nil
}

// releaseName executes helmCharts' nameTemplate with what charts have, and without `env`.
func releaseName(text string) (string, error) {
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["getHostByName"] = func(string) string { return "" }
	for name, function := range newObserver().functions() {
		functions[name] = function
	}
	parsed, err := template.New("name-template").Funcs(functions).Parse(text)
	if err != nil {
		return "", err
	}
	var name strings.Builder
	err = parsed.Execute(&name, nil)
	return name.String(), err
}
