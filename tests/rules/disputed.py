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
    *("kube-score:pod-probes", "kube-score:deployment-strategy"),
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
}
