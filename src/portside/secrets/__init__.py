"""What is a credential: by its format, or by the name it stands under. Never by entropy alone.

Whatever is found is called by its kind; no function here gives a value back.
"""
