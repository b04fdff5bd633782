"""Rules about CI workflows."""
