"""`banjie case`."""
