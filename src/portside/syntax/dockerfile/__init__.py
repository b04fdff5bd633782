"""Dockerfiles, with the place of everything in them. Knows nothing of Portside's model.

`read` gives the instructions; `stages.resolved` puts them into stages, with variables replaced.
"""
