"""Rules about credentials in plain sight."""
