"""Checks that the catalogue lists beside a control and that no rule of it claims.

They demand the opposite of the control, or something that none of its rules says.
"""

from __future__ import annotations

DISPUTED = {
    *("kube-linter:priority-class-name", "polaris:priorityClassNotSet"),
    # They look at no API group, at the subject's kind, or at both the binding and its role.
    *(f"checkov:CKV2_K8S_{number}" for number in (1, 2, 4)),
    *("trivy:KSV-0055", "trivy:KSV-01011", "polaris:clusterrolebindingPodExecAttach"),
    *("polaris:rolebindingRolePodExecAttach", "polaris:rolebindingClusterRolePodExecAttach"),
    # Other facts: that a policy may select all pods, that every namespace has one, a listing of
    # namespaces, a claim that is mounted, other labels, a name, a class or mode that must be said.
    *("kyverno:restrict-networkpolicy-empty-podselector", "kyverno:require-authorizationpolicy"),
    *("kubescape:C-0209", "kubescape:C-0257", "kubescape:C-0076", "kubescape:C-0077"),
    *("polaris:metadataAndInstanceMismatched", "kyverno:require-labels"),
    *("kyverno:require-storageclass", "kyverno:enforce-readwriteonce-pod"),
    *("kyverno:disallow-security-context-constraint-anyuid", "kyverno:disallow-default-tlsoptions"),
    "kyverno:check-ingress-nginx-controller-version-and-annotation-policy",
    # They ask for a snippet with a certain text in it; any snippet is one too many.
    *("checkov:CKV_K8S_152", "checkov:CKV_K8S_154"),
    # It wants rules in both directions, where a policy without any isolates best.
    "polaris:missingNetworkPolicy",
    # Any policy, or any webhook for pods, is enough for them.
    *("kubescape:C-0049", "kubescape:C-0054", "kubescape:C-0206", "kubescape:C-0192"),
    # Any workload behind a gateway or an ingress, where the control is about certain interfaces.
    *("kubescape:C-0266", "kics:Ingress Controller Exposes Workload"),
    "trivy:KSV-01010",  # a name of a user is no credential
    # A request is asked for by one rule, a limit by another. The opposite of a CPU limit.
    *("kube-linter:unset-memory-requirements", "kyverno:forbid-cpu-limits"),
    # They ask whoever is served by nobody, whatever the replicas, or for three of them.
    *("kube-linter:minimum-three-replicas", "kube-linter:hpa-minimum-three-replicas"),
    *("polaris:deploymentMissingReplicas", "polaris:missingPodDisruptionBudget"),
    *("polaris:topologySpreadConstraint", "polaris:pdbMinAvailableGreaterThanHPAMinReplicas"),
    # They ask nothing where no Service is seen, or for one probe in a pod.
    "kube-score:pod-probes",
    # Every workload is to have requests equal to its limits; ours asks of critical ones.
    *("kyverno:memory-requests-equal-limits", "kyverno:require-qos-guaranteed"),
    "kube-score:container-memory-requests-equal-limits",
    # Other facts: a blacklist beside an empty whitelist, a name, Services, that there is a CronJob,
    # what a PodSecurityPolicy (gone since 1.25) allows.
    *("kyverno:appproject-clusterresourceblacklist", "kyverno:applicationset-name-matches-project"),
    *("kyverno:require-unique-service-selector", "kubescape:C-0026", "checkov:CKV_K8S_1"),
    # It counts the images of a pipeline, and passes every one.
    "checkov:CKV_GITLABCI_3",
    # They ask GitHub: which commits, tags and forks a repository has.
    *("zizmor:impostor-commit", "zizmor:ref-version-mismatch"),
    # It knows write-all at the top alone, and passes a workflow that says nothing.
    "checkov:CKV2_GHA_1",
    # They ask every build, also one that pushes nothing, and know cosign in a script alone.
    *("checkov:CKV_GHA_5", "checkov:CKV_GHA_6"),
    # They take annotations that Kubernetes has ignored since 1.27, or any one setting of several.
    *("checkov:CKV_K8S_31", "kube-score:container-seccomp-profile", "polaris:linuxHardening"),
    # A user other than 0 is enough for it; Pod Security wants runAsNonRoot.
    "checkov:CKV_K8S_23",
    # Any dashboard; Tiller by a part of a name; Tiller passes that listens to its own pod.
    *("checkov:CKV_K8S_33", "trivy:KSV-0102", "checkov:CKV_K8S_45"),
    # It asks for one variable of git-sync; to it a name is a credential, whatever the value.
    *("checkov:CKV_K8S_159", "kube-linter:env-var-secret"),
    # Port 22 alone; one field of five; any value that is written, also the default.
    *("kube-linter:ssh-port", "kube-linter:scc-deny-privileged-container"),
    "kube-linter:pdb-unhealthy-pod-eviction-policy",
    # They ask replicas that nobody has written for a budget; written defaults of requests, of pull
    # policies; an autoscaler that says nothing of its least passes.
    *("kube-score:deployment-has-poddisruptionbudget", "polaris:pullPolicyNotAlways"),
    *("kube-score:statefulset-has-poddisruptionbudget", "polaris:hpaMinAvailability"),
    "kube-score:container-ephemeral-storage-request-and-limit",
    # Also capabilities that containers have by default; one that is added alone; a drop of some.
    *("trivy:KSV-0022", "trivy:KSV-0106", "trivy:KSV-0119", "polaris:insecureCapabilities"),
    # The pod as well as the container must say something. Port 80 without more: `low-port`.
    *("trivy:KSV-0118", "trivy:KSV-0117", "kube-linter:privileged-ports"),
    # Their cases are bindings that the API server refuses: a misspelt kind, subjects without list.
    *("trivy:KSV-0122", "trivy:KSV-0123"),
    "kube-score:container-resources",  # requests and limits of everything at once
    # They exempt bindings by a name that anybody may give: system:…, gce:…:calico-sa.
    *("polaris:rolebindingClusterAdminClusterRole", "polaris:rolebindingClusterAdminRole"),
    "datree:INGRESS_INCORRECT_HOST_VALUE_PERMISSIVE",  # a star alone, and no star for subdomains
    # Half of the pods is to be free to go; which account an image may use, from a ConfigMap; role
    # kinds of OpenShift's own API group.
    *("kyverno:require-reasonable-pdbs", "kyverno:restrict-service-account"),
    "kyverno:disallow-deprecated-apis",
    # It asks for ids of user and group: `low-user-id`, `user-left-to-image`, those of groups.
    "kube-score:container-security-context-user-group-id",
}
