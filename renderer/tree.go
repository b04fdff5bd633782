package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// What a chart or a kustomization may hold. Helm's own limit of a chart is 100 MiB too.
const (
	maxBytes = 100 << 20
	maxFiles = 20_000
	maxDepth = 40
)

// tree is a folder nothing outside of which is read, symlinks resolved, and what may still be read.
type tree struct {
	root  *os.Root
	given string
	real  string
	bytes int64
	files int
	reads map[string]struct{}
	// elsewhere are the files that were read outside of it, because the request named them.
	elsewhere []string
}

// openTree opens the folder; a failure where it is none.
func openTree(folder string) (*tree, error) {
	given, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(given)
	if err != nil {
		return nil, missing(folder, err)
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, missing(folder, err)
	}
	return &tree{root, given, real, maxBytes, maxFiles, map[string]struct{}{}, nil}, nil
}

func (t *tree) close() { t.root.Close() }

// relative is the path below the tree; a failure where it is outside.
func (t *tree) relative(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for _, base := range []string{t.given, t.real} {
		if below, err := filepath.Rel(base, absolute); err == nil && filepath.IsLocal(below) {
			return below, nil
		}
	}
	real, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", outside(path)
		}
		return "", missing(path, err)
	}
	return t.below(real, path)
}

func (t *tree) below(real, path string) (string, error) {
	below, err := filepath.Rel(t.real, real)
	if err != nil || !filepath.IsLocal(below) {
		return "", outside(path)
	}
	return below, nil
}

// resolved is the path below the tree without symlinks; a failure where they lead outside.
//
// os.Root refuses absolute symlinks even to the inside, so that they are resolved here, and
// os.Root opens what came out: nothing can be swapped for a symlink in between.
func (t *tree) resolved(below string) (string, error) {
	real, err := filepath.EvalSymlinks(filepath.Join(t.real, below))
	if err != nil {
		return "", missing(below, err)
	}
	return t.below(real, below)
}

func (t *tree) stat(below string) (fs.FileInfo, error) {
	info, err := t.root.Stat(below)
	if escapes(err) {
		real, err := t.resolved(below)
		if err != nil {
			return nil, err
		}
		return t.root.Stat(real)
	}
	return info, err
}

// read is the content of a regular file, within what may still be read.
func (t *tree) read(below string) ([]byte, error) {
	info, err := t.stat(below)
	if err != nil {
		return nil, missing(below, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &failure{Kind: kindSyntax, File: slashed(below),
			Message: fmt.Sprintf("%s is no regular file", slashed(below))}
	}
	t.files--
	if info.Size() > t.bytes || t.files < 0 {
		return nil, tooMuch(below)
	}
	file, err := t.open(below)
	if err != nil {
		return nil, missing(below, err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, t.bytes+1))
	if err != nil {
		return nil, missing(below, err)
	}
	if t.bytes -= int64(len(content)); t.bytes < 0 {
		return nil, tooMuch(below)
	}
	t.reads[slashed(below)] = struct{}{}
	return content, nil
}

// readElsewhere is the content of a file that the request names, within what may still be read.
func (t *tree) readElsewhere(name string) ([]byte, error) {
	other, err := openTree(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	defer other.close()
	other.bytes, other.files = t.bytes, t.files
	content, err := other.read(filepath.Base(name))
	t.bytes, t.files = other.bytes, other.files
	t.elsewhere = append(t.elsewhere, name)
	return content, err
}

func (t *tree) open(below string) (*os.File, error) {
	file, err := t.root.Open(below)
	if escapes(err) {
		real, err := t.resolved(below)
		if err != nil {
			return nil, err
		}
		return t.root.Open(real)
	}
	return file, err
}

// list is the names in a folder, sorted.
func (t *tree) list(below string) ([]string, error) {
	folder, err := t.open(below)
	if err != nil {
		return nil, missing(below, err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(maxFiles + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, missing(below, err)
	}
	if len(names) > maxFiles {
		return nil, tooMuch(below)
	}
	slices.Sort(names)
	return names, nil
}

func (t *tree) readPaths(folder string) []string {
	paths := make([]string, 0, len(t.reads))
	for path := range t.reads {
		if below, err := filepath.Rel(folder, filepath.FromSlash(path)); err == nil {
			path = slashed(below)
		}
		paths = append(paths, path)
	}
	for _, path := range t.elsewhere {
		paths = append(paths, slashed(path))
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func slashed(path string) string { return filepath.ToSlash(path) }

func escapes(err error) bool {
	return err != nil && strings.Contains(err.Error(), "path escapes from parent")
}

func outside(path string) *failure {
	return &failure{Kind: kindEscape, File: slashed(path), Message: fmt.Sprintf(
		"%s leads out of the folder that is read; nothing outside of it was read", slashed(path))}
}

func tooMuch(path string) *failure {
	return &failure{Kind: kindLimit, File: slashed(path), Message: fmt.Sprintf(
		"%s goes over what a chart or kustomization may hold: %d MiB in %d files",
		slashed(path), maxBytes>>20, maxFiles)}
}

// missing is the failure of a file that cannot be opened; a failure stays what it is.
func missing(path string, err error) error {
	var known *failure
	if errors.As(err, &known) {
		return err
	}
	if escapes(err) {
		return outside(path)
	}
	if errors.Is(err, syscall.ELOOP) {
		return &failure{Kind: kindLimit, File: slashed(path), Message: fmt.Sprintf(
			"%s cannot be opened: its symlinks make a circle, or are too many", slashed(path))}
	}
	reason := err
	var inner *fs.PathError
	if errors.As(err, &inner) {
		reason = inner.Err
	}
	return &failure{Kind: kindMissing, File: slashed(path),
		Message: fmt.Sprintf("%s cannot be opened: %s", slashed(path), reason)}
}
