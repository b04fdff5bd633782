"""`python -m portside`."""

from portside.cli import program

program()
