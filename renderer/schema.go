package main

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// checkSchemas holds to chart/common/util.ValidateAgainstSchema, but fetches nothing: what a
// schema refers to elsewhere accepts everything, and is said.
func checkSchemas(c *chart.Chart, values map[string]any) error {
	said, err := schemaRefusals(c, values, "")
	if err != nil {
		return err
	}
	if len(said) == 0 {
		return nil
	}
	return &failure{Kind: kindSchema, File: said[0].file, Message: fmt.Sprintf(
		"values don't meet the specifications of the schema(s) in the following chart(s):\n%s",
		joined(said))}
}

type refusal struct{ file, text string }

func joined(said []refusal) string {
	var all strings.Builder
	for _, one := range said {
		all.WriteString(one.text)
	}
	return strings.TrimRight(all.String(), "\n")
}

func schemaRefusals(c *chart.Chart, values map[string]any, folder string) ([]refusal, error) {
	var said []refusal
	if c.Schema != nil {
		text, err := schemaRefusal(c, values)
		if err != nil {
			return nil, err
		}
		if text != "" {
			said = append(said, refusal{
				folder + "values.schema.json", fmt.Sprintf("%s:\n%s\n", c.Name(), text)})
		}
	}
	for _, child := range c.Dependencies() {
		raw, has := values[child.Name()]
		if !has || raw == nil {
			continue
		}
		inner := folder + "charts/" + child.Name() + "/"
		below, ok := raw.(map[string]any)
		if !ok {
			said = append(said, refusal{inner + "values.schema.json", fmt.Sprintf(
				"%s:\ninvalid type for values: expected object (map), got %T\n", child.Name(), raw)})
			continue
		}
		more, err := schemaRefusals(child, below, inner)
		if err != nil {
			return nil, err
		}
		said = append(said, more...)
	}
	return said, nil
}

func schemaRefusal(c *chart.Chart, values map[string]any) (said string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			said = fmt.Sprintf("unable to validate schema: %v", problem)
		}
	}()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.Schema))
	if err != nil {
		return "values.schema.json is no JSON: " + err.Error(), nil
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(nothingFetched{c.Name()})
	if err := compiler.AddResource("file:///values.schema.json", schema); err != nil {
		return err.Error(), nil
	}
	validator, err := compiler.Compile("file:///values.schema.json")
	if err != nil {
		return err.Error(), nil
	}
	if err := validator.Validate(values); err != nil {
		return strings.TrimPrefix(err.Error(),
			"jsonschema validation failed with 'file:///values.schema.json#'\n"), nil
	}
	return "", nil
}

type nothingFetched struct{ chart string }

func (n nothingFetched) Load(address string) (any, error) {
	if strings.HasPrefix(address, "file:") {
		return nil, fmt.Errorf("%s is outside of values.schema.json: it is not read", address)
	}
	log.Printf("values.schema.json of chart %s refers to %s, which was not fetched: "+
		"values were not checked against it", n.chart, address)
	return true, nil
}
