package main

import (
	"encoding/json"
	"errors"
	"fmt"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilversion "k8s.io/component-base/version"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/install"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/admission/install"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/apiserverinternal/install"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/authentication/install"
	_ "k8s.io/kubernetes/pkg/apis/authorization/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/certificates/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/events/install"
	_ "k8s.io/kubernetes/pkg/apis/extensions/install"
	_ "k8s.io/kubernetes/pkg/apis/flowcontrol/install"
	_ "k8s.io/kubernetes/pkg/apis/imagepolicy/install"
	_ "k8s.io/kubernetes/pkg/apis/lifecycle/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/resource/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	_ "k8s.io/kubernetes/pkg/apis/storagemigration/install"
	"sigs.k8s.io/yaml"
)

var (
	scheme   = builtinScheme()
	lenient  = serializer.NewCodecFactory(scheme).UniversalDeserializer()
	strictly = serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
)

// builtinScheme adds the kinds of the two servers that kube-apiserver carries beside its own.
func builtinScheme() *runtime.Scheme {
	apiextensions.Install(legacyscheme.Scheme)
	apiregistration.Install(legacyscheme.Scheme)
	return legacyscheme.Scheme
}

func tellVersion([]byte) (answer, error) {
	return answer{"kubernetes": utilversion.DefaultKubeBinaryVersion}, nil
}

// decodeWithDefaults is what the API server does with the body of a request before admission.
func decodeWithDefaults(text []byte) (runtime.Object, error) {
	object, gvk, err := lenient.Decode(text, nil, nil)
	if err != nil {
		return nil, err
	}
	object.GetObjectKind().SetGroupVersionKind(*gvk)
	scheme.Default(object)
	return object, nil
}

func refusal(err error) answer {
	result := answer{"error": err.Error()}
	if runtime.IsNotRegisteredError(err) {
		result["unknown_kind"] = true
	}
	return result
}

func defaultObject(line []byte) (answer, error) {
	text, err := objectText(line)
	if err != nil {
		return nil, err
	}
	object, err := decodeWithDefaults(text)
	if err != nil {
		return refusal(err), nil
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return answer{"error": err.Error()}, nil
	}
	return answer{"object": content}, nil
}

func decodeStrictly(line []byte) (answer, error) {
	text, err := objectText(line)
	if err != nil {
		return nil, err
	}
	_, _, err = strictly.Decode(text, nil, nil)
	if err == nil {
		return answer{"errors": []string{}}, nil
	}
	strictError, ok := runtime.AsStrictDecodingError(err)
	if !ok {
		return refusal(err), nil
	}
	messages := []string{}
	for _, one := range strictError.Errors() {
		messages = append(messages, one.Error())
	}
	return answer{"errors": messages}, nil
}

// objectText takes the object as it was written, so that its duplicate keys and the spelling of
// its numbers reach the decoder.
func objectText(line []byte) ([]byte, error) {
	var question struct {
		Object json.RawMessage `json:"object"`
		Text   []byte          `json:"text"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, err
	}
	if question.Object == nil && question.Text == nil {
		return nil, errors.New("neither object nor text is given")
	}
	if question.Object != nil {
		return question.Object, nil
	}
	if json.Valid(question.Text) {
		return question.Text, nil
	}
	// The strict decoder reports the duplicate keys of a YAML text itself.
	if _, err := yaml.YAMLToJSON(question.Text); err != nil {
		return nil, fmt.Errorf("text is not YAML: %w", err)
	}
	return question.Text, nil
}
