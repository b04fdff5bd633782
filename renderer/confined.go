package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// confined is Kustomize's view of a tree: read-only, with texts in place of files or beside them.
// It keeps the first thing that was outside.
type confined struct {
	substitutes
	tree *tree
	// clones are the trees of vendored repositories, by the places of those.
	clones map[string]*tree
	// archives are the files of vendored charts.
	archives map[string]map[string][]byte
	replaced map[string][]byte
	escaped  *failure
	limited  *failure
	absent   []string
}

var errReadOnly = errors.New("the tree is only read")

func newConfined(t *tree, texts map[string]string) *confined {
	replaced := make(map[string][]byte, len(texts))
	for name, text := range texts {
		replaced[filepath.Clean(filepath.FromSlash(name))] = []byte(text)
	}
	return &confined{tree: t, replaced: replaced, clones: map[string]*tree{},
		archives: map[string]map[string][]byte{}}
}

func (c *confined) Create(string) (filesys.File, error) { return nil, errReadOnly }
func (c *confined) Mkdir(string) error                  { return errReadOnly }
func (c *confined) MkdirAll(string) error               { return errReadOnly }
func (c *confined) RemoveAll(string) error              { return errReadOnly }
func (c *confined) WriteFile(string, []byte) error      { return errReadOnly }
func (c *confined) Open(string) (filesys.File, error)   { return nil, errReadOnly }

// spot is a path in the tree, or in a vendored repository that Kustomize sees as a clone at `base`.
type spot struct {
	tree  *tree
	base  string
	below string
}

func (s spot) full(below string) string { return filepath.Join(s.base, below) }

// at is where a path leads; remembers what is outside.
func (c *confined) at(name string) (spot, error) {
	if filepath.IsAbs(name) {
		if found, below, ok := c.cloneAt(filepath.Clean(name)); ok {
			t, err := c.cloned(found)
			return spot{t, found.folder, below}, c.note(err)
		}
	}
	below, err := c.tree.relative(name)
	return spot{c.tree, c.tree.real, below}, c.note(err)
}

// cloned is the tree of a vendored repository, which is read within what may still be read.
func (c *confined) cloned(found clone) (*tree, error) {
	if t := c.clones[found.content.Path]; t != nil {
		return t, nil
	}
	t, err := openTree(found.content.Path)
	if err != nil {
		return nil, err
	}
	c.clones[found.content.Path] = t
	return t, nil
}

// text is what stands in place of a file: a text of the request, or a file of a vendored chart.
func (c *confined) text(name string, it spot) ([]byte, bool) {
	if it.tree == c.tree {
		if text, ok := c.replaced[it.below]; ok {
			return text, true
		}
	}
	archive, below := c.pulledAt(filepath.Clean(name))
	if archive == "" {
		return nil, false
	}
	text, ok := c.packed(archive)[below]
	return text, ok
}

// packed are the files of a vendored chart, by their paths in it.
func (c *confined) packed(archive string) map[string][]byte {
	if known, ok := c.archives[archive]; ok {
		return known
	}
	found := map[string][]byte{}
	c.archives[archive] = found
	content, err := c.tree.readElsewhere(archive)
	if err != nil {
		c.note(err)
		return found
	}
	files, err := unpack(c.tree, content, filepath.Base(archive))
	c.note(err)
	for _, file := range files {
		found[file.Name] = file.Data
	}
	return found
}

func (c *confined) close() {
	for _, t := range c.clones {
		t.close()
	}
}

// readPaths are the files that were read, those outside the tree by their places on disk.
func (c *confined) readPaths() []string {
	for _, t := range c.clones {
		for path := range t.reads {
			c.tree.elsewhere = append(c.tree.elsewhere, filepath.Join(t.real, path))
		}
	}
	c.tree.elsewhere = append(c.tree.elsewhere, refusedAddresses.takeRead()...)
	return c.tree.readPaths(".")
}

func (c *confined) note(err error) error {
	var known *failure
	if errors.As(err, &known) {
		switch {
		case known.Kind == kindEscape && c.escaped == nil:
			c.escaped = known
		case known.Kind == kindLimit && c.limited == nil:
			c.limited = known
		}
	}
	return err
}

