// Go's own parser of templates: one JSON object with a text per line in, what it says of it out.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"sort"
	"text/template/parse"
)

type answer struct {
	Error string           `json:"error"`
	Calls map[string][]int `json:"calls"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 64<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := out.Encode(told(asked.Text)); err != nil {
			panic(err)
		}
	}
}

func told(text string) answer {
	tree := parse.New("main.tmpl")
	tree.Mode = parse.SkipFuncCheck
	all := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "", "", all); err != nil {
		return answer{Error: err.Error()}
	}
	all["main.tmpl"] = tree
	found := map[string]map[int]bool{}
	for _, one := range all {
		if one.Root != nil {
			walk(one.Root, found)
		}
	}
	calls := map[string][]int{}
	for name, places := range found {
		for at := range places {
			calls[name] = append(calls[name], at)
		}
		sort.Ints(calls[name])
	}
	return answer{Calls: calls}
}

func walk(node parse.Node, found map[string]map[int]bool) {
	switch it := node.(type) {
	case *parse.ListNode:
		if it != nil {
			for _, one := range it.Nodes {
				walk(one, found)
			}
		}
	case *parse.ActionNode:
		pipe(it.Pipe, found)
	case *parse.TemplateNode:
		pipe(it.Pipe, found)
	case *parse.IfNode:
		branch(&it.BranchNode, found)
	case *parse.RangeNode:
		branch(&it.BranchNode, found)
	case *parse.WithNode:
		branch(&it.BranchNode, found)
	case *parse.PipeNode:
		pipe(it, found)
	case *parse.CommandNode:
		for _, one := range it.Args {
			walk(one, found)
		}
	case *parse.ChainNode:
		walk(it.Node, found)
	case *parse.IdentifierNode:
		if found[it.Ident] == nil {
			found[it.Ident] = map[int]bool{}
		}
		found[it.Ident][int(it.Pos)] = true
	}
}

func branch(it *parse.BranchNode, found map[string]map[int]bool) {
	pipe(it.Pipe, found)
	walk(it.List, found)
	walk(it.ElseList, found)
}

func pipe(it *parse.PipeNode, found map[string]map[int]bool) {
	if it != nil {
		for _, one := range it.Cmds {
			walk(one, found)
		}
	}
}
