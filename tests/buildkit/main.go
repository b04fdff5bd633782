// The questions that tests ask of BuildKit's own Dockerfile parser and of a shell parser.
//
// A question is a JSON object on one line, and so is its answer; texts are base64 ("text").
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"mvdan.cc/sh/v3/syntax"
)

type question struct {
	Op     string            `json:"op"`
	Text   []byte            `json:"text"`
	Env    map[string]string `json:"env"`
	Escape string            `json:"escape"`
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked question
		var answer any
		if err := json.Unmarshal(line, &asked); err != nil {
			answer = map[string]any{"bad_question": err.Error()}
		} else {
			answer = guarded(asked)
		}
		told, err := json.Marshal(answer)
		if err != nil {
			told, _ = json.Marshal(map[string]any{"bad_question": err.Error()})
		}
		out.Write(told)
		out.WriteByte('\n')
		out.Flush()
	}
}

func guarded(asked question) (answer map[string]any) {
	defer func() {
		if fault := recover(); fault != nil {
			answer = map[string]any{"error": fmt.Sprint(fault), "panic": true}
		}
	}()
	switch asked.Op {
	case "parse":
		return parse(asked.Text)
	case "expand":
		return expand(asked)
	case "shell":
		return commands(string(asked.Text))
	}
	return map[string]any{"bad_question": "unknown op " + asked.Op}
}

func parse(text []byte) map[string]any {
	result, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return map[string]any{"error": err.Error(), "line": lineOf(err)}
	}
	nodes := []any{}
	for _, node := range result.AST.Children {
		nodes = append(nodes, dump(node))
	}
	answer := map[string]any{"escape": string(result.EscapeToken), "nodes": nodes}
	stages, globals, err := instructions.Parse(result.AST, linter.New(&linter.Config{}))
	if err == nil && len(stages) == 0 {
		err = errors.New("dockerfile contains no stages to build")
	}
	if err != nil {
		answer["error"] = err.Error()
		answer["line"] = lineOf(err)
		return answer
	}
	names := []any{}
	for _, stage := range stages {
		lines := []int{}
		for _, command := range stage.Commands {
			lines = append(lines, command.Location()[0].Start.Line)
		}
		names = append(names, map[string]any{
			"name": stage.Name, "base": stage.BaseName, "platform": stage.Platform,
			"line": stage.Location[0].Start.Line, "commands": lines,
		})
	}
	answer["stages"] = names
	answer["globals"] = len(globals)
	return answer
}

func lineOf(err error) int {
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		return located.Locations[0][0].Start.Line
	}
	return 0
}

func dump(node *parser.Node) map[string]any {
	said := map[string]any{
		"keyword": strings.ToUpper(node.Value), "flags": texts(node.Flags),
		"json": node.Attributes["json"], "first": node.StartLine, "last": node.EndLine,
	}
	heredocs := []any{}
	for _, it := range node.Heredocs {
		heredocs = append(heredocs, map[string]any{
			"name": it.Name, "expand": it.Expand, "chomp": it.Chomp, "content": it.Content,
		})
	}
	said["heredocs"] = heredocs
	words := []string{}
	for next := node.Next; next != nil; next = next.Next {
		if len(next.Children) > 0 {
			said["trigger"] = dump(next.Children[0])
		} else {
			words = append(words, next.Value)
		}
	}
	said["words"] = words
	return said
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func expand(asked question) map[string]any {
	escape := []rune(asked.Escape)
	env := []string{}
	for name, value := range asked.Env {
		env = append(env, name+"="+value)
	}
	lex := shell.NewLex(escape[0])
	result, err := lex.ProcessWordWithMatches(string(asked.Text), shell.EnvsFromSlice(env))
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	unmatched := []string{}
	for name := range result.Unmatched {
		unmatched = append(unmatched, name)
	}
	return map[string]any{"result": result.Result, "unmatched": unmatched}
}

func commands(text string) map[string]any {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	found := []any{}
	syntax.Walk(file, func(node syntax.Node) bool {
		call, ok := node.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		words := []any{}
		for _, word := range call.Args {
			words = append(words, []any{
				int(word.Pos().Offset()), int(word.End().Offset()),
			})
		}
		found = append(found, words)
		return true
	})
	pipes := []any{}
	syntax.Walk(file, func(node syntax.Node) bool {
		binary, ok := node.(*syntax.BinaryCmd)
		if ok && (binary.Op == syntax.Pipe || binary.Op == syntax.PipeAll) {
			pipes = append(pipes, int(binary.OpPos.Offset()))
		}
		return true
	})
	return map[string]any{"commands": found, "pipes": pipes}
}
