"""The standard library and its extensions, a module for each; what compiled expressions import."""
