"""`banjie feed`."""
