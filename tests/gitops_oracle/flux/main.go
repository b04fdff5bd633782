// Command flux answers what an object is after Flux' substitution, by Flux' own code.
//
// A question is a line of JSON: {"object": text of YAML, "values": {name: text}, "strict": bool}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/provider"
)

type question struct {
	Object string            `json:"object"`
	Values map[string]string `json:"values"`
	Strict bool              `json:"strict"`
}

func ask(q question) map[string]any {
	res, err := provider.NewDefaultDepProvider().GetResourceFactory().FromBytes([]byte(q.Object))
	if err != nil {
		return map[string]any{"error": "no object: " + err.Error()}
	}
	before, err := res.AsYAML()
	if err != nil {
		return map[string]any{"error": "no object: " + err.Error()}
	}
	values := map[string]any{}
	for name, value := range q.Values {
		values[name] = value
	}
	said := unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"postBuild": map[string]any{"substitute": values}},
	}}
	made, err := kustomize.SubstituteVariables(context.Background(), nil, said, res,
		kustomize.SubstituteWithDryRun(true), kustomize.SubstituteWithStrict(q.Strict))
	if err != nil {
		return map[string]any{"before": string(before), "error": err.Error()}
	}
	if made == nil {
		made = res
	}
	after, err := made.AsYAML()
	if err != nil {
		return map[string]any{"before": string(before), "error": err.Error()}
	}
	return map[string]any{"before": string(before), "after": string(after)}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			_ = out.Encode(map[string]any{"error": err.Error()})
			continue
		}
		_ = out.Encode(ask(q))
	}
}
