"""Rules about admission policies and webhooks."""
