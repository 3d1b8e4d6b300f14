"""The peer: a bare Temporal workflow, written by hand for one process, with the same writes."""
