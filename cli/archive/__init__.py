"""`banjie archive`."""
