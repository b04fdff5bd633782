"""Rules about objects as their kind describes them."""
