"""Rules about Helm charts as they are written."""
