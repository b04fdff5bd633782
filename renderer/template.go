package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

type templateRequest struct {
	Texts   []string       `json:"texts"`
	Params  map[string]any `json:"params"`
	Options []string       `json:"options"`
}

// What text/template panics at for anything else.
var templateOptions = []string{
	"missingkey=default", "missingkey=invalid", "missingkey=zero", "missingkey=error"}

// renderTemplates fills the parameters of an ApplicationSet into texts, as Argo CD does.
// Source: applicationset/utils/utils.go of Argo CD 3.2 (Render.Replace).
func renderTemplates(request templateRequest, into *answer, watched *observer) error {
	for _, option := range request.Options {
		if !slices.Contains(templateOptions, option) {
			return refused(fmt.Sprintf("unrecognized option %q of Go templates", option))
		}
	}
	functions := argoFunctions(watched)
	into.Texts = make([]string, 0, len(request.Texts))
	for _, text := range request.Texts {
		filled, err := fill(text, request, functions, watched)
		if err != nil {
			into.Texts = nil
			kind := kindTemplate
			if strings.Contains(err.Error(), limitMark) {
				kind = kindLimit
			}
			return &failure{Kind: kind, Message: err.Error()}
		}
		into.Texts = append(into.Texts, filled)
	}
	return nil
}

func fill(
	text string, request templateRequest, functions template.FuncMap, watched *observer,
) (string, error) {
	parsed, err := template.New("").Funcs(functions).Option(request.Options...).Parse(text)
	if err != nil {
		return "", err
	}
	watched.running = []string{"template"}
	var filled strings.Builder
	if err := parsed.Execute(&filled, request.Params); err != nil {
		return "", err
	}
	return filled.String(), nil
}

func argoFunctions(watched *observer) template.FuncMap {
	all := template.FuncMap(sprig.GenericFuncMap())
	maps.Copy(all, watched.functions())
	for _, name := range []string{
		"env", "expandenv", "getHostByName", "lookup", enterFunction, leaveFunction,
	} {
		delete(all, name)
	}
	all["normalize"] = normalize
	all["slugify"] = slugify
	all["toYaml"] = func(value any) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	all["fromYaml"] = func(text string) (map[string]any, error) {
		made := map[string]any{}
		err := yaml.Unmarshal([]byte(text), &made)
		return made, err
	}
	all["fromYamlArray"] = func(text string) ([]any, error) {
		made := []any{}
		err := yaml.Unmarshal([]byte(text), &made)
		return made, err
	}
	return all
}

const longestName = 253

var (
	notInNames = regexp.MustCompile("[^-a-z0-9.]")
	notInSlugs = regexp.MustCompile("[^a-z0-9-]")
	dashes     = regexp.MustCompile("-+")
)

// normalize makes a text a part of a domain name.
func normalize(text string) string {
	name := notInNames.ReplaceAllString(strings.ToLower(text), "-")
	return strings.Trim(name[:min(len(name), longestName)], "-.")
}

// slugify is gosimple/slug of a normalized text, in which no letter is left to be transcribed:
// slugify [length, 50] [whether to end with a whole word, true] TEXT.
func slugify(arguments ...any) (string, error) {
	longest, wholeWords, name := 50, true, ""
	for at, argument := range arguments {
		fits := true
		switch at {
		case len(arguments) - 1:
			name, fits = argument.(string)
		case 0:
			longest, fits = argument.(int)
		case 1:
			wholeWords, fits = argument.(bool)
		}
		if !fits {
			return "", fmt.Errorf("slugify cannot take %v", argument)
		}
	}
	if longest < 0 && !wholeWords {
		return "", fmt.Errorf("slugify cannot cut to %d", longest)
	}
	text := normalize(name)
	if !wholeWords && len(text) >= longest {
		text = text[:longest]
	}
	text = strings.Trim(dashes.ReplaceAllString(notInSlugs.ReplaceAllString(text, "-"), "-"), "-")
	if !wholeWords || longest <= 0 || len(text) <= longest {
		return text, nil
	}
	if at := strings.LastIndex(text[:longest+1], "-"); at >= 0 {
		return text[:at], nil
	}
	return text[:longest], nil
}
