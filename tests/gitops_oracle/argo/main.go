// Command argo answers what applications an ApplicationSet makes, by Argo CD's own generators.
//
// A question is a line of JSON: {"root": folder of a Git repository, "set": ApplicationSet}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	log "github.com/sirupsen/logrus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

type question struct {
	Root string                  `json:"root"`
	Set  v1alpha1.ApplicationSet `json:"set"`
}

type answer struct {
	Applications []v1alpha1.Application `json:"applications"`
	Error        string                 `json:"error,omitempty"`
}

// projects answers that every project is there, and wants no signatures.
type projects struct{ client.Client }

func (projects) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return nil
}

// checkout stands for the repo server: what it does in a checkout, it does in a folder.
type checkout struct{ root string }

func (c checkout) GetFiles(_ context.Context, _, _, _, pattern string, _, _ bool) (map[string][]byte, error) {
	list := exec.Command("git", "ls-files", "--full-name", "-z", "--", pattern)
	list.Dir = c.root
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if name == "" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(c.root, name))
		if err != nil {
			return nil, err
		}
		found[name] = data
	}
	return found, nil
}

func (c checkout) GetDirectories(_ context.Context, _, _, _ string, _, _ bool) ([]string, error) {
	var found []string
	err := filepath.WalkDir(c.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		below, err := filepath.Rel(c.root, path)
		if err == nil && below != "." {
			found = append(found, below)
		}
		return err
	})
	return found, err
}

func ask(q question) (found answer) {
	defer func() {
		if r := recover(); r != nil {
			found = answer{Error: fmt.Sprint("panic: ", r)}
		}
	}()
	plain := map[string]generators.Generator{
		"List": generators.NewListGenerator(),
		"Git":  generators.NewGitGenerator(checkout{q.Root}, "argocd"),
	}
	nested := map[string]generators.Generator{
		"List": plain["List"], "Git": plain["Git"],
		"Matrix": generators.NewMatrixGenerator(plain), "Merge": generators.NewMergeGenerator(plain),
	}
	all := map[string]generators.Generator{
		"List": plain["List"], "Git": plain["Git"],
		"Matrix": generators.NewMatrixGenerator(nested), "Merge": generators.NewMergeGenerator(nested),
	}
	quiet := log.New()
	quiet.SetOutput(io.Discard)
	made, _, err := template.GenerateApplications(log.NewEntry(quiet), q.Set, all, &utils.Render{}, projects{})
	found.Applications = made
	if err != nil {
		found.Error = err.Error()
	}
	return found
}

func main() {
	log.SetOutput(io.Discard)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			a.Error = err.Error()
		} else {
			a = ask(q)
		}
		_ = out.Encode(a)
	}
}
