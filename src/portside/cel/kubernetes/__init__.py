"""The types and functions that Kubernetes adds to the language."""
