"""What a tree refers to outside itself: found, fetched when asked, pinned, and looked up offline.

Source → reference → pin → content: `references` finds, `run` fetches and pins, `lock` keeps the
pins, `store` the content, and `vendored` answers whoever renders or reads a configuration.
"""
