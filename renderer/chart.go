package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"
)

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

// archiveMark stands between an archive's name and the path in it.
const archiveMark = "!"

// loadedChart is a chart and where each of its files is.
type loadedChart struct {
	*chart.Chart
	paths []string
}

// pathOf is the file's path below the chart's folder.
func (c *loadedChart) pathOf(file *common.File) string {
	// Helm hands the time of each file through and makes nothing of it: it carries the number.
	number := file.ModTime.Unix()
	if number < 0 || number >= int64(len(c.paths)) {
		return ""
	}
	return c.paths[number]
}

// loadChart reads a folder or a .tgz below the tree; `replaced` are texts by path in the chart, and
// `vendored` archives that stand elsewhere, by the path that they would have in it.
func loadChart(t *tree, below string, replaced, vendored map[string]string) (*loadedChart, error) {
	info, err := t.stat(below)
	if err != nil {
		return nil, missing(below, err)
	}
	var files []*archive.BufferedFile
	if info.IsDir() {
		files, err = folderFiles(t, below)
	} else {
		files, err = archiveFiles(t, below)
	}
	if err != nil {
		return nil, err
	}
	brought, err := vendoredFiles(t, files, vendored)
	if err != nil {
		return nil, err
	}
	return assemble(t, append(files, brought...), replaced)
}

// vendoredFiles are archives as `helm dependency build` would put them into charts/.
func vendoredFiles(
	t *tree, files []*archive.BufferedFile, vendored map[string]string,
) ([]*archive.BufferedFile, error) {
	var found []*archive.BufferedFile
	for _, name := range slices.Sorted(maps.Keys(vendored)) {
		if !isVendored(name) {
			return nil, &failure{Kind: kindEscape, File: name,
				Message: fmt.Sprintf("%s is no place of a chart that another depends on", name)}
		}
		if slices.ContainsFunc(files, func(file *archive.BufferedFile) bool { return file.Name == name }) {
			continue
		}
		content, err := t.readElsewhere(vendored[name])
		if err != nil {
			return nil, err
		}
		found = append(found, &archive.BufferedFile{Name: name, Data: content})
	}
	return found, nil
}

func assemble(
	t *tree, files []*archive.BufferedFile, replaced map[string]string,
) (*loadedChart, error) {
	files, err := unpacked(t, replace(files, replaced))
	if err != nil {
		return nil, err
	}
	loaded := &loadedChart{}
	for number, file := range files {
		loaded.paths = append(loaded.paths,
			strings.ReplaceAll(file.Name, archiveMark+"/", archiveMark))
		file.ModTime = time.Unix(int64(number), 0)
		file.Data = bytes.TrimPrefix(file.Data, byteOrderMark)
	}
	loaded.Chart, err = loader.LoadFiles(files)
	if err != nil {
		return nil, loadFailure(err, files)
	}
	sortDependencies(loaded.Chart)
	return loaded, nil
}

func folderFiles(t *tree, below string) ([]*archive.BufferedFile, error) {
	rules := ignore.Empty()
	ignored := filepath.Join(below, ignore.HelmIgnore)
	if _, err := t.stat(ignored); err == nil {
		text, err := t.read(ignored)
		if err != nil {
			return nil, err
		}
		if rules, err = ignore.Parse(bytes.NewReader(text)); err != nil {
			return nil, &failure{Kind: kindSyntax, File: ignore.HelmIgnore,
				Message: "cannot read .helmignore: " + err.Error()}
		}
	}
	rules.AddDefaults()
	walk := chartWalk{tree: t, folder: below, rules: rules}
	if err := walk.enter("", 0); err != nil {
		return nil, err
	}
	return walk.files, nil
}

type chartWalk struct {
	tree   *tree
	folder string
	rules  *ignore.Rules
	files  []*archive.BufferedFile
}

