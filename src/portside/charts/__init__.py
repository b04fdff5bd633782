"""Helm charts as they are written: dependencies and locks, values, the text of templates.

What a chart makes once it is rendered is not known here.
"""
