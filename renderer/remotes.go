package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kinds of vendored content.
const (
	remoteGit   = "git"
	remoteFile  = "file"
	remoteChart = "chart"
)

// substitutes are what stands for what a kustomization would fetch, and where Kustomize has its
// temporary folders: it clones into them, with a git that is this program.
type substitutes struct {
	Remotes   []remote `json:"remotes"`
	Temporary string   `json:"temporary"`
}

// clone is a folder of Kustomize's, and the vendored content that stands for what is cloned there.
type clone struct {
	folder  string
	content remote
}

// cloneAt is the clone that a path lies in, and the path below it.
func (s substitutes) cloneAt(path string) (clone, string, bool) {
	if s.Temporary == "" {
		return clone{}, "", false
	}
	below, err := filepath.Rel(s.Temporary, path)
	if err != nil || !filepath.IsLocal(below) {
		return clone{}, "", false
	}
	name, rest, _ := strings.Cut(below, string(filepath.Separator))
	text, err := os.ReadFile(s.note(name))
	number, bad := strconv.Atoi(string(text))
	if err != nil || bad != nil || number < 0 || number >= len(s.Remotes) {
		return clone{}, "", false
	}
	return clone{filepath.Join(s.Temporary, name), s.Remotes[number]}, filepath.Clean(rest), true
}

// note is the file that says what is cloned into the folder of this name, and stands beside it.
func (s substitutes) note(name string) string {
	return filepath.Join(s.Temporary, name+".clone")
}

// git is as much of git as Kustomize asks: the clone is a note of what stands for it.
func (s substitutes) git(arguments []string) *failure {
	switch arguments[0] {
	case "init", "remote", "checkout", "submodule":
		return nil
	case "fetch":
		if len(arguments) >= 4 {
			return s.fetch(arguments[len(arguments)-2], arguments[len(arguments)-1])
		}
	}
	return refused("git " + strings.Join(arguments, " ") + " is not executed")
}

func (s substitutes) fetch(address, revision string) *failure {
	if revision == "HEAD" {
		revision = ""
	}
	number := slices.IndexFunc(s.Remotes, func(one remote) bool {
		return one.Kind == remoteGit && one.Version == revision && plain(one.URL) == plain(address)
	})
	if number < 0 {
		return &failure{Kind: kindRemote, Names: []string{address}, Message: fmt.Sprintf(
			"%s is not in the tree, and nothing is fetched", address)}
	}
	folder, err := os.Getwd()
	if err != nil || filepath.Dir(folder) != s.Temporary {
		return refused("a repository is cloned into no folder but Kustomize's own")
	}
	// Kustomize looks for charts on disk, and for all else in the view.
	entries, err := os.ReadDir(s.Remotes[number].Path)
	if err != nil {
		return asFailure(missing(address, err), "")
	}
	for _, entry := range entries {
		target := filepath.Join(s.Remotes[number].Path, entry.Name())
		if err := os.Symlink(target, filepath.Join(folder, entry.Name())); err != nil {
			return asFailure(missing(address, err), "")
		}
	}
	if err := os.WriteFile(s.note(filepath.Base(folder)), []byte(strconv.Itoa(number)), 0o600); err != nil {
		return asFailure(missing(address, err), "")
	}
	return nil
}

// pulledChart is a chart that `helm pull` would have unpacked into the folder.
type pulledChart struct {
	Folder string `json:"folder"`
	Path   string `json:"path"`
}

func (s substitutes) pulledNote() string { return filepath.Join(s.Temporary, "pulled") }

// pull notes which vendored archive stands for the chart; false where none does.
func (s substitutes) pull(asked pullRequest) (bool, error) {
	for _, one := range s.Remotes {
		if one.Kind != remoteChart || one.Version != asked.version || !asked.is(one) {
			continue
		}
		file, err := os.OpenFile(s.pulledNote(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return false, err
		}
		defer file.Close()
		_, err = file.Write(line(pulledChart{filepath.Join(asked.folder, one.Name), one.Path}))
		return true, err
	}
	return false, nil
}

// pulledAt is the archive of the chart that would have been unpacked around the path, and the path
// in it.
func (s substitutes) pulledAt(path string) (archive, below string) {
	if s.Temporary == "" {
		return "", ""
	}
	text, err := os.ReadFile(s.pulledNote())
	if err != nil {
		return "", ""
	}
	for _, one := range strings.Split(string(text), "\n") {
		var pulled pulledChart
		if one == "" || json.Unmarshal([]byte(one), &pulled) != nil {
			continue
		}
		if below, err := filepath.Rel(pulled.Folder, path); err == nil && filepath.IsLocal(below) {
			archive = pulled.Path
			return archive, slashed(below)
		}
	}
	return "", ""
}

// file is the vendored file of an address, as HTTP has it.
func (s substitutes) file(asked string) (string, bool) {
	for _, one := range s.Remotes {
		if one.Kind != remoteFile {
			continue
		}
		if parsed, err := url.ParseRequestURI(one.URL); err == nil && parsed.String() == asked {
			return one.Path, true
		}
	}
	return "", false
}

// serves tells whether something stands for what a kustomization calls by this text.
func (s substitutes) serves(text string) bool {
	head, query, _ := strings.Cut(text, "?")
	return slices.ContainsFunc(s.Remotes, func(one remote) bool {
		switch one.Kind {
		case remoteFile:
			return one.URL == text
		case remoteGit:
			return strings.HasPrefix(bare(head), bare(one.URL)) && strings.Contains(query, one.Version)
		}
		return false
	})
}

var scp = regexp.MustCompile(`^((?:[A-Za-z0-9][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*):(.+)$`)

// plain is an address without what makes no difference: letters of the host, `.git`, a last slash.
func plain(address string) string {
	text := strings.TrimSuffix(strings.TrimRight(strings.TrimSpace(address), "/"), ".git")
	if found := scp.FindStringSubmatch(text); found != nil && !strings.Contains(text, "://") {
		text = "ssh://" + found[1] + "/" + found[2]
	}
	scheme, rest, whole := strings.Cut(text, "://")
	if !whole {
		return text
	}
	host, path, below := strings.Cut(rest, "/")
	if text = strings.ToLower(scheme) + "://" + strings.ToLower(host); below {
		text += "/" + path
	}
	return text
}

// bare is an address without its scheme and its user.
func bare(address string) string {
	_, rest, whole := strings.Cut(plain(strings.TrimPrefix(address, "git::")), "://")
	if !whole {
		rest = plain(address)
	}
	if _, behind, found := strings.Cut(rest, "@"); found {
		return behind
	}
	return rest
}
