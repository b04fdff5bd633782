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

type inflateSettings struct {
	Root        string    `json:"root"`
	Temporary   string    `json:"temporary"`
	Report      string    `json:"report"`
	APIVersions *[]string `json:"api_versions"`
}

// inflate is `helm version`, `helm template` and (refused) `helm pull`, as far as Kustomize asks.
func inflate(text string, arguments []string, limits limits) int {
	var settings inflateSettings
	if err := json.Unmarshal([]byte(text), &settings); err != nil || len(arguments) == 0 {
		fmt.Fprintln(os.Stderr, "not for people: Kustomize runs this")
		return 2
	}
	said := &answer{Version: protocolVersion}
	watch := startWatch(limits, said, func(over *answer) { settings.write(over) })
	defer watch.stop()
	switch arguments[0] {
	case "version":
		fmt.Println(helmVersion)
		return 0
	case "pull":
		said.Error = pulled(arguments[1:])
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

func pulled(arguments []string) *failure {
	name := strings.Join(arguments, " ")
	repo, chart, version := "", "", ""
	for at := 0; at < len(arguments); at++ {
		switch one := arguments[at]; one {
		case "--repo", "--version", "--untardir":
			at++
			if at == len(arguments) {
				break
			}
			switch one {
			case "--repo":
				repo = arguments[at]
			case "--version":
				version = arguments[at]
			}
		case "--untar", "--devel":
		default:
			chart = one
		}
	}
	if chart != "" {
		name = strings.TrimSpace(chart + " " + version)
		if repo != "" {
			name += " of " + repo
		}
	}
	return &failure{Kind: kindDependency, Names: []string{name}, Message: fmt.Sprintf(
		"helmCharts name the chart %s, which is not vendored, and nothing is fetched", name)}
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
	watched := newObserver()
	err = renderHelm(request, said, watched)
	said.Lookups, said.Generated = watched.lookups, watched.generated
	said.Warnings = warnings.take()
	if below, bad := filepath.Rel(s.Root, request.Chart); bad == nil {
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

// addValues reads the files here: Kustomize writes merged values into its temporary folder.
func (s inflateSettings) addValues(request *helmRequest, files []string) error {
	for _, name := range files {
		if below, err := filepath.Rel(s.Temporary, name); err == nil && filepath.IsLocal(below) {
			text, err := os.ReadFile(name)
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
