"""What charts and kustomizations become: asked of a program of ours, or of helm and kubectl.

This layer may start processes; nothing below it does.
"""
