"""Rules written in the formats of other evaluators. Pure: rules in, text out."""
