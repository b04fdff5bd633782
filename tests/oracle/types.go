package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// known are the types that read their JSON themselves, with the name under which they are told.
var known = map[string]string{
	"k8s.io/apimachinery/pkg/api/resource.Quantity":                                              "quantity",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":                                            "intOrString",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":                                                  "time",
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":                                             "microTime",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":                                              "duration",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":                                              "any",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                                               "rawExtension",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON":                              "any",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1.JSON":                         "any",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray":            "schemaOrList",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1.JSONSchemaPropsOrArray":       "schemaOrList",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool":             "schemaOrBool",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1.JSONSchemaPropsOrBool":        "schemaOrBool",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray":      "schemaOrStringList",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1.JSONSchemaPropsOrStringArray": "schemaOrStringList",
}

// metaPackage holds the kinds, such as ListOptions, that every group knows and no file declares.
const metaPackage = "k8s.io/apimachinery/pkg/apis/meta/v1"

var (
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	objectType  = reflect.TypeFor[runtime.Object]()
)

type catalogue struct {
	structs map[string]any
}

// describeTypes tells the fields of every kind of the scheme, and of every struct below them.
func describeTypes([]byte) (answer, error) {
	kinds := map[string]any{}
	seen := &catalogue{structs: map[string]any{}}
	for gvk, goType := range scheme.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal || goType.PkgPath() == metaPackage {
			continue
		}
		name := gvk.GroupVersion().String() + "/" + gvk.Kind
		_, isList := goType.FieldByName("ListMeta")
		kinds[name] = answer{
			"group":   gvk.Group,
			"version": gvk.Version,
			"kind":    gvk.Kind,
			"list":    isList,
			"ref":     seen.add(goType),
		}
	}
	return answer{"kinds": kinds, "structs": seen.structs}, nil
}

func typeName(goType reflect.Type) string {
	return goType.PkgPath() + "." + goType.Name()
}

func (seen *catalogue) add(goType reflect.Type) string {
	name := typeName(goType)
	if _, done := seen.structs[name]; !done {
		// Entered before its fields are, since a schema holds schemas.
		seen.structs[name] = nil
		seen.structs[name] = seen.fields(goType)
	}
	return name
}

func (seen *catalogue) fields(goType reflect.Type) []any {
	fields := []any{}
	for i := range goType.NumField() {
		field := goType.Field(i)
		name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
		options := strings.Split(rest, ",")
		if name == "-" || !field.IsExported() {
			continue
		}
		if name == "" && (field.Anonymous || slices.Contains(options, "inline")) {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			fields = append(fields, seen.fields(inner)...)
			continue
		}
		if name == "" {
			name = field.Name
		}
		fields = append(fields, answer{
			"name":      name,
			"type":      seen.describe(field.Type),
			"omitempty": slices.Contains(options, "omitempty"),
			"omitzero":  slices.Contains(options, "omitzero"),
		})
	}
	return fields
}

func (seen *catalogue) describe(goType reflect.Type) answer {
	if goType.Kind() == reflect.Pointer {
		result := seen.describe(goType.Elem())
		result["pointer"] = true
		return result
	}
	if name, ok := known[typeName(goType)]; ok {
		return answer{"type": name}
	}
	if goType.Kind() != reflect.Interface && reflect.PointerTo(goType).Implements(unmarshaler) {
		return answer{"type": "custom", "name": typeName(goType)}
	}
	switch goType.Kind() {
	case reflect.Struct:
		return answer{"type": "struct", "ref": seen.add(goType)}
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return answer{"type": "bytes"}
		}
		return answer{"type": "list", "items": seen.describe(goType.Elem())}
	case reflect.Map:
		return answer{
			"type":   "map",
			"keys":   seen.describe(goType.Key()),
			"values": seen.describe(goType.Elem()),
		}
	case reflect.Interface:
		if goType.Implements(objectType) {
			return answer{"type": "rawExtension"}
		}
		return answer{"type": "any"}
	case reflect.Int:
		return answer{"type": "int64"}
	}
	result := answer{"type": goType.Kind().String()}
	if goType.PkgPath() != "" {
		result["name"] = typeName(goType)
	}
	return result
}
