"""A framework held against a scan: per item met, not met or not judged, with the evidence."""
