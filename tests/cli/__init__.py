"""The command line as a user meets it: in a process of its own, with its words and exit codes."""
