"""The language: conformance, differential tests against Kubernetes, and what the API promises."""
