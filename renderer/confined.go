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
	tree     *tree
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
	return &confined{tree: t, replaced: replaced}
}

func (c *confined) Create(string) (filesys.File, error) { return nil, errReadOnly }
func (c *confined) Mkdir(string) error                  { return errReadOnly }
func (c *confined) MkdirAll(string) error               { return errReadOnly }
func (c *confined) RemoveAll(string) error              { return errReadOnly }
func (c *confined) WriteFile(string, []byte) error      { return errReadOnly }
func (c *confined) Open(string) (filesys.File, error)   { return nil, errReadOnly }

// below is the path below the tree; remembers what is outside.
func (c *confined) below(name string) (string, error) {
	path, err := c.tree.relative(name)
	return path, c.note(err)
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
	path, err := c.below(name)
	if err != nil {
		return false, err
	}
	if _, ok := c.replaced[path]; ok {
		return false, nil
	}
	for other := range c.replaced {
		if strings.HasPrefix(other, path+string(filepath.Separator)) || path == "." {
			return true, nil
		}
	}
	info, err := c.tree.stat(path)
	if err != nil {
		c.note(missing(path, err))
		return false, err
	}
	return info.IsDir(), nil
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
	path, err := c.below(name)
	if err != nil {
		return "", "", err
	}
	isDir, err := c.stat(name)
	if err != nil {
		c.absent = append(c.absent, slashed(path))
		return "", "", missing(path, err)
	}
	if _, ok := c.replaced[path]; !ok && c.onDisk(path) {
		if path, err = c.tree.resolved(path); err != nil {
			return "", "", c.note(err)
		}
	}
	full := filepath.Join(c.tree.real, path)
	if isDir {
		return filesys.ConfirmedDir(full), "", nil
	}
	return filesys.ConfirmedDir(filepath.Dir(full)), filepath.Base(full), nil
}

func (c *confined) onDisk(path string) bool {
	_, err := c.tree.stat(path)
	return err == nil
}

func (c *confined) ReadFile(name string) ([]byte, error) {
	path, err := c.below(name)
	if err != nil {
		return nil, err
	}
	if text, ok := c.replaced[path]; ok {
		c.tree.reads[slashed(path)] = struct{}{}
		return text, nil
	}
	content, err := c.tree.read(path)
	if err != nil {
		var inner *failure
		if errors.As(err, &inner) && inner.Kind == kindMissing {
			c.absent = append(c.absent, slashed(path))
			return nil, fmt.Errorf("%w", err)
		}
	}
	return content, c.note(err)
}

func (c *confined) ReadDir(name string) ([]string, error) {
	path, err := c.below(name)
	if err != nil {
		return nil, err
	}
	names, err := c.tree.list(path)
	if err != nil && len(c.replaced) == 0 {
		return nil, c.note(err)
	}
	for other := range c.replaced {
		if filepath.Dir(other) == path && !slices.Contains(names, filepath.Base(other)) {
			names = append(names, filepath.Base(other))
		}
	}
	slices.Sort(names)
	return names, nil
}

func (c *confined) Walk(name string, visit filepath.WalkFunc) error {
	path, err := c.below(name)
	if err != nil {
		return err
	}
	return fs.WalkDir(c.tree.root.FS(), slashed(path), func(at string, entry fs.DirEntry, err error) error {
		full := filepath.Join(c.tree.real, at)
		if err != nil {
			return visit(full, nil, err)
		}
		info, err := entry.Info()
		return visit(full, info, err)
	})
}

// Glob is filepath.Glob in the tree; hidden files only where the pattern names them.
func (c *confined) Glob(pattern string) ([]string, error) {
	path, err := c.below(pattern)
	if err != nil {
		return nil, err
	}
	found, err := fs.Glob(c.tree.root.FS(), slashed(path))
	if err != nil {
		return nil, err
	}
	for other := range c.replaced {
		if matched, _ := filepath.Match(path, other); matched && !slices.Contains(found, slashed(other)) {
			found = append(found, slashed(other))
		}
	}
	slices.Sort(found)
	for at, one := range found {
		found[at] = filepath.Join(c.tree.real, filepath.FromSlash(one))
	}
	if filesys.IsHiddenFilePath(pattern) {
		return found, nil
	}
	return filesys.RemoveHiddenFiles(found), nil
}

var _ filesys.FileSystem = (*confined)(nil)
