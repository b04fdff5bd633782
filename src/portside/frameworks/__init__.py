"""Frameworks of requirements as data, a file each: read only by what asks for one (ADR 0021)."""
