"""Custom resources, judged by the schemas of their CustomResourceDefinitions."""
