"""The language server: the same verdict as a scan, on what an editor holds and as it is typed.

Beside `cli` an edge of the product: it knows every part, and no part knows it. What pygls brings is
loaded here only. ADR 0019 says what is shown and why.
"""
