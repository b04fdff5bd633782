"""What the objects of an application mean together: who reaches whom."""
