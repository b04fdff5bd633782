package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

// renderHelm answers as `helm template` would, in the order of its output.
func renderHelm(request helmRequest, into *answer, watched *observer) error {
	root := request.Root
	if root == "" {
		root = chartRoot(request.Chart)
	}
	t, err := openTree(root)
	if err != nil {
		return err
	}
	defer t.close()
	run := &helmRun{request: request, tree: t, into: into, watched: watched}
	return run.do()
}

// chartRoot is what may be read of a chart by itself: its folder, or the folder of its archive.
func chartRoot(name string) string {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return filepath.Dir(name)
	}
	return name
}

// chartFolder is the folder that the paths of an answer are below.
func chartFolder(t *tree, below string) string {
	if info, err := t.stat(below); err == nil && !info.IsDir() {
		return filepath.Dir(below)
	}
	return below
}

type helmRun struct {
	request helmRequest
	tree    *tree
	chart   *loadedChart
	// below is the chart's path below the tree.
	below string
	// folder is what the paths of the answer are below.
	folder  string
	into    *answer
	watched *observer
	// places are the files of the templates by the name that Helm gives them.
	places map[string]string
	// texts are the templates as they were before they were watched.
	texts map[string]string
}

func (r *helmRun) do() error {
	if err := r.load(); err != nil {
		return r.placed(err)
	}
	values, err := r.prepare()
	if err != nil {
		return r.placed(err)
	}
	return r.placed(r.render(values))
}

func (r *helmRun) load() error {
	below, err := r.tree.relative(r.request.Chart)
	if err != nil {
		return err
	}
	r.below, r.folder = below, chartFolder(r.tree, below)
	r.chart, err = loadChart(r.tree, below, r.request.Files, r.request.Dependencies)
	r.into.Reads = r.tree.readPaths(r.folder)
	if err != nil {
		return err
	}
	if version := r.chart.Metadata.APIVersion; version != chart.APIVersionV1 && version != chart.APIVersionV2 {
		return &failure{Kind: kindRefused, File: "Chart.yaml",
			Message: fmt.Sprintf("invalid chart apiVersion: %s", version)}
	}
	switch r.chart.Metadata.Type {
	case "", "application":
		return r.checkDependencies()
	}
	return &failure{Kind: kindRefused, File: "Chart.yaml", Message: fmt.Sprintf(
		"%s charts are not installable: they are rendered in the charts that depend on them",
		r.chart.Metadata.Type)}
}

