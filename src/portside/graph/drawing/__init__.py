"""Pictures of a graph: what of it is drawn, and how as text, DOT, Mermaid and a page."""