func (c *confined) stat(name string) (isDir bool, err error) {
	it, err := c.at(name)
	if err != nil {
		return false, err
	}
	if _, ok := c.text(name, it); ok {
		return false, nil
	}
	if it.tree == c.tree && c.holdsReplaced(it.below) {
		return true, nil
	}
	info, err := it.tree.stat(it.below)
	if err != nil {
		c.note(missing(it.below, err))
		return false, err
	}
	return info.IsDir(), nil
}

func (c *confined) holdsReplaced(folder string) bool {
	for other := range c.replaced {
		if strings.HasPrefix(other, folder+string(filepath.Separator)) || folder == "." {
			return true
		}
	}
	return false
}

func (c *confined) Exists(name string) bool {
	_, err := c.stat(name)
	return err == nil
}

func (c *confined) IsDir(name string) bool {
	isDir, err := c.stat(name)
	return err == nil && isDir
}

// CleanedAbs resolves symlinks, within the tree.
func (c *confined) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	it, err := c.at(name)
	if err != nil {
		return "", "", err
	}
	isDir, err := c.stat(name)
	if err != nil {
		c.absent = append(c.absent, slashed(it.below))
		return "", "", missing(it.below, err)
	}
	path := it.below
	if _, ok := c.text(name, it); !ok && onDisk(it) {
		if path, err = it.tree.resolved(path); err != nil {
			return "", "", c.note(err)
		}
	}
	full := it.full(path)
	if isDir {
		return filesys.ConfirmedDir(full), "", nil
	}
	return filesys.ConfirmedDir(filepath.Dir(full)), filepath.Base(full), nil
}

func onDisk(it spot) bool {
	_, err := it.tree.stat(it.below)
	return err == nil
}

func (c *confined) ReadFile(name string) ([]byte, error) {
	it, err := c.at(name)
	if err != nil {
		return nil, err
	}
	if text, ok := c.text(name, it); ok {
		if it.tree == c.tree && c.replaced[it.below] != nil {
			c.tree.reads[slashed(it.below)] = struct{}{}
		}
		return text, nil
	}
	content, err := it.tree.read(it.below)
	if err != nil {
		var inner *failure
		if errors.As(err, &inner) && inner.Kind == kindMissing {
			c.absent = append(c.absent, slashed(it.below))
			return nil, fmt.Errorf("%w", err)
		}
	}
	return content, c.note(err)
}

func (c *confined) ReadDir(name string) ([]string, error) {
	it, err := c.at(name)
	if err != nil {
		return nil, err
	}
	names, err := it.tree.list(it.below)
	if it.tree != c.tree || err != nil && len(c.replaced) == 0 {
		return names, c.note(err)
	}
	for other := range c.replaced {
		if filepath.Dir(other) == it.below && !slices.Contains(names, filepath.Base(other)) {
			names = append(names, filepath.Base(other))
		}
	}
	slices.Sort(names)
	return names, nil
}

func (c *confined) Walk(name string, visit filepath.WalkFunc) error {
	it, err := c.at(name)
	if err != nil {
		return err
	}
	return fs.WalkDir(it.tree.root.FS(), slashed(it.below), func(at string, entry fs.DirEntry, err error) error {
		full := it.full(at)
		if err != nil {
			return visit(full, nil, err)
		}
		info, err := entry.Info()
		return visit(full, info, err)
	})
}

// Glob is filepath.Glob in the tree; hidden files only where the pattern names them.
func (c *confined) Glob(pattern string) ([]string, error) {
	it, err := c.at(pattern)
	if err != nil {
		return nil, err
	}
	found, err := fs.Glob(it.tree.root.FS(), slashed(it.below))
	if err != nil {
		return nil, err
	}
	if it.tree == c.tree {
		for other := range c.replaced {
			if matched, _ := filepath.Match(it.below, other); matched && !slices.Contains(found, slashed(other)) {
				found = append(found, slashed(other))
			}
		}
	}
	slices.Sort(found)
	for at, one := range found {
		found[at] = it.full(filepath.FromSlash(one))
	}
	if filesys.IsHiddenFilePath(pattern) {
		return found, nil
	}
	return filesys.RemoveHiddenFiles(found), nil
}

var _ filesys.FileSystem = (*confined)(nil)
