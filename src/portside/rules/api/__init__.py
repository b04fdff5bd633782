"""Rules about the life of API versions."""
