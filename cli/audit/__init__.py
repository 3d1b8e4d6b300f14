"""`banjie audit`."""
