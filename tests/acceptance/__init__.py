"""The installed product from outside: whole processes, real signals, real time."""
