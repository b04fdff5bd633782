"""Kustomizations as they are written: what they refer to, run, generate and patch.

What they make once they are built is not known here.
"""
