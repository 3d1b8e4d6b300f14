"""`banjie policy`."""
