package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
	kjson "sigs.k8s.io/json"
)

type celQuestion struct {
	Version     string                     `json:"version"`
	Environment string                     `json:"environment"`
	Expression  string                     `json:"expression"`
	Variables   map[string]json.RawMessage `json:"variables"`
	Values      map[string]json.RawMessage `json:"values"`
	Types       map[string]string          `json:"types"`
	CostLimit   *uint64                    `json:"cost_limit"`
}

var environments sync.Map

func evaluateCEL(line []byte) (answer, error) {
	var question celQuestion
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, err
	}
	bindings, err := bind(&question)
	if err != nil {
		return nil, err
	}
	env, err := environmentFor(&question, bindings)
	if err != nil {
		return nil, err
	}
	tree, issues := env.Compile(question.Expression)
	if issues != nil && issues.Err() != nil {
		return compileFailure(issues), nil
	}
	result := answer{"static_type": tree.OutputType().String()}
	options := []cel.ProgramOption{}
	if question.CostLimit != nil {
		options = append(options, cel.CostLimit(*question.CostLimit))
	}
	program, err := env.Program(tree, options...)
	if err != nil {
		result["compile_error"] = err.Error()
		return result, nil
	}
	value, details, err := program.Eval(bindings)
	if details != nil {
		if cost := details.ActualCost(); cost != nil {
			result["cost"] = *cost
		}
	}
	if err != nil {
		result["error"] = err.Error()
		return result, nil
	}
	result["type"] = value.Type().TypeName()
	result["value"] = encodeValue(value)
	return result, nil
}

func compileFailure(issues *cel.Issues) answer {
	places := []answer{}
	for _, one := range issues.Errors() {
		places = append(places, answer{
			"line":    one.Location.Line(),
			"column":  one.Location.Column() + 1,
			"message": one.Message,
		})
	}
	return answer{"compile_error": issues.String(), "issues": places}
}

// bind reads variables as the API server reads objects: whole numbers are int, all others double.
func bind(question *celQuestion) (map[string]any, error) {
	bindings := map[string]any{}
	for name, text := range question.Variables {
		var value any
		if err := kjson.UnmarshalCaseSensitivePreserveInts(text, &value); err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		bindings[name] = value
	}
	for name, text := range question.Values {
		value, err := decodeValue(text)
		if err != nil {
			return nil, fmt.Errorf("value %s: %w", name, err)
		}
		bindings[name] = value
	}
	return bindings, nil
}

// environmentFor keeps environments, since to extend one costs far more than to use it.
func environmentFor(question *celQuestion, bindings map[string]any) (*cel.Env, error) {
	names := []string{}
	for name := range bindings {
		names = append(names, name)
	}
	for name := range question.Types {
		if _, bound := bindings[name]; !bound {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	key := strings.Builder{}
	fmt.Fprintf(&key, "%s %s", question.Version, question.Environment)
	for _, name := range names {
		fmt.Fprintf(&key, "\n%s=%s", name, question.Types[name])
	}
	if env, ok := environments.Load(key.String()); ok {
		return env.(*cel.Env), nil
	}
	env, err := extendEnvironment(question, names)
	if err != nil {
		return nil, err
	}
	environments.Store(key.String(), env)
	return env, nil
}

func extendEnvironment(question *celQuestion, names []string) (*cel.Env, error) {
	text := question.Version
	if text == "" {
		text = "1.37"
	}
	asked, err := version.ParseGeneric(text)
	if err != nil {
		return nil, err
	}
	declarations := []cel.EnvOption{}
	for _, name := range names {
		declared, err := parseType(question.Types[name])
		if err != nil {
			return nil, fmt.Errorf("type of %s: %w", name, err)
		}
		declarations = append(declarations, cel.Variable(name, declared))
	}
	set, err := environment.MustBaseEnvSet(asked).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        declarations,
	})
	if err != nil {
		return nil, err
	}
	if question.Environment == "stored" {
		return set.StoredExpressionsEnv(), nil
	}
	return set.NewExpressionsEnv(), nil
}
