"""Rules about availability and resources."""
