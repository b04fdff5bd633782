"""Policies of others, run as they are: ValidatingAdmissionPolicies with bindings and parameters."""