// checkDependencies holds the chart to action.CheckDependencies: by name, before conditions.
func (r *helmRun) checkDependencies() error {
	var absent []string
	for _, wanted := range r.chart.Metadata.Dependencies {
		if wanted == nil {
			continue
		}
		found := slices.ContainsFunc(r.chart.Dependencies(), func(has *chart.Chart) bool {
			return has.Name() == wanted.Name
		})
		if !found {
			absent = append(absent, wanted.Name)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	return &failure{Kind: kindDependency, File: "Chart.yaml", Names: absent, Message: fmt.Sprintf(
		"found in Chart.yaml, but missing in charts/ directory: %s", strings.Join(absent, ", "))}
}

// prepare is what helm does between loading and rendering, in its order.
func (r *helmRun) prepare() (common.Values, error) {
	if err := chartutil.ValidateReleaseName(r.request.Release); err != nil {
		return nil, refused(fmt.Sprintf("release name %q: %s", r.request.Release, err))
	}
	given, err := mergeValues(r.tree, r.request)
	r.into.Reads = r.tree.readPaths(r.folder)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(r.chart.Chart, given); err != nil {
		return nil, refused("chart dependencies processing failed: " + err.Error())
	}
	capabilities, err := r.capabilities()
	if err != nil {
		return nil, err
	}
	options := common.ReleaseOptions{
		Name: r.request.Release, Namespace: r.request.Namespace, Revision: 1, IsInstall: true,
	}
	values, err := util.ToRenderValuesWithSchemaValidation(
		r.chart.Chart, given, options, capabilities, true)
	if err != nil {
		return nil, refused(err.Error())
	}
	merged, _ := values["Values"].(common.Values)
	if err := checkSchemas(r.chart.Chart, merged); err != nil {
		return nil, err
	}
	return values, r.checkKubeVersion(capabilities)
}

func (r *helmRun) capabilities() (*common.Capabilities, error) {
	capabilities := common.DefaultCapabilities.Copy()
	if text := r.request.KubernetesVersion; text != "" {
		version, err := common.ParseKubeVersion(text)
		if err != nil {
			return nil, refused(fmt.Sprintf("invalid kube version '%s': %s", text, err))
		}
		capabilities.KubeVersion = *version
	}
	if r.request.APIVersions != nil {
		capabilities.APIVersions = common.VersionSet(*r.request.APIVersions)
	}
	capabilities.APIVersions = append(
		slices.Clone(capabilities.APIVersions), r.request.moreAPIVersions...)
	return capabilities, nil
}

func (r *helmRun) checkKubeVersion(capabilities *common.Capabilities) error {
	wanted := r.chart.Metadata.KubeVersion
	if wanted == "" || chartutil.IsCompatibleRange(wanted, capabilities.KubeVersion.String()) {
		return nil
	}
	return &failure{Kind: kindRefused, File: "Chart.yaml", Message: fmt.Sprintf(
		"chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
		wanted, capabilities.KubeVersion.Version)}
}

func (r *helmRun) render(values common.Values) error {
	if err := r.watchTemplates(); err != nil {
		return err
	}
	if r.request.Sources {
		r.into.Sources = r.texts
		r.into.Values = r.packedValues()
	}
	renderer := engine.Engine{CustomTemplateFuncs: r.watched.functions()}
	texts, err := renderer.Render(r.chart.Chart, values)
	if err != nil && strings.HasPrefix(err.Error(), "parse error") {
		// What watches a template may stand in the way of saying what is wrong with it.
		r.unwatchTemplates()
		_, err = renderer.Render(r.chart.Chart, values)
	}
	if err != nil {
		return templateFailure(err)
	}
	for name := range texts {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(texts, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(texts, nil, releaseutil.InstallOrder)
	if err != nil {
		return manifestFailure(err)
	}
	r.collect(hooks, manifests)
	return nil
}

// watchTemplates replaces texts as the request has it, and has each template say that it runs.
func (r *helmRun) watchTemplates() error {
	r.places, r.texts = map[string]string{}, map[string]string{}
	used := map[string]bool{}
	r.eachChart(r.chart.Chart, func(one *chart.Chart) {
		watched := make([]*common.File, 0, len(one.Templates))
		for _, file := range one.Templates {
			name := path.Join(one.ChartFullPath(), file.Name)
			text := string(file.Data)
			if replaced, ok := r.request.Templates[name]; ok {
				used[name], text = true, replaced
			}
			r.places[name], r.texts[name] = r.chart.pathOf(file), text
			if !strings.HasPrefix(path.Base(name), "_") {
				text = prologue(name) + text + epilogue
			}
			watched = append(watched, &common.File{
				Name: file.Name, ModTime: file.ModTime, Data: []byte(text)})
		}
		// A chart under two aliases shares the slice and its files: never write into them.
		one.Templates = watched
	})
	r.watched.places = r.places
	for name := range r.request.Templates {
		if !used[name] {
			return &failure{Kind: kindMissing, File: name,
				Message: fmt.Sprintf("the chart has no template %s to replace", name)}
		}
	}
	return nil
}

// packedValues are the values.yaml of the charts that archives hold, by their paths.
func (r *helmRun) packedValues() map[string]string {
	found := map[string]string{}
	info, err := r.tree.stat(r.below)
	packed := err == nil && !info.IsDir()
	r.eachChart(r.chart.Chart, func(one *chart.Chart) {
		for _, file := range one.Raw {
			place := r.chart.pathOf(file)
			if file.Name == chartutil.ValuesfileName && (packed || strings.Contains(place, archiveMark)) {
				found[place] = string(file.Data)
			}
		}
	})
	return found
}

func (r *helmRun) unwatchTemplates() {
	r.eachChart(r.chart.Chart, func(one *chart.Chart) {
		for _, file := range one.Templates {
			file.Data = []byte(r.texts[path.Join(one.ChartFullPath(), file.Name)])
		}
	})
}

func (r *helmRun) eachChart(one *chart.Chart, visit func(*chart.Chart)) {
	visit(one)
	for _, child := range one.Dependencies() {
		r.eachChart(child, visit)
	}
}

func (r *helmRun) collect(hooks []*release.Hook, manifests []releaseutil.Manifest) {
	if r.request.IncludeCRDs {
		for _, crd := range r.chart.CRDObjects() {
			r.add(crd.Filename, string(crd.File.Data), "", "crd", r.chart.pathOf(crd.File))
		}
	}
	for _, manifest := range manifests {
		r.add(manifest.Name, manifest.Content, "", "template", r.places[manifest.Name])
	}
	if last := len(r.into.Files) - 1; last >= 0 {
		r.into.Files[last].Text = strings.TrimRightFunc(r.into.Files[last].Text, unicode.IsSpace) + "\n"
	}
	if r.request.noHooks {
		return
	}
	for _, hook := range hooks {
		kind := "hook"
		if slices.Contains(hook.Events, release.HookTest) {
			kind = "test"
		}
		if kind == "test" && r.request.SkipTests {
			continue
		}
		r.add(hook.Path, hook.Manifest, events(hook), kind, r.places[hook.Path])
	}
}

// add ends the text as Helm does where it puts a manifest together: a block scalar that keeps its
// last lines has one more by it. Of the last manifest helm template trims what surrounds it.
func (r *helmRun) add(name, text, hook, kind, place string) {
	r.into.Files = append(r.into.Files, renderedFile{name, text + "\n", hook, kind, place})
}

func events(hook *release.Hook) string {
	names := make([]string, len(hook.Events))
	for at, event := range hook.Events {
		names[at] = event.String()
	}
	return strings.Join(names, ",")
}

// placed names the file on disk where the failure names a template.
func (r *helmRun) placed(err error) error {
	var known *failure
	if errors.As(err, &known) {
		known.File = strings.TrimPrefix(known.File, slashed(r.folder)+"/")
		known.Message = r.unshifted(known.Message)
		if place := r.places[known.File]; place != "" {
			if known.Line == 1 {
				known.Column = unshifted(known.File, known.Column)
			}
			known.File = place
		}
		return known
	}
	return err
}

var firstLine = regexp.MustCompile(`([^\s:("]+/[^\s:("]+):1:(\d+)`)

// unshifted is the message with the columns of the first lines as the files have them.
func (r *helmRun) unshifted(message string) string {
	return firstLine.ReplaceAllStringFunc(message, func(text string) string {
		found := firstLine.FindStringSubmatch(text)
		column, err := strconv.Atoi(found[2])
		if _, known := r.places[found[1]]; !known || err != nil {
			return text
		}
		return fmt.Sprintf("%s:1:%d", found[1], unshifted(found[1], column))
	})
}

func unshifted(template string, column int) int {
	width := len(prologue(template))
	if strings.HasPrefix(path.Base(template), "_") || column <= width {
		return column
	}
	return column - width
}
