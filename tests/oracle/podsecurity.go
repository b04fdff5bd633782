package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// separator stands between a check's name and its reason; no reason has it.
const separator = "\x00"

var evaluator = sync.OnceValues(func() (policy.Evaluator, error) {
	return policy.NewEvaluator(namedChecks(), nil)
})

// namedChecks lets each refusal carry its check's name, which an evaluator does not give away.
func namedChecks() []policy.Check {
	checks := policy.DefaultChecks()
	for i := range checks {
		id := string(checks[i].ID)
		for j := range checks[i].Versions {
			inner := checks[i].Versions[j].CheckPod
			checks[i].Versions[j].CheckPod = func(meta *metav1.ObjectMeta, spec *corev1.PodSpec) policy.CheckResult {
				result := inner(meta, spec)
				result.ForbiddenReason = id + separator + result.ForbiddenReason
				return result
			}
		}
	}
	return checks
}

func judgePodSecurity(line []byte) (answer, error) {
	var question struct {
		Pod      json.RawMessage `json:"pod"`
		Object   json.RawMessage `json:"object"`
		Level    string          `json:"level"`
		Version  string          `json:"version"`
		Policies [][2]string     `json:"policies"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, err
	}
	text, err := podBearer(question.Pod, question.Object)
	if err != nil {
		return nil, err
	}
	object, err := decodeWithDefaults(text)
	if err != nil {
		return refusal(err), nil
	}
	meta, spec, err := extractPod(object)
	if err != nil {
		return answer{"error": err.Error(), "no_pod": true}, nil
	}
	if question.Policies == nil {
		return verdict(question.Level, question.Version, meta, spec)
	}
	results := []answer{}
	for _, one := range question.Policies {
		result, err := verdict(one[0], one[1], meta, spec)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return answer{"results": results}, nil
}

// podBearer lets a pod go without apiVersion and kind, as the shared cases and generators have it.
func podBearer(pod, object json.RawMessage) ([]byte, error) {
	if object != nil {
		return object, nil
	}
	if pod == nil {
		return nil, errors.New("neither pod nor object is given")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(pod, &fields); err != nil {
		return nil, err
	}
	if fields["kind"] == nil {
		fields["kind"] = json.RawMessage(`"Pod"`)
	}
	if fields["apiVersion"] == nil {
		fields["apiVersion"] = json.RawMessage(`"v1"`)
	}
	return json.Marshal(fields)
}

// extractPod goes by way of the internal version to version 1, as the admission plugin does.
func extractPod(object runtime.Object) (*metav1.ObjectMeta, *corev1.PodSpec, error) {
	internal, err := scheme.UnsafeConvertToVersion(object, runtime.InternalGroupVersioner)
	if err != nil {
		return nil, nil, err
	}
	var external runtime.Object
	switch internal.(type) {
	case *core.Pod:
		external = &corev1.Pod{}
	case *core.ReplicationController:
		external = &corev1.ReplicationController{}
	case *core.PodTemplate:
		external = &corev1.PodTemplate{}
	case *apps.ReplicaSet:
		external = &appsv1.ReplicaSet{}
	case *apps.Deployment:
		external = &appsv1.Deployment{}
	case *apps.StatefulSet:
		external = &appsv1.StatefulSet{}
	case *apps.DaemonSet:
		external = &appsv1.DaemonSet{}
	case *batch.Job:
		external = &batchv1.Job{}
	case *batch.CronJob:
		external = &batchv1.CronJob{}
	default:
		return nil, nil, fmt.Errorf("%T has no pod that Pod Security judges", internal)
	}
	if err := scheme.Convert(internal, external, nil); err != nil {
		return nil, nil, err
	}
	return admission.DefaultPodSpecExtractor{}.ExtractPodSpec(external)
}

func verdict(levelName, versionName string, meta *metav1.ObjectMeta, spec *corev1.PodSpec) (answer, error) {
	level, err := api.ParseLevel(levelName)
	if err != nil {
		return nil, fmt.Errorf("level %q: %w", levelName, err)
	}
	version, err := api.ParseVersion(versionName)
	if err != nil {
		return nil, fmt.Errorf("version %q: %w", versionName, err)
	}
	// A ReplicationController may have no template, and is then admitted unseen.
	if spec == nil {
		return answer{"allowed": true, "checks": []answer{}}, nil
	}
	judge, err := evaluator()
	if err != nil {
		return nil, err
	}
	refused := []answer{}
	for _, result := range judge.EvaluatePod(api.LevelVersion{Level: level, Version: version}, meta, spec) {
		if !result.Allowed {
			id, reason, _ := strings.Cut(result.ForbiddenReason, separator)
			refused = append(refused, answer{"id": id, "reason": reason, "detail": result.ForbiddenDetail})
		}
	}
	return answer{"allowed": len(refused) == 0, "checks": refused}, nil
}
