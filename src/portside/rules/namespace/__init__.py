"""Rules about namespaces, quotas and tenants."""
