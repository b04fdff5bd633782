"""Defaults that depend on other fields: a function for each struct that has some.

Each is called with the struct, already read and with its constant defaults, and with the notes.
Which struct has which function, and which fields are its own, is written in `tools.judged_tables`.
Source: pkg/apis/*/defaults.go of Kubernetes 1.37.
"""
