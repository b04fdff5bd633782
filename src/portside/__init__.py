"""One set of guardrails for Kubernetes, from the first keystroke to the running cluster."""

__version__ = "0.1.0"
