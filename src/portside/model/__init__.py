"""The words the whole product speaks. No I/O, and no import from the rest of it.

Import from the modules themselves (`portside.model.finding`): every start loads some of them, none
needs all.
"""
