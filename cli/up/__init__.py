"""`banjie up`."""
