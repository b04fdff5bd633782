"""Rules about network policies and meshes."""
