package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/strvals"
)

// mergeValues holds to cli/values.Options.MergeValues: files, then --set flags kind by kind.
func mergeValues(t *tree, request helmRequest) (map[string]any, error) {
	merged := map[string]any{}
	for number, source := range request.Values {
		text, name, err := valuesText(t, request, source, number)
		if err != nil {
			return nil, err
		}
		values, err := loader.LoadValues(bytes.NewReader(text))
		if err != nil {
			return nil, yamlFailure(fmt.Sprintf("failed to parse %s", name), name, err)
		}
		merged = loader.MergeMaps(merged, values)
	}
	for _, how := range []string{"set-json", "set", "set-string", "set-file", "set-literal"} {
		for _, one := range request.Sets {
			if one.How != how {
				continue
			}
			var err error
			if merged, err = set(t, request, merged, one); err != nil {
				return nil, err
			}
		}
	}
	return merged, nil
}

func valuesText(
	t *tree, request helmRequest, source valuesSource, number int,
) ([]byte, string, error) {
	if source.Text != nil && source.File != nil {
		// What the file is to hold: an editor has it open.
		return []byte(*source.Text), slashed(*source.File), nil
	}
	if source.File != nil {
		text, err := readGiven(t, request, *source.File)
		return text, slashed(*source.File), err
	}
	if source.Text != nil {
		return []byte(*source.Text), fmt.Sprintf("values text %d", number+1), nil
	}
	return nil, "", refused("values are a file or a text")
}

// readGiven reads a file that the request names: anywhere, unless the request has a root.
func readGiven(t *tree, request helmRequest, name string) ([]byte, error) {
	if request.Root == "" {
		// A file named by hand may be a symlink to anywhere: who names it may read it.
		return readAnywhere(name)
	}
	below, err := t.relative(name)
	if err != nil {
		return nil, err
	}
	return t.read(below)
}

func readAnywhere(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, missing(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &failure{Kind: kindMissing, File: slashed(name),
			Message: fmt.Sprintf("%s is no regular file", slashed(name))}
	}
	if info.Size() > maxBytes {
		return nil, tooMuch(name)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, missing(name, err)
	}
	return content, nil
}

func set(t *tree, request helmRequest, merged map[string]any, one setting) (map[string]any, error) {
	var err error
	switch one.How {
	case "set":
		err = strvals.ParseInto(one.Text, merged)
	case "set-string":
		err = strvals.ParseIntoString(one.Text, merged)
	case "set-literal":
		err = strvals.ParseLiteralInto(one.Text, merged)
	case "set-file":
		err = strvals.ParseIntoFile(one.Text, merged, func(name []rune) (any, error) {
			content, err := readGiven(t, request, string(name))
			return string(content), err
		})
	case "set-json":
		if text := strings.TrimSpace(one.Text); strings.HasPrefix(text, "{") {
			var values map[string]any
			if err = json.Unmarshal([]byte(text), &values); err == nil {
				return loader.MergeMaps(merged, values), nil
			}
		} else {
			err = strvals.ParseJSON(one.Text, merged)
		}
	}
	var known *failure
	if errors.As(err, &known) {
		return nil, known
	}
	if err != nil {
		return nil, refused(fmt.Sprintf("failed parsing --%s data: %s", one.How, err))
	}
	return merged, nil
}
