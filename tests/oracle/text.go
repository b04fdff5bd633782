package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// readYAML splits a text into documents and converts each to JSON.
func readYAML(line []byte) (answer, error) {
	var question struct {
		Text   []byte `json:"text"`
		Strict bool   `json:"strict"`
		Stream string `json:"stream"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, err
	}
	if question.Stream == "kubectl" {
		return readStream(question.Text), nil
	}
	convert := yaml.YAMLToJSON
	if question.Strict {
		convert = yaml.YAMLToJSONStrict
	}
	documents := []answer{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(question.Text)))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return answer{"documents": documents}, nil
		}
		if err != nil {
			documents = append(documents, answer{"error": err.Error()})
			return answer{"documents": documents}, nil
		}
		documents = append(documents, convertDocument(text, convert))
	}
}

func convertDocument(text []byte, convert func([]byte) ([]byte, error)) answer {
	document, err := convert(text)
	if err != nil {
		return answer{"error": err.Error()}
	}
	return answer{"json": json.RawMessage(document)}
}

// readStream reads as kubectl's builder does: JSON or YAML by its look, empty documents and nulls
// left out, the first error ends the stream.
func readStream(text []byte) answer {
	documents := []answer{}
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		var raw runtime.RawExtension
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return answer{"documents": documents}
		}
		if err != nil {
			documents = append(documents, answer{"error": err.Error()})
			return answer{"documents": documents}
		}
		trimmed := bytes.TrimSpace(raw.Raw)
		if len(trimmed) > 0 && !bytes.Equal(trimmed, []byte("null")) {
			documents = append(documents, answer{"json": json.RawMessage(trimmed)})
		}
	}
}

func parseQuantity(line []byte) (answer, error) {
	var question struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, err
	}
	quantity, err := resource.ParseQuantity(question.Text)
	if err != nil {
		return answer{"error": err.Error()}, nil
	}
	// AsDec changes its receiver, so that the canonical form has to be taken from another copy.
	exact := quantity.DeepCopy()
	return answer{
		"canonical": quantity.String(),
		"decimal":   exact.AsDec().String(),
		"value":     quantity.Value(),
		"milli":     quantity.MilliValue(),
		"sign":      quantity.Sign(),
	}, nil
}

func validateText(line []byte) (answer, error) {
	var question struct {
		As   string `json:"as"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, err
	}
	check, ok := map[string]func(string) []string{
		"qualified-name":     validation.IsQualifiedName,
		"label-value":        validation.IsValidLabelValue,
		"dns1123-label":      validation.IsDNS1123Label,
		"dns1123-subdomain":  validation.IsDNS1123Subdomain,
		"dns1035-label":      validation.IsDNS1035Label,
		"wildcard-subdomain": validation.IsWildcardDNS1123Subdomain,
		"port-name":          validation.IsValidPortName,
		"env-var-name":       validation.IsEnvVarName,
		"config-map-key":     validation.IsConfigMapKey,
		"percent":            validation.IsValidPercent,
	}[question.As]
	if !ok {
		return nil, errors.New("unknown name of a format: " + question.As)
	}
	errs := check(question.Text)
	if errs == nil {
		errs = []string{}
	}
	return answer{"errors": errs}, nil
}
