"""Rules about kustomizations and their patches."""
