package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const aMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %}\n"

func named(name string) string { return strings.ReplaceAll(aMap, "%", name) }

// packedChart writes an archive of these files and returns its path.
func packedChart(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	var made bytes.Buffer
	zipped := gzip.NewWriter(&made)
	writer := tar.NewWriter(zipped)
	for path, text := range files {
		header := &tar.Header{Name: path, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		writer.Write([]byte(text))
	}
	writer.Close()
	zipped.Close()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, made.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func redis(t *testing.T, version string) string {
	return packedChart(t, "redis-"+version+".tgz", map[string]string{
		"redis/Chart.yaml":       "apiVersion: v2\nname: redis\nversion: " + version + "\n",
		"redis/values.yaml":      "size: 1\n",
		"redis/templates/a.yaml": named("{{ .Release.Name }}-{{ .Chart.Name }}-{{ .Values.size }}-" + version),
	})
}

func TestVendoredDependenciesAreAsInTheFolderCharts(t *testing.T) {
	folder := write(t, t.TempDir(), map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n" +
			"- {name: redis, version: ^1, alias: cache, repository: 'https://example.com', condition: cache.enabled}\n" +
			"- {name: redis, version: ^2, alias: queue, repository: 'https://example.com'}\n",
		"values.yaml": "cache: {enabled: true}\nqueue: {size: 3}\n",
	})
	failsWith(t, helm(helmRequest{Chart: folder}), kindDependency, "Chart.yaml")
	vendored := map[string]string{
		"charts/redis-1.4.0.tgz": redis(t, "1.4.0"), "charts/redis-2.0.0.tgz": redis(t, "2.0.0")}
	said := helm(helmRequest{Chart: folder, Release: "r", Dependencies: vendored})
	text := rendered(t, said)
	for _, wanted := range []string{"{name: r-cache-1-1.4.0}", "{name: r-queue-3-2.0.0}"} {
		if !strings.Contains(text, wanted) {
			t.Errorf("no %s in %s", wanted, text)
		}
	}
	if !slices.Contains(said.Reads, vendored["charts/redis-1.4.0.tgz"]) {
		t.Errorf("read: %v", said.Reads)
	}
	if said.Files[0].Path != "charts/redis-1.4.0.tgz!templates/a.yaml" {
		t.Errorf("made by %s", said.Files[0].Path)
	}
	off := "cache: {enabled: false}"
	said = helm(helmRequest{Chart: folder, Release: "r", Dependencies: vendored, Values: []valuesSource{{Text: &off}}})
	if text := rendered(t, said); strings.Contains(text, "1.4.0") {
		t.Errorf("a chart that is switched off is there: %s", text)
	}
}

func TestVendoredDependenciesReplaceNothingOfTheChart(t *testing.T) {
	folder := chartOf(t, "", nil)
	archive := redis(t, "1.4.0")
	for _, place := range []string{"templates/a.yaml", "charts/../templates/a.tgz", "../charts/a.tgz"} {
		failsWith(t, helm(helmRequest{Chart: folder, Dependencies: map[string]string{place: archive}}),
			kindEscape, place)
	}
	link := filepath.Join(t.TempDir(), "redis.tgz")
	if err := os.Symlink(archive, link); err != nil {
		t.Fatal(err)
	}
	failsWith(t, helm(helmRequest{
		Chart: folder, Dependencies: map[string]string{"charts/redis-1.tgz": link}}), kindEscape, "redis.tgz")
}

// repository is a vendored tree of git, with what stands for it.
func repository(t *testing.T, url, version string, files map[string]string) remote {
	return remote{Kind: remoteGit, URL: url, Version: version, Path: write(t, t.TempDir(), files)}
}

func TestVendoredRepositoriesAreBuiltOn(t *testing.T) {
	base := repository(t, "https://github.com/org/repo", "v1", map[string]string{
		"base/kustomization.yaml":   "resources: [a.yaml, ../other, 'git@example.com:org/second.git//x']\n",
		"base/a.yaml":               named("a"),
		"other/kustomization.yaml":  "resources: [b.yaml]\n",
		"other/b.yaml":              named("b"),
		"patch/kustomization.yaml":  "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: new-\n",
		"unused/kustomization.yaml": "resources: [none.yaml]\n",
	})
	second := repository(t, "git@example.com:org/second", "", map[string]string{
		"x/kustomization.yaml": "resources: [c.yaml]\n", "x/c.yaml": named("c")})
	file := filepath.Join(write(t, t.TempDir(), map[string]string{"d.yaml": named("d")}), "d.yaml")
	root := write(t, t.TempDir(), map[string]string{"app/kustomization.yaml": "resources:\n" +
		"- github.com/org/repo//base?ref=v1\n- https://example.com/d.yaml\n" +
		"components:\n- https://github.com/org/repo.git//patch?ref=v1\n"})
	t.Setenv("TMPDIR", t.TempDir())
	request := kustomizeRequest{Path: root + "/app", Root: root, Origins: true, Remotes: []remote{
		base, second, {Kind: remoteFile, URL: "https://example.com/d.yaml", Path: file}}}
	said := kustomize(request)
	text := rendered(t, said)
	for _, wanted := range []string{"name: new-a", "name: new-b", "name: new-c", "name: new-d"} {
		if !strings.Contains(text, wanted) {
			t.Errorf("no %s in %s", wanted, text)
		}
	}
	for _, wanted := range []string{base.Path + "/base/a.yaml", second.Path + "/x/c.yaml", file, "app/kustomization.yaml"} {
		if !slices.Contains(said.Reads, wanted) {
			t.Errorf("%s is not among %v", wanted, said.Reads)
		}
	}
	if !strings.Contains(text, "repo: https://github.com/org/repo") {
		t.Errorf("origins: %s", text)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "portside-render-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOnlyWhatIsVendoredAtThatRevisionIsThere(t *testing.T) {
	base := repository(t, "https://github.com/org/repo", "v1", map[string]string{
		"kustomization.yaml": "resources: ['https://github.com/org/hidden?ref=v3']\n"})
	for text, wanted := range map[string]string{
		"https://github.com/org/repo?ref=v2": "https://github.com/org/repo?ref=v2",
		"https://github.com/org/other":       "https://github.com/org/other",
		"https://github.com/org/repo?ref=v1": "https://github.com/org/hidden",
	} {
		root := write(t, t.TempDir(), map[string]string{"kustomization.yaml": "resources: ['" + text + "']\n"})
		said := kustomize(kustomizeRequest{Path: root, Root: root, Remotes: []remote{base}})
		failed := failsWith(t, said, kindRemote, "kustomization.yaml")
		if len(failed.Names) != 1 || !strings.HasPrefix(failed.Names[0], wanted) {
			t.Errorf("%s: %v", text, failed.Names)
		}
	}
}

func TestVendoredContentDoesNotLeadOut(t *testing.T) {
	outside := write(t, t.TempDir(), map[string]string{
		"kustomization.yaml": "resources: [s.yaml]", "s.yaml": named("seen")})
	root := write(t, t.TempDir(), map[string]string{
		"app/kustomization.yaml":  "resources: ['https://github.com/org/repo']\n",
		"mine/kustomization.yaml": "resources: [m.yaml]\n", "mine/m.yaml": named("mine")})
	up := strings.Repeat("../", 12)
	for name, files := range map[string]map[string]string{
		"a folder outside":         {"kustomization.yaml": "resources: [" + up + outside[1:] + "]\n"},
		"a folder of who uses it":  {"kustomization.yaml": "resources: [" + up + root[1:] + "/mine]\n"},
		"a file of who uses it":    {"kustomization.yaml": "resources: [" + up + root[1:] + "/mine/m.yaml]\n"},
		"a link to a folder":       {"kustomization.yaml": "resources: [link]\n", "link": outside},
		"a link to a file":         {"kustomization.yaml": "resources: [link]\n", "link": outside + "/s.yaml"},
		"a link that is the whole": {"kustomization.yaml": "resources: [deep/link]\n", "deep/link": root + "/mine"},
	} {
		link := ""
		for path, target := range files {
			if strings.HasSuffix(path, "link") {
				link = target
				delete(files, path)
				defer func() { files[path] = target }()
				content := repository(t, "https://github.com/org/repo", "", files)
				os.MkdirAll(filepath.Dir(filepath.Join(content.Path, path)), 0o755)
				if err := os.Symlink(link, filepath.Join(content.Path, path)); err != nil {
					t.Fatal(err)
				}
				refusedFor(t, name, root, content)
			}
		}
		if link == "" {
			refusedFor(t, name, root, repository(t, "https://github.com/org/repo", "", files))
		}
	}
}

func refusedFor(t *testing.T, name, root string, content remote) {
	t.Helper()
	said := kustomize(kustomizeRequest{Path: root + "/app", Root: root, Remotes: []remote{content}})
	if said.Error == nil || len(said.Files) > 0 {
		t.Errorf("%s was read: %+v", name, said.Files)
	}
}

func TestVendoredChartsAreInflated(t *testing.T) {
	archive := redis(t, "1.4.0")
	registry := remote{Kind: remoteChart, URL: "oci://example.com/charts", Name: "redis", Version: "1.4.0", Path: archive}
	entry := "- {name: redis, repo: '%', version: 1.4.0, releaseName: r, valuesInline: {size: 7}}\n"
	one := func(repo string) string { return "helmCharts:\n" + strings.ReplaceAll(entry, "%", repo) }
	base := repository(t, "https://github.com/org/repo", "", map[string]string{
		"kustomization.yaml": "helmCharts:\n- {name: local, valuesInline: {a: 9}}\n", "charts/local/values.yaml": "a: 1\n",
		"charts/local/Chart.yaml":       "apiVersion: v2\nname: local\nversion: 1.0.0\n",
		"charts/local/templates/a.yaml": named("local-{{ .Values.a }}")})
	root := write(t, t.TempDir(), map[string]string{
		"app/kustomization.yaml": one("https://example.com/charts/"),
		"oci/kustomization.yaml": one("oci://example.com/charts"),
		"git/kustomization.yaml": "resources: ['https://github.com/org/repo']\n",
		"all/kustomization.yaml": "resources: [../app, ../git]\nnamePrefix: new-\n",
	})
	web := registry
	web.URL = "https://example.com/charts"
	ask := func(folder string, remotes ...remote) answer {
		return kustomize(kustomizeRequest{Path: root + "/" + folder, Root: root, Helm: true, Remotes: remotes})
	}
	for folder, wanted := range map[string]string{
		"app": "name: r-redis-7-1.4.0", "oci": "name: r-redis-7-1.4.0", "git": "name: local-9", "all": "name: new-local-9",
	} {
		said := ask(folder, registry, web, base)
		if text := rendered(t, said); !strings.Contains(text, wanted) {
			t.Errorf("%s: no %s in %s", folder, wanted, text)
		}
		if folder == "app" && !slices.Contains(said.Reads, archive) {
			t.Errorf("read: %v", said.Reads)
		}
	}
	failed := failsWith(t, ask("app", registry), kindDependency, "")
	if !strings.Contains(failed.Message, "redis 1.4.0 of https://example.com/charts") {
		t.Error(failed.Message)
	}
	if made, _ := filepath.Glob(root + "/*/charts"); len(made) > 0 {
		t.Errorf("written into the tree: %v", made)
	}
}
