"""What a change does: to objects, to findings, to who reaches whom and who may do what."""
