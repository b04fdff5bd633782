package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func templates(params string, options []string, texts ...string) answer {
	request := templateRequest{Texts: texts, Options: options}
	if err := json.Unmarshal([]byte(params), &request.Params); err != nil {
		panic(err)
	}
	text, _ := json.Marshal(request)
	var said answer
	said.Error = asFailure(handle("template", text, &said))
	return said
}

func TestTemplatesAreFilledIn(t *testing.T) {
	said := templates(`{"env": "Dev_1", "deep": {"a": [1, 2.5]}}`, nil,
		"no action", "{{ .env | normalize }}", "{{ toYaml .deep }}",
		"{{ (fromYaml `a: {b: c}`).a.b }}{{ fromYamlArray `[x]` | first }}",
		"{{ slugify 9 `some long name` }} {{ slugify 9 false `some long name` }}", "{{ .gone }}")
	if said.Error != nil {
		t.Fatal(said.Error)
	}
	wanted := []string{"no action", "dev-1", "a:\n- 1\n- 2.5", "cx", "some-long some-long", "<no value>"}
	for at, text := range wanted {
		if said.Texts[at] != text {
			t.Errorf("%q is not %q", said.Texts[at], text)
		}
	}
}

func TestTemplatesThatCannotBeFilledInAreRefused(t *testing.T) {
	for text, kind := range map[string]string{
		"{{":                            kindTemplate,
		"{{ .gone }}":                   kindTemplate,
		"{{ env `HOME` }}":              kindTemplate,
		"{{ lookup `v1` `Pod` `` `` }}": kindTemplate,
		"{{ until 99999999 }}":          kindLimit,
	} {
		said := templates("{}", []string{"missingkey=error"}, "fine", text)
		if said.Error == nil || said.Error.Kind != kind || said.Texts != nil {
			t.Errorf("%s: %v, %v", text, said.Error, said.Texts)
		}
	}
	said := templates("{}", []string{"missingkey=what"}, "a")
	if said.Error == nil || said.Error.Kind != kindRefused || !strings.Contains(said.Error.Message, "what") {
		t.Error(said.Error)
	}
}

func TestTemplatesThatDifferEachTimeSayWhy(t *testing.T) {
	said := templates("{}", nil, "{{ randAlpha 4 }}{{ now | date `2006` }}")
	if said.Error != nil || len(said.Generated) != 2 {
		t.Error(said.Error, said.Generated)
	}
}
