package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// encodeValue writes null, bool, int, string and list as JSON's own, and everything else as an
// object with one key that names the type, so that no two values look alike.
func encodeValue(value ref.Val) any {
	switch v := value.(type) {
	case types.Null:
		return nil
	case types.Bool, types.Int, types.String:
		return value.Value()
	case types.Uint:
		return answer{"uint": uint64(v)}
	case types.Double:
		return answer{"double": formatDouble(float64(v))}
	case types.Bytes:
		return answer{"bytes": base64.StdEncoding.EncodeToString(v)}
	case types.Timestamp:
		return answer{"timestamp": v.Time.UTC().Format(time.RFC3339Nano)}
	case types.Duration:
		return answer{"duration": v.Nanoseconds()}
	case *types.Optional:
		if !v.HasValue() {
			return answer{"optional": []any{}}
		}
		return answer{"optional": []any{encodeValue(v.GetValue())}}
	case ref.Type:
		return answer{"type": v.TypeName()}
	case apiservercel.Format:
		return answer{"opaque": v.Type().TypeName(), "text": v.Name}
	case traits.Mapper:
		return answer{"map": encodeEntries(v)}
	case traits.Lister:
		return encodeItems(v)
	}
	return answer{"opaque": value.Type().TypeName(), "text": fmt.Sprint(value.Value())}
}

func encodeEntries(value traits.Mapper) []any {
	entries := []any{}
	for it := value.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		entries = append(entries, []any{encodeValue(key), encodeValue(value.Get(key))})
	}
	return entries
}

func encodeItems(value traits.Lister) []any {
	items := []any{}
	for it := value.Iterator(); it.HasNext() == types.True; {
		items = append(items, encodeValue(it.Next()))
	}
	return items
}

func formatDouble(number float64) string {
	switch {
	case math.IsNaN(number):
		return "NaN"
	case math.IsInf(number, 1):
		return "inf"
	case math.IsInf(number, -1):
		return "-inf"
	}
	return strconv.FormatFloat(number, 'g', -1, 64)
}

// decodeValue reads what encodeValue writes, opaque values and types excepted.
func decodeValue(text json.RawMessage) (ref.Val, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil, errors.New("empty")
	}
	switch text[0] {
	case 'n':
		return types.NullValue, nil
	case 't', 'f':
		return types.Bool(text[0] == 't'), nil
	case '"':
		var content string
		err := json.Unmarshal(text, &content)
		return types.String(content), err
	case '[':
		return decodeItems(text)
	case '{':
		return decodeTagged(text)
	}
	number, err := strconv.ParseInt(string(text), 10, 64)
	return types.Int(number), err
}

func decodeItems(text json.RawMessage) (ref.Val, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, err
	}
	items := []ref.Val{}
	for _, part := range parts {
		item, err := decodeValue(part)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return types.DefaultTypeAdapter.NativeToValue(items), nil
}

func decodeTagged(text json.RawMessage) (ref.Val, error) {
	var tagged struct {
		Uint      *uint64              `json:"uint"`
		Double    *string              `json:"double"`
		Bytes     *[]byte              `json:"bytes"`
		Timestamp *time.Time           `json:"timestamp"`
		Duration  *int64               `json:"duration"`
		Optional  *[]json.RawMessage   `json:"optional"`
		Map       *[][]json.RawMessage `json:"map"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&tagged); err != nil {
		return nil, err
	}
	switch {
	case tagged.Uint != nil:
		return types.Uint(*tagged.Uint), nil
	case tagged.Double != nil:
		number, err := strconv.ParseFloat(*tagged.Double, 64)
		return types.Double(number), err
	case tagged.Bytes != nil:
		return types.Bytes(*tagged.Bytes), nil
	case tagged.Timestamp != nil:
		return types.Timestamp{Time: *tagged.Timestamp}, nil
	case tagged.Duration != nil:
		return types.Duration{Duration: time.Duration(*tagged.Duration)}, nil
	case tagged.Optional != nil:
		return decodeOptional(*tagged.Optional)
	case tagged.Map != nil:
		return decodeEntries(*tagged.Map)
	}
	return nil, fmt.Errorf("not a tagged value: %s", text)
}

func decodeOptional(parts []json.RawMessage) (ref.Val, error) {
	if len(parts) == 0 {
		return types.OptionalNone, nil
	}
	value, err := decodeValue(parts[0])
	if err != nil {
		return nil, err
	}
	return types.OptionalOf(value), nil
}

func decodeEntries(parts [][]json.RawMessage) (ref.Val, error) {
	entries := map[ref.Val]ref.Val{}
	for _, part := range parts {
		if len(part) != 2 {
			return nil, errors.New("an entry of a map is a key and a value")
		}
		key, err := decodeValue(part[0])
		if err != nil {
			return nil, err
		}
		if entries[key], err = decodeValue(part[1]); err != nil {
			return nil, err
		}
	}
	return types.DefaultTypeAdapter.NativeToValue(entries), nil
}

var simpleTypes = map[string]*cel.Type{
	"":                          cel.DynType,
	"dyn":                       cel.DynType,
	"any":                       cel.AnyType,
	"bool":                      cel.BoolType,
	"int":                       cel.IntType,
	"uint":                      cel.UintType,
	"double":                    cel.DoubleType,
	"string":                    cel.StringType,
	"bytes":                     cel.BytesType,
	"null_type":                 cel.NullType,
	"type":                      cel.TypeType,
	"duration":                  cel.DurationType,
	"google.protobuf.Duration":  cel.DurationType,
	"timestamp":                 cel.TimestampType,
	"google.protobuf.Timestamp": cel.TimestampType,
	"kubernetes.Quantity":       apiservercel.QuantityType,
	"kubernetes.Semver":         apiservercel.SemverType,
	"kubernetes.URL":            apiservercel.URLType,
	"net.IP":                    apiservercel.IPType,
	"net.CIDR":                  apiservercel.CIDRType,
}

// parseType reads a type as CEL prints it, such as map(string, list(int)).
func parseType(text string) (*cel.Type, error) {
	text = strings.TrimSpace(text)
	if simple, ok := simpleTypes[text]; ok {
		return simple, nil
	}
	name, inner, ok := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if !ok || !strings.HasSuffix(text, ")") {
		return nil, fmt.Errorf("unknown type %q", text)
	}
	parameters := []*cel.Type{}
	for _, part := range splitParameters(inner) {
		parameter, err := parseType(part)
		if err != nil {
			return nil, err
		}
		parameters = append(parameters, parameter)
	}
	switch {
	case name == "list" && len(parameters) == 1:
		return cel.ListType(parameters[0]), nil
	case name == "map" && len(parameters) == 2:
		return cel.MapType(parameters[0], parameters[1]), nil
	case (name == "optional" || name == "optional_type") && len(parameters) == 1:
		return cel.OptionalType(parameters[0]), nil
	}
	return nil, fmt.Errorf("unknown type %q", text)
}

func splitParameters(text string) []string {
	parts, depth, start := []string{}, 0, 0
	for i, letter := range text {
		switch letter {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}
