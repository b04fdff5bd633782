"""Go's text/template: the actions of a template, with the place of each, and what they call.

It knows nothing of Helm, but for what every use of the language shares. Source: the Go library's
text/template/parse, lex.go and parse.go.
"""