func (w *chartWalk) enter(name string, depth int) error {
	if depth > maxDepth {
		return &failure{Kind: kindLimit, File: name, Message: fmt.Sprintf(
			"%s is deeper than %d folders, or a symlink makes a circle", name, maxDepth)}
	}
	names, err := w.tree.list(filepath.Join(w.folder, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	for _, child := range names {
		if err := w.visit(path.Join(name, child), depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *chartWalk) visit(name string, depth int) error {
	below := filepath.Join(w.folder, filepath.FromSlash(name))
	info, err := w.tree.stat(below)
	if err != nil {
		// What .helmignore leaves out may lead wherever it likes.
		if link, bad := w.tree.root.Lstat(below); bad == nil && w.rules.Ignore(name, link) {
			return nil
		}
		return missing(name, err)
	}
	if w.rules.Ignore(name, info) {
		return nil
	}
	if info.IsDir() {
		return w.enter(name, depth+1)
	}
	content, err := w.tree.read(below)
	if err != nil {
		return err
	}
	w.files = append(w.files, &archive.BufferedFile{Name: name, Data: content})
	return nil
}

func archiveFiles(t *tree, below string) ([]*archive.BufferedFile, error) {
	content, err := t.read(below)
	if err != nil {
		return nil, err
	}
	return unpack(t, content, slashed(below))
}

// unpack is the files of a chart's archive, within what may still be read.
func unpack(t *tree, content []byte, name string) ([]*archive.BufferedFile, error) {
	if err := countEntries(t, content, name); err != nil {
		return nil, err
	}
	archive.MaxDecompressedChartSize = t.bytes + 1
	files, err := archive.LoadArchiveFiles(bytes.NewReader(content))
	if err != nil {
		return nil, archiveFailure(err, name)
	}
	for _, file := range files {
		t.bytes -= int64(len(file.Data))
	}
	return files, nil
}

// countEntries refuses an archive of too many entries, which Helm would gather in memory.
func countEntries(t *tree, content []byte, name string) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return archiveFailure(err, name)
	}
	limited := &io.LimitedReader{R: unzipped, N: t.bytes + 2048*int64(t.files) + 1}
	entries := tar.NewReader(limited)
	for {
		_, err := entries.Next()
		if errors.Is(err, io.EOF) && limited.N > 0 {
			return nil
		}
		if t.files--; t.files < 0 || limited.N <= 0 {
			return tooMuch(name)
		}
		if err != nil {
			return archiveFailure(err, name)
		}
	}
}

func archiveFailure(err error, name string) *failure {
	kind := kindSyntax
	switch text := err.Error(); {
	case strings.Contains(text, "larger than the maximum size"):
		return tooMuch(name)
	case strings.Contains(text, "illegal"), strings.Contains(text, "outside the base"):
		kind = kindEscape
	}
	return &failure{Kind: kind, File: name,
		Message: fmt.Sprintf("%s cannot be unpacked: %s", name, err)}
}

// unpacked has the files of charts/NAME.tgz in place of the archive, at all depths, so that one
// allowance holds for all of them and every file keeps its place.
func unpacked(t *tree, files []*archive.BufferedFile) ([]*archive.BufferedFile, error) {
	var all []*archive.BufferedFile
	for len(files) > 0 {
		file := files[0]
		files = files[1:]
		if !isVendored(file.Name) {
			all = append(all, file)
			continue
		}
		inner, err := unpack(t, file.Data, file.Name)
		if err != nil {
			return nil, err
		}
		for _, one := range inner {
			one.Name = file.Name + archiveMark + "/" + one.Name
		}
		files = append(inner, files...)
	}
	return all, nil
}

// isVendored tells whether Helm unpacks the file: charts/a.tgz, charts/b/charts/a.tgz.
func isVendored(name string) bool {
	parts := strings.Split(name, "/")
	if len(parts)%2 != 0 || path.Ext(name) != ".tgz" {
		return false
	}
	for at, part := range parts {
		if at%2 == 0 && part != "charts" || at%2 == 1 && strings.IndexAny(part, "_.") == 0 {
			return false
		}
	}
	return true
}

func replace(files []*archive.BufferedFile, texts map[string]string) []*archive.BufferedFile {
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := slices.IndexFunc(files, func(file *archive.BufferedFile) bool { return file.Name == name })
		if at >= 0 {
			files[at].Data = []byte(texts[name])
			continue
		}
		files = append(files, &archive.BufferedFile{Name: name, Data: []byte(texts[name])})
	}
	return files
}

// sortDependencies makes two loads of a chart equal: Helm has the sub-charts in the order of a map.
func sortDependencies(c *chart.Chart) {
	children := c.Dependencies()
	slices.SortStableFunc(children, func(a, b *chart.Chart) int {
		return strings.Compare(a.Name()+"\x00"+a.Metadata.Version, b.Name()+"\x00"+b.Metadata.Version)
	})
	c.SetDependencies(children...)
	for _, child := range children {
		sortDependencies(child)
	}
}
