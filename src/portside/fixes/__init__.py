"""Findings → edits of the user's files, each proved by judging again. Writes nothing itself."""
