"""`banjie ops`."""
