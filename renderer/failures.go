package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
)

func refused(message string) *failure { return &failure{Kind: kindRefused, Message: message} }

var yamlLine = regexp.MustCompile(`\bline (\d+)`)

// yamlFailure is a file that is no YAML, with the line that the parser names.
func yamlFailure(what, file string, err error) *failure {
	said := &failure{Kind: kindSyntax, File: file, Message: fmt.Sprintf("%s: %s", what, err)}
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		said.Line, _ = strconv.Atoi(found[1])
	}
	return said
}

// loadFailure is a chart that Helm cannot load; which file it was about is in Helm's words.
func loadFailure(err error, files []*archive.BufferedFile) *failure {
	text := err.Error()
	file := "Chart.yaml"
	for _, name := range []string{"values.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"} {
		if strings.Contains(text, "cannot load "+name) {
			file = name
		}
	}
	said := yamlFailure("the chart cannot be loaded", file, err)
	if strings.Contains(text, "error unpacking subchart") {
		said.File = subchartFile(text, file, files)
	}
	if text == "Chart.yaml file is missing" {
		said.Kind = kindMissing
	}
	return said
}

var subchart = regexp.MustCompile(`error unpacking subchart (\S+) in `)

func subchartFile(text, file string, files []*archive.BufferedFile) string {
	var folder strings.Builder
	for _, found := range subchart.FindAllStringSubmatch(text, -1) {
		folder.WriteString("charts/" + found[1] + "/")
	}
	return strings.ReplaceAll(folder.String()+file, archiveMark+"/", archiveMark)
}

// place is `chart/templates/a.yaml:3:14` in what Go's template engine says.
var place = regexp.MustCompile(`(?:^|[\s("])([^\s:("]+/[^\s:("]+):(\d+)(?::(\d+))?`)

// templateFailure is what the engine says, with the innermost place that it names.
func templateFailure(err error) *failure {
	text := err.Error()
	said := &failure{Kind: kindTemplate, Message: shortened(text)}
	if strings.Contains(text, limitMark) {
		said.Kind = kindLimit
	}
	if found := place.FindAllStringSubmatch(text, -1); found != nil {
		last := found[len(found)-1]
		said.File = last[1]
		said.Line, _ = strconv.Atoi(last[2])
		said.Column, _ = strconv.Atoi(last[3])
	}
	return said
}

var notYAML = regexp.MustCompile(`^YAML parse error on (.+?): `)

// manifestFailure is a template whose text is no YAML; the line that is named is the text's.
func manifestFailure(err error) *failure {
	said := &failure{Kind: kindTemplate, Message: err.Error()}
	if found := notYAML.FindStringSubmatch(err.Error()); found != nil {
		said.File = found[1]
	}
	return said
}

// asFailure makes a failure of any error, without paths of this machine.
func asFailure(err error, root string) *failure {
	if err == nil {
		return nil
	}
	var known *failure
	if !errors.As(err, &known) {
		known = refused(err.Error())
	}
	if root != "" {
		known.Message = strings.ReplaceAll(known.Message, root+string(filepath.Separator), "")
	}
	known.Message = shortened(known.Message)
	return known
}

// absolute is the first path that is given, without symlinks, as messages have it.
func absolute(paths ...string) string {
	for _, path := range paths {
		if path == "" {
			continue
		}
		if full, err := filepath.Abs(path); err == nil {
			if real, err := filepath.EvalSymlinks(full); err == nil {
				return real
			}
			return full
		}
	}
	return ""
}

// shortened leaves out the middle of a chain of a thousand includes.
func shortened(text string) string {
	if len(text) <= 6000 {
		return text
	}
	return strings.ToValidUTF8(text[:4000], "") + " … " + strings.ToValidUTF8(text[len(text)-1500:], "")
}
